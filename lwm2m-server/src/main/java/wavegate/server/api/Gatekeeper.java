package wavegate.server.api;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import wavegate.server.api.access.Access;
import wavegate.server.api.access.Caller;
import wavegate.server.api.access.Checked;
import wavegate.server.api.access.Role;

/** Lets in who has a token, and to what its role is enough for. Event loop only. */
final class Gatekeeper {
    private static final String CALLER = "wavegate.caller";

    private final Access access;
    private final RequestLimits limits;
    private final WorkerExecutor signatures;
    private final WorkerExecutor provider;

    /**
     * @param signatures checks what can be checked here
     * @param provider waits for the identity provider, and does nothing else
     */
    Gatekeeper(Access access, RequestLimits limits, WorkerExecutor signatures, WorkerExecutor provider) {
        this.signatures = signatures;
        this.access = access;
        this.limits = limits;
        this.provider = provider;
    }

    /** Goes on with whoever the bearer token belongs to, or refuses with 401, or with 429 those who try too often. */
    void authenticate(RoutingContext ctx) {
        String header =
                Optional.ofNullable(ctx.request().getHeader("Authorization")).orElse("");
        if (!header.regionMatches(true, 0, "Bearer ", 0, 7)) {
            refuse(ctx, "no token (expected: Authorization: Bearer TOKEN)");
            return;
        }
        String offered = header.substring(7).strip();
        Optional<Checked> known = access.checkAtOnce(offered);
        if (known.isPresent()) {
            admit(ctx, known.get());
        } else if (limits.exhausted(ctx.request())) {
            refuse(ctx, "too many bad tokens");
        } else {
            ctx.request().pause();
            signatures
                    .executeBlocking(() -> access.checkWithoutWaiting(offered), false)
                    .compose(here -> here.map(Future::succeededFuture)
                            .orElseGet(() -> provider.executeBlocking(() -> access.check(offered), false)))
                    .onSuccess(checked -> {
                        ctx.request().resume();
                        try {
                            admit(ctx, checked);
                        } catch (RuntimeException e) {
                            ctx.fail(e);
                        }
                    })
                    .onFailure(ctx::fail);
        }
    }

    private void admit(RoutingContext ctx, Checked checked) {
        if (checked.caller().isEmpty()) {
            refuse(ctx, checked.why());
            return;
        }
        Caller caller = checked.caller().get();
        ctx.put(CALLER, caller);
        Call.of(ctx).by(caller.actor());
        limits.caller(caller.actor(), stops(ctx));
        ctx.next();
    }

    private void refuse(RoutingContext ctx, String why) {
        limits.failure(ctx.request());
        throw unauthorized(why);
    }

    private static boolean stops(RoutingContext ctx) {
        return ctx.request().method().equals(HttpMethod.POST)
                && ctx.normalizedPath().equals(ApiDocument.BASE + "/kill-switches");
    }

    /** Refuses with 403 unless the caller's role is enough. Where no caller was let in, nobody is. */
    void need(RoutingContext ctx, Role needed) {
        Caller caller = caller(ctx);
        if (!caller.role().covers(needed)) {
            throw new Problem(
                            403,
                            "forbidden",
                            "role: " + caller.role().label() + " (expected: " + needed.label()
                                    + (needed == Role.ADMIN ? ")" : " or one above it)"))
                    .asException();
        }
    }

    static Caller caller(RoutingContext ctx) {
        Caller caller = ctx.get(CALLER);
        if (caller == null) {
            throw unauthorized("no token (expected: Authorization: Bearer TOKEN)");
        }
        return caller;
    }

    /** Whether the caller would still be let in: asked again and again by what goes on for long. */
    boolean stillGood(Caller caller) {
        return access.stillGood(caller);
    }

    private static Problem.Refusal unauthorized(String why) {
        return new Problem(401, "unauthorized", why).asException();
    }
}
