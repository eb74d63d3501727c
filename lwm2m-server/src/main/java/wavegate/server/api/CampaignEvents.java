package wavegate.server.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.campaign.Campaign;
import wavegate.server.api.access.Caller;
import wavegate.server.rollout.CampaignStatus;

/**
 * Server-sent events: {@code campaign} with a campaign's counters and {@code kill-switches} with those in force, whenever they differ from what
 * was sent last. A client first gets everything there is, and nothing more once its token has ended. One that reads too slowly misses intermediate states, never the last one. All state
 * is touched on one event loop; only reading happens on a worker.
 */
final class CampaignEvents {
    private static final Logger LOG = LoggerFactory.getLogger(CampaignEvents.class);
    /** A client that takes nothing for this long is cut. */
    private static final long MOST_TICKS_BEHIND = 240;

    private static final long HEARTBEAT_TICKS = 60;

    private final ApiPorts ports;
    private final WorkerExecutor workers;
    private final Gatekeeper gate;
    private final ConnectionGuard guard;
    private final int most;
    private final Map<String, String> latest = new LinkedHashMap<>();
    private final List<Client> clients = new ArrayList<>();
    private boolean reading;
    private boolean complete;
    private long ticks;

    private static final class Client {
        private final HttpServerResponse response;
        private final HttpConnection connection;
        private final Caller caller;
        private boolean behind = true;
        private long ticksBehind;

        Client(HttpServerResponse response, HttpConnection connection, Caller caller) {
            this.response = response;
            this.connection = connection;
            this.caller = caller;
        }
    }

    CampaignEvents(ApiPorts ports, WorkerExecutor workers, Gatekeeper gate, ConnectionGuard guard, int most) {
        this.ports = ports;
        this.workers = workers;
        this.gate = gate;
        this.guard = guard;
        this.most = most;
    }

    /** Looks for changes from now on, for as long as the event loop lives. */
    void start(Vertx vertx, Duration interval) {
        vertx.setPeriodic(interval.toMillis(), timer -> tick());
    }

    void open(RoutingContext ctx) {
        new Params(ctx);
        Caller caller = Gatekeeper.caller(ctx);
        long own = clients.stream()
                .filter(client -> client.caller.actor().equals(caller.actor()))
                .count();
        // Half at most for one, so that nobody takes the page away from everybody else.
        if (clients.size() >= most || own >= (most + 1) / 2) {
            throw new Problem(503, "too-many-streams", clients.size() + " event streams (expected: fewer)")
                    .asException();
        }
        guard.longLived(ctx.request());
        HttpServerResponse response = ctx.response();
        response.setChunked(true).putHeader("Content-Type", "text/event-stream").putHeader("Cache-Control", "no-store");
        Client client = new Client(response, ctx.request().connection(), caller);
        response.closeHandler(closed -> clients.remove(client));
        response.exceptionHandler(broken -> clients.remove(client));
        clients.add(client);
        response.write(": wavegate\nretry: 2000\n\n");
        if (complete) {
            catchUp(client);
        }
    }

    private void tick() {
        ticks++;
        each(client -> {
            if (!gate.stillGood(client.caller)) {
                clients.remove(client);
                client.response.end();
            } else if (!client.response.writeQueueFull()) {
                client.ticksBehind = 0;
            } else if (++client.ticksBehind > MOST_TICKS_BEHIND) {
                clients.remove(client);
                client.response.reset();
            }
        });
        if (clients.isEmpty()) {
            complete = false;
            return;
        }
        if (ticks % HEARTBEAT_TICKS == 0) {
            each(client -> {
                if (!client.response.writeQueueFull()) {
                    client.response.write(": alive\n\n");
                }
            });
        }
        if (!reading) {
            reading = true;
            workers.executeBlocking(this::look, false).onComplete(result -> {
                reading = false;
                if (result.succeeded()) {
                    publish(result.result());
                } else {
                    LOG.warn("event stream: reading the campaigns failed", result.cause());
                }
            });
        }
    }

    private Map<String, String> look() {
        Map<String, String> now = new LinkedHashMap<>();
        for (Campaign campaign : ports.store().campaigns()) {
            CampaignStatus status = ports.operations()
                    .status(campaign.id())
                    .orElseGet(() -> new CampaignStatus(
                            campaign, List.of(), List.of(), new TreeMap<>(), Optional.empty(), campaign.createdAt()));
            ObjectNode json = ApiJson.campaign(status);
            json.remove("at");
            now.put("campaign " + campaign.id(), event("campaign", json));
        }
        now.put(
                "kill-switches",
                event("kill-switches", ApiJson.items(ports.store().killSwitches(), ApiJson::killSwitch)));
        return now;
    }

    private void publish(Map<String, String> now) {
        List<String> changed = new ArrayList<>();
        now.forEach((key, event) -> {
            if (!event.equals(latest.put(key, event))) {
                changed.add(event);
            }
        });
        complete = true;
        each(client -> {
            if (client.behind) {
                catchUp(client);
            } else if (client.response.writeQueueFull()) {
                client.behind = true;
            } else {
                changed.forEach(client.response::write);
            }
        });
    }

    /** One client that cannot be served any more takes nothing away from the others. */
    private void each(Consumer<Client> step) {
        for (Client client : List.copyOf(clients)) {
            try {
                step.accept(client);
            } catch (RuntimeException e) {
                clients.remove(client);
                client.connection.close();
                LOG.debug("event stream dropped actor={}", client.caller.actor(), e);
            }
        }
    }

    private void catchUp(Client client) {
        if (!client.response.writeQueueFull()) {
            client.behind = false;
            latest.values().forEach(client.response::write);
        }
    }

    private static String event(String type, JsonNode data) {
        return "event: " + type + "\ndata: " + new String(ApiJson.bytes(data), StandardCharsets.UTF_8) + "\n\n";
    }
}
