package wavegate.server.registration.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import wavegate.config.LimitSettings;

/** What the gates let through to be parsed, and whom they prefer. */
class GatesTest {
    private static final InetSocketAddress KNOWN = new InetSocketAddress("127.1.1.1", 1000);
    private static final InetSocketAddress STRANGER = new InetSocketAddress("127.2.2.2", 1000);
    private static final byte[] PING = {0x40, 0, 0, 1};

    private int backlog;
    private final CoapGate coap = new CoapGate(LimitSettings.DEFAULT, KNOWN::equals, () -> backlog, 1);
    private final DtlsGate dtls = new DtlsGate(
            LimitSettings.DEFAULT,
            new DtlsGate.Sessions() {
                @Override
                public boolean at(InetSocketAddress peer) {
                    return peer.equals(KNOWN);
                }

                @Override
                public boolean withId(byte[] data, int offset, int length) {
                    return Arrays.equals(
                            Arrays.copyOfRange(data, offset, offset + length), new byte[] {1, 2, 3, 4, 5, 6});
                }
            },
            6,
            sender -> false,
            1);

    private Admission coap(InetSocketAddress sender, int... bytes) {
        byte[] data = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            data[i] = (byte) bytes[i];
        }
        return coap.judge(data, 0, data.length, sender, 0);
    }

    private Admission dtls(InetSocketAddress sender, byte[] data) {
        return dtls.judge(data, 0, data.length, sender, 0);
    }

    private static byte[] record(int type, int epoch, byte[] id, byte[] body) {
        ByteBuffer record = ByteBuffer.allocate(13 + id.length + body.length);
        record.put((byte) type).put((byte) 0xfe).put((byte) 0xfd).putShort((short) epoch);
        record.put(new byte[6]).put(id).putShort((short) body.length).put(body);
        return record.array();
    }

    static byte[] hello(int cookieBytes) {
        ByteBuffer body = ByteBuffer.allocate(12 + 2 + 32 + 1 + 1 + cookieBytes + 6);
        body.put((byte) 1).put(new byte[11]).put(new byte[34]).put((byte) 0).put((byte) cookieBytes);
        return record(22, 0, new byte[0], body.array());
    }

    @Test
    void what_cannot_be_coap_is_dropped_without_a_look_at_the_sender() {
        assertThat(coap(KNOWN, 0x40, 0, 0)).isEqualTo(Admission.MALFORMED);
        assertThat(coap(KNOWN, 0x80, 1, 0, 1)).isEqualTo(Admission.MALFORMED);
        assertThat(coap(KNOWN, 0x49, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0)).isEqualTo(Admission.MALFORMED);
        assertThat(coap(KNOWN, 0x44, 1, 0, 1, 0)).isEqualTo(Admission.MALFORMED);
        assertThat(coap(KNOWN, 0x40, 0, 0, 1, 0xff)).isEqualTo(Admission.MALFORMED);
        assertThat(coap(KNOWN, 0x40, 0xe1, 0, 1)).isEqualTo(Admission.MALFORMED);
        assertThat(coap(KNOWN, 0x40, 1, 0, 1)).isEqualTo(Admission.ADMITTED);
        assertThat(coap(STRANGER, 0x40, 0, 0, 1)).isEqualTo(Admission.ADMITTED);
    }

    @Test
    void strangers_wait_outside_first_when_the_queue_is_long_and_everybody_when_it_is_very_long() {
        backlog = LimitSettings.DEFAULT.backlog() + 1;
        assertThat(coap(STRANGER, 0x40, 1, 0, 1)).isEqualTo(Admission.BACKLOG);
        assertThat(coap(KNOWN, 0x40, 1, 0, 1)).isEqualTo(Admission.ADMITTED);

        backlog = LimitSettings.DEFAULT.backlog() * 4 + 1;
        assertThat(coap(KNOWN, 0x40, 1, 0, 1)).isEqualTo(Admission.BACKLOG);
    }

    @Test
    void a_known_device_is_served_beside_strangers_of_its_own_source() {
        InetSocketAddress neighbour = new InetSocketAddress("127.1.1.2", 1000);
        for (int i = 0; i < LimitSettings.DEFAULT.sourceBurst() * 2; i++) {
            coap.judge(PING, 0, 4, neighbour, 0);
        }

        assertThat(coap.judge(PING, 0, 4, neighbour, 0)).isEqualTo(Admission.SOURCE);
        assertThat(coap.judge(PING, 0, 4, KNOWN, 0)).isEqualTo(Admission.ADMITTED);
    }

    @Test
    void records_reach_only_sessions_that_are_open() {
        byte[] id = {1, 2, 3, 4, 5, 6};
        byte[] other = {1, 2, 3, 4, 5, 7};

        assertThat(dtls(STRANGER, record(25, 1, id, new byte[20]))).isEqualTo(Admission.ADMITTED);
        assertThat(dtls(KNOWN, record(25, 1, other, new byte[20]))).isEqualTo(Admission.NO_SESSION);
        assertThat(dtls(KNOWN, record(23, 1, new byte[0], new byte[20]))).isEqualTo(Admission.ADMITTED);
        assertThat(dtls(STRANGER, record(23, 1, new byte[0], new byte[20]))).isEqualTo(Admission.NO_SESSION);
        assertThat(dtls(STRANGER, record(22, 0, new byte[0], new byte[20]))).isEqualTo(Admission.NO_SESSION);
        assertThat(dtls(KNOWN, record(24, 0, new byte[0], new byte[20]))).isEqualTo(Admission.MALFORMED);
        assertThat(dtls(KNOWN, new byte[12])).isEqualTo(Admission.MALFORMED);
        assertThat(dtls(KNOWN, PING)).isEqualTo(Admission.MALFORMED);
    }

    @Test
    void a_hello_that_is_cut_short_anywhere_is_dropped() {
        byte[] whole = hello(20);
        for (int length = 0; length < 13 + 12 + 34 + 2; length++) {
            assertThat(dtls(STRANGER, Arrays.copyOf(whole, length)))
                    .as("%d bytes", length)
                    .isIn(Admission.MALFORMED, Admission.NO_SESSION);
        }
        assertThat(dtls(STRANGER, whole)).isEqualTo(Admission.ADMITTED);
    }

    @Test
    void a_flood_of_hellos_leaves_open_sessions_alone_and_lets_in_who_was_asked_for_a_cookie() {
        assertThat(dtls(STRANGER, hello(0))).isEqualTo(Admission.ADMITTED);
        Random random = new Random(1);
        Admission last = Admission.ADMITTED;
        for (int i = 0; i < 50_000; i++) {
            byte[] address = {10, (byte) random.nextInt(), (byte) random.nextInt(), 1};
            try {
                last = dtls(new InetSocketAddress(java.net.InetAddress.getByAddress(address), 5), hello(20));
            } catch (java.net.UnknownHostException e) {
                throw new IllegalStateException(e);
            }
        }

        assertThat(last).isEqualTo(Admission.STRANGERS);
        assertThat(dtls(KNOWN, record(23, 1, new byte[0], new byte[20]))).isEqualTo(Admission.ADMITTED);
        assertThat(dtls(STRANGER, hello(20))).isEqualTo(Admission.ADMITTED);
        assertThat(dtls(new InetSocketAddress("127.3.3.3", 9), hello(20))).isEqualTo(Admission.STRANGERS);
    }

    @Test
    void no_bytes_make_a_gate_throw() {
        Random random = new Random(5);
        for (int i = 0; i < 200_000; i++) {
            byte[] data = new byte[random.nextInt(100)];
            random.nextBytes(data);
            if (data.length > 3 && random.nextBoolean()) {
                data[0] = (byte) (20 + random.nextInt(6));
                data[1] = (byte) 0xfe;
            }
            assertThat(dtls(STRANGER, data)).isNotNull();
            assertThat(coap.judge(data, 0, data.length, STRANGER, i)).isNotNull();
        }
    }

    @Test
    void the_oldest_handshake_of_the_same_source_gives_way_first_then_the_oldest_of_all() {
        Handshakes<String> handshakes = new Handshakes<>(3, 2);

        assertThat(handshakes.begin("a1", 1)).isEmpty();
        assertThat(handshakes.begin("b1", 2)).isEmpty();
        assertThat(handshakes.begin("b2", 2)).isEmpty();
        assertThat(handshakes.begin("b3", 2)).isEqualTo(Optional.of("b1"));
        assertThat(handshakes.begin("c1", 3)).isEqualTo(Optional.of("a1"));
        assertThat(handshakes.size()).isEqualTo(3);
        handshakes.end("b2");
        handshakes.end("b2");
        assertThat(handshakes.begin("d1", 4)).isEmpty();
    }
}
