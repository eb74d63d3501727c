package wavegate.server.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import java.util.stream.Collectors;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.UpdateId;
import wavegate.server.rollout.Operations;
import wavegate.server.rollout.RetryOrder;
import wavegate.server.rollout.RetryReceipt;

/** Another attempt at updates that have ended, and the end of one that has not: {@code /campaigns/{id}/updates/...}. */
final class RetryRoutes {
    private static final RetryOrder NONE = new RetryOrder(Set.of(), Set.of(), false, "");

    private final ApiPorts ports;
    private final Answers answers;

    RetryRoutes(ApiPorts ports, Answers answers) {
        this.ports = ports;
        this.answers = answers;
    }

    void retry(RoutingContext ctx) {
        Params params = new Params(ctx);
        Fields fields = Fields.of(params.body(false));
        Set<Endpoint> endpoints = fields.made(
                () -> fields.texts("endpoints").stream().map(Endpoint::new).collect(Collectors.toSet()), Set.of());
        retry(ctx, params, fields, fields.texts("reasons"), endpoints);
    }

    void retryOne(RoutingContext ctx) {
        Params params = new Params(ctx);
        Endpoint endpoint = params.path("endpoint", Endpoint::new);
        retry(ctx, params, Fields.of(params.body(false)), Set.of(), Set.of(endpoint));
    }

    private void retry(RoutingContext ctx, Params params, Fields fields, Set<String> reasons, Set<Endpoint> endpoints) {
        CampaignId id = params.path("id", CampaignId::new);
        boolean force = fields.truth("force", false);
        String reason = fields.has("reason") ? fields.reason() : "";
        RetryOrder order = fields.made(() -> new RetryOrder(reasons, endpoints, force, reason), NONE);
        fields.orRefuse();
        Call call = Call.of(ctx).note("reason", reason).note("force", String.valueOf(force));
        Operations operations = ports.operations().audited(call.line(200));
        answers.order(ctx, 200, () -> operations.retry(id, order, call.actor()), RetryRoutes::json);
    }

    void cancelOne(RoutingContext ctx) {
        Params params = new Params(ctx);
        UpdateId id = new UpdateId(params.path("id", CampaignId::new), params.path("endpoint", Endpoint::new));
        Fields fields = Fields.of(params.body(true));
        String reason = fields.reason();
        fields.orRefuse();
        Call call = Call.of(ctx).note("reason", reason);
        Operations operations = ports.operations().audited(call.line(200));
        answers.order(ctx, 200, () -> operations.cancelUpdate(id, call.actor()), ApiJson::update);
    }

    private static ObjectNode json(RetryReceipt receipt) {
        ObjectNode json = ApiJson.object();
        json.put("retried", receipt.retried());
        ObjectNode left = json.putObject("left");
        receipt.left().forEach(left::put);
        json.put("more", receipt.more());
        return json;
    }
}
