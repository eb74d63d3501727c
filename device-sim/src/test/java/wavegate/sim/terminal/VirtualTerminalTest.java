package wavegate.sim.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.eclipse.californium.core.coap.BlockOption;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import wavegate.firmware.pkg.Sha256;
import wavegate.sim.coap.CoapCodec;
import wavegate.sim.coap.Transports;
import wavegate.sim.device.ModuleIdentity;
import wavegate.sim.scenario.Scenario;

/** A terminal between two steps, with the version server played by the test. */
class VirtualTerminalTest {
    private static final InetSocketAddress SERVER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 5683);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Scenario scenario = Scenario.named("healthy");
    private final ModuleIdentity identity = new ModuleIdentity(
            0, "router-1", scenario.population().models().get(0).value(), "north", "aurora");
    private final TerminalPlan plan = new TerminalPlan(
            List.of(identity),
            SERVER,
            false,
            endpoint -> Optional.empty(),
            scenario.timing(),
            scenario.health(),
            scenario.coap(),
            1,
            1,
            Duration.ZERO,
            Transports.Kind.NIO);

    private long now = 1_800_000_000_000L;
    private byte @Nullable [] sent;
    private final VirtualTerminal terminal =
            new VirtualTerminal(identity, plan, new SplittableRandom(1), new Confirmed.Line() {
                @Override
                public void send(InetSocketAddress peer, byte[] datagram) {
                    assertThat(peer).isEqualTo(SERVER);
                    sent = datagram;
                }

                @Override
                public void renewSession(InetSocketAddress peer) {}
            });

    private void start() {
        terminal.start(now);
        terminal.wake(now);
    }

    /** Steps until something is sent. */
    private Request hears() {
        for (int i = 0; sent == null && i < 100; i++) {
            now = Math.max(now, terminal.wakeAt());
            terminal.wake(now);
        }
        Request request = (Request) CoapCodec.decode(java.util.Objects.requireNonNull(sent, "nothing was sent"))
                .message()
                .orElseThrow();
        sent = null;
        return request;
    }

    private JsonNode asked() throws IOException {
        Request request = hears();
        assertThat(request.getOptions().getUriPathString()).isEqualTo("update-check");
        last = request;
        return JSON.readTree(request.getPayload());
    }

    private @Nullable Request last;

    private void answers(String json) {
        Response response = new Response(ResponseCode.CHANGED);
        answers(response, json.getBytes(StandardCharsets.UTF_8));
    }

    private void answers(Response response, byte[] payload) {
        Request request = java.util.Objects.requireNonNull(last);
        response.setType(CoAP.Type.ACK).setMID(request.getMID());
        response.setToken(request.getToken());
        response.setPayload(payload);
        terminal.receive(now, SERVER, CoapCodec.encode(response));
    }

    private String offer(byte[] image, Sha256 digest) {
        return "{\"do\":\"fetch\",\"after\":3600,\"token\":\"00112233aabbccdd\",\"size\":%d,\"sha256\":\"%s\",\"uri\":\"coap://127.0.0.1:5683/fw/t\"}"
                .formatted(image.length, digest.hex());
    }

    private void serves(byte[] image) {
        boolean more = true;
        while (more) {
            last = hears();
            assertThat(last.getOptions().getUriPathString()).isEqualTo("fw/t");
            BlockOption asked = last.getOptions().getBlock2();
            int from = asked.getNum() * asked.getSize();
            int to = Math.min(image.length, from + asked.getSize());
            more = to < image.length;
            Response block = new Response(ResponseCode.CONTENT);
            block.getOptions().setBlock2(asked.getSzx(), more, asked.getNum());
            answers(block, Arrays.copyOfRange(image, from, to));
        }
    }

    private byte[] firmware(Scenario of) {
        return of.firmware(new byte[3000], "2.0.0");
    }

    @Test
    void it_asks_after_its_start_and_as_often_as_it_is_told() throws IOException {
        start();
        JsonNode first = asked();
        assertThat(first.path("endpoint").asText()).isEqualTo("router-1");
        assertThat(first.path("state").asText()).isEqualTo("idle");
        assertThat(first.path("health").path("boots").asInt()).isEqualTo(1);
        long before = now;
        answers("{\"do\":\"wait\",\"after\":300}");

        asked();

        assertThat(now - before).isEqualTo(300_000);
    }

    @Test
    void what_it_fetched_it_applies_only_when_it_is_told() throws IOException {
        byte[] image = firmware(scenario);
        start();
        asked();
        answers(offer(image, Sha256.of(image)));
        serves(image);
        assertThat(asked().path("state").asText()).isEqualTo("downloaded");
        answers("{\"do\":\"wait\",\"after\":60}");
        assertThat(asked().path("version").asText()).isEqualTo("1.0.0");

        answers("{\"do\":\"apply\",\"after\":3600,\"token\":\"00112233aabbccdd\"}");

        JsonNode back = asked();
        assertThat(back.path("version").asText()).isEqualTo("2.0.0");
        assertThat(back.path("result").asInt()).isEqualTo(1);
        assertThat(back.path("token").asText()).isEqualTo("00112233aabbccdd");
        assertThat(back.path("health").path("boots").asInt()).isEqualTo(2);
    }

    @Test
    void an_image_that_does_not_start_leaves_the_old_one_running_and_result_8() throws IOException {
        byte[] image = firmware(Scenario.named("bad-boot"));
        start();
        asked();
        answers(offer(image, Sha256.of(image)));
        serves(image);
        asked();

        answers("{\"do\":\"apply\",\"after\":3600,\"token\":\"00112233aabbccdd\"}");

        JsonNode back = asked();
        assertThat(back.path("version").asText()).isEqualTo("1.0.0");
        assertThat(back.path("result").asInt()).isEqualTo(8);
        assertThat(terminal.report().reverts()).isEqualTo(1);
    }

    @Test
    void bytes_that_are_not_those_promised_end_with_result_5() throws IOException {
        byte[] image = firmware(scenario);
        start();
        asked();
        answers(offer(image, Sha256.of(new byte[1])));
        serves(image);

        JsonNode told = asked();

        assertThat(told.path("state").asText()).isEqualTo("idle");
        assertThat(told.path("result").asInt()).isEqualTo(5);
    }

    @Test
    void what_was_called_off_is_dropped() throws IOException {
        byte[] image = firmware(scenario);
        start();
        asked();
        answers(offer(image, Sha256.of(image)));
        serves(image);
        asked();

        answers("{\"do\":\"discard\",\"after\":60,\"token\":\"00112233aabbccdd\"}");

        JsonNode told = asked();
        assertThat(told.path("state").asText()).isEqualTo("idle");
        assertThat(told.path("token").asText()).isEmpty();
    }

    @Test
    void a_server_that_is_silent_is_asked_again() throws IOException {
        start();
        asked();
        for (int i = 0; i < scenario.coap().maxRetransmit(); i++) {
            asked();
        }
        long given = now;
        assertThat(asked().path("endpoint").asText()).isEqualTo("router-1");
        assertThat(now).isGreaterThan(given);
        assertThat(terminal.report().refusals()).isEqualTo(1);
    }
}
