package wavegate.server.registration.limit;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.eclipse.californium.elements.UDPConnector;
import org.eclipse.californium.elements.config.Configuration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.config.LimitSettings;

/** A UDP socket with a {@link CoapGate} before it. What is shed leaves nothing behind but a count. What a {@link Shortcut} answers leaves at once. */
public final class GuardedUdpConnector extends UDPConnector {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedUdpConnector.class);

    private final CoapGate gate;
    private final ShedCounts counts;
    private final LongSupplier nanos;
    private final Supplier<Shortcut> shortcut;
    private volatile @Nullable DatagramSocket open;

    /**
     * @param registered whether a device is registered from that address; asked on the receiving thread for each datagram
     * @param backlog datagrams that wait for a thread
     * @param nanos a monotonic clock
     * @param shortcut asked first for each message that is let in
     * @param salt secret and different at each start
     */
    public GuardedUdpConnector(
            InetSocketAddress address,
            Configuration configuration,
            LimitSettings limits,
            Predicate<InetSocketAddress> registered,
            IntSupplier backlog,
            ShedCounts counts,
            LongSupplier nanos,
            Supplier<Shortcut> shortcut,
            long salt) {
        super(address, configuration);
        this.gate = new CoapGate(limits, registered, backlog, salt);
        this.counts = counts;
        this.nanos = nanos;
        this.shortcut = shortcut;
    }

    @Override
    protected void init(DatagramSocket socket) throws IOException {
        open = socket;
        super.init(socket);
    }

    @Override
    public void processDatagram(DatagramPacket datagram) {
        long now = nanos.getAsLong();
        byte[] data = datagram.getData();
        int offset = datagram.getOffset();
        int length = datagram.getLength();
        InetSocketAddress sender = (InetSocketAddress) datagram.getSocketAddress();
        Admission admission = gate.judge(data, offset, length, sender, now);
        if (counts.count(admission, now)
                && !shortcut.get().answer(data, offset, length, sender, message -> send(message, sender))) {
            super.processDatagram(datagram);
        }
    }

    /** On the caller's thread, past the queue of the stack. What the network refuses is lost, as on the way. */
    private void send(byte[] message, InetSocketAddress to) {
        DatagramSocket socket = open;
        if (socket == null) {
            return;
        }
        try {
            socket.send(new DatagramPacket(message, message.length, to));
        } catch (IOException e) {
            LOG.debug("answer to {} was not sent", to, e);
        }
    }
}
