package wavegate.server.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.server.rollout.OrderRefused;

/** Runs what may wait on a worker and answers with JSON or a problem. Called on event loops; answers there. */
final class Answers {
    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

    private final WorkerExecutor workers;
    private final Duration answerWithin;
    private final AuditTrail trail;
    private final Idempotency keys;

    Answers(WorkerExecutor workers, Duration answerWithin, AuditTrail trail, Idempotency keys) {
        this.workers = workers;
        this.answerWithin = answerWithin;
        this.trail = trail;
        this.keys = keys;
    }

    /** Answers 200 with what a worker reads. */
    void read(RoutingContext ctx, Callable<? extends JsonNode> work) {
        respond(ctx, 200, workers.executeBlocking(() -> ApiJson.bytes(work.call()), false));
    }

    /** Looks up on a worker what an order needs, and goes on with it on the event loop. */
    <T> void lookUp(RoutingContext ctx, Callable<T> work, Consumer<T> then) {
        workers.executeBlocking(work, false)
                .map(found -> {
                    then.accept(found);
                    return found;
                })
                .onFailure(failure -> fail(ctx, failure));
    }

    /** Gives an order on a worker and answers once it is durable. */
    <T> void order(
            RoutingContext ctx,
            int status,
            Callable<CompletableFuture<T>> order,
            Function<? super T, ? extends JsonNode> show) {
        order(ctx, workers, order)
                .onSuccess(done ->
                        respond(ctx, status, workers.executeBlocking(() -> ApiJson.bytes(show.apply(done)), false)))
                .onFailure(failure -> fail(ctx, failure));
    }

    /** Gives an order on a worker of {@code on}; fails if it is not durable in time. It may happen all the same. */
    <T> Future<T> order(RoutingContext ctx, WorkerExecutor on, Callable<CompletableFuture<T>> order) {
        return on.executeBlocking(order, false)
                .compose(given -> Future.fromCompletionStage(
                        given.copy().orTimeout(answerWithin.toMillis(), TimeUnit.MILLISECONDS),
                        ctx.vertx().getOrCreateContext()));
    }

    /** Makes a change that is not the loop's, on a worker, once the audit says that it is intended. */
    <T> Future<T> change(RoutingContext ctx, Callable<T> change) {
        return trail.intended(ctx).compose(recorded -> workers.executeBlocking(change, false));
    }

    /** The same, and answers with what came of it. */
    void change(RoutingContext ctx, int status, Callable<? extends JsonNode> change) {
        change(ctx, () -> ApiJson.bytes(change.call()))
                .onSuccess(bytes -> send(ctx, status, bytes))
                .onFailure(failure -> fail(ctx, failure));
    }

    private void respond(RoutingContext ctx, int status, Future<byte[]> body) {
        body.onSuccess(bytes -> send(ctx, status, bytes)).onFailure(failure -> fail(ctx, failure));
    }

    /** Answers with JSON, once the call is in the audit. */
    void send(RoutingContext ctx, int status, byte[] json) {
        answer(ctx, status, Map.of("Content-Type", "application/json"), Buffer.buffer(json));
    }

    /** Answers 204, once the call is in the audit. */
    void done(RoutingContext ctx) {
        answer(ctx, 204, Map.of(), Buffer.buffer());
    }

    private void answer(RoutingContext ctx, int status, Map<String, String> headers, Buffer body) {
        trail.carriedOut(ctx, status)
                .onSuccess(recorded -> {
                    keys.carriedOut(ctx, status, headers, body);
                    HttpServerResponse response = ctx.response();
                    if (!response.ended() && !response.closed()) {
                        headers.forEach(response::putHeader);
                        response.setStatusCode(status).end(body);
                    }
                })
                .onFailure(failure -> fail(ctx, failure));
    }

    void fail(RoutingContext ctx, Throwable failure) {
        if (failure instanceof RequestLimits.TooMany tooMany && !ctx.response().headWritten()) {
            ctx.response().putHeader("Retry-After", String.valueOf(tooMany.seconds()));
        }
        fail(ctx, problemOf(failure));
    }

    void fail(RoutingContext ctx, Problem problem) {
        trail.refused(ctx, problem);
        keys.refused(ctx);
        HttpServerResponse response = ctx.response();
        if (response.ended() || response.closed()) {
            return;
        }
        if (problem.status() == 401 && !response.headers().contains("WWW-Authenticate")) {
            response.putHeader("WWW-Authenticate", "Bearer realm=\"wavegate\"");
        }
        response.setStatusCode(problem.status())
                .putHeader("Content-Type", Problem.CONTENT_TYPE)
                .end(Buffer.buffer(ApiJson.bytes(problem.toJson())));
    }

    private Problem problemOf(Throwable failure) {
        if ((failure instanceof CompletionException || failure instanceof ExecutionException)
                && failure.getCause() != null) {
            return problemOf(failure.getCause());
        }
        if (failure instanceof Problem.Refusal known) {
            return known.problem();
        }
        if (failure instanceof RequestLimits.TooMany tooMany) {
            return tooMany.problem();
        }
        if (failure instanceof OrderRefused refused) {
            return Problem.of(refused);
        }
        if (failure instanceof UploadStream.Broken broken) {
            return broken.problem();
        }
        if (failure instanceof TimeoutException) {
            return new Problem(
                    504,
                    "not-yet-durable",
                    "not in the ledger after " + answerWithin.toSeconds()
                            + " s; it may still happen: ask again, every order is idempotent",
                    List.of(),
                    List.of());
        }
        LOG.error("request failed", failure);
        return failure instanceof IOException
                ? new Problem(500, "storage-failed", "reading or writing failed; the server's log says more")
                : new Problem(500, "internal", "a fault of the server; its log says more");
    }
}
