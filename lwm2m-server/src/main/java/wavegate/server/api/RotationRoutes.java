package wavegate.server.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import wavegate.bootstrap.rotation.Rotation;
import wavegate.bootstrap.rotation.Rotations;
import wavegate.firmware.device.DeviceFilter;

/** {@code /credential-rotations}. */
final class RotationRoutes {
    private static final Duration DEADLINE = Duration.ofDays(7);
    private static final Duration LONGEST = Duration.ofDays(90);
    private static final int PAGE = 1_000;

    private final ApiPorts ports;
    private final Answers answers;
    private final RandomGenerator ids;
    private final InstantSource clock;

    RotationRoutes(ApiPorts ports, Answers answers, RandomGenerator ids, InstantSource clock) {
        this.ports = ports;
        this.answers = answers;
        this.ids = ids;
        this.clock = clock;
    }

    void list(RoutingContext ctx) {
        new Params(ctx);
        answers.read(ctx, () -> ApiJson.items(rotations().list(), this::json));
    }

    void get(RoutingContext ctx) {
        String id = id(new Params(ctx));
        answers.read(
                ctx,
                () -> json(rotations().find(id).orElseThrow(() -> unknown(id).asException())));
    }

    void start(RoutingContext ctx) {
        Fields fields = Fields.of(new Params(ctx).body(true));
        DeviceFilter filter = CampaignJson.filter(fields.section("filter"));
        int perMinute = fields.whole("perMinute", 0);
        Duration deadline = fields.duration("deadline", DEADLINE);
        if (perMinute < 1 || perMinute > 100_000) {
            fields.fault("perMinute: " + perMinute + " (expected: 1 to 100000)");
        }
        if (deadline.compareTo(Duration.ofMinutes(1)) < 0 || deadline.compareTo(LONGEST) > 0) {
            fields.fault("deadline: " + deadline.toSeconds() + " s (expected: 1m to 90d)");
        }
        fields.orRefuse();
        String by = Call.of(ctx).note("perMinute", "" + perMinute).actor();
        Instant now = clock.instant();
        byte[] id = new byte[8];
        ids.nextBytes(id);
        // Progress is counted under the lock that the disk is waited for with, so it is counted here and not where the
        // answer is sent.
        answers.change(
                        ctx,
                        () -> shown(rotations()
                                .start(new Rotation(
                                        HexFormat.of().formatHex(id),
                                        by,
                                        now,
                                        now.plus(deadline),
                                        perMinute,
                                        chosen(filter),
                                        Rotation.State.RUNNING,
                                        Optional.empty()))))
                .onSuccess(body -> {
                    String name = HexFormat.of().formatHex(id);
                    Call.of(ctx).made("credential-rotations/" + name);
                    ctx.response().putHeader("Location", "/api/v1/credential-rotations/" + name);
                    answers.send(ctx, 201, body);
                })
                .onFailure(failure -> answers.fail(ctx, failure));
    }

    void abort(RoutingContext ctx) {
        String id = id(new Params(ctx));
        answers.change(ctx, () -> rotations().abort(id).map(this::shown))
                .onSuccess(body -> {
                    if (body.isPresent()) {
                        answers.send(ctx, 200, body.get());
                    } else {
                        answers.fail(ctx, unknown(id));
                    }
                })
                .onFailure(failure -> answers.fail(ctx, failure));
    }

    /** Devices that fit; those without a credential count as done only once they are given one. */
    private List<String> chosen(DeviceFilter filter) {
        List<String> endpoints = new ArrayList<>();
        String cursor = "";
        do {
            var page = ports.store().devices(filter::matches, cursor, PAGE);
            page.items().forEach(device -> endpoints.add(device.endpoint().name()));
            cursor = page.next();
        } while (!cursor.isEmpty());
        return endpoints;
    }

    private Rotations rotations() {
        return ports.rotations()
                .orElseThrow(() ->
                        new Problem(404, "no-rotations", "no credential rotations in this process").asException());
    }

    private static String id(Params params) {
        return params.path("id", text -> {
            if (!text.matches("[0-9a-f]{16}")) {
                throw new IllegalArgumentException("\"" + Problem.clean(text) + "\" (expected: 16 hex digits)");
            }
            return text;
        });
    }

    private static Problem unknown(String id) {
        return Problem.notFound("credential rotation", id);
    }

    private byte[] shown(Rotation rotation) {
        return ApiJson.bytes(json(rotation));
    }

    private ObjectNode json(Rotation rotation) {
        Rotations.Progress progress = rotations().progress(rotation);
        ObjectNode json = ApiJson.object();
        json.put("id", rotation.id());
        json.put("by", rotation.by());
        json.put("state", rotation.state().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        json.put("startedAt", rotation.startedAt().toString());
        json.put("endedAt", rotation.endedAt().map(Instant::toString).orElse(null));
        json.put("deadline", rotation.deadline().toString());
        json.put("perMinute", rotation.perMinute());
        json.put("devices", progress.devices());
        json.put("done", progress.done());
        json.put("triggered", progress.triggered());
        return json;
    }
}
