package wavegate.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import wavegate.server.rollout.Audit;

class AuditTrailTest {
    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = HttpClient.newHttpClient();
    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
    private final AuditTrail trail = new AuditTrail(
            (actor, action, subject, outcome, details) -> {
                lines.add(action + " " + outcome);
                return CompletableFuture.completedFuture(null);
            },
            Duration.ofSeconds(5));
    private int port;

    @BeforeEach
    void start() throws Exception {
        Router router = Router.router(vertx);
        router.route().handler(this::refuse);
        HttpServer server = vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        port = server.actualPort();
    }

    private void refuse(RoutingContext ctx) {
        Problem taken = new Problem(409, "identity-taken", "another endpoint has it");
        boolean intends = ctx.request().path().equals("/intends");
        Call.begin(ctx, "/api/v1").operation(intends ? "intends" : "asks", true);
        if (intends) {
            trail.intended(ctx);
        }
        trail.refused(ctx, taken);
        ctx.response().setStatusCode(taken.status()).end();
    }

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private void post(String path) throws Exception {
        client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.discarding());
    }

    @Test
    void what_was_said_to_be_intended_is_said_to_be_refused_however_many_refusals_there_are() throws Exception {
        for (int i = 0; i < 60; i++) {
            post("/asks");
        }
        post("/intends");

        assertThat(lines).hasSizeLessThan(60).endsWith("intends " + Audit.INTENDED, "intends identity-taken");
    }
}
