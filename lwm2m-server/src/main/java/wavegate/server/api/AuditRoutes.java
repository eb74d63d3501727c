package wavegate.server.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import java.util.function.Predicate;
import wavegate.firmware.event.Fact;
import wavegate.server.rollout.AuditEntry;

/** {@code /audit}. */
final class AuditRoutes {
    private final ApiPorts ports;
    private final Answers answers;

    AuditRoutes(ApiPorts ports, Answers answers) {
        this.ports = ports;
        this.answers = answers;
    }

    void list(RoutingContext ctx) {
        Params params = new Params(ctx, "actor", "action", "outcome", "cursor", "limit");
        Set<String> actors = params.all("actor");
        Set<String> actions = params.all("action");
        Set<String> outcomes = params.all("outcome");
        String cursor = params.cursor();
        int limit = params.limit();
        Predicate<Fact.Audited> which = call -> (actors.isEmpty() || actors.contains(call.actor()))
                && (actions.isEmpty() || actions.contains(call.action()))
                && (outcomes.isEmpty() || outcomes.contains(call.outcome()));
        answers.read(ctx, () -> ApiJson.page(ports.store().audited(which, cursor, limit), AuditRoutes::json));
    }

    private static ObjectNode json(AuditEntry entry) {
        Fact.Audited audited = entry.audited();
        ObjectNode json = ApiJson.object();
        json.put("sequence", entry.sequence());
        json.put("at", audited.at().toString());
        json.put("actor", audited.actor());
        json.put("action", audited.action());
        json.put("subject", audited.subject());
        json.put("outcome", audited.outcome());
        ObjectNode details = json.putObject("details");
        audited.details().forEach(details::put);
        return json;
    }
}
