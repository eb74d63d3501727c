package wavegate.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.rollout.Recorded;
import wavegate.server.store.memory.MemoryRolloutStore;

class IdempotencyTest {
    private final Vertx vertx = Vertx.vertx();
    private final Idempotency keys = new Idempotency(1000);
    private final AtomicInteger carriedOut = new AtomicInteger();
    private int port;

    @BeforeEach
    void start() throws Exception {
        Router router = Router.router(vertx);
        router.route().handler(ctx -> {
            Call.begin(ctx, "/api/v1").operation("test", ctx.request().path().equals("/change"));
            ctx.next();
        });
        router.route().handler(BodyHandler.create(false)).handler(keys::handle).handler(this::answer);
        router.route().failureHandler(ctx -> ctx.response()
                .setStatusCode(((Problem.Refusal) ctx.failure()).problem().status())
                .end());
        HttpServer server = vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        port = server.actualPort();
    }

    private void answer(RoutingContext ctx) {
        carriedOut.incrementAndGet();
        Buffer body = Buffer.buffer("x".repeat(400));
        keys.carriedOut(ctx, 200, Map.of(), body);
        ctx.response().end(body);
    }

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private int post(String path, String key) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .header("Idempotency-Key", key)
                                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    @Test
    void answers_are_kept_up_to_a_size_in_all_and_an_order_whose_answer_was_dropped_is_still_not_done_twice()
            throws Exception {
        for (String key : new String[] {"a", "b", "c"}) {
            assertThat(post("/change", key)).isEqualTo(200);
        }

        assertThat(post("/change", "a")).as("the oldest answer").isEqualTo(409);
        assertThat(post("/change", "b")).isEqualTo(200);
        assertThat(post("/change", "c")).isEqualTo(200);
        assertThat(carriedOut).hasValue(3);
    }

    @Test
    void what_changes_nothing_is_answered_afresh_and_not_kept() throws Exception {
        assertThat(post("/change", "a")).isEqualTo(200);
        for (int i = 0; i < 5; i++) {
            assertThat(post("/read", "r")).isEqualTo(200);
        }

        assertThat(carriedOut).hasValue(6);
        assertThat(post("/change", "a")).as("not pushed out").isEqualTo(200);
        assertThat(carriedOut).hasValue(6);
    }

    private static Recorded line(long sequence, String key, String outcome, Instant at, String status) {
        Map<String, String> details = new java.util.TreeMap<>(Map.of(
                "idempotencyKey",
                key,
                "idempotencyOrder",
                Sha256.of("/change\n{}".getBytes(StandardCharsets.UTF_8)).hex()));
        if (!status.isEmpty()) {
            details.put("status", status);
        }
        return new Recorded(
                sequence, Fact.Audited.cut(at, Call.NOBODY, "test", "things/7", outcome, details), new byte[0]);
    }

    @Test
    void the_audit_says_after_a_restart_what_was_carried_out_and_what_may_have_been() throws Exception {
        Instant now = Instant.parse("2026-03-02T12:00:00Z");
        Instant before = now.minusSeconds(60);
        MemoryRolloutStore view = new MemoryRolloutStore();
        view.apply(List.of(
                line(1, "old", "done", now.minus(Duration.ofHours(25)), "200"),
                line(2, "done", "intended", before, ""),
                line(3, "done", "done", before, "201"),
                line(4, "refused", "intended", before, ""),
                line(5, "refused", "identity-taken", before, "409"),
                line(6, "cut-short", "intended", before, ""),
                line(7, "empty", "done", before, "204")));

        keys.restore(view, now);

        assertThat(post("/change", "done")).isEqualTo(409);
        assertThat(post("/change", "cut-short")).isEqualTo(409);
        assertThat(post("/change", "empty")).isEqualTo(204);
        assertThat(carriedOut).hasValue(0);
        assertThat(post("/change", "refused")).isEqualTo(200);
        assertThat(post("/change", "old")).isEqualTo(200);
        assertThat(carriedOut).hasValue(2);
    }
}
