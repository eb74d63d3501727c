package wavegate.server.api;

import io.vertx.core.WorkerExecutor;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import wavegate.config.HttpLimitSettings;
import wavegate.firmware.pkg.Delta;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.PackageId;
import wavegate.server.rollout.AuditLine;
import wavegate.server.rollout.Operations;

/** {@code /packages}. */
final class PackageRoutes {
    private static final Duration STALL = Duration.ofSeconds(60);

    private final ApiPorts ports;
    private final Answers answers;
    private final WorkerExecutor uploads;
    private final long maxBytes;
    private final ConnectionGuard guard;
    private final HttpLimitSettings limits;
    /** Uploads that are being taken. Event loop only. */
    private int taking;

    PackageRoutes(
            ApiPorts ports,
            Answers answers,
            WorkerExecutor uploads,
            long maxBytes,
            ConnectionGuard guard,
            HttpLimitSettings limits) {
        this.ports = ports;
        this.answers = answers;
        this.uploads = uploads;
        this.maxBytes = maxBytes;
        this.guard = guard;
        this.limits = limits;
    }

    void list(RoutingContext ctx) {
        new Params(ctx);
        answers.read(ctx, () -> ApiJson.items(ports.store().packages(), ApiJson::firmwarePackage));
    }

    void get(RoutingContext ctx) {
        PackageId id = new Params(ctx).path("id", PackageId::new);
        answers.read(
                ctx,
                () -> ApiJson.firmwarePackage(ports.store().firmwarePackage(id).orElseThrow(() -> notFound(id))));
    }

    /** Streams the envelope to the intake on a worker of its own pool; only a package that was accepted becomes an order. */
    void upload(RoutingContext ctx) {
        new Params(ctx);
        UploadStream body = body(ctx);
        Call call = Call.of(ctx);
        answers.order(ctx, uploads, () -> accept(body, call.line(201)))
                .onComplete(taken -> taking--)
                .onSuccess(stored -> {
                    call.made("packages/" + stored.id());
                    ctx.response().putHeader("Location", "/api/v1/packages/" + stored.id());
                    answers.send(ctx, 201, ApiJson.bytes(ApiJson.firmwarePackage(stored)));
                })
                .onFailure(failure -> answers.fail(ctx, failure));
    }

    /** The body of a call, as a stream; takes one of the places for uploads. */
    private UploadStream body(RoutingContext ctx) {
        String type =
                Optional.ofNullable(ctx.request().getHeader("Content-Type")).orElse("");
        if (!type.matches("(?i)application/(octet-stream|vnd\\.wavegate\\.package)\\s*(;.*)?")) {
            throw new Problem(
                            415,
                            "unsupported-media-type",
                            "content type: \"" + Problem.clean(type) + "\" (expected: application/octet-stream)")
                    .asException();
        }
        takePlace(ctx);
        guard.longLived(ctx.request());
        return new UploadStream(
                ctx.request(),
                ctx.vertx().getOrCreateContext(),
                maxBytes,
                STALL,
                limits.uploadRate().bytes());
    }

    private void takePlace(RoutingContext ctx) {
        if (taking >= limits.uploads()) {
            ctx.response().putHeader("Retry-After", "30");
            throw new Problem(503, "too-many-uploads", taking + " uploads at once (expected: fewer)").asException();
        }
        taking++;
    }

    private CompletableFuture<FirmwarePackage> accept(UploadStream body, AuditLine line) throws IOException {
        FirmwarePackage checked;
        try {
            checked = ports.intake().accept(body);
        } finally {
            body.discardRest();
        }
        return ports.operations().audited(line.on("packages/" + checked.id())).addPackage(checked, line.actor());
    }

    /** Makes a delta on a worker for uploads: it takes as long as one. */
    void makeDelta(RoutingContext ctx) {
        Params params = new Params(ctx);
        PackageId to = params.path("id", PackageId::new);
        Fields fields = Fields.of(params.body(true));
        Optional<PackageId> named = packageId(fields);
        fields.orRefuse();
        PackageId from = named.orElseThrow();
        Call call = Call.of(ctx).note("from", from.value());
        Operations operations = ports.operations().audited(call.line(200));
        takePlace(ctx);
        guard.longLived(ctx.request());
        delta(ctx, () -> {
            Delta made = ports.deltas().make(stored(from), stored(to));
            return operations.addDelta(from, to, made, call.actor());
        });
    }

    private static Optional<PackageId> packageId(Fields fields) {
        String text = fields.text("from");
        try {
            return Optional.of(new PackageId(text));
        } catch (IllegalArgumentException e) {
            fields.fault("from: " + e.getMessage());
            return Optional.empty();
        }
    }

    void uploadDelta(RoutingContext ctx) {
        Params params = new Params(ctx);
        PackageId to = params.path("id", PackageId::new);
        PackageId from = params.path("from", PackageId::new);
        Call call = Call.of(ctx).note("from", from.value());
        Operations operations = ports.operations().audited(call.line(200));
        UploadStream body = body(ctx);
        delta(ctx, () -> {
            Delta taken;
            try {
                taken = ports.deltas().take(stored(from), stored(to), body);
            } finally {
                body.discardRest();
            }
            return operations.addDelta(from, to, taken, call.actor());
        });
    }

    private void delta(RoutingContext ctx, Callable<CompletableFuture<FirmwarePackage>> order) {
        answers.order(ctx, uploads, order)
                .onComplete(taken -> taking--)
                .onSuccess(grown -> answers.send(ctx, 200, ApiJson.bytes(ApiJson.firmwarePackage(grown))))
                .onFailure(failure -> answers.fail(ctx, failure));
    }

    private FirmwarePackage stored(PackageId id) {
        return ports.store().firmwarePackage(id).orElseThrow(() -> notFound(id));
    }

    void revoke(RoutingContext ctx) {
        Params params = new Params(ctx);
        PackageId id = params.path("id", PackageId::new);
        Fields.of(params.body(false)).orRefuse();
        Call call = Call.of(ctx);
        Operations operations = ports.operations().audited(call.line(200));
        answers.order(ctx, 200, () -> operations.revokePackage(id, call.actor()), ApiJson::firmwarePackage);
    }

    private static Problem.Refusal notFound(PackageId id) {
        return Problem.notFound("package", id.value()).asException();
    }
}
