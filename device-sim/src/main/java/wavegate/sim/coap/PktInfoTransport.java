package wavegate.sim.coap;

import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.lang.ref.Reference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Any number of devices on two UDP sockets: the source address of each datagram is set with IP_PKTINFO, and datagrams cross the kernel in
 * batches (sendmmsg, recvmmsg). The second socket is the other port a device may take after a reboot. 64-bit Linux, loopback servers.
 */
final class PktInfoTransport implements Transport {
    private static final int PORTS = 2;
    private static final int BUFFER_BYTES = 4 << 20;

    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM_NONBLOCK = 2 | 0x800;
    private static final int SOL_IP = 0;
    private static final int IP_PKTINFO = 8;
    private static final int SOL_SOCKET = 1;
    private static final int SO_SNDBUF = 7;
    private static final int SO_RCVBUF = 8;
    private static final int MSG_DONTWAIT = 0x40;
    private static final short POLLIN = 1;

    /** The C library, bound straight to these methods. Pointers travel as longs: no object per call. */
    private static final class C {
        static {
            Native.register(C.class, "c");
        }

        static native int socket(int domain, int type, int protocol);

        static native int bind(int fd, long address, int length);

        static native int setsockopt(int fd, int level, int name, long value, int length);

        static native int sendmmsg(int fd, long messages, int count, int flags);

        static native int recvmmsg(int fd, long messages, int count, int flags, long timeout);

        static native int poll(long fds, long count, int timeoutMs);

        static native int close(int fd);
    }

    private final int[] sockets = new int[PORTS];
    private final MessageBatch[] out = new MessageBatch[PORTS];
    private final MessageBatch in = new MessageBatch();
    private final ByteBuffer pollFds = ByteBuffer.allocateDirect(8 * PORTS).order(ByteOrder.nativeOrder());
    private final long pollFdsAt = address(pollFds);
    private final byte[] portOfDevice;
    private final Map<Long, InetSocketAddress> peers = new HashMap<>();
    private boolean closed;

    private PktInfoTransport(int devices) throws IOException {
        if (devices > SourceAddresses.MAX_DEVICES) {
            throw new IllegalArgumentException(
                    "devices: " + devices + " (expected: at most " + SourceAddresses.MAX_DEVICES + ")");
        }
        this.portOfDevice = new byte[devices];
        Arrays.fill(sockets, -1);
        for (int i = 0; i < PORTS; i++) {
            sockets[i] = openSocket();
            out[i] = new MessageBatch();
            pollFds.putInt(i * 8, sockets[i]).putShort(i * 8 + 4, POLLIN);
        }
    }

    static boolean supported() {
        return Platform.isLinux() && Native.POINTER_SIZE == 8;
    }

    /** @throws IOException where the platform or its policy refuses such a socket */
    static PktInfoTransport open(int devices) throws IOException {
        if (!supported()) {
            throw new IOException("one socket for all devices needs 64-bit Linux");
        }
        return new PktInfoTransport(devices);
    }

    private static int openSocket() throws IOException {
        ByteBuffer value = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder());
        ByteBuffer any = ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder());
        try {
            int fd = succeeded("socket", C.socket(AF_INET, SOCK_DGRAM_NONBLOCK, 0));
            succeeded("IP_PKTINFO", C.setsockopt(fd, SOL_IP, IP_PKTINFO, address(value.putInt(0, 1)), 4));
            // The kernel clips what exceeds net.core.[rw]mem_max; a smaller buffer only loses more, which CoAP repairs.
            succeeded("SO_RCVBUF", C.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, address(value.putInt(0, BUFFER_BYTES)), 4));
            succeeded("SO_SNDBUF", C.setsockopt(fd, SOL_SOCKET, SO_SNDBUF, address(value), 4));
            any.putShort(0, (short) AF_INET);
            succeeded("bind", C.bind(fd, address(any), 16));
            return fd;
        } finally {
            // The kernel reads through bare addresses: the buffers must outlive the calls.
            Reference.reachabilityFence(value);
            Reference.reachabilityFence(any);
        }
    }

    private static int succeeded(String call, int result) throws IOException {
        if (result < 0) {
            throw new IOException(call + " failed with errno " + Native.getLastError());
        }
        return result;
    }

    static long address(ByteBuffer direct) {
        return Pointer.nativeValue(Native.getDirectBufferPointer(direct));
    }

    @Override
    public void send(int device, InetSocketAddress peer, byte[] datagram) {
        int port = portOfDevice[device];
        MessageBatch batch = out[port];
        batch.add(SourceAddresses.of(device), peer, datagram);
        if (batch.full()) {
            flush(port);
        }
    }

    private void flush(int port) {
        MessageBatch batch = out[port];
        int from = 0;
        while (from < batch.size()) {
            int sent = C.sendmmsg(sockets[port], batch.headerAddress(from), batch.size() - from, 0);
            // A full buffer drops the rest, as a congested link would.
            if (sent <= 0) {
                break;
            }
            from += sent;
        }
        batch.clear();
    }

    private void flushAll() {
        for (int port = 0; port < PORTS; port++) {
            if (out[port].size() > 0) {
                flush(port);
            }
        }
    }

    @Override
    public int poll(long timeoutMs, Receiver receiver) throws IOException {
        flushAll();
        int handed = receiveAll(receiver);
        if (handed > 0 || timeoutMs <= 0) {
            return handed;
        }
        if (C.poll(pollFdsAt, PORTS, (int) Math.min(timeoutMs, 1000)) <= 0) {
            return 0;
        }
        return receiveAll(receiver);
    }

    private int receiveAll(Receiver receiver) {
        int handed = 0;
        for (int port = 0; port < PORTS; port++) {
            int received;
            do {
                in.prepareToReceive();
                received = C.recvmmsg(sockets[port], in.headerAddress(0), MessageBatch.CAPACITY, MSG_DONTWAIT, 0);
                for (int i = 0; i < received; i++) {
                    int device = SourceAddresses.device(in.localAddress(i));
                    if (device >= 0 && device < portOfDevice.length && portOfDevice[device] == port) {
                        receiver.datagram(device, peer(in.peerAddress(i), in.peerPort(i)), in.datagram(i));
                        handed++;
                    }
                }
                flushAll();
            } while (received == MessageBatch.CAPACITY);
        }
        return handed;
    }

    private InetSocketAddress peer(int address, int port) {
        return peers.computeIfAbsent(((long) address << 16) | port, key -> {
            try {
                return new InetSocketAddress(InetAddress.getByAddress(SourceAddresses.bytes(address)), port);
            } catch (UnknownHostException e) {
                throw new IllegalStateException("four bytes are always an address", e);
            }
        });
    }

    @Override
    public void rebind(int device) {
        portOfDevice[device] = (byte) ((portOfDevice[device] + 1) % PORTS);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        flushAll();
        for (int socket : sockets) {
            int result = C.close(socket);
            if (result < 0) {
                throw new IllegalStateException("close failed with errno " + Native.getLastError());
            }
        }
    }
}
