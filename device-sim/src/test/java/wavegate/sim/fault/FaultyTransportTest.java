package wavegate.sim.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import wavegate.sim.coap.Transport;

class FaultyTransportTest {
    private static final InetSocketAddress PEER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    private static final int COUNT = 2000;

    /** Keeps what is sent and hands over what is put in. */
    private static final class Line implements Transport {
        private final List<byte[]> incoming = new ArrayList<>();
        private final List<Integer> sent = new ArrayList<>();

        @Override
        public void send(int device, InetSocketAddress peer, byte[] datagram) {
            sent.add(number(datagram));
        }

        @Override
        public int poll(long timeoutMs, Receiver receiver) {
            int count = incoming.size();
            incoming.forEach(datagram -> receiver.datagram(0, PEER, datagram));
            incoming.clear();
            return count;
        }

        @Override
        public void rebind(int device) {}

        @Override
        public void close() {}
    }

    private long now;

    private static byte[] datagram(int number) {
        return new byte[] {(byte) (number >> 8), (byte) number};
    }

    private static int number(byte[] datagram) {
        return ((datagram[0] & 0xff) << 8) | (datagram[1] & 0xff);
    }

    private FaultyTransport faulty(Line line, LineFaults faults, long seed) {
        return new FaultyTransport(line, faults, new SplittableRandom(seed), () -> Instant.ofEpochMilli(now));
    }

    /** What left, in order, of 0 to COUNT - 1 sent a millisecond apart. */
    private List<Integer> sent(LineFaults faults, long seed) throws IOException {
        Line line = new Line();
        FaultyTransport faulty = faulty(line, faults, seed);
        for (int i = 0; i < COUNT; i++) {
            faulty.send(0, PEER, datagram(i));
            now++;
            faulty.poll(0, (device, peer, datagram) -> {});
        }
        now += 1000;
        faulty.poll(0, (device, peer, datagram) -> {});
        return line.sent;
    }

    @Test
    void a_share_of_datagrams_is_lost() throws IOException {
        assertThat(sent(new LineFaults(0.1, 0, 0, 0), 1))
                .hasSizeBetween(1740, 1860)
                .isSorted();
    }

    @Test
    void a_share_of_datagrams_comes_twice() throws IOException {
        assertThat(sent(new LineFaults(0, 0.2, 0, 0), 1))
                .hasSizeBetween(2320, 2480)
                .contains(0, COUNT - 1);
    }

    @Test
    void a_share_of_datagrams_is_overtaken() throws IOException {
        List<Integer> sent = sent(new LineFaults(0, 0, 0.1, 50), 1);

        assertThat(sent).hasSize(COUNT).doesNotHaveDuplicates();
        assertThat(sent).isNotEqualTo(sent.stream().sorted().toList());
    }

    @Test
    void one_seed_has_one_fate() throws IOException {
        LineFaults faults = new LineFaults(0.2, 0.1, 0.1, 10);

        List<Integer> once = sent(faults, 5);

        assertThat(sent(faults, 5)).isEqualTo(once);
        assertThat(sent(faults, 6)).isNotEqualTo(once);
    }

    @Test
    void what_arrives_suffers_as_well() throws IOException {
        Line line = new Line();
        List<Integer> arrived = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            line.incoming.add(datagram(i));
        }

        int handed = faulty(line, new LineFaults(0.5, 0, 0, 0), 1)
                .poll(0, (device, peer, datagram) -> arrived.add(number(datagram)));

        assertThat(arrived).hasSizeBetween(900, 1100).hasSize(handed);
    }

    @Test
    void a_share_of_datagrams_is_corrupted_by_one_byte() throws IOException {
        List<Integer> sent = sent(new LineFaults(0, 0, 0, 0.1, 0), 1);

        assertThat(sent).hasSize(COUNT);
        long spoilt = IntStream.range(0, COUNT).filter(i -> sent.get(i) != i).count();
        assertThat(spoilt).isBetween(COUNT / 10 - 60L, COUNT / 10 + 60L);
    }

    @Test
    void each_device_has_a_line_of_its_own() {
        Line line = new Line();
        LineFaults dead = new LineFaults(1, 0, 0, 0);
        FaultyTransport faulty = new FaultyTransport(
                line,
                device -> device == 1 ? dead : LineFaults.NONE,
                new SplittableRandom(1),
                () -> Instant.ofEpochMilli(now));

        faulty.send(0, PEER, datagram(10));
        faulty.send(1, PEER, datagram(11));
        faulty.send(2, PEER, datagram(12));
        now++;
        assertThatCode(() -> faulty.poll(0, (device, peer, datagram) -> {})).doesNotThrowAnyException();

        assertThat(line.sent).containsExactly(10, 12);
    }

    @Test
    void impossible_faults_are_refused() {
        assertThatThrownBy(() -> new LineFaults(1.5, 0, 0, 0)).hasMessageContaining("loss: 1.5 (expected: 0..1)");
        assertThatThrownBy(() -> new LineFaults(0, 0, 0.1, 0)).hasMessageContaining("reordering");
    }
}
