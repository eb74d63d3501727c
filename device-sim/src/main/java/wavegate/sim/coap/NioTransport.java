package wavegate.sim.coap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/**
 * One datagram channel per device on one selector: works on every platform and to any server, costs a file descriptor and about 8 KiB of
 * kernel memory per device.
 */
final class NioTransport implements Transport {
    private static final int MAX_DATAGRAM = 2048;
    /** The socket of a device holds a few blocks; only the shared socket of the other transport needs megabytes. */
    private static final int DEVICE_BUFFER_BYTES = 64 << 10;

    private final Selector selector;
    private final DatagramChannel[] channels;
    private final ByteBuffer in = ByteBuffer.allocateDirect(MAX_DATAGRAM);
    private final boolean loopback;

    NioTransport(int devices, boolean loopback) throws IOException {
        this.loopback = loopback;
        this.selector = Selector.open();
        this.channels = new DatagramChannel[devices];
        try {
            for (int i = 0; i < devices; i++) {
                channels[i] = open(i);
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw new IOException(
                    "opened fewer than " + devices + " sockets, one per device (is the limit of open files too low?)",
                    e);
        }
    }

    private DatagramChannel open(int device) throws IOException {
        DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.SO_RCVBUF, DEVICE_BUFFER_BYTES);
        channel.bind(loopback ? loopbackAddress(device) : new InetSocketAddress(0));
        channel.register(selector, SelectionKey.OP_READ, device);
        return channel;
    }

    /** Only Linux owns all of 127/8; elsewhere the devices differ by port alone. */
    private static InetSocketAddress loopbackAddress(int device) throws IOException {
        boolean linux = System.getProperty("os.name", "").startsWith("Linux");
        byte[] address = linux ? SourceAddresses.bytes(SourceAddresses.bindable(device)) : new byte[] {127, 0, 0, 1};
        return new InetSocketAddress(InetAddress.getByAddress(address), 0);
    }

    @Override
    public void send(int device, InetSocketAddress peer, byte[] datagram) {
        try {
            channels[device].send(ByteBuffer.wrap(datagram), peer);
        } catch (IOException e) {
            // An unreachable server is a lost datagram; CoAP sends it again.
            return;
        }
    }

    @Override
    public int poll(long timeoutMs, Receiver receiver) throws IOException {
        int[] handed = {0};
        try {
            if (timeoutMs <= 0) {
                selector.selectNow(key -> handed[0] += drain(key, receiver));
            } else {
                selector.select(key -> handed[0] += drain(key, receiver), timeoutMs);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return handed[0];
    }

    private int drain(SelectionKey key, Receiver receiver) {
        int device = (Integer) key.attachment();
        DatagramChannel channel = (DatagramChannel) key.channel();
        int handed = 0;
        try {
            while (channel.isOpen()) {
                in.clear();
                if (!(channel.receive(in) instanceof InetSocketAddress peer)) {
                    return handed;
                }
                byte[] datagram = new byte[in.flip().remaining()];
                in.get(datagram);
                receiver.datagram(device, peer, datagram);
                handed++;
            }
        } catch (PortUnreachableException e) {
            return handed;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return handed;
    }

    @Override
    public void rebind(int device) {
        try {
            DatagramChannel before = channels[device];
            channels[device] = open(device);
            before.close();
        } catch (IOException e) {
            throw new UncheckedIOException("device " + device + " got no new socket", e);
        }
    }

    @Override
    public void close() {
        try {
            for (DatagramChannel channel : channels) {
                if (channel != null) {
                    channel.close();
                }
            }
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
