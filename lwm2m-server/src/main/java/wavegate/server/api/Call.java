package wavegate.server.api;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import wavegate.server.rollout.AuditLine;

/** A request as the audit sees it: who, what, on what. Made when it arrives, filled in on its way. Event loop only. */
final class Call {
    /** Who has shown no good token. */
    static final String NOBODY = "nobody";

    private static final String KEY = "wavegate.call";
    private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

    private final Map<String, String> details = new TreeMap<>();
    private String actor = NOBODY;
    private String action;
    private String subject;
    private boolean changing;
    private boolean secret;
    private boolean withOrder;
    private boolean intended;

    private Call(RoutingContext ctx, String base) {
        action = ctx.request().method().name();
        String path = path(ctx)
                .orElseGet(() -> Problem.clean(String.valueOf(ctx.request().path())));
        subject = path.startsWith(base + "/") ? path.substring(base.length() + 1) : path;
        changing = !READING.contains(ctx.request().method());
        details.put("from", ctx.request().remoteAddress().hostAddress());
    }

    /** Begins a call; {@code base} begins all paths of the API. */
    static Call begin(RoutingContext ctx, String base) {
        Call call = new Call(ctx, base);
        ctx.put(KEY, call);
        return call;
    }

    /** The path in its normal form; empty where its escapes are none. */
    static Optional<String> path(RoutingContext ctx) {
        try {
            return Optional.of(ctx.normalizedPath());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Whether one was begun; a request without a host fails before any handler has seen it. */
    static boolean isBegun(RoutingContext ctx) {
        return ctx.get(KEY) != null;
    }

    static Call of(RoutingContext ctx) {
        Call call = ctx.get(KEY);
        if (call == null) {
            throw new IllegalStateException(
                    "no call was begun for " + ctx.request().path());
        }
        return call;
    }

    /** What a human wants to read of the order later. Never a secret. */
    Call note(String name, String value) {
        if (!value.isEmpty()) {
            details.put(name, value);
        }
        return this;
    }

    /** Names what was made, where the path only says where. */
    void made(String what) {
        subject = what;
    }

    /** The answer holds a secret: it is not kept anywhere. */
    Call answeredWithSecret() {
        secret = true;
        return this;
    }

    boolean secret() {
        return secret;
    }

    /** What the audit is to say of an order that records it itself, in one commit with what it does. Then nothing else has to. */
    AuditLine line(int status) {
        withOrder = true;
        TreeMap<String, String> all = new TreeMap<>(details);
        all.put("status", String.valueOf(status));
        return new AuditLine(actor, action, subject, all);
    }

    /** Whether the order that was carried out has its line in the audit already. */
    boolean recorded() {
        return withOrder;
    }

    /** The audit says that it is about to be done: it has to say what came of it. */
    void intend() {
        intended = true;
    }

    boolean intended() {
        return intended;
    }

    void by(String who) {
        actor = who;
    }

    /** @param mayChange whether this operation of the document changes anything */
    void operation(String id, boolean mayChange) {
        action = id;
        changing = mayChange;
    }

    /** Who ordered, in the ledger. */
    String actor() {
        return actor;
    }

    String action() {
        return action;
    }

    String subject() {
        return subject;
    }

    boolean changing() {
        return changing;
    }

    Map<String, String> details() {
        return Map.copyOf(details);
    }
}
