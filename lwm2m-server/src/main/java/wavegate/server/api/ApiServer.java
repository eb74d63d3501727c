package wavegate.server.api;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.PlatformHandler;
import io.vertx.ext.web.openapi.router.OpenAPIRoute;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.config.HttpSettings;
import wavegate.server.api.access.Access;
import wavegate.server.api.access.Role;
import wavegate.server.rollout.VersionDesk;

/**
 * The management API under {@code /api/v1}, routed by the OpenAPI document it serves, with {@code /metrics}, {@code /healthz}, {@code /readyz}
 * and the page. Every operation of the document has a handler, or the start fails. Parameters and bodies are read by {@link Params} and
 * {@link Fields} rather than by the router's schema validator: they have to become values of the core anyway, and say better what is wrong.
 */
public final class ApiServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);
    private static final String BASE = ApiDocument.BASE;
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    /** The operations whose bodies are not held in memory. */
    private static final Set<String> UPLOADS = Set.of("uploadPackage", "uploadDelta");

    private static final String NOTHING_IS_A_PAGE = "default-src 'none'; frame-ancestors 'none'";

    private final ApiPorts ports;
    private final HttpSettings settings;
    private final long maxPackageBytes;
    private final Access access;
    private final CampaignDefaults defaults;
    private final InstantSource clock;
    private final RandomGenerator ids;
    private final RequestLimits limits;
    private final ConnectionGuard guard;
    private final Idempotency keys = new Idempotency();
    private final Vertx vertx = Vertx.vertx(new VertxOptions()
            .setEventLoopPoolSize(1)
            .setWorkerPoolSize(1)
            .setFileSystemOptions(new FileSystemOptions().setFileCachingEnabled(false)));

    /**
     * @param maxPackageBytes longest package envelope
     * @param clock of tokens' ends
     * @param ids gives campaign ids and seeds where the client names none
     */
    public ApiServer(
            ApiPorts ports,
            HttpSettings settings,
            long maxPackageBytes,
            Access access,
            CampaignDefaults defaults,
            InstantSource clock,
            RandomGenerator ids) {
        this.ports = ports;
        this.settings = settings;
        this.maxPackageBytes = maxPackageBytes;
        this.access = access;
        this.defaults = defaults;
        this.clock = clock;
        this.ids = ids;
        this.limits = new RequestLimits(settings.limits());
        this.guard = new ConnectionGuard(vertx, settings);
    }

    /**
     * Listens when it returns.
     *
     * @return the port, which is another than the configured one if that is 0
     * @throws IOException if the port cannot be bound, or the start takes longer than a minute
     */
    public int start() throws IOException {
        keys.restore(ports.store(), clock.instant());
        guard.start();
        HttpServer listening = await(ApiDocument.read(vertx)
                .compose(document -> new Listener(vertx, settings).listen(router(document), guard)));
        LOG.info(
                "api listening host={} port={} tls={}",
                settings.host(),
                listening.actualPort(),
                settings.tls().enabled());
        return listening.actualPort();
    }

    /** Answers no more requests. Event streams are cut. */
    @Override
    public void close() {
        try {
            await(vertx.close());
        } catch (IOException e) {
            LOG.warn("api did not close cleanly", e);
        }
    }

    private static <T> T await(Future<T> future) throws IOException {
        try {
            return future.toCompletionStage().toCompletableFuture().get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getMessage()), e);
        } catch (TimeoutException e) {
            throw new IOException("no answer after " + START_LIMIT.toSeconds() + " s", e);
        }
    }

    private Router router(ApiDocument document) {
        WorkerExecutor workers = vertx.createSharedWorkerExecutor("api", 8);
        WorkerExecutor uploads =
                vertx.createSharedWorkerExecutor("api-upload", settings.limits().uploads(), 1, TimeUnit.HOURS);
        WorkerExecutor stop = vertx.createSharedWorkerExecutor("api-stop", 2);
        Answers answers = new Answers(
                workers, settings.answerWithin(), new AuditTrail(ports.audit(), settings.answerWithin()), keys);
        // Those who wait for the identity provider wait by themselves: it may not answer, and everybody else goes on.
        WorkerExecutor provider = vertx.createSharedWorkerExecutor("api-provider", 2);
        WorkerExecutor signatures = vertx.createSharedWorkerExecutor("api-signature", 2);
        Gatekeeper gate = new Gatekeeper(access, limits, signatures, provider);
        CampaignEvents events = new CampaignEvents(
                ports, workers, gate, guard, settings.limits().streams());
        events.start(vertx, settings.eventInterval());

        Router root = Router.router(vertx);
        root.route().handler(this::harden);
        root.route().handler(this::begin);
        root.route().failureHandler(ctx -> failed(ctx, answers));
        root.get("/healthz").handler(ctx -> plain(ctx, 200, "ok"));
        root.get("/readyz").handler(this::ready);
        Buffer text = Buffer.buffer(ApiDocument.bytes());
        root.get("/openapi.yaml").handler(ctx -> ctx.response()
                .putHeader("Content-Type", "application/yaml")
                .end(text));
        MetricsText metrics = new MetricsText(ports, limits, guard);
        root.get("/metrics").handler(gate::authenticate).handler(ctx -> workers.executeBlocking(metrics::now, false)
                .onSuccess(figures -> ctx.response()
                        .putHeader("Content-Type", MetricsText.CONTENT_TYPE)
                        .end(figures))
                .onFailure(failure -> answers.fail(ctx, failure)));
        LivePage.mount(root);
        ports.versions().ifPresent(desk -> new TerminalRoutes(desk, ports, limits, answers).mount(root, ctx -> {
            bodyInTime(ctx, answers);
            ctx.next();
        }));
        root.route(BASE + "/*").handler(gate::authenticate);
        root.route(BASE + "/*").subRouter(routes(document, gate, answers, new Pools(uploads, stop), events));
        root.route().handler(ctx -> answers.fail(ctx, unmatched(document, ctx)));
        return root;
    }

    /** {@code stop} is for kill switches alone: they wait behind nothing. */
    private record Pools(WorkerExecutor uploads, WorkerExecutor stop) {}

    private Router routes(ApiDocument document, Gatekeeper gate, Answers answers, Pools pools, CampaignEvents events) {
        PackageRoutes packages =
                new PackageRoutes(ports, answers, pools.uploads(), maxPackageBytes, guard, settings.limits());
        DeviceRoutes devices = new DeviceRoutes(ports, answers, clock);
        TelemetryRoutes telemetry = new TelemetryRoutes(ports.ingest(), answers);
        BootstrapRoutes bootstrap = new BootstrapRoutes(ports, answers);
        RotationRoutes rotations = new RotationRoutes(ports, answers, ids, clock);
        CampaignRoutes campaigns = new CampaignRoutes(ports, answers, defaults, ids);
        FilterRoutes filters = new FilterRoutes(ports, answers);
        RetryRoutes retries = new RetryRoutes(ports, answers);
        AuditRoutes audit = new AuditRoutes(ports, answers);
        CredentialRoutes credentials = new CredentialRoutes(ports.credentials(), answers);
        KillSwitchRoutes kills = new KillSwitchRoutes(ports, answers, pools.stop());
        TokenRoutes tokens = new TokenRoutes(access.tokens(), answers, clock);
        Map<String, Handler<RoutingContext>> handlers = Map.ofEntries(
                Map.entry("listPackages", packages::list),
                Map.entry("uploadPackage", packages::upload),
                Map.entry("makeDelta", packages::makeDelta),
                Map.entry("uploadDelta", packages::uploadDelta),
                Map.entry("getPackage", packages::get),
                Map.entry("revokePackage", packages::revoke),
                Map.entry("wakeDevice", devices::wake),
                Map.entry("bootstrapDevice", devices::bootstrap),
                Map.entry("getBootstrap", bootstrap::status),
                Map.entry("listBootstrapDevices", bootstrap::list),
                Map.entry("getBootstrapDevice", bootstrap::get),
                Map.entry("putBootstrapDevice", bootstrap::put),
                Map.entry("removeBootstrapDevice", bootstrap::remove),
                Map.entry("listShardOverrides", bootstrap::overrides),
                Map.entry("putShardOverride", bootstrap::override),
                Map.entry("removeShardOverride", bootstrap::removeOverride),
                Map.entry("listCredentialRotations", rotations::list),
                Map.entry("startCredentialRotation", rotations::start),
                Map.entry("getCredentialRotation", rotations::get),
                Map.entry("abortCredentialRotation", rotations::abort),
                Map.entry("listDevices", devices::list),
                Map.entry("getDevice", devices::get),
                Map.entry("labelDevice", devices::label),
                Map.entry("removeDevice", devices::remove),
                Map.entry("listFilters", filters::list),
                Map.entry("getFilter", filters::get),
                Map.entry("putFilter", filters::put),
                Map.entry("removeFilter", filters::remove),
                Map.entry("retryUpdates", retries::retry),
                Map.entry("retryUpdate", retries::retryOne),
                Map.entry("cancelUpdate", retries::cancelOne),
                Map.entry("listDeviceUpdates", devices::updates),
                Map.entry("listDeviceTelemetry", devices::telemetry),
                Map.entry("postTelemetry", telemetry::post),
                Map.entry("listCampaigns", campaigns::list),
                Map.entry("createCampaign", campaigns::create),
                Map.entry("previewCampaign", campaigns::preview),
                Map.entry("getCampaign", campaigns::get),
                Map.entry("startCampaign", campaigns::start),
                Map.entry("editCampaign", campaigns::edit),
                Map.entry("submitCampaign", campaigns::submit),
                Map.entry("approveCampaign", campaigns::approve),
                Map.entry("rejectCampaign", campaigns::reject),
                Map.entry("rollBackCampaign", campaigns::rollBack),
                Map.entry("pauseCampaign", campaigns::pause),
                Map.entry("resumeCampaign", campaigns::resume),
                Map.entry("abortCampaign", campaigns::abort),
                Map.entry("decideWave", campaigns::decide),
                Map.entry("listCampaignUpdates", campaigns::updates),
                Map.entry("listCampaignGates", campaigns::gates),
                Map.entry("listKillSwitches", kills::list),
                Map.entry("raiseKillSwitch", kills::raise),
                Map.entry("liftKillSwitch", kills::lift),
                Map.entry("listAudit", audit::list),
                Map.entry("listCredentials", credentials::list),
                Map.entry("addCredential", credentials::add),
                Map.entry("getCredentials", credentials::get),
                Map.entry("putCredential", credentials::put),
                Map.entry("rotateCredential", credentials::rotate),
                Map.entry("revokeCredentials", credentials::revoke),
                Map.entry("importCredentials", credentials::importLines),
                Map.entry("listTokens", tokens::list),
                Map.entry("createToken", tokens::create),
                Map.entry("rotateToken", tokens::rotate),
                Map.entry("revokeToken", tokens::revoke),
                Map.entry("streamEvents", events::open));
        RouterBuilder builder = RouterBuilder.create(vertx, document.contract());
        BodyHandler body =
                BodyHandler.create(false).setBodyLimit(settings.maxBody().bytes());
        for (OpenAPIRoute route : builder.getRoutes()) {
            String operation = route.getOperation().getOperationId();
            Handler<RoutingContext> handler = handlers.get(operation);
            if (handler == null) {
                throw new IllegalStateException("openapi.yaml: operation " + operation + " has no handler");
            }
            route.setDoValidation(false).setDoSecurity(false);
            boolean changes = ApiDocument.changes(route.getOperation());
            Role role = ApiDocument.role(route.getOperation());
            // A platform handler, since only such may come before the body is read.
            PlatformHandler allowed = ctx -> {
                Call.of(ctx).operation(operation, changes);
                gate.need(ctx, role);
                if (!UPLOADS.contains(operation)) {
                    refuseForms(ctx);
                    bodyInTime(ctx, answers);
                }
                ctx.next();
            };
            route.addHandler(allowed);
            if (!UPLOADS.contains(operation)) {
                route.addHandler(body);
                route.addHandler(keys::handle);
            }
            route.addHandler(handler);
        }
        if (builder.getRoutes().size() != handlers.size()) {
            throw new IllegalStateException(
                    "openapi.yaml: " + builder.getRoutes().size() + " operations (expected: " + handlers.size()
                            + ", one for each handler)");
        }
        return builder.createRouter();
    }

    private void harden(RoutingContext ctx) {
        prepare(ctx);
        ctx.next();
    }

    private void prepare(RoutingContext ctx) {
        ctx.addEndHandler(ended -> guard.answered(ctx.request()));
        ctx.response()
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("X-Frame-Options", "DENY")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Cross-Origin-Resource-Policy", "same-origin")
                .putHeader("Content-Security-Policy", NOTHING_IS_A_PAGE)
                .putHeader("Cache-Control", "no-store");
        if (settings.tls().enabled()) {
            ctx.response().putHeader("Strict-Transport-Security", "max-age=31536000");
        }
    }

    /** What is no whole request, as one without a host, fails before {@link #harden} and {@link #begin}: it counts as a stranger's. */
    private void failed(RoutingContext ctx, Answers answers) {
        if (Call.isBegun(ctx)) {
            answers.fail(ctx, failureOf(ctx));
            return;
        }
        prepare(ctx);
        Call.begin(ctx, BASE);
        try {
            limits.stranger(ctx.request());
        } catch (RequestLimits.TooMany e) {
            answers.fail(ctx, e);
            return;
        }
        answers.fail(ctx, failureOf(ctx));
    }

    private void begin(RoutingContext ctx) {
        Call.begin(ctx, BASE);
        Optional<String> path = Call.path(ctx);
        if (path.isEmpty() || !countedByCredential(path.get())) {
            limits.stranger(ctx.request());
        }
        if (path.isEmpty()) {
            throw malformed().asException();
        }
        ctx.next();
    }

    /** Whether who asks there is counted by the token or the key that is shown. */
    private static boolean countedByCredential(String path) {
        return path.startsWith(BASE + "/") || path.equals("/metrics") || path.equals(TerminalRoutes.CHECK);
    }

    /** Forms, which a page elsewhere can send without asking, are taken nowhere; before a body is read, or it would be read as one. */
    private static void refuseForms(RoutingContext ctx) {
        String type = String.valueOf(ctx.request().getHeader("Content-Type"));
        if (type.matches("(?is)\\s*(application/x-www-form-urlencoded|multipart/).*")) {
            throw new Problem(
                            415,
                            "unsupported-media-type",
                            "content type: \"" + Problem.clean(type) + "\" (expected: application/json)")
                    .asException();
        }
    }

    /** Answers 408 where a body is not there as a whole in time, however steadily it drips. */
    private void bodyInTime(RoutingContext ctx, Answers answers) {
        long timer = vertx.setTimer(settings.limits().bodyWithin().toMillis(), late -> {
            if (!ctx.request().isEnded()) {
                answers.fail(
                        ctx,
                        new Problem(
                                408,
                                "body-too-slow",
                                "body: not whole after "
                                        + settings.limits().bodyWithin().toSeconds() + " s (expected: by then)"));
                ctx.request().connection().close();
            }
        });
        ctx.addEndHandler(ended -> vertx.cancelTimer(timer));
    }

    private void ready(RoutingContext ctx) {
        boolean ready = ports.ready().getAsBoolean();
        plain(ctx, ready ? 200 : 503, ready ? "ready" : "not ready");
    }

    private static void plain(RoutingContext ctx, int status, String text) {
        ctx.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "text/plain")
                .end(text + "\n");
    }

    private Throwable failureOf(RoutingContext ctx) {
        Throwable failure = ctx.failure();
        boolean clients = ctx.statusCode() >= 400 && ctx.statusCode() < 500;
        if (failure != null && !clients && !(failure instanceof io.vertx.ext.web.handler.HttpException)) {
            return failure;
        }
        return switch (ctx.statusCode()) {
            case 413 ->
                new Problem(413, "body-too-large", "body: more than " + mostOf(ctx) + " (expected: at most that)")
                        .asException();
            case 400 -> malformed().asException();
            default ->
                new Problem(Math.max(400, ctx.statusCode()), "request-failed", "status " + ctx.statusCode())
                        .asException();
        };
    }

    private String mostOf(RoutingContext ctx) {
        return Call.path(ctx).filter(TerminalRoutes.CHECK::equals).isPresent()
                ? VersionDesk.MOST_BYTES + "B"
                : settings.maxBody().toString();
    }

    private static Problem malformed() {
        return new Problem(400, "malformed-request", "the request cannot be read");
    }

    /** 405 where another method would do, else 404. */
    private static Problem unmatched(ApiDocument document, RoutingContext ctx) {
        String path = ctx.normalizedPath();
        List<String> methods = document.methods(path);
        if (methods.isEmpty()) {
            return new Problem(404, "no-such-route", "no \"" + Problem.clean(path) + "\" (see /openapi.yaml)");
        }
        String allow = String.join(", ", methods);
        ctx.response().putHeader("Allow", allow);
        return new Problem(
                405,
                "method-not-allowed",
                "method: " + Problem.clean(ctx.request().method().name()) + " (expected: " + allow + ")");
    }
}
