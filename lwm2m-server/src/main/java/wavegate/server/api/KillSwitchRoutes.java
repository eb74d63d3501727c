package wavegate.server.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.WorkerExecutor;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import wavegate.firmware.campaign.KillScope;
import wavegate.server.rollout.Operations;

/** {@code /kill-switches}. Raising one has workers of its own: it must not wait behind anything. */
final class KillSwitchRoutes {
    private static final KillScope ALL = new KillScope(KillScope.Kind.ALL, "");

    private final ApiPorts ports;
    private final Answers answers;
    private final WorkerExecutor stop;

    KillSwitchRoutes(ApiPorts ports, Answers answers, WorkerExecutor stop) {
        this.ports = ports;
        this.answers = answers;
        this.stop = stop;
    }

    void list(RoutingContext ctx) {
        new Params(ctx);
        answers.read(ctx, () -> {
            ObjectNode json = ApiJson.items(ports.store().killSwitches(), ApiJson::killSwitch);
            json.set(
                    "receipts",
                    ApiJson.items(ports.store().killReceipts(), ApiJson::killReceipt)
                            .get("items"));
            return json;
        });
    }

    void raise(RoutingContext ctx) {
        Fields fields = Fields.of(new Params(ctx).body(true));
        String word = fields.text("scope");
        String value = fields.text("value", "");
        String reason = fields.reason();
        KillScope scope = fields.made(() -> scope(word, value), ALL);
        fields.orRefuse();
        Call call = Call.of(ctx).note("scope", word).note("value", value).note("reason", reason);
        Operations operations = ports.operations().audited(call.line(201));
        answers.order(ctx, stop, () -> operations.kill(scope, reason, call.actor()))
                .onSuccess(receipt -> {
                    call.made("kill-switches/" + receipt.killSwitch().id());
                    answers.send(ctx, 201, ApiJson.bytes(ApiJson.killReceipt(receipt)));
                })
                .onFailure(failure -> answers.fail(ctx, failure));
    }

    void lift(RoutingContext ctx) {
        Params params = new Params(ctx, "reason");
        String id = params.path("id", text -> text);
        String reason = params.reason();
        Call call = Call.of(ctx).note("reason", reason);
        Operations operations = ports.operations().audited(call.line(204));
        answers.order(ctx, stop, () -> operations.lift(id, reason, call.actor()))
                .onSuccess(done -> answers.done(ctx))
                .onFailure(failure -> answers.fail(ctx, failure));
    }

    private static KillScope scope(String word, String value) {
        Optional<KillScope.Kind> kind = Fields.constant(KillScope.Kind.class, word);
        if (kind.isEmpty()) {
            throw new IllegalArgumentException("scope: \"" + Problem.clean(word) + "\" (expected: one of "
                    + Fields.constants(KillScope.Kind.class) + ")");
        }
        return new KillScope(kind.get(), value);
    }
}
