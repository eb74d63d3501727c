package wavegate.server.security;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import wavegate.sim.coap.Transport;
import wavegate.sim.coap.Transports;

/**
 * Senders who answer the server's cookie, as no sender of made-up addresses can, and then leave the handshake open: silent, or with the beginning
 * of a long message of which the rest never comes. Over and over, from a thread of its own.
 */
final class HalfOpenSessions implements AutoCloseable {
    /** Just below the longest handshake message that is put together. */
    private static final int PROMISED = 8000;

    private static final int SENT = 1000;
    private static final byte[] ANSWERED = {};
    private static final int HELLO_VERIFY_REQUEST = 3;
    private static final int SERVER_HELLO = 2;
    private static final int CLIENT_KEY_EXCHANGE = 16;
    private static final int RECORD_HEADER = 13;
    private static final int MESSAGE_HEADER = 12;

    /** Handshakes that the server has begun: it has answered a hello with a good cookie. */
    final AtomicInteger begun = new AtomicInteger();

    private final InetSocketAddress target;
    private final int sources;
    private final int perSecond;
    private final boolean fragments;
    private final byte[][] hellos;
    private final SplittableRandom random = new SplittableRandom(11);
    private final Thread thread = new Thread(this::run, "half-open-sessions");
    private volatile boolean over;

    /** @param fragments whether the beginning of a key exchange follows; else nothing does */
    HalfOpenSessions(InetSocketAddress target, int sources, int perSecond, boolean fragments) {
        this.target = target;
        this.sources = sources;
        this.perSecond = perSecond;
        this.fragments = fragments;
        this.hellos = new byte[sources][];
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try (Transport transport = Transports.open(Transports.Kind.PKTINFO, sources, target)) {
            long start = System.nanoTime();
            long sent = 0;
            while (!over) {
                long due = (System.nanoTime() - start) * perSecond / 1_000_000_000L;
                for (; sent < due; sent++) {
                    // The next /24 each time: none alone is to reach what it may have.
                    int source = (int) (sent * 257 % sources);
                    // As after a reboot: another session from the same address.
                    if (sent >= sources) {
                        transport.rebind(source);
                    }
                    byte[] hello = Datagrams.hello(0);
                    for (int i = 27; i < 59; i++) {
                        hello[i] = (byte) random.nextInt();
                    }
                    hellos[source] = hello;
                    transport.send(source, target, hello);
                }
                if (transport.poll(1, (device, peer, datagram) -> answer(transport, device, datagram)) == 0) {
                    LockSupport.parkNanos(500_000);
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void answer(Transport transport, int device, byte[] datagram) {
        // The server repeats what is not answered.
        if (datagram.length <= RECORD_HEADER || datagram[0] != 22 || hellos[device].length == 0) {
            return;
        }
        int type = datagram[RECORD_HEADER];
        if (type == HELLO_VERIFY_REQUEST) {
            int length = datagram[RECORD_HEADER + MESSAGE_HEADER + 2] & 0xff;
            int at = RECORD_HEADER + MESSAGE_HEADER + 3;
            transport.send(device, target, withCookie(hellos[device], Arrays.copyOfRange(datagram, at, at + length)));
        } else if (type == SERVER_HELLO) {
            begun.incrementAndGet();
            hellos[device] = ANSWERED;
            if (fragments) {
                transport.send(device, target, beginningOfKeyExchange());
            }
        }
    }

    private static byte[] withCookie(byte[] hello, byte[] cookie) {
        byte[] whole = Datagrams.hello(cookie.length);
        System.arraycopy(hello, 27, whole, 27, 32);
        System.arraycopy(cookie, 0, whole, 61, cookie.length);
        return numbered(whole, 1);
    }

    private static byte[] beginningOfKeyExchange() {
        ByteBuffer message = ByteBuffer.allocate(MESSAGE_HEADER + SENT);
        message.put((byte) CLIENT_KEY_EXCHANGE).put(threeBytes(PROMISED)).putShort((short) 2);
        message.put(threeBytes(0)).put(threeBytes(SENT)).put(new byte[SENT]);
        return numbered(Datagrams.record(22, 0, new byte[0], message.array()), 2);
    }

    private static byte[] threeBytes(int value) {
        return new byte[] {(byte) (value >> 16), (byte) (value >> 8), (byte) value};
    }

    /** With the sequence number of its record, which is below 256 here. */
    private static byte[] numbered(byte[] record, int sequence) {
        record[10] = (byte) sequence;
        return record;
    }

    @Override
    public void close() throws InterruptedException {
        over = true;
        thread.join(5_000);
    }
}
