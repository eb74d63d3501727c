package wavegate.server.api;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.rollout.Audit;
import wavegate.server.rollout.AuditEntry;
import wavegate.server.rollout.Page;
import wavegate.server.rollout.RolloutStore;

/**
 * Orders that carry an Idempotency-Key: the same one again is answered as the first was, and carried out once; another one under the same key is
 * refused. Kept in memory, for a day and for the last {@value #MOST}, their answers up to a size in all. Only what changed something and was
 * carried out is kept: a refused order may be sent again. Over a restart the ledger keeps them, in the line that each order has in the audit:
 * then it is known that an order was carried out, while its answer is gone. Event loop only.
 */
final class Idempotency {
    static final int MOST = 10_000;

    private static final String KEPT = "wavegate.kept";
    private static final int LONGEST_ANSWER = 64 << 10;
    private static final long MOST_ANSWER_BYTES = 16 << 20;
    private static final Duration A_DAY = Duration.ofDays(1);
    /** Lines of the audit that are looked through at a start: more than a day's where every call is recorded. */
    private static final int MOST_LINES = 100_000;

    private static final String KEY = "idempotencyKey";
    private static final String ORDER = "idempotencyOrder";
    /** Its key is its campaign's id, by which it is known for ever and answered as before. */
    private static final String KNOWN_BY_ITS_ID = "createCampaign";
    /** Status of an order that was begun when the server ended. */
    private static final int UNKNOWN = 0;

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
        private final long at;
        private Optional<Answered> answer = Optional.empty();

        Kept(String key, Sha256 order, long at) {
            this.key = key;
            this.order = order;
            this.at = at;
        }
    }

    /** @param subject what the order was on, or made */
    private record Answered(int status, String subject, Map<String, String> headers, Optional<Buffer> body) {
        Answered withoutBody() {
            return new Answered(status, subject, headers, Optional.empty());
        }
    }

    Idempotency() {
        this(MOST_ANSWER_BYTES);
    }

    Idempotency(long mostAnswerBytes) {
        this.mostAnswerBytes = mostAnswerBytes;
    }

    /** Takes over what the audit says of the last day. Before anything is handled. */
    void restore(RolloutStore view, Instant now) {
        Deque<Fact.Audited> lines = new ArrayDeque<>();
        int seen = 0;
        String cursor = "";
        do {
            Page<AuditEntry> page = view.audited(any -> true, cursor, 1000);
            cursor = page.next();
            for (AuditEntry entry : page.items()) {
                seen++;
                if (entry.audited().at().isBefore(now.minus(A_DAY)) || seen > MOST_LINES) {
                    cursor = "";
                    break;
                }
                if (entry.audited().details().containsKey(ORDER)
                        && !entry.audited().action().equals(KNOWN_BY_ITS_ID)) {
                    lines.addFirst(entry.audited());
                }
            }
        } while (!cursor.isEmpty());
        lines.forEach(line -> restore(line, now));
    }

    private void restore(Fact.Audited line, Instant now) {
        String key = line.actor() + " " + line.details().getOrDefault(KEY, "");
        byKey.remove(key);
        boolean done = line.outcome().equals(Audit.DONE);
        if (!done && !line.outcome().equals(Audit.INTENDED)) {
            return;
        }
        long age = Math.max(0, Duration.between(line.at(), now).toNanos());
        Kept kept = new Kept(key, new Sha256(line.details().getOrDefault(ORDER, "")), System.nanoTime() - age);
        int status = done ? Integer.parseInt(line.details().getOrDefault("status", "200")) : UNKNOWN;
        kept.answer = Optional.of(new Answered(
                status, line.subject(), Map.of(), status == 204 ? Optional.of(Buffer.buffer()) : Optional.empty()));
        byKey.put(key, kept);
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
        if (known == null || System.nanoTime() - known.at > A_DAY.toNanos()) {
            Kept kept = new Kept(key, order, System.nanoTime());
            if (known != null) {
                byKey.remove(key);
                forgetAnswer(known);
            }
            byKey.put(key, kept);
            ctx.put(KEPT, kept);
            call.note(KEY, given).note(ORDER, order.hex());
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
        if (answer.status() == UNKNOWN) {
            throw new Problem(
                            409,
                            "outcome-unknown",
                            "the server ended while the order under this key was carried out, on " + answer.subject()
                                    + " (look whether it was, and use a new key)")
                    .asException();
        }
        if (answer.body().isEmpty()) {
            throw new Problem(
                            409,
                            "already-done",
                            "the order under this key was carried out with status " + answer.status() + " on "
                                    + answer.subject()
                                    + "; its answer is not kept, for it was long or old, held a secret, or was given before"
                                    + " the server was started")
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
            kept.answer = Optional.of(
                    new Answered(status, Call.of(ctx).subject(), all, keep ? Optional.of(body) : Optional.empty()));
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
            kept.answer = Optional.of(full.withoutBody());
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
