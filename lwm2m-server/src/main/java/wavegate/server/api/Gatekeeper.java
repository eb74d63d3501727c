package wavegate.server.api;

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

    Gatekeeper(Access access) {
        this.access = access;
    }

    /** Goes on with whoever the bearer token belongs to, or refuses with 401. */
    void authenticate(RoutingContext ctx) {
        String header =
                Optional.ofNullable(ctx.request().getHeader("Authorization")).orElse("");
        if (!header.regionMatches(true, 0, "Bearer ", 0, 7)) {
            throw unauthorized("no token (expected: Authorization: Bearer TOKEN)");
        }
        Checked checked = access.check(header.substring(7).strip());
        Caller caller = checked.caller().orElseThrow(() -> unauthorized(checked.why()));
        ctx.put(CALLER, caller);
        Call.of(ctx).by(caller.actor());
        ctx.next();
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
