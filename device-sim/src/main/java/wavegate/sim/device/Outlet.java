package wavegate.sim.device;

import java.net.InetSocketAddress;

/** Where a device's datagrams leave. Called only from within a call on the device. */
public interface Outlet {
    void send(InetSocketAddress peer, byte[] datagram);

    /** From now on the device speaks from another port. */
    void rebind();
}
