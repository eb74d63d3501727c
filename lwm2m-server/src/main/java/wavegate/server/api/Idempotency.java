package wavegate.server.api;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import wavegate.firmware.pkg.Sha256;

/**
 * Orders that carry an Idempotency-Key: the same one again is answered as the first was, and carried out once; another one under the same key is
 * refused. Kept in memory, for a day and for the last {@value #MOST}, their answers up to a size in all; orders are idempotent by themselves, so
 * that a restart loses little. Only what changed something and was carried out is kept: a refused order may be sent again. Event loop only.
 */
final class Idempotency {
    static final int MOST = 10_000;

    private static final String KEPT = "wavegate.kept";
    private static final int LONGEST_ANSWER = 64 << 10;
    private static final long MOST_ANSWER_BYTES = 16 << 20;
    private static final long A_DAY = TimeUnit.DAYS.toNanos(1);

    private final Map<String, Kept> byKey = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Kept> eldest) {
            if (size() > MOST) {
                forgetAnswer(eldest.getValue());
                return true;
            }
            return false;
        }
    };
    /** Those whose answers are held, the first answered first. */
    private final Set<Kept> answered = new LinkedHashSet<>();

    private final long mostAnswerBytes;
    private long answerBytes;

    /** An order under its key, and its answer once there is one. */
    private static final class Kept {
        private final String key;
        private final Sha256 order;
        private final long at = System.nanoTime();
        private Optional<Answered> answer = Optional.empty();

        Kept(String key, Sha256 order) {
            this.key = key;
            this.order = order;
        }
    }

    private record Answered(int status, Map<String, String> headers, Optional<Buffer> body) {}

    Idempotency() {
        this(MOST_ANSWER_BYTES);
    }

    Idempotency(long mostAnswerBytes) {
        this.mostAnswerBytes = mostAnswerBytes;
    }

    /** Goes on with a new order, answers one that was carried out, refuses another under the same key. */
    void handle(RoutingContext ctx) {
        String given = ctx.request().getHeader("Idempotency-Key");
        if (given == null
                || !ctx.request().method().equals(HttpMethod.POST)
                || !Call.of(ctx).changing()) {
            ctx.next();
            return;
        }
        if (!given.matches("[\\x21-\\x7e]{1,128}")) {
            throw Problem.invalidBody(List.of("Idempotency-Key: \"" + Problem.clean(given)
                            + "\" (expected: 1 to 128 printable characters without blanks)"))
                    .asException();
        }
        Call call = Call.of(ctx);
        String key = call.actor() + " " + given;
        Sha256 order = fingerprint(ctx);
        Kept known = byKey.get(key);
        if (known == null || System.nanoTime() - known.at > A_DAY) {
            Kept kept = new Kept(key, order);
            if (known != null) {
                byKey.remove(key);
                forgetAnswer(known);
            }
            byKey.put(key, kept);
            ctx.put(KEPT, kept);
            call.note("idempotencyKey", given);
            ctx.next();
            return;
        }
        if (!known.order.equals(order)) {
            throw new Problem(
                            422,
                            "idempotency-key-reused",
                            "Idempotency-Key: \"" + given + "\" was given with another order (expected: a new key)")
                    .asException();
        }
        call.operation(call.action(), false);
        if (known.answer.isEmpty()) {
            ctx.response().putHeader("Retry-After", "1");
            throw new Problem(409, "in-progress", "the order under this key is being carried out (ask again)")
                    .asException();
        }
        replay(ctx, known.answer.get());
    }

    private static void replay(RoutingContext ctx, Answered answer) {
        if (answer.body().isEmpty()) {
            throw new Problem(
                            409,
                            "already-done",
                            "the order under this key was carried out with status " + answer.status()
                                    + "; its answer is not kept, for it was long or old, or held a secret")
                    .asException();
        }
        HttpServerResponse response = ctx.response();
        answer.headers().forEach(response::putHeader);
        response.putHeader("Idempotent-Replayed", "true");
        response.setStatusCode(answer.status()).end(answer.body().get());
    }

    /** An order was carried out; called before its answer goes out. */
    void carriedOut(RoutingContext ctx, int status, Map<String, String> headers, Buffer body) {
        Kept kept = ctx.get(KEPT);
        if (kept != null) {
            boolean keep = body.length() <= LONGEST_ANSWER && !Call.of(ctx).secret();
            Map<String, String> all = new LinkedHashMap<>(headers);
            for (String name : List.of("Location", "ETag")) {
                String value = ctx.response().headers().get(name);
                if (value != null) {
                    all.put(name, value);
                }
            }
            kept.answer = Optional.of(new Answered(status, all, keep ? Optional.of(body) : Optional.empty()));
            if (keep && byKey.get(kept.key) == kept) {
                answered.add(kept);
                answerBytes += body.length();
                while (answerBytes > mostAnswerBytes) {
                    forgetAnswer(answered.iterator().next());
                }
            }
        }
    }

    /** The key still says that the order was carried out: what was forgotten is not done twice. */
    private void forgetAnswer(Kept kept) {
        if (answered.remove(kept)) {
            Answered full = kept.answer.orElseThrow();
            answerBytes -= full.body().map(Buffer::length).orElse(0);
            kept.answer = Optional.of(new Answered(full.status(), full.headers(), Optional.empty()));
        }
    }

    /** An order was refused or failed: its key is free again. */
    void refused(RoutingContext ctx) {
        Kept kept = ctx.get(KEPT);
        if (kept != null && kept.answer.isEmpty()) {
            byKey.remove(kept.key, kept);
        }
    }

    private static Sha256 fingerprint(RoutingContext ctx) {
        Buffer text = Buffer.buffer(ctx.request().uri() + "\n");
        Buffer body = ctx.body().buffer();
        if (body != null) {
            text.appendBuffer(body);
        }
        return Sha256.of(text.getBytes());
    }
}
