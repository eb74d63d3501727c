package wavegate.server.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.ext.web.RoutingContext;
import wavegate.firmware.device.DeviceQuery;
import wavegate.firmware.device.SavedFilter;
import wavegate.server.rollout.Operations;
import wavegate.server.rollout.RolloutStore;

/** {@code /filters}: queries under names. */
final class FilterRoutes {
    private static final DeviceQuery ANY = DeviceQuery.parse("endpoint==*");

    private final ApiPorts ports;
    private final Answers answers;

    FilterRoutes(ApiPorts ports, Answers answers) {
        this.ports = ports;
        this.answers = answers;
    }

    void list(RoutingContext ctx) {
        new Params(ctx);
        answers.read(ctx, () -> ApiJson.items(ports.store().filters(), FilterRoutes::json));
    }

    void get(RoutingContext ctx) {
        String name = name(new Params(ctx));
        answers.read(ctx, () -> json(find(ports.store(), name)));
    }

    void put(RoutingContext ctx) {
        Params params = new Params(ctx);
        String name = name(params);
        Fields fields = Fields.of(params.body(true));
        String text = fields.text("filter");
        DeviceQuery query = fields.made(() -> DeviceQuery.parse(text), ANY);
        fields.orRefuse();
        Call call = Call.of(ctx).note("filter", text);
        Operations operations = ports.operations().audited(call.line(200));
        answers.order(
                ctx, 200, () -> operations.saveFilter(new SavedFilter(name, query), call.actor()), FilterRoutes::json);
    }

    void remove(RoutingContext ctx) {
        String name = name(new Params(ctx));
        Call call = Call.of(ctx);
        Operations operations = ports.operations().audited(call.line(200));
        answers.order(ctx, 200, () -> operations.removeFilter(name, call.actor()), done -> ApiJson.object()
                .put("removed", name));
    }

    /** @throws Problem.Refusal 404 if there is none of that name. On a worker. */
    static SavedFilter find(RolloutStore store, String name) {
        return store.filter(name)
                .orElseThrow(() -> Problem.notFound("filter", name).asException());
    }

    private static String name(Params params) {
        return params.path("name", name -> new SavedFilter(name, ANY).name());
    }

    private static ObjectNode json(SavedFilter filter) {
        ObjectNode json = ApiJson.object();
        json.put("name", filter.name());
        json.put("filter", filter.query().text());
        return json;
    }
}
