package wavegate.sim.coap;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One name per pair of device and server for a DTLS connector, which knows its sessions by the peer's address alone: the address is 10.0.0.0
 * plus the device, the port the number of the server. Such an address never reaches the wire.
 */
final class SyntheticPeers {
    static final int MAX_DEVICES = 1 << 24;
    private static final int MAX_SERVERS = 65_534;

    private final List<InetSocketAddress> servers = new ArrayList<>();
    private final Map<InetSocketAddress, Integer> numbers = new HashMap<>();

    /** @throws IllegalStateException after 65,534 servers */
    InetSocketAddress of(int device, InetSocketAddress server) {
        Integer known = numbers.get(server);
        if (known == null) {
            if (servers.size() == MAX_SERVERS) {
                throw new IllegalStateException("servers: more than " + MAX_SERVERS);
            }
            servers.add(server);
            known = servers.size();
            numbers.put(server, known);
        }
        byte[] address = {10, (byte) (device >> 16), (byte) (device >> 8), (byte) device};
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), known);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are always an address", e);
        }
    }

    int device(InetSocketAddress synthetic) {
        byte[] address = synthetic.getAddress().getAddress();
        return (address[1] & 0xff) << 16 | (address[2] & 0xff) << 8 | (address[3] & 0xff);
    }

    InetSocketAddress server(InetSocketAddress synthetic) {
        return servers.get(synthetic.getPort() - 1);
    }

    List<InetSocketAddress> servers() {
        return servers;
    }
}
