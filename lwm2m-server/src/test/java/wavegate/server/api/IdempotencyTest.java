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
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
}
