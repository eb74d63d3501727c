package wavegate.sim.coap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many devices' DTLS sessions in one connector, against a DTLS server that is not ours. */
class DtlsTransportTest {
    private static final int DEVICES = 600;

    private record Arrived(int device, InetSocketAddress peer, String text) {}

    private final List<Arrived> arrived = new ArrayList<>();
    private final Map<Integer, Psk> otherKeys = new HashMap<>();
    private DtlsEcho server;
    private Transport transport;

    @BeforeEach
    void open() throws IOException {
        server = new DtlsEcho();
        Transport line = Transports.open(Transports.Kind.AUTO, DEVICES, server.address());
        PskKeys keys = new PskKeys() {
            @Override
            public boolean covers(int device, InetSocketAddress peer) {
                return peer.equals(server.address());
            }

            @Override
            public Optional<Psk> key(int device, InetSocketAddress peer) {
                String identity = "module-" + device;
                return Optional.of(otherKeys.getOrDefault(device, new Psk(identity, DtlsEcho.keyOf(identity))));
            }
        };
        transport = new DtlsTransport(line, DEVICES, keys, 200, 3, InstantSource.system());
    }

    @AfterEach
    void close() {
        transport.close();
        server.close();
    }

    private void say(int device, String text) {
        transport.send(device, server.address(), text.getBytes(StandardCharsets.UTF_8));
    }

    private void until(BooleanSupplier done) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .atMost(Duration.ofSeconds(20))
                .until(() -> {
                    transport.poll(
                            5,
                            (device, peer, bytes) ->
                                    arrived.add(new Arrived(device, peer, new String(bytes, StandardCharsets.UTF_8))));
                    return done.getAsBoolean();
                });
    }

    private void ask(int device, String text) {
        arrived.clear();
        say(device, text);
        until(() -> !arrived.isEmpty());
        assertThat(arrived).containsExactly(new Arrived(device, server.address(), text));
    }

    @Test
    void every_device_has_a_session_of_its_own_and_gets_its_answers() {
        for (int device = 0; device < DEVICES; device++) {
            say(device, "from " + device);
        }
        until(() -> arrived.size() == DEVICES);

        assertThat(arrived).allMatch(answer -> answer.text().equals("from " + answer.device()));
        assertThat(server.heard).allMatch(heard -> heard.identity()
                .equals("module-" + heard.text().substring(5)));
        assertThat(server.heard).extracting(DtlsEcho.Heard::from).doesNotHaveDuplicates();
        assertThat(transport.handshakes()).isEqualTo(new Handshakes(DEVICES, 0, 0, DEVICES));
        assertThat(server.handshakes).hasValue(DEVICES);
    }

    @Test
    void what_is_said_before_the_session_stands_arrives_once_and_in_order() {
        for (String text : List.of("a", "b", "b", "c", "d", "too many")) {
            say(7, text);
        }
        until(() -> arrived.size() >= 4);

        assertThat(arrived).extracting(Arrived::text).containsExactly("a", "b", "c", "d");
    }

    @Test
    void a_device_whose_address_changes_keeps_its_session() {
        ask(3, "before");

        transport.rebind(3);
        ask(3, "after");

        assertThat(server.heard.get(1).from()).isNotEqualTo(server.heard.get(0).from());
        assertThat(server.handshakes).hasValue(1);
    }

    @Test
    void a_planned_restart_of_the_server_costs_no_handshake() throws IOException {
        for (int device = 0; device < 50; device++) {
            ask(device, "before");
        }
        server.restartGracefully();
        for (int device = 0; device < 50; device++) {
            ask(device, "after");
        }

        assertThat(transport.handshakes()).isEqualTo(new Handshakes(50, 0, 0, 50));
    }

    @Test
    void a_session_the_server_has_lost_is_made_anew_and_one_it_still_knows_is_resumed() throws IOException {
        ask(1, "first");
        transport.renewSession(1, server.address());
        ask(1, "resumed");
        assertThat(transport.handshakes()).isEqualTo(new Handshakes(1, 1, 0, 1));

        server.crash();
        transport.renewSession(1, server.address());
        ask(1, "anew");
        assertThat(transport.handshakes()).isEqualTo(new Handshakes(2, 1, 0, 1));
    }

    @Test
    void a_device_with_a_wrong_key_is_refused_and_counted() {
        otherKeys.put(4, new Psk("nobody", new byte[] {1, 2, 3}));
        say(4, "let me in");
        until(() -> transport.handshakes().failed() == 1);

        assertThat(server.heard).isEmpty();
        assertThat(transport.handshakes().full()).isZero();

        otherKeys.clear();
        ask(4, "with the right one");
    }

    @Test
    void a_device_that_lost_power_begins_with_a_full_handshake() {
        ask(5, "before");
        transport.powerOff(5);
        ask(5, "after");

        assertThat(transport.handshakes()).isEqualTo(new Handshakes(2, 0, 0, 1));
    }

    @Test
    void a_session_that_was_ended_is_begun_anew_with_the_key_of_the_day() {
        ask(6, "before");
        otherKeys.put(6, new Psk("module-6b", DtlsEcho.keyOf("module-6b")));
        transport.endSession(6, server.address());
        ask(6, "after");

        assertThat(server.heard).extracting(DtlsEcho.Heard::identity).containsExactly("module-6", "module-6b");
        assertThat(transport.handshakes().full()).isEqualTo(2);
    }

    @Test
    void devices_without_a_key_speak_plainly_over_the_same_line() throws IOException {
        try (DatagramSocket plain = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            plain.setSoTimeout(5000);
            InetSocketAddress address = new InetSocketAddress(plain.getLocalAddress(), plain.getLocalPort());
            transport.send(8, address, new byte[] {1, 2, 3});
            until(() -> true);
            DatagramPacket packet = new DatagramPacket(new byte[100], 100);
            plain.receive(packet);
            assertThat(packet.getLength()).isEqualTo(3);

            plain.send(new DatagramPacket(new byte[] {'o', 'k'}, 2, packet.getSocketAddress()));
            until(() -> !arrived.isEmpty());
            assertThat(arrived).containsExactly(new Arrived(8, address, "ok"));
            ask(8, "and securely with the other server");
        }
    }
}
