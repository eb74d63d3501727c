package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.leshan.client.californium.endpoint.CaliforniumClientEndpoint;
import org.eclipse.leshan.client.object.Security;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.Use;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.WavePlan;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdatePhase;
import wavegate.firmware.update.UpdatePolicy.DeliveryChoice;

/** Devices of Leshan's client that speak OSCORE, and those who know no key. */
class OscoreTest {
    private static final String ON = "oscore: {enabled: true, host: 127.0.0.1, port: 0}";
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final byte[] IMAGE = ServerUnderTest.image(20_000);

    @TempDir
    private Path folder;

    private static Credential.Oscore credential(String endpoint, int recipientId) {
        return new Credential.Oscore(
                endpoint,
                new byte[] {1},
                new byte[] {0x0a, (byte) recipientId},
                ("secret of " + endpoint + "......").getBytes(StandardCharsets.US_ASCII),
                "salt".getBytes(StandardCharsets.US_ASCII));
    }

    private WholeServer knowing(Credential... credentials) throws IOException {
        Provisioned.with(folder.resolve("data"), credentials);
        return new WholeServer(folder, ON);
    }

    private static int port(WholeServer server) {
        return server.server.oscorePort().orElseThrow();
    }

    @Test
    void a_device_registers_is_read_and_is_updated_by_push() throws Exception {
        Release release = Release.of(folder, IMAGE, "Acme", "M-1", "rev-b");
        Credential.Oscore credential = credential("m-1", 1);
        try (WholeServer server = knowing(credential);
                LeshanModule module = LeshanModule.oscore("m-1", port(server), credential)) {
            server.knows(1, LIMIT);
            var packageId = server.upload(release);
            WavePlan waves = new WavePlan("", 1, 1, 1, List.of(1.0), 9, 5000, 1, Duration.ofSeconds(30));
            // Pull is wanted, but not to be had here.
            server.start(new CampaignSpec(
                    "one device",
                    packageId,
                    DeviceFilter.ALL,
                    waves,
                    Trial.QUICK.gate(),
                    Trial.QUICK.update(DeliveryChoice.PULL),
                    0.001,
                    10,
                    1));

            await("Execute").atMost(LIMIT).until(() -> !module.firmware.executed.isEmpty());
            assertThat(module.firmware.image).isEqualTo(IMAGE);
            assertThat(module.firmware.uri).isEmpty();
            module.bootsInto(Release.VERSION);
            UpdateId id = new UpdateId(WholeServer.CAMPAIGN, new Endpoint("m-1"));
            await("SUCCESS").atMost(LIMIT).untilAsserted(() -> assertThat(
                            server.server.view().update(id).map(Update::phase))
                    .contains(UpdatePhase.SUCCESS));
            assertThat(module.firmware.executed).hasSize(1);
        }
    }

    @Test
    void a_device_speaks_for_no_other_and_a_revoked_one_for_nobody() throws Exception {
        Credential.Oscore credential = credential("m-1", 1);
        // A client that starts anew counts from zero again, so each has a context of its own.
        Credential.Oscore foreign = credential("m-3", 3);
        try (WholeServer server = knowing(credential, credential("m-2", 2), foreign)) {
            try (LeshanModule other = LeshanModule.oscore("m-2", port(server), foreign)) {
                await().during(Duration.ofSeconds(2))
                        .atMost(Duration.ofSeconds(5))
                        .until(() -> server.devices().isEmpty());
                assertThat(other.client.getRegisteredServers()).isEmpty();
            }
            try (LeshanModule module = LeshanModule.oscore("m-1", port(server), credential)) {
                server.knows(1, LIMIT);
                server.rest.post("/credentials/m-1/actions/revoke", "{\"reason\": \"stolen\"}");
                await().atMost(LIMIT).until(() -> server.server
                        .sessions()
                        .find(new Endpoint("m-1"))
                        .isEmpty());
                module.client.triggerRegistrationUpdate();
                await().during(Duration.ofSeconds(2))
                        .atMost(Duration.ofSeconds(5))
                        .until(() -> server.server
                                .sessions()
                                .find(new Endpoint("m-1"))
                                .isEmpty());
            }
        }
    }

    @Test
    void without_oscore_nothing_is_served_and_a_forged_message_shuts_nobody_out() throws Exception {
        Credential.Oscore credential = credential("m-1", 1);
        try (WholeServer server = knowing(credential);
                LeshanModule module = LeshanModule.oscore("m-1", port(server), credential)) {
            server.knows(1, LIMIT);
            byte[] plain = "@\2\0\1\262rd\104ep=x\6lt=300".getBytes(StandardCharsets.ISO_8859_1);
            assertThat(answered(port(server), plain)).contains(0x81);
            // The device's own id and the highest number there is, under a tag of zeros.
            for (String option : List.of("0c7fffff000a01", "0c000000ff0a01")) {
                assertThat(answered(port(server), forged(option))).contains(0x80);
            }
            // Nobody's id, no id, too long a number, and nothing at all.
            assertThat(answered(port(server), forged("09050a77"))).contains(0x81);
            for (String option : List.of("0105", "0d00000000050a01", "ff", "")) {
                assertThat(answered(port(server), forged(option))).as(option).contains(0x82);
            }

            wakes(server);
        }
    }

    @Test
    void a_terminal_that_asks_under_oscore_is_told_that_it_cannot() throws Exception {
        Credential.Oscore credential = credential("m-1", 1);
        try (WholeServer server = knowing(credential);
                LeshanModule module = LeshanModule.oscore("m-1", port(server), credential)) {
            server.knows(1, LIMIT);
            Request question = new Request(Code.POST);
            question.setURI("coap://127.0.0.1:" + port(server) + "/update-check");
            question.getOptions().setContentFormat(50).setOscore(new byte[0]);
            question.setPayload("{\"endpoint\": \"m-1\", \"version\": \"1\"}");
            var endpoint = (CaliforniumClientEndpoint) module.client.getEndpoint(module.registeredAt());
            endpoint.getCoapEndpoint().sendRequest(question);

            assertThat(question.waitForResponse(LIMIT.toMillis()).getCode()).isEqualTo(ResponseCode.METHOD_NOT_ALLOWED);
        }
    }

    /** A message to the device and one from it. */
    private static void wakes(WholeServer server) {
        Endpoint endpoint = new Endpoint("m-1");
        Instant before = server.server.sessions().find(endpoint).orElseThrow().lastSeen();
        await("told to update its registration, and heard").atMost(LIMIT).untilAsserted(() -> {
            server.server.loop().operations().wake(endpoint).get(5, TimeUnit.SECONDS);
            assertThat(server.server.sessions().find(endpoint).orElseThrow().lastSeen())
                    .isAfter(before);
        });
    }

    @Test
    void numbers_go_on_over_a_restart_of_the_server() throws Exception {
        Credential.Oscore credential = credential("m-1", 1);
        int port = ServerUnderTest.freePort();
        String on = ON.replace("port: 0", "port: " + port);
        Provisioned.with(folder.resolve("data"), credential);
        LeshanModule module;
        try (WholeServer server = new WholeServer(folder, on)) {
            module = LeshanModule.oscore("m-1", port, credential);
            server.knows(1, LIMIT);
        }
        try (module;
                WholeServer server = new WholeServer(folder, on)) {
            wakes(server);
            assertThat(module.client.getRegisteredServers()).hasSize(1);
        }
    }

    @Test
    void a_device_bootstraps_over_dtls_and_is_given_another_oscore_context_each_time() throws Exception {
        Provisioned.with(
                folder.resolve("data"), Use.BOOTSTRAP, new Credential.Psk("m-1", "bs-m-1", BootstrapUnderTest.KEY));
        Path file = Files.writeString(
                folder.resolve("bootstrap.yaml"),
                """
                coaps: {port: 0}
                rules:
                  - {name: factory, match: "m-*", lifetime: 300, keys: oscore}
                """);
        try (WholeServer server =
                new WholeServer(folder, ON + "\nbootstrap: {enabled: true, file: \"" + file + "\"}")) {
            int port = server.server
                    .bootstrap()
                    .flatMap(bootstrap -> bootstrap.address(Protocol.COAPS))
                    .orElseThrow()
                    .getPort();
            try (LeshanModule module = new LeshanModule(
                    "m-1",
                    Security.pskBootstrap(
                            "coaps://127.0.0.1:" + port,
                            "bs-m-1".getBytes(StandardCharsets.UTF_8),
                            BootstrapUnderTest.KEY),
                    Map.of(),
                    true)) {
                server.knows(1, LIMIT);
                assertThat(module.registeredAt().getUri()).isEqualTo("coap://127.0.0.1:" + port(server));
                String first = context(server);

                server.rest.post("/devices/m-1/actions/bootstrap", "{}");
                await("registered by a new context, and the first one ended")
                        .atMost(LIMIT)
                        .untilAsserted(() -> assertThat(context(server)).isNotEqualTo(first));
                module.registeredAt();
                server.knows(1, LIMIT);
                wakes(server);
            }
        }
    }

    /** Recipient id of the only context the device has. */
    private static String context(WholeServer server) throws Exception {
        List<String> live = new ArrayList<>();
        server.rest.get("/credentials/m-1").findParents("identity").stream()
                .filter(each -> each.path("use").asText().equals("lwm2m"))
                .filter(each -> !each.path("state").asText().equals("REVOKED"))
                .forEach(each -> live.add(
                        each.path("kind").asText() + " " + each.path("identity").asText()));
        assertThat(live).singleElement().asString().startsWith("oscore ");
        return live.get(0);
    }

    /** A confirmable POST with this OSCORE option and a payload that no key has made. */
    private static byte[] forged(String option) {
        byte[] value = HexFormat.of().parseHex(option);
        byte[] message = new byte[5 + value.length + 1 + 20];
        message[0] = 0x40;
        message[1] = 2;
        message[2] = (byte) value.length;
        message[3] = (byte) option.hashCode();
        message[4] = (byte) (0x90 | value.length);
        System.arraycopy(value, 0, message, 5, value.length);
        message[5 + value.length] = (byte) 0xff;
        return message;
    }

    /** The code of what the server answers. */
    private static Optional<Integer> answered(int port, byte[] message) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0))) {
            socket.setSoTimeout(5_000);
            socket.send(new DatagramPacket(message, message.length, new InetSocketAddress("127.0.0.1", port)));
            DatagramPacket answer = new DatagramPacket(new byte[2048], 2048);
            socket.receive(answer);
            assertThat(Arrays.copyOfRange(answer.getData(), 2, 4)).isEqualTo(Arrays.copyOfRange(message, 2, 4));
            return Optional.of(answer.getData()[1] & 0xff);
        } catch (SocketTimeoutException e) {
            return Optional.empty();
        }
    }

    @Test
    void a_server_without_no_sec_has_no_address_of_it() throws Exception {
        try (WholeServer server = new WholeServer(folder, ON + "\ncoap: {enabled: false}")) {
            assertThat(server.server.coapAddress()).isEmpty();
            assertThat(server.server.coapsAddress()).isPresent();
        }
    }
}
