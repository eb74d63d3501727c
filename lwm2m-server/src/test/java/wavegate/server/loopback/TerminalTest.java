package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.network.serialization.UdpDataParser;
import org.eclipse.californium.core.network.serialization.UdpDataSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.bootstrap.credential.Credential;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.WavePlan;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdatePhase;
import wavegate.firmware.update.UpdatePolicy.DeliveryChoice;

/** Terminals by hand, over CoAP and HTTP, against a whole server: they never register, and are updated as modules are. */
class TerminalTest {
    static final String BRISK = "terminals: {interval: 1s, watched-interval: 1s, busy-interval: 1s}";
    private static final byte[] KEY = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    /** No terminal may ask more often for long. */
    private static final Duration PACE = Duration.ofMillis(600);

    private static final byte[] IMAGE = Release.bytes(5000);

    @TempDir
    private Path data;

    private final List<RawTerminal> terminals = new ArrayList<>();

    @AfterEach
    void switchOff() {
        terminals.forEach(RawTerminal::close);
    }

    private RawTerminal terminal(String name, WholeServer server) throws IOException {
        RawTerminal terminal =
                RawTerminal.plain(name, server.server.coapAddress().orElseThrow());
        terminals.add(terminal);
        return terminal;
    }

    /** Four terminals of which one is the canary. */
    private void four(WholeServer server) throws Exception {
        for (int i = 0; i < 4; i++) {
            assertThat(terminal("t-" + i, server).ask().path("do").asText()).isEqualTo("wait");
        }
        server.knows(4, Duration.ofSeconds(10));
    }

    private void campaign(WholeServer server) throws IOException {
        Release release = Release.of(data, IMAGE, "Wavegate Labs", "WG-100", "rev-b");
        WavePlan waves = new WavePlan("north", 0.01, 1, 0.25, List.of(1.0), 9, 5000, 0.9, Duration.ofSeconds(30));
        server.start(new CampaignSpec(
                "trial",
                server.upload(release),
                DeviceFilter.ALL,
                waves,
                Trial.QUICK.gate(),
                Trial.QUICK.update(DeliveryChoice.PULL),
                0.001,
                100,
                2026));
    }

    /** All ask until one is offered the package. */
    private RawTerminal offered(List<JsonNode> offer) {
        RawTerminal[] found = {null};
        await("an offer").pollInterval(PACE).atMost(Duration.ofSeconds(20)).until(() -> {
            for (RawTerminal terminal : terminals) {
                JsonNode answer = terminal.ask();
                if (answer.path("do").asText().equals("fetch")) {
                    offer.add(answer);
                    found[0] = terminal;
                }
            }
            return found[0] != null;
        });
        return found[0];
    }

    private static void asksUntil(RawTerminal terminal, String what) {
        await(what).pollInterval(PACE).atMost(Duration.ofSeconds(20)).until(() -> {
            String answer = terminal.ask().path("do").asText();
            assertThat(answer).isIn(what, "wait");
            return answer.equals(what);
        });
    }

    private static Optional<Update> update(WholeServer server, RawTerminal terminal) {
        return server.updates().stream()
                .filter(update -> update.endpoint().name().equals(terminal.name))
                .findFirst();
    }

    private static void ends(WholeServer server, RawTerminal terminal, UpdatePhase phase, UpdateDetail detail) {
        await("end").pollInterval(PACE).atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            terminal.ask();
            assertThat(update(server, terminal).map(Update::where)).contains(phase + "/" + detail.label());
        });
    }

    @Test
    void only_the_canary_is_offered_the_package_and_its_success_is_proven_by_version() throws Exception {
        try (WholeServer server = new WholeServer(data, BRISK)) {
            four(server);
            assertThat(server.server.sessions().count()).isEqualTo(4);
            campaign(server);
            List<JsonNode> offer = new ArrayList<>();
            RawTerminal canary = offered(offer);

            // The same offer again, as long as nothing was begun; and nobody else is offered anything.
            assertThat(canary.ask()).isEqualTo(offer.get(0));
            for (RawTerminal other : terminals) {
                assertThat(other == canary || other.ask().path("do").asText().equals("wait"))
                        .isTrue();
            }
            assertThat(offer).hasSize(1);
            assertThat(offer.get(0).path("size").asInt()).isEqualTo(IMAGE.length);
            assertThat(offer.get(0).path("sha256").asText())
                    .isEqualTo(Sha256.of(IMAGE).hex());
            assertThat(canary.fetch(offer.get(0))).isEqualTo(IMAGE);

            asksUntil(canary, "apply");
            canary.restarted(Release.VERSION, 1);
            ends(server, canary, UpdatePhase.SUCCESS, UpdateDetail.HEALTHY);
            assertThat(server.updates()).hasSize(1);
        }
    }

    @Test
    void a_failed_apply_counts_as_a_rollback_and_the_package_is_not_offered_again() throws Exception {
        try (WholeServer server = new WholeServer(data, BRISK)) {
            four(server);
            campaign(server);
            List<JsonNode> offer = new ArrayList<>();
            RawTerminal canary = offered(offer);
            canary.fetch(offer.get(0));
            asksUntil(canary, "apply");

            canary.restarted("1.0.0", 8);

            ends(server, canary, UpdatePhase.ROLLBACK, UpdateDetail.UPDATE_FAILED);
            assertThat(canary.ask().path("do").asText()).isEqualTo("wait");
            assertThat(server.status().reasons()).containsKey("ROLLBACK/update-failed");
        }
    }

    @Test
    void after_a_kill_switch_nothing_is_offered_served_or_applied() throws Exception {
        try (WholeServer server = new WholeServer(data, BRISK)) {
            four(server);
            campaign(server);
            List<JsonNode> offer = new ArrayList<>();
            RawTerminal canary = offered(offer);
            String uri = offer.get(0).path("uri").asText();
            assertThat(canary.block(uri, 0).getCode()).isEqualTo(ResponseCode.CONTENT);

            server.rest.post("/kill-switches", "{\"scope\": \"all\", \"reason\": \"stop\"}");

            assertThat(canary.block(uri, 1).getCode()).isIn(ResponseCode.FORBIDDEN, ResponseCode.NOT_FOUND);
            canary.state = "downloading";
            canary.token = offer.get(0).path("token").asText();
            assertThat(canary.ask().path("do").asText()).isEqualTo("discard");
            canary.state = "downloaded";
            assertThat(canary.ask().path("do").asText()).isEqualTo("discard");
            canary.state = "idle";
            for (RawTerminal terminal : terminals) {
                assertThat(terminal.ask().path("do").asText()).isEqualTo("wait");
            }
            assertThat(update(server, canary).map(Update::phase)).contains(UpdatePhase.CANCELLED);
        }
    }

    @Test
    void an_offer_in_small_blocks_is_asked_about_each_time_it_is_repeated() throws Exception {
        try (WholeServer server = new WholeServer(data, BRISK);
                DatagramSocket socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0))) {
            four(server);
            campaign(server);
            RawTerminal canary = offered(new ArrayList<>());
            InetSocketAddress to = server.server.coapAddress().orElseThrow();
            Response offer = exchange(socket, to, inSmallBlocks(canary, 0, 77));
            assertThat(offer.getCode()).isEqualTo(ResponseCode.CHANGED);
            assertThat(RawTerminal.json(offer.getPayload()).path("do").asText()).isEqualTo("fetch");

            server.rest.post("/kill-switches", "{\"scope\": \"all\", \"reason\": \"stop\"}");

            assertThat(exchange(socket, to, inSmallBlocks(canary, 0, 77)).getCode())
                    .isEqualTo(ResponseCode.FORBIDDEN);
            assertThat(exchange(socket, to, inSmallBlocks(canary, 1, 78)).getPayloadString())
                    .doesNotContain("sha", "uri", "fetch");
        }
    }

    private static byte[] inSmallBlocks(RawTerminal terminal, int number, int mid) {
        var request = new org.eclipse.californium.core.coap.Request(org.eclipse.californium.core.coap.CoAP.Code.POST);
        request.setMID(mid);
        request.setToken(new byte[] {(byte) mid});
        request.getOptions().addUriPath("update-check").setContentFormat(50).setBlock2(2, false, number);
        request.setPayload(terminal.question());
        return new UdpDataSerializer().getByteArray(request);
    }

    private static Response exchange(DatagramSocket socket, InetSocketAddress to, byte[] message) throws IOException {
        socket.setSoTimeout(20_000);
        socket.send(new DatagramPacket(message, message.length, to));
        DatagramPacket answer = new DatagramPacket(new byte[2048], 2048);
        do {
            socket.receive(answer);
            // An empty acknowledgement may come first.
        } while (answer.getLength() <= 4);
        return (Response) new UdpDataParser().parseMessage(Arrays.copyOf(answer.getData(), answer.getLength()));
    }

    @Test
    void a_package_revoked_while_its_offer_stands_is_offered_to_nobody() throws Exception {
        try (WholeServer server = new WholeServer(data, BRISK)) {
            four(server);
            campaign(server);
            List<JsonNode> offer = new ArrayList<>();
            offered(offer);

            server.rest.post(
                    "/packages/" + offer.get(0).path("signed").path("package").asText() + "/actions/revoke", "{}");

            for (RawTerminal terminal : terminals) {
                assertThat(terminal.ask().path("do").asText()).isEqualTo("wait");
            }
        }
    }

    @Test
    void other_hardware_is_never_offered_the_package() throws Exception {
        try (WholeServer server = new WholeServer(data, BRISK)) {
            four(server);
            campaign(server);
            // What it was planned for is not what it is now.
            terminals.forEach(terminal -> terminal.hardware = "rev-z");

            await("looked at").pollInterval(PACE).atMost(Duration.ofSeconds(20)).until(() -> {
                for (RawTerminal terminal : terminals) {
                    assertThat(terminal.ask().path("do").asText()).isEqualTo("wait");
                }
                return server.updates().stream().anyMatch(Update::isFinal);
            });
            assertThat(server.updates()).allMatch(update -> update.where().equals("SKIPPED/rejected"));
        }
    }

    @Test
    void a_terminal_without_room_fails_before_a_byte_goes_out() throws Exception {
        try (WholeServer server = new WholeServer(data, BRISK)) {
            four(server);
            terminals.forEach(terminal -> terminal.free = 1000);
            campaign(server);

            await("looked at").pollInterval(PACE).atMost(Duration.ofSeconds(20)).until(() -> {
                for (RawTerminal terminal : terminals) {
                    assertThat(terminal.ask().path("do").asText()).isEqualTo("wait");
                }
                return server.updates().stream().anyMatch(Update::isFinal);
            });
            assertThat(server.updates()).allMatch(update -> update.where().equals("FAILED/not-enough-flash"));
        }
    }

    @Test
    void a_restart_of_the_server_between_offer_and_apply_costs_nothing() throws Exception {
        RawTerminal canary;
        try (WholeServer first = new WholeServer(data, BRISK)) {
            four(first);
            campaign(first);
            List<JsonNode> offer = new ArrayList<>();
            canary = offered(offer);
            canary.fetch(offer.get(0));
        }
        try (WholeServer second = new WholeServer(data, BRISK)) {
            canary.goTo(second.server.coapAddress().orElseThrow());

            // Of another update than the one that is open: it is not executed.
            String ours = canary.token;
            canary.token = "0123456789abcdef";
            assertThat(canary.ask().path("do").asText()).isIn("discard", "wait");
            canary.token = ours;
            await("apply or a second attempt")
                    .pollInterval(PACE)
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> {
                        JsonNode answer = canary.ask();
                        if (answer.path("do").asText().equals("discard")) {
                            canary.state = "idle";
                            canary.token = "";
                        } else if (answer.path("do").asText().equals("fetch")) {
                            canary.fetch(answer);
                        }
                        return answer.path("do").asText().equals("apply");
                    });
            canary.restarted(Release.VERSION, 1);
            ends(second, canary, UpdatePhase.SUCCESS, UpdateDetail.HEALTHY);
        }
    }

    @Test
    void a_credential_speaks_for_its_own_terminal_and_one_name_is_one_device() throws Exception {
        Provisioned.with(data.resolve("data"), new Credential.Psk("t-1", "id-1", KEY));
        try (WholeServer server = new WholeServer(data, BRISK);
                RawTerminal own =
                        RawTerminal.secure("t-1", server.server.coapsAddress().orElseThrow(), "id-1", KEY)) {
            assertThat(own.ask().path("do").asText()).isEqualTo("wait");
            assertThat(own.askInJson(own.question("t-2")).getCode()).isEqualTo(ResponseCode.FORBIDDEN);

            // Without DTLS the name is not given away, nor can it register while it asks.
            RawTerminal thief = terminal("t-1", server);
            assertThat(thief.askInJson(thief.question()).getCode()).isEqualTo(ResponseCode.FORBIDDEN);
            RawTerminal open = terminal("t-3", server);
            assertThat(open.ask().path("do").asText()).isEqualTo("wait");
            assertThat(register(open, "t-3").getCode()).isEqualTo(ResponseCode.FORBIDDEN);
            assertThat(register(open, "m-1").getCode()).isEqualTo(ResponseCode.CREATED);
            assertThat(open.askInJson(open.question("m-1")).getCode()).isEqualTo(ResponseCode.CONFLICT);
            assertThat(server.server.sessions().find(new Endpoint("t-1"))).isPresent();
            assertThat(server.server.sessions().find(new Endpoint("t-2"))).isEmpty();
        }
    }

    private static Response register(RawTerminal sender, String name) throws InterruptedException {
        var request = new org.eclipse.californium.core.coap.Request(org.eclipse.californium.core.coap.CoAP.Code.POST);
        request.getOptions()
                .addUriPath("rd")
                .addUriQuery("ep=" + name)
                .addUriQuery("lt=300")
                .addUriQuery("lwm2m=1.1")
                .setContentFormat(40);
        request.setPayload(RawDevice.LINKS);
        return sender.send(request);
    }

    @Test
    void what_is_no_question_is_refused_by_name_and_a_flood_of_them_changes_nothing() throws Exception {
        try (WholeServer server = new WholeServer(data, BRISK)) {
            RawTerminal terminal = terminal("t-1", server);
            Response bad = terminal.askInJson("{\"endpoint\": \"t-1\", \"version\": \"1\", \"state\": \"asleep\"}");
            assertThat(bad.getCode()).isEqualTo(ResponseCode.BAD_REQUEST);
            assertThat(bad.getPayloadString()).contains("state: \"asleep\"", "idle, downloading");
            assertThat(terminal.post("<a/>".getBytes(StandardCharsets.UTF_8), 41)
                            .getCode())
                    .isEqualTo(ResponseCode.UNSUPPORTED_CONTENT_FORMAT);
            Random random = new Random(4);
            byte[] good = terminal.question().getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 150; i++) {
                byte[] spoilt = good.clone();
                for (int j = 0; j < 4; j++) {
                    spoilt[random.nextInt(spoilt.length)] = (byte) random.nextInt(256);
                }
                assertThat(terminal.post(spoilt, i % 2 == 0 ? 50 : 60).getCode().codeClass)
                        .isIn(2, 4);
            }
            await().pollInterval(Duration.ofMillis(600))
                    .untilAsserted(
                            () -> assertThat(terminal.ask().path("do").asText()).isEqualTo("wait"));
        }
    }

    @Test
    void a_terminal_that_asks_without_end_is_told_to_wait() throws Exception {
        try (WholeServer server = new WholeServer(data, BRISK)) {
            RawTerminal terminal = terminal("t-1", server);
            Response last = terminal.askInJson(terminal.question());
            for (int i = 0; i < 60 && last.getCode() == ResponseCode.CHANGED; i++) {
                last = terminal.askInJson(terminal.question());
            }
            assertThat(last.getCode()).isEqualTo(ResponseCode.TOO_MANY_REQUESTS);
            assertThat(last.getOptions().getMaxAge()).isPositive();
        }
    }

    @Test
    void over_http_the_key_of_the_credential_is_asked_for_and_the_same_campaign_answers() throws Exception {
        Provisioned.with(
                data.resolve("data"),
                new Credential.Psk("t-0", "id:0", KEY),
                new Credential.Psk("t-1", "id-1", KEY),
                new Credential.Psk("t-2", "id-2", KEY),
                new Credential.Psk("t-3", "id-3", KEY));
        try (WholeServer server = new WholeServer(data, BRISK)) {
            for (int i = 0; i < 4; i++) {
                // By CoAPS too, which the image is fetched by.
                terminals.add(RawTerminal.secure(
                        "t-" + i, server.server.coapsAddress().orElseThrow(), i == 0 ? "id:0" : "id-" + i, KEY));
                assertThat(http(server, terminals.get(i), i == 0 ? "id:0" : "id-" + i, KEY)
                                .statusCode())
                        .isEqualTo(200);
            }
            RawTerminal one = terminals.get(1);
            assertThat(http(server, one, "id-1", new byte[16]).statusCode()).isEqualTo(401);
            assertThat(http(server, one, "nobody", KEY).statusCode()).isEqualTo(401);
            HttpResponse<byte[]> foreign = http(server, one, "id-2", KEY);
            assertThat(foreign.statusCode()).isEqualTo(403);
            one.state = "asleep";
            HttpResponse<byte[]> malformed = http(server, one, "id-1", KEY);
            assertThat(malformed.statusCode()).isEqualTo(400);
            assertThat(new String(malformed.body(), StandardCharsets.UTF_8)).contains("asleep", "idle, downloading");
            one.state = "idle";
            server.knows(4, Duration.ofSeconds(10));
            campaign(server);

            RawTerminal[] canary = {null};
            JsonNode[] offer = {null};
            await("an offer").pollInterval(PACE).atMost(Duration.ofSeconds(20)).until(() -> {
                for (int i = 0; i < 4; i++) {
                    JsonNode answer = RawTerminal.json(http(server, terminals.get(i), i == 0 ? "id:0" : "id-" + i, KEY)
                            .body());
                    if (answer.path("do").asText().equals("fetch")) {
                        canary[0] = terminals.get(i);
                        offer[0] = answer;
                    }
                }
                return canary[0] != null;
            });
            RawTerminal chosen = canary[0];
            String identity = chosen.name.equals("t-0") ? "id:0" : "id-" + chosen.name.substring(2);
            assertThat(chosen.fetch(offer[0])).isEqualTo(IMAGE);
            await("apply").pollInterval(PACE).atMost(Duration.ofSeconds(20)).until(() -> RawTerminal.json(
                            http(server, chosen, identity, KEY).body())
                    .path("do")
                    .asText()
                    .equals("apply"));
            chosen.restarted(Release.VERSION, 1);
            await("end").pollInterval(PACE).atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                http(server, chosen, identity, KEY);
                assertThat(update(server, chosen).map(Update::phase)).contains(UpdatePhase.SUCCESS);
            });
        }
    }

    private static HttpResponse<byte[]> http(WholeServer server, RawTerminal terminal, String identity, byte[] key)
            throws IOException, InterruptedException {
        String pair = identity + ":" + HexFormat.of().formatHex(key);
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(
                                        "http://127.0.0.1:" + server.server.httpPort() + "/terminals/v1/check"))
                                .header(
                                        "Authorization",
                                        "Basic "
                                                + Base64.getEncoder()
                                                        .encodeToString(pair.getBytes(StandardCharsets.UTF_8)))
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(terminal.question()))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
    }
}
