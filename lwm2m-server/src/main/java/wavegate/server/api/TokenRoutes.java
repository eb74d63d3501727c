package wavegate.server.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import wavegate.server.api.access.Role;
import wavegate.server.api.access.TokenEntry;
import wavegate.server.api.access.TokenStore;

/** {@code /tokens}. A token's secret is in the answer that makes it and nowhere else. */
final class TokenRoutes {
    private static final Duration LONGEST_GRACE = Duration.ofDays(7);
    private static final Duration LONGEST_LIFE = Duration.ofDays(3650);

    private final TokenStore tokens;
    private final Answers answers;
    private final InstantSource clock;

    TokenRoutes(TokenStore tokens, Answers answers, InstantSource clock) {
        this.tokens = tokens;
        this.answers = answers;
        this.clock = clock;
    }

    void list(RoutingContext ctx) {
        new Params(ctx);
        answers.read(ctx, () -> ApiJson.items(tokens.list(), this::json));
    }

    void create(RoutingContext ctx) {
        Fields fields = Fields.of(new Params(ctx).body(true));
        String name = fields.text("name");
        Role role = fields.constant("role", Role.class, Role.VIEWER);
        Duration life = fields.duration("expiresIn", Duration.ZERO);
        if (!fields.has("role")) {
            fields.fault("role: missing (expected: one of " + Role.labels() + ")");
        }
        if (fields.has("expiresIn") && (life.isZero() || life.isNegative() || life.compareTo(LONGEST_LIFE) > 0)) {
            fields.fault("expiresIn: " + life.toSeconds() + " s (expected: more than 0, at most 3650d)");
        }
        fields.orRefuse();
        Instant expires = life.isZero() ? Instant.MAX : clock.instant().plus(life);
        Call call = Call.of(ctx).note("name", name).note("role", role.label()).answeredWithSecret();
        change(ctx, () -> Optional.of(tokens.create(name, role, expires)))
                .onSuccess(made -> {
                    String id = made.orElseThrow().entry().id();
                    call.made("tokens/" + id);
                    ctx.response().putHeader("Location", "/api/v1/tokens/" + id);
                    answers.send(ctx, 201, ApiJson.bytes(json(made.orElseThrow())));
                })
                .onFailure(failure -> answers.fail(ctx, failure));
    }

    void rotate(RoutingContext ctx) {
        Params params = new Params(ctx);
        String id = id(params);
        Fields fields = Fields.of(params.body(false));
        Duration grace = fields.duration("grace", Duration.ZERO);
        if (grace.isNegative() || grace.compareTo(LONGEST_GRACE) > 0) {
            fields.fault("grace: " + grace.toSeconds() + " s (expected: 0s to 7d)");
        }
        fields.orRefuse();
        Call.of(ctx).answeredWithSecret();
        change(ctx, () -> tokens.rotate(id, grace))
                .onSuccess(made -> {
                    if (made.isPresent()) {
                        answers.send(ctx, 200, ApiJson.bytes(json(made.get())));
                    } else {
                        answers.fail(ctx, Problem.notFound("token", id));
                    }
                })
                .onFailure(failure -> answers.fail(ctx, failure));
    }

    void revoke(RoutingContext ctx) {
        String id = id(new Params(ctx));
        change(ctx, () -> {
                    if (tokens.lastAdmin(id)) {
                        throw new Problem(
                                        409,
                                        "last-admin",
                                        "token " + id + " is the last that may give out tokens (make another first)")
                                .asException();
                    }
                    return tokens.revoke(id);
                })
                .onSuccess(revoked -> {
                    if (revoked.isPresent()) {
                        answers.done(ctx);
                    } else {
                        answers.fail(ctx, Problem.notFound("token", id));
                    }
                })
                .onFailure(failure -> answers.fail(ctx, failure));
    }

    /** On a worker, since the change is forced to disk; one at a time, so that two cannot both be the last admin. */
    private <T> Future<Optional<T>> change(RoutingContext ctx, Callable<Optional<T>> change) {
        return answers.change(ctx, () -> {
            synchronized (tokens) {
                try {
                    return change.call();
                } catch (IllegalArgumentException e) {
                    throw Problem.invalidBody(List.of(String.valueOf(e.getMessage())))
                            .asException();
                } catch (IOException e) {
                    throw new IOException("the tokens were not changed", e);
                }
            }
        });
    }

    private static String id(Params params) {
        return params.path("id", text -> {
            if (!text.matches("[a-z2-7]{8}")) {
                throw new IllegalArgumentException("\"" + Problem.clean(text) + "\" (expected: 8 of a-z, 2-7)");
            }
            return text;
        });
    }

    private ObjectNode json(TokenStore.Made made) {
        ObjectNode json = json(made.entry());
        json.put("token", made.secret());
        return json;
    }

    private ObjectNode json(TokenEntry entry) {
        ObjectNode json = ApiJson.object();
        json.put("id", entry.id());
        json.put("name", entry.name());
        json.put("role", entry.role().label());
        json.put("created", entry.created().toString());
        json.put("rotated", entry.rotated().toString());
        put(json, "expires", entry.expires());
        put(json, "revoked", entry.revoked());
        json.put("valid", entry.valid(clock.instant()));
        return json;
    }

    private static void put(ObjectNode json, String name, Instant at) {
        json.put(name, at.equals(Instant.MAX) ? null : at.toString());
    }
}
