package wavegate.sim.coap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every transport must do, on real sockets. */
class TransportContractTest {
    private static final int DEVICES = 600;

    private record Arrived(int device, InetSocketAddress peer, byte[] datagram) {}

    private DatagramSocket server;
    private Transport transport;

    @BeforeEach
    void open() throws IOException {
        server = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        server.setSoTimeout(5000);
        server.setReceiveBufferSize(1 << 20);
    }

    @AfterEach
    void close() {
        transport.close();
        server.close();
    }

    private void use(Transports.Kind kind) throws IOException {
        transport = Transports.open(kind, DEVICES, address());
    }

    private InetSocketAddress address() {
        return new InetSocketAddress(server.getLocalAddress(), server.getLocalPort());
    }

    private void send(int device, byte[] datagram) throws IOException {
        transport.send(device, address(), datagram);
        assertThat(transport.poll(0, (d, peer, bytes) -> {})).isZero();
    }

    private DatagramPacket receive() throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
        server.receive(packet);
        return packet;
    }

    private Arrived answerTo(DatagramPacket question, byte... answer) throws IOException {
        server.send(new DatagramPacket(answer, answer.length, question.getSocketAddress()));
        List<Arrived> arrived = new ArrayList<>();
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .atMost(Duration.ofSeconds(5))
                .until(() -> {
                    transport.poll(100, (device, peer, datagram) -> arrived.add(new Arrived(device, peer, datagram)));
                    return !arrived.isEmpty();
                });
        assertThat(arrived).hasSize(1);
        return arrived.get(0);
    }

    @ParameterizedTest
    @EnumSource(
            value = Transports.Kind.class,
            names = {"PKTINFO", "NIO"})
    void every_device_has_an_address_of_its_own_and_gets_its_answers(Transports.Kind kind) throws IOException {
        use(kind);
        Set<InetSocketAddress> sources = new HashSet<>();
        for (int device = 0; device < DEVICES; device++) {
            send(device, new byte[] {(byte) (device >> 8), (byte) device});
            DatagramPacket packet = receive();
            sources.add((InetSocketAddress) packet.getSocketAddress());
            assertThat(packet.getLength()).isEqualTo(2);
            assertThat(((packet.getData()[0] & 0xff) << 8) | (packet.getData()[1] & 0xff))
                    .isEqualTo(device);

            Arrived answer = answerTo(packet, (byte) 1, (byte) 2, (byte) 3);

            assertThat(answer.device()).isEqualTo(device);
            assertThat(answer.peer()).isEqualTo(address());
            assertThat(answer.datagram()).containsExactly(1, 2, 3);
        }
        assertThat(sources).hasSize(DEVICES);
    }

    @ParameterizedTest
    @EnumSource(
            value = Transports.Kind.class,
            names = {"PKTINFO", "NIO"})
    void a_rebound_device_speaks_from_another_port(Transports.Kind kind) throws IOException {
        use(kind);
        send(3, new byte[] {1});
        InetSocketAddress before = (InetSocketAddress) receive().getSocketAddress();

        transport.rebind(3);
        send(3, new byte[] {2});
        DatagramPacket packet = receive();

        assertThat(packet.getSocketAddress()).isNotEqualTo(before);
        assertThat(answerTo(packet, (byte) 9).device()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(
            value = Transports.Kind.class,
            names = {"PKTINFO", "NIO"})
    void large_datagrams_and_bursts_arrive_whole(Transports.Kind kind) throws IOException {
        use(kind);
        byte[] block = new byte[1200];
        Arrays.fill(block, (byte) 7);
        for (int i = 0; i < 100; i++) {
            transport.send(i, address(), block);
        }
        assertThat(transport.poll(0, (device, peer, datagram) -> {})).isZero();

        for (int i = 0; i < 100; i++) {
            DatagramPacket packet = receive();
            assertThat(packet.getLength()).isEqualTo(1200);
            assertThat(packet.getData()[1199]).isEqualTo((byte) 7);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Transports.Kind.class,
            names = {"PKTINFO", "NIO"})
    void a_server_that_is_not_there_is_only_silence(Transports.Kind kind) throws IOException {
        use(kind);
        InetSocketAddress nobody = address();
        server.close();

        for (int i = 0; i < 10; i++) {
            transport.send(i, nobody, new byte[] {1});
            assertThat(transport.poll(10, (device, peer, datagram) -> {})).isZero();
        }
    }
}
