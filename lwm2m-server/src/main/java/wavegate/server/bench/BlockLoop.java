package wavegate.server.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The least that moves blocks: one thread, one socket, one copy of the image. Knows a device by its token. It retransmits nothing and checks
 * nothing; the devices do the former where they ask. Its figures are a bound and no peer.
 */
final class BlockLoop implements DeliveryTarget.Target {
    private static final int CONFIRMABLE = 0x40;
    private static final int ACKNOWLEDGEMENT = 0x60;
    private static final int PUT = 3;
    private static final int CREATED = 65;
    private static final int SZX = 6;
    private static final int LARGEST_DATAGRAM = 2048;
    private static final int BUFFER = 4 << 20;
    private static final int ECHO_MARK = 0xc0;
    private static final int ECHO_REPLY = 1060;

    private final DatagramChannel channel;
    private final Selector selector;
    private final Thread thread;
    private final ByteBuffer in = ByteBuffer.allocateDirect(LARGEST_DATAGRAM);
    private final ByteBuffer out = ByteBuffer.allocateDirect(LARGEST_DATAGRAM);
    private final Map<Integer, SocketAddress> devices = new HashMap<>();
    private volatile byte[] image = new byte[0];
    private volatile int pushTo;
    private int mid;

    // Of the message being read.
    private int code;
    private int token;
    private int block;

    BlockLoop() throws IOException {
        channel = DatagramChannel.open(StandardProtocolFamily.INET)
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        channel.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER);
        channel.setOption(StandardSocketOptions.SO_SNDBUF, BUFFER);
        channel.configureBlocking(false);
        selector = Selector.open();
        channel.register(selector, SelectionKey.OP_READ);
        thread = new Thread(this::work, "block-loop");
        thread.start();
    }

    private void work() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                if (pushTo > 0) {
                    beginPushes();
                }
                in.clear();
                SocketAddress from = channel.receive(in);
                if (from == null) {
                    selector.select(key -> {}, 5);
                } else {
                    in.flip();
                    received(from);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void beginPushes() throws IOException {
        int count = pushTo;
        pushTo = 0;
        for (int device = 0; device < count; device++) {
            SocketAddress to = devices.get(device);
            if (to != null) {
                pushBlock(device, 0, to);
            }
        }
    }

    private void received(SocketAddress from) throws IOException {
        if ((in.get(0) & 0xff) == ECHO_MARK) {
            out.clear().limit(ECHO_REPLY);
            out.put(0, in.get(0));
            channel.send(out, from);
            return;
        }
        if (!read()) {
            return;
        }
        int id = in.getShort(2);
        switch (code) {
            case CoapWriter.GET -> serve(id, from);
            case CoapWriter.POST -> {
                devices.put(token, from);
                begin(ACKNOWLEDGEMENT, CREATED, id);
                out.put((byte) 0x82).put((byte) 'r').put((byte) 'd');
                out.put((byte) 0x01).put((byte) 'x');
                send(from);
            }
            case CoapWriter.CONTINUE -> pushBlock(token, (block >> 4) + 1, from);
            default -> {}
        }
    }

    private void serve(int id, SocketAddress to) throws IOException {
        int szx = Math.min(block & 7, SZX);
        begin(ACKNOWLEDGEMENT, CoapWriter.CONTENT, id);
        out.put((byte) 0xc1).put((byte) 42);
        payload(11, block >> 4, szx);
        send(to);
    }

    private void pushBlock(int device, int num, SocketAddress to) throws IOException {
        if ((long) num << (SZX + 4) >= image.length) {
            return;
        }
        token = device;
        begin(CONFIRMABLE, PUT, ++mid);
        out.put((byte) 0xb1).put((byte) '5').put((byte) 0x01).put((byte) '0');
        out.put((byte) 0x01).put((byte) '0').put((byte) 0x11).put((byte) 42);
        payload(15, num, SZX);
        send(to);
    }

    private void begin(int type, int answerCode, int id) {
        out.clear();
        out.put((byte) (type | 4)).put((byte) answerCode).putShort((short) id).putInt(token);
    }

    /** The block option, {@code delta} above the one before, and the bytes it names. */
    private void payload(int delta, int num, int szx) {
        byte[] bytes = image;
        int from = num << (szx + 4);
        int length = Math.max(0, Math.min(1 << (szx + 4), bytes.length - from));
        int value = num << 4 | (from + length < bytes.length ? 8 : 0) | szx;
        int size = value >= 1 << 16 ? 3 : value >= 1 << 8 ? 2 : 1;
        out.put((byte) (Math.min(delta, 13) << 4 | size));
        if (delta >= 13) {
            out.put((byte) (delta - 13));
        }
        for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) {
            out.put((byte) (value >> shift));
        }
        out.put((byte) 0xff).put(bytes, from, length);
    }

    private void send(SocketAddress to) throws IOException {
        channel.send(out.flip(), to);
    }

    /** Code, token of four bytes, and Block1 or Block2. */
    private boolean read() {
        int length = in.limit();
        if (length < 8 || (in.get(0) & 0x0f) != 4) {
            return false;
        }
        code = in.get(1) & 0xff;
        token = in.getInt(4);
        block = SZX;
        int number = 0;
        int at = 8;
        while (at < length && in.get(at) != (byte) 0xff) {
            int head = in.get(at++) & 0xff;
            int delta = head >> 4;
            int size = head & 15;
            if (delta == 13 && at < length) {
                delta += in.get(at++) & 0xff;
            }
            if (size == 13 && at < length) {
                size += in.get(at++) & 0xff;
            }
            number += delta;
            if (number == 23 || number == 27) {
                block = 0;
                for (int i = at; i < Math.min(length, at + size); i++) {
                    block = block << 8 | (in.get(i) & 0xff);
                }
            }
            at += size;
        }
        return true;
    }

    @Override
    public InetSocketAddress coap() {
        try {
            @Nullable SocketAddress bound = channel.getLocalAddress();
            if (bound instanceof InetSocketAddress address) {
                return address;
            }
            throw new IllegalStateException("socket is not bound");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void image(byte[] next, int count) {
        image = next;
    }

    @Override
    public void push(int count) {
        pushTo = count;
        selector.wakeup();
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            channel.close();
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
