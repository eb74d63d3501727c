package wavegate.server.registration.limit;

import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.eclipse.californium.elements.UDPConnector;
import org.eclipse.californium.elements.config.Configuration;
import wavegate.config.LimitSettings;

/** A UDP socket with a {@link CoapGate} before it. What is shed leaves nothing behind but a count. */
public final class GuardedUdpConnector extends UDPConnector {
    private final CoapGate gate;
    private final ShedCounts counts;
    private final LongSupplier nanos;

    /**
     * @param registered whether a device is registered from that address; asked on the receiving thread for each datagram
     * @param backlog datagrams that wait for a thread
     * @param nanos a monotonic clock
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
            long salt) {
        super(address, configuration);
        this.gate = new CoapGate(limits, registered, backlog, salt);
        this.counts = counts;
        this.nanos = nanos;
    }

    @Override
    public void processDatagram(DatagramPacket datagram) {
        long now = nanos.getAsLong();
        Admission admission = gate.judge(
                datagram.getData(),
                datagram.getOffset(),
                datagram.getLength(),
                (InetSocketAddress) datagram.getSocketAddress(),
                now);
        if (counts.count(admission, now)) {
            super.processDatagram(datagram);
        }
    }
}
