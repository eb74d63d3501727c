package wavegate.server.registration;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks this server's own sockets, as a device would: a CoAP ping through all of the stack up to its threads, and a DTLS ClientHello, which is
 * answered with a cookie. A process that is up but answers nobody shows itself so. Once a second on {@code socket-probe}; reading the result costs
 * nothing.
 */
final class SocketProbe implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SocketProbe.class);
    private static final int PERIOD_MILLIS = 1_000;
    private static final int ANSWER_MILLIS = 1_000;
    /** One datagram may be lost. */
    private static final int FAILURES = 2;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "socket-probe");
        thread.setDaemon(true);
        return thread;
    });
    private final Set<InetSocketAddress> own = ConcurrentHashMap.newKeySet();
    private final List<Target> targets = new ArrayList<>();
    private volatile boolean answering = true;

    private static final class Target {
        private final Protocol protocol;
        private final InetSocketAddress address;
        private int failures;

        Target(Protocol protocol, InetSocketAddress address) {
            this.protocol = protocol;
            this.address = address;
        }
    }

    /** Adds a socket to ask. Before {@link #start}. */
    void add(Protocol protocol, InetSocketAddress bound) {
        InetAddress host = bound.getAddress();
        targets.add(new Target(
                protocol,
                host.isAnyLocalAddress()
                        ? new InetSocketAddress(InetAddress.getLoopbackAddress(), bound.getPort())
                        : bound));
    }

    void start() {
        Future<?> unused =
                timer.scheduleWithFixedDelay(this::round, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Whether a datagram from that address is the probe's. */
    boolean isOwn(InetSocketAddress sender) {
        return own.contains(sender);
    }

    /** False once one of the sockets has left two questions in a row without an answer, until it answers again. */
    boolean answering() {
        return answering;
    }

    private void round() {
        boolean all = true;
        for (Target target : targets) {
            target.failures = answers(target) ? 0 : target.failures + 1;
            all &= target.failures < FAILURES;
            if (target.failures == FAILURES) {
                LOG.error("socket uri={}:/{} does not answer", target.protocol.getUriScheme(), target.address);
            }
        }
        if (all && !answering) {
            LOG.info("sockets answer again");
        }
        answering = all;
    }

    private boolean answers(Target target) {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(target.address);
            InetSocketAddress from = (InetSocketAddress) socket.getLocalSocketAddress();
            own.add(from);
            try {
                return asked(socket, target.protocol);
            } finally {
                own.remove(from);
            }
        } catch (IOException e) {
            LOG.debug("socket probe of {}", target.address, e);
            return false;
        }
    }

    private static boolean asked(DatagramSocket socket, Protocol protocol) throws IOException {
        boolean dtls = protocol.equals(Protocol.COAPS);
        byte[] question = dtls ? clientHello() : ping(socket.getLocalPort());
        socket.setSoTimeout(ANSWER_MILLIS);
        socket.send(new DatagramPacket(question, question.length));
        DatagramPacket answer = new DatagramPacket(new byte[256], 256);
        try {
            socket.receive(answer);
        } catch (SocketTimeoutException e) {
            return false;
        }
        byte[] data = answer.getData();
        return dtls
                ? answer.getLength() > 13 && data[0] == 22 && data[13] == 3
                : answer.getLength() == 4
                        && (data[0] & 0xff) == 0x70
                        && data[2] == question[2]
                        && data[3] == question[3];
    }

    /** An empty confirmable message, which is answered with a reset of the same id. */
    static byte[] ping(int messageId) {
        return new byte[] {0x40, 0, (byte) (messageId >> 8), (byte) messageId};
    }

    /** As small a one as there is: no session, no cookie, TLS_PSK_WITH_AES_128_CCM_8, no compression, no extensions. */
    static byte[] clientHello() {
        ByteBuffer body = ByteBuffer.allocate(2 + 32 + 1 + 1 + 2 + 2 + 2);
        body.putShort((short) 0xfefd).put(new byte[32]).put((byte) 0).put((byte) 0);
        body.putShort((short) 2).putShort((short) 0xc0a8).put((byte) 1).put((byte) 0);
        int length = body.capacity();
        ByteBuffer record = ByteBuffer.allocate(13 + 12 + length);
        record.put((byte) 22)
                .putShort((short) 0xfefd)
                .putShort((short) 0)
                .put(new byte[6])
                .putShort((short) (12 + length));
        record.put((byte) 1)
                .put(threeBytes(length))
                .putShort((short) 0)
                .put(new byte[3])
                .put(threeBytes(length));
        return record.put(body.array()).array();
    }

    private static byte[] threeBytes(int value) {
        return new byte[] {(byte) (value >> 16), (byte) (value >> 8), (byte) value};
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
