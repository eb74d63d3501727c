package wavegate.sim.coap;

import java.io.IOException;
import java.net.InetSocketAddress;

/** UDP for many virtual devices, each with a source address of its own. Used by one thread. */
public interface Transport extends AutoCloseable {
    /** Takes what arrived. The array is the receiver's to keep. */
    interface Receiver {
        void datagram(int device, InetSocketAddress peer, byte[] datagram);
    }

    /** Queues a datagram; it leaves at the next {@link #poll} at the latest. What the network refuses is lost, as on a real one. */
    void send(int device, InetSocketAddress peer, byte[] datagram);

    /**
     * Sends what is queued, waits at most {@code timeoutMs} for input (0: does not wait) and hands over all that has arrived.
     *
     * @return how many datagrams were handed over
     */
    int poll(long timeoutMs, Receiver receiver) throws IOException;

    /** Gives the device another source port, as a module gets after a reboot. */
    void rebind(int device);

    /** The device has lost power: its sessions are gone without a word to its peers. */
    default void powerOff(int device) {}

    /** The peer has been silent for long: the next datagram to it begins with a handshake, where there is a session at all. */
    default void renewSession(int device, InetSocketAddress peer) {}

    /** Ends the session with the peer and tells it. */
    default void endSession(int device, InetSocketAddress peer) {}

    default Handshakes handshakes() {
        return Handshakes.NONE;
    }

    @Override
    void close();
}
