package wavegate.sim.device;

import java.net.InetSocketAddress;

/** Where a device's datagrams leave. Called only from within a call on the device. */
public interface Outlet {
    void send(InetSocketAddress peer, byte[] datagram);

    /** Sends a message once more that nobody has acknowledged. */
    default void sendAgain(InetSocketAddress peer, byte[] datagram) {
        send(peer, datagram);
    }

    /** The module has crashed under the firmware of that version; it boots next. */
    default void crashed(String version) {}

    /** From now on the device speaks from another port. */
    void rebind();

    /** The device has lost power, and with it its sessions. */
    default void powerOff() {}

    /** The peer has been silent for long: a session with it is made anew. */
    default void renewSession(InetSocketAddress peer) {}

    /** The device takes its leave of the peer. */
    default void endSession(InetSocketAddress peer) {}
}
