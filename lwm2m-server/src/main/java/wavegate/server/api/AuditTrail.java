package wavegate.server.api;

import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.server.rollout.Audit;

/**
 * Records every call that would change something: an order of the loop does it itself, in one commit with what it does; a change elsewhere is
 * recorded before it is made, and again before its answer; one that was refused beside its answer. Refusals
 * are recorded at a rate that nobody can fill a disk with; those left out are counted in the next one. Those without a token have an allowance of
 * their own, so that they cannot hide the refusals of those who have one.
 */
final class AuditTrail {
    private static final Logger LOG = LoggerFactory.getLogger(AuditTrail.class);

    private final Audit audit;
    private final Duration answerWithin;
    private final Allowance known = new Allowance(5, 100, System.nanoTime());
    private final Allowance unknown = new Allowance(0.2, 20, System.nanoTime());
    private final AtomicLong leftOut = new AtomicLong();

    AuditTrail(Audit audit, Duration answerWithin) {
        this.audit = audit;
        this.answerWithin = answerWithin;
    }

    /** Records that a call was carried out. Done once that is durable. */
    Future<Void> carriedOut(RoutingContext ctx, int status) {
        Call call = Call.of(ctx);
        if (!call.changing() || call.recorded()) {
            return Future.succeededFuture();
        }
        return Future.fromCompletionStage(
                record(call, status, Audit.DONE).copy().orTimeout(answerWithin.toMillis(), TimeUnit.MILLISECONDS),
                ctx.vertx().getOrCreateContext());
    }

    /** Records what a call is about to change in another place than the ledger: a crash must not leave a change without a word of it. */
    Future<Void> intended(RoutingContext ctx) {
        Call call = Call.of(ctx);
        call.intend();
        return Future.fromCompletionStage(
                audit.record(call.actor(), call.action(), call.subject(), Audit.INTENDED, call.details())
                        .copy()
                        .orTimeout(answerWithin.toMillis(), TimeUnit.MILLISECONDS),
                ctx.vertx().getOrCreateContext());
    }

    /** Records that a call was refused or failed, unless too many are. Waits for nothing. */
    void refused(RoutingContext ctx, Problem problem) {
        Call call = Call.of(ctx);
        if (!call.changing()) {
            return;
        }
        Allowance allowance = call.actor().equals(Call.NOBODY) ? unknown : known;
        // What failed may have happened all the same, and so may what was only intended: they are never left out.
        if (problem.status() < 500 && !call.intended() && !allowance.take(System.nanoTime())) {
            leftOut.incrementAndGet();
            return;
        }
        long others = leftOut.getAndSet(0);
        if (others > 0) {
            call.note("refusalsNotRecorded", String.valueOf(others));
        }
        record(call, problem.status(), problem.code()).exceptionally(failure -> {
            LOG.warn("a refused call was not recorded action={}", call.action(), failure);
            return null;
        });
    }

    private java.util.concurrent.CompletableFuture<Void> record(Call call, int status, String outcome) {
        TreeMap<String, String> details = new TreeMap<>(call.details());
        details.put("status", String.valueOf(status));
        return audit.record(call.actor(), call.action(), call.subject(), outcome, details);
    }
}
