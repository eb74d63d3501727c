package wavegate.server.api;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.Use;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.update.DispatchScope;
import wavegate.server.rollout.Fence;
import wavegate.server.rollout.VersionDesk;
import wavegate.server.rollout.VersionDesk.Format;
import wavegate.server.rollout.VersionDesk.Left;
import wavegate.server.rollout.VersionDesk.Refusal;

/**
 * {@code POST /terminals/v1/check}: where terminals ask over HTTP. A terminal shows the identity and the key, in hex, of its pre-shared key as
 * Basic credentials: they speak for its endpoint and for nothing else. Its own document is at {@code /terminals/v1/openapi.yaml}. Event loop only.
 */
final class TerminalRoutes {
    static final String BASE = "/terminals/v1/";
    static final String CHECK = BASE + "check";
    static final String DOCUMENT = BASE + "openapi.yaml";

    private static final String SENDER = "wavegate.terminal";
    private static final String JSON = "application/json";
    private static final String CBOR = "application/cbor";
    private static final byte[] NO_KEY = new byte[16];

    private final VersionDesk desk;
    private final CredentialStore credentials;
    private final Fence fence;
    private final RequestLimits limits;
    private final Answers answers;

    TerminalRoutes(VersionDesk desk, ApiPorts ports, RequestLimits limits, Answers answers) {
        this.desk = desk;
        this.credentials = ports.credentials().store();
        this.fence = ports.fence();
        this.limits = limits;
        this.answers = answers;
    }

    void mount(Router root, io.vertx.core.Handler<RoutingContext> bodyInTime) {
        Buffer text = Buffer.buffer(LivePage.bytes("/wavegate/api/terminals.yaml"));
        root.get(DOCUMENT).handler(ctx -> ctx.response()
                .putHeader("Content-Type", "application/yaml")
                .end(text));
        // A route for each, or the router would want the body read before anybody has shown a credential.
        root.post(CHECK).handler(this::authenticate);
        root.post(CHECK).handler(TerminalRoutes::admit);
        root.post(CHECK).handler(bodyInTime);
        root.post(CHECK).handler(BodyHandler.create(false).setBodyLimit(VersionDesk.MOST_BYTES));
        root.post(CHECK).handler(this::check);
    }

    private void authenticate(RoutingContext ctx) {
        Call.of(ctx).operation("checkVersion", false);
        if (limits.exhausted(ctx.request())) {
            throw unauthorized(ctx, "too many bad credentials");
        }
        Optional<Credential.Psk> shown = shown(ctx.request().getHeader("Authorization"));
        if (shown.isEmpty()) {
            limits.failure(ctx.request());
            throw unauthorized(
                    ctx, "no good credential (expected: Authorization: Basic, psk-identity:key-in-hex in base64)");
        }
        limits.caller("terminal " + shown.get().endpoint(), false);
        ctx.put(
                SENDER,
                new HttpSender(
                        credentials, shown.get(), address(ctx), ctx.request().isSSL()));
        ctx.next();
    }

    /** Compares in the same time whether or not there is such an identity. */
    private Optional<Credential.Psk> shown(String header) {
        if (header == null || !header.regionMatches(true, 0, "Basic ", 0, 6)) {
            return Optional.empty();
        }
        String pair;
        byte[] key;
        int colon;
        try {
            pair = new String(Base64.getDecoder().decode(header.substring(6).strip()), StandardCharsets.UTF_8);
            colon = pair.lastIndexOf(':');
            key = colon < 1
                    ? NO_KEY
                    : HexFormat.of().parseHex(pair.substring(colon + 1).toLowerCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        Optional<Credential.Psk> known = colon < 1
                ? Optional.empty()
                : credentials
                        .byIdentity(Use.LWM2M, pair.substring(0, colon))
                        .filter(Credential.Psk.class::isInstance)
                        .map(Credential.Psk.class::cast);
        boolean same = MessageDigest.isEqual(known.map(Credential.Psk::key).orElse(NO_KEY), key);
        return known.filter(psk -> same);
    }

    private static InetSocketAddress address(RoutingContext ctx) {
        String host = ctx.request().remoteAddress().hostAddress();
        // An address is never looked up.
        return InetSocketAddress.createUnresolved(
                host == null ? "" : host, ctx.request().remoteAddress().port());
    }

    private static Problem.Refusal unauthorized(RoutingContext ctx, String why) {
        ctx.response().putHeader("WWW-Authenticate", "Basic realm=\"wavegate terminals\", charset=\"UTF-8\"");
        return new Problem(401, "unauthorized", why).asException();
    }

    private static void admit(RoutingContext ctx) {
        String type = type(ctx);
        if (!type.equals(JSON) && !type.equals(CBOR)) {
            throw new Problem(
                            415,
                            "unsupported-media-type",
                            "content type: \"" + Problem.clean(type) + "\" (expected: " + JSON + " or " + CBOR + ")")
                    .asException();
        }
        ctx.next();
    }

    private static String type(RoutingContext ctx) {
        return String.valueOf(ctx.request().getHeader("Content-Type"))
                .split(";", 2)[0]
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    private void check(RoutingContext ctx) {
        Buffer body = ctx.body().buffer();
        HttpSender sender = ctx.get(SENDER);
        String type = type(ctx);
        desk.check(
                body == null ? new byte[0] : body.getBytes(),
                type.equals(CBOR) ? Format.CBOR : Format.JSON,
                sender,
                new HttpReply(ctx, type));
    }

    private record HttpSender(
            CredentialStore credentials, Credential.Psk credential, InetSocketAddress address, boolean secure)
            implements VersionDesk.Sender {
        @Override
        public boolean maySpeakFor(String endpoint) {
            if (credential.endpoint().equals(endpoint)) {
                credentials.used(Use.LWM2M, credential);
                return true;
            }
            return false;
        }

        @Override
        public boolean mayCome(Endpoint endpoint) {
            return true;
        }

        @Override
        public UpdateProtocol by() {
            return secure ? UpdateProtocol.HTTPS : UpdateProtocol.HTTP;
        }
    }

    /** Answers come from any thread and leave on the event loop. */
    private final class HttpReply implements VersionDesk.Reply {
        private final RoutingContext ctx;
        private final String type;
        private final Context context;

        HttpReply(RoutingContext ctx, String type) {
            this.ctx = ctx;
            this.type = type;
            this.context = ctx.vertx().getOrCreateContext();
        }

        @Override
        public void dispatch(DispatchScope scope, byte[] answer, Consumer<Left> left) {
            context.runOnContext(now -> {
                if (isOver()) {
                    left.accept(Left.GONE);
                } else {
                    left.accept(fence.dispatch(scope, () -> send(answer)) ? Left.SENT : Left.FENCED);
                }
            });
        }

        @Override
        public void say(byte[] answer) {
            context.runOnContext(now -> {
                if (!isOver()) {
                    send(answer);
                }
            });
        }

        @Override
        public void refuse(Refusal refusal, String why) {
            context.runOnContext(now -> {
                if (refusal == Refusal.TOO_MANY && !isOver()) {
                    ctx.response().putHeader("Retry-After", "60");
                }
                answers.fail(ctx, problem(refusal, why));
            });
        }

        private boolean isOver() {
            HttpServerResponse response = ctx.response();
            return response.ended() || response.closed();
        }

        private void send(byte[] answer) {
            ctx.response().putHeader("Content-Type", type).end(Buffer.buffer(answer));
        }

        private static Problem problem(Refusal refusal, String why) {
            return switch (refusal) {
                case MALFORMED -> new Problem(400, "invalid-question", why);
                case FORBIDDEN -> new Problem(403, "forbidden", why);
                case CONFLICT -> new Problem(409, "registered-elsewhere", why);
                case TOO_MANY -> new Problem(429, "too-many-requests", why);
            };
        }
    }
}
