package wavegate.server.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.Use;
import wavegate.firmware.device.ClientTraits;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.device.DeviceQuery;
import wavegate.firmware.device.DeviceStanding;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.server.rollout.Operations;
import wavegate.server.rollout.Standings;

/** {@code /devices}. */
final class DeviceRoutes {
    private final ApiPorts ports;
    private final Answers answers;
    private final InstantSource clock;
    private final Standings standings;

    DeviceRoutes(ApiPorts ports, Answers answers, InstantSource clock) {
        this.ports = ports;
        this.answers = answers;
        this.clock = clock;
        this.standings = new Standings(
                ports::sessions,
                ports.telemetry(),
                ports.clients(),
                ports.credentials().cloneSuspected());
    }

    void list(RoutingContext ctx) {
        Params params = new Params(
                ctx,
                "filter",
                "saved",
                "region",
                "carrier",
                "tag",
                "manufacturer",
                "model",
                "hardware",
                "version",
                "cursor",
                "limit");
        Optional<DeviceQuery> query = params.made("filter", DeviceQuery::parse);
        Optional<String> saved = params.made("saved", text -> text);
        DeviceFilter filter = new DeviceFilter(
                sorted(params.all("region")),
                sorted(params.all("carrier")),
                sorted(params.all("tag")),
                sorted(params.all("manufacturer")),
                sorted(params.all("model")),
                sorted(params.all("hardware")),
                sorted(params.all("version")));
        String cursor = params.cursor();
        int limit = params.limit();
        answers.read(ctx, () -> {
            Optional<DeviceQuery> named =
                    saved.map(name -> FilterRoutes.find(ports.store(), name).query());
            Instant now = clock.instant();
            Predicate<Device> which = device -> {
                DeviceStanding standing = standings.apply(device);
                return filter.matches(device)
                        && query.map(each -> each.matches(device, standing, now))
                                .orElse(true)
                        && named.map(each -> each.matches(device, standing, now))
                                .orElse(true);
            };
            return ApiJson.page(ports.store().devices(which, cursor, limit), this::withSession);
        });
    }

    void get(RoutingContext ctx) {
        Endpoint endpoint = new Params(ctx).path("endpoint", Endpoint::new);
        answers.read(ctx, () -> withSession(device(endpoint)));
    }

    /** A merge patch of the operator's labels: what is absent stays, {@code ""} or {@code []} takes a label back. */
    void label(RoutingContext ctx) {
        Params params = new Params(ctx);
        Endpoint endpoint = params.path("endpoint", Endpoint::new);
        JsonNode body = params.body(true);
        Call call = Call.of(ctx);
        Operations operations = ports.operations().audited(call.line(200));
        answers.order(
                ctx,
                200,
                () -> operations.label(endpoint, merged(device(endpoint).operatorLabels(), body), call.actor()),
                this::withSession);
    }

    void remove(RoutingContext ctx) {
        Params params = new Params(ctx, "credentials");
        Endpoint endpoint = params.path("endpoint", Endpoint::new);
        boolean credentials = params.flag("credentials");
        Call call = Call.of(ctx).note("credentials", credentials ? "revoked" : "kept");
        Operations operations = ports.operations().audited(call.line(200));
        // First, so that the device cannot come back under its name meanwhile, and that what failed can be asked for
        // again.
        Future<Integer> done = credentials ? answers.change(ctx, () -> revoke(endpoint)) : Future.succeededFuture(0);
        done.onSuccess(revoked -> answers.order(
                        ctx, 200, () -> operations.removeDevice(endpoint, call.actor()), device -> ApiJson.object()
                                .put("removed", endpoint.name())
                                .put("credentialsRevoked", revoked)))
                .onFailure(failure -> answers.fail(ctx, failure));
    }

    private int revoke(Endpoint endpoint) throws IOException {
        if (ports.store().device(endpoint).isEmpty()) {
            throw Problem.notFound("device", endpoint.name()).asException();
        }
        CredentialStore store = ports.credentials().store();
        int revoked = 0;
        for (Use use : Use.values()) {
            if (!store.valid(use, endpoint.name()).isEmpty()) {
                store.revoke(use, endpoint.name(), "the device was removed");
                revoked++;
            }
        }
        return revoked;
    }

    void wake(RoutingContext ctx) {
        Endpoint endpoint = new Params(ctx).path("endpoint", Endpoint::new);
        Operations operations = ports.operations().audited(Call.of(ctx).line(202));
        answers.order(ctx, 202, () -> operations.wake(endpoint), this::withSession);
    }

    void bootstrap(RoutingContext ctx) {
        Endpoint endpoint = new Params(ctx).path("endpoint", Endpoint::new);
        Operations operations = ports.operations().audited(Call.of(ctx).line(202));
        answers.order(ctx, 202, () -> operations.bootstrap(endpoint), this::withSession);
    }

    void updates(RoutingContext ctx) {
        Params params = new Params(ctx, "limit");
        Endpoint endpoint = params.path("endpoint", Endpoint::new);
        int limit = params.limit();
        answers.read(ctx, () -> {
            device(endpoint);
            return ApiJson.items(ports.store().updatesOf(endpoint, limit), ApiJson::update);
        });
    }

    void telemetry(RoutingContext ctx) {
        Params params = new Params(ctx, "limit");
        Endpoint endpoint = params.path("endpoint", Endpoint::new);
        int limit = params.limit();
        answers.read(ctx, () -> {
            device(endpoint);
            return ApiJson.items(ports.telemetry().latest(endpoint, limit), ApiJson::healthReport);
        });
    }

    private Labels merged(Labels now, JsonNode patch) {
        Fields fields = Fields.of(patch);
        String region = fields.text("region", fields.has("region") ? "" : now.region());
        String carrier = fields.text("carrier", fields.has("carrier") ? "" : now.carrier());
        Set<String> tags = fields.has("tags") ? fields.texts("tags") : now.tags();
        Optional<String> profile = fields.has("clientProfile")
                ? Optional.of(fields.text("clientProfile", "")).filter(name -> !name.isEmpty())
                : now.clientProfile();
        if (fields.has("clientProfile")
                && profile.isPresent()
                && ports.clients().named(profile.get()).isEmpty()) {
            fields.fault("clientProfile: \"" + Problem.clean(profile.get()) + "\" (expected: one of "
                    + String.join(", ", ports.clients().names()) + ", or nothing)");
        }
        Labels labels = fields.made(() -> new Labels(region, carrier, new TreeSet<>(tags), profile), now);
        fields.orRefuse();
        return labels;
    }

    private Device device(Endpoint endpoint) {
        return ports.store().device(endpoint).orElseThrow(() -> Problem.notFound("device", endpoint.name())
                .asException());
    }

    private JsonNode withSession(Device device) {
        ObjectNode json = ApiJson.device(device, ports.sessions().find(device.endpoint()));
        json.set(
                "client",
                ApiJson.client(ports.clients().choose(device), device.client().orElse(ClientTraits.NONE)));
        json.put(
                "cloneSuspected",
                ports.credentials().cloneSuspected().test(device.endpoint().name()));
        return json;
    }

    private static SortedSet<String> sorted(Set<String> values) {
        return new TreeSet<>(values);
    }
}
