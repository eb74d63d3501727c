package wavegate.sim.coap;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Arrays of {@code mmsghdr}, {@code iovec}, {@code sockaddr_in}, one IP_PKTINFO control message and a data buffer per message, outside the
 * heap, in the layout of 64-bit Linux.
 */
final class MessageBatch {
    static final int CAPACITY = 64;
    private static final int MAX_DATAGRAM = 2048;
    private static final int HEADER_BYTES = 64;
    private static final int CONTROL_BYTES = 32;
    private static final int PKTINFO_LENGTH = 28;
    private static final int IP_PKTINFO = 8;

    private final ByteBuffer headers = direct(HEADER_BYTES * CAPACITY);
    private final ByteBuffer vectors = direct(16 * CAPACITY);
    private final ByteBuffer names = direct(16 * CAPACITY);
    private final ByteBuffer controls = direct(CONTROL_BYTES * CAPACITY);
    private final ByteBuffer data = direct(MAX_DATAGRAM * CAPACITY);
    private final long headersAt = PktInfoTransport.address(headers);
    private int size;

    MessageBatch() {
        long vectorsAt = PktInfoTransport.address(vectors);
        long namesAt = PktInfoTransport.address(names);
        long controlsAt = PktInfoTransport.address(controls);
        long dataAt = PktInfoTransport.address(data);
        for (int i = 0; i < CAPACITY; i++) {
            vectors.putLong(i * 16, dataAt + (long) i * MAX_DATAGRAM).putLong(i * 16 + 8, MAX_DATAGRAM);
            names.putShort(i * 16, (short) 2);
            int h = i * HEADER_BYTES;
            headers.putLong(h, namesAt + i * 16L).putInt(h + 8, 16);
            headers.putLong(h + 16, vectorsAt + i * 16L).putLong(h + 24, 1);
            headers.putLong(h + 32, controlsAt + (long) i * CONTROL_BYTES).putLong(h + 40, CONTROL_BYTES);
            int c = i * CONTROL_BYTES;
            controls.putLong(c, PKTINFO_LENGTH).putInt(c + 8, 0).putInt(c + 12, IP_PKTINFO);
        }
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    /** Both in host order of an int; stored in network order. */
    private static int networkOrder(int value) {
        return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? Integer.reverseBytes(value) : value;
    }

    private static short networkOrder(short value) {
        return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? Short.reverseBytes(value) : value;
    }

    int size() {
        return size;
    }

    boolean full() {
        return size == CAPACITY;
    }

    void clear() {
        size = 0;
    }

    long headerAddress(int index) {
        return headersAt + (long) index * HEADER_BYTES;
    }

    void add(int source, InetSocketAddress peer, byte[] datagram) {
        if (datagram.length > MAX_DATAGRAM) {
            throw new IllegalArgumentException(
                    "datagram: " + datagram.length + " bytes (expected: at most " + MAX_DATAGRAM + ")");
        }
        int i = size++;
        data.put(i * MAX_DATAGRAM, datagram);
        vectors.putLong(i * 16 + 8, datagram.length);
        names.putShort(i * 16 + 2, networkOrder((short) peer.getPort()));
        byte[] address = peer.getAddress().getAddress();
        if (address.length != 4) {
            throw new IllegalArgumentException("peer: " + peer + " (expected: an IPv4 address)");
        }
        names.put(i * 16 + 4, address);
        int c = i * CONTROL_BYTES;
        controls.putInt(c + 16, 0).putInt(c + 20, networkOrder(source)).putInt(c + 24, 0);
    }

    void prepareToReceive() {
        for (int i = 0; i < CAPACITY; i++) {
            headers.putInt(i * HEADER_BYTES + 8, 16).putLong(i * HEADER_BYTES + 40, CONTROL_BYTES);
        }
    }

    /** Where the datagram was addressed to. */
    int localAddress(int i) {
        return networkOrder(controls.getInt(i * CONTROL_BYTES + 24));
    }

    int peerAddress(int i) {
        return networkOrder(names.getInt(i * 16 + 4));
    }

    int peerPort(int i) {
        return networkOrder(names.getShort(i * 16 + 2)) & 0xffff;
    }

    byte[] datagram(int i) {
        byte[] bytes = new byte[headers.getInt(i * HEADER_BYTES + 56)];
        data.get(i * MAX_DATAGRAM, bytes);
        return bytes;
    }
}
