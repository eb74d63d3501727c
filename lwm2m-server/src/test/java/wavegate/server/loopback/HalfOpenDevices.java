package wavegate.server.loopback;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Many devices behind one UDP socket, spoken in bytes so that they weigh nothing: they register, take the first block of a push, and are never
 * heard again.
 */
final class HalfOpenDevices implements AutoCloseable {
    final AtomicInteger registered = new AtomicInteger();
    final AtomicInteger firstBlocks = new AtomicInteger();
    final AtomicInteger laterBlocks = new AtomicInteger();

    private final DatagramSocket socket;
    private final SocketAddress server;
    private final Thread reader = new Thread(this::read, "half-open-devices");

    HalfOpenDevices(SocketAddress server) throws IOException {
        this.server = server;
        this.socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        socket.setReceiveBufferSize(4 << 20);
        reader.setDaemon(true);
        reader.start();
    }

    void register(int number) throws IOException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        // CON, a token of two bytes, POST, the number as message id and token.
        message.writeBytes(new byte[] {0x42, 0x02, (byte) (number >> 8), (byte) number});
        message.writeBytes(new byte[] {(byte) (number >> 8), (byte) number});
        option(message, 11, "rd");
        option(message, 1, new byte[] {40});
        option(message, 3, "ep=half-" + number);
        option(message, 0, "lt=300");
        option(message, 0, "lwm2m=1.1");
        message.write(0xff);
        message.writeBytes(RawDevice.LINKS.getBytes(StandardCharsets.US_ASCII));
        send(message.toByteArray());
    }

    private static void option(ByteArrayOutputStream message, int delta, String value) {
        option(message, delta, value.getBytes(StandardCharsets.US_ASCII));
    }

    /** Options of less than 13 numbers' distance and 13 to 268 or fewer than 13 bytes. */
    private static void option(ByteArrayOutputStream message, int delta, byte[] value) {
        if (value.length < 13) {
            message.write(delta << 4 | value.length);
        } else {
            message.write(delta << 4 | 13);
            message.write(value.length - 13);
        }
        message.writeBytes(value);
    }

    private void read() {
        byte[] buffer = new byte[2048];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                take(ByteBuffer.wrap(buffer, 0, packet.getLength()));
            }
        } catch (IOException e) {
            // The socket was closed: the test is over.
        }
    }

    private void take(ByteBuffer message) throws IOException {
        int tokenLength = message.get(0) & 0x0f;
        int code = message.get(1) & 0xff;
        if (code == 0x41) {
            registered.incrementAndGet();
        } else if (code == 0x03) {
            int szxMoreNum = block1(message, 4 + tokenLength);
            if (szxMoreNum >> 4 != 0) {
                laterBlocks.incrementAndGet();
                return;
            }
            firstBlocks.incrementAndGet();
            // ACK 2.31 with the same message id, token and Block1.
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            answer.writeBytes(new byte[] {(byte) (0x60 | tokenLength), 0x5f, message.get(2), message.get(3)});
            for (int i = 0; i < tokenLength; i++) {
                answer.write(message.get(4 + i));
            }
            answer.writeBytes(new byte[] {(byte) 0xd1, 27 - 13, (byte) szxMoreNum});
            send(answer.toByteArray());
        }
    }

    private static int block1(ByteBuffer message, int from) {
        int at = from;
        int number = 0;
        while (true) {
            int head = message.get(at++) & 0xff;
            int delta = head >> 4;
            int length = head & 0x0f;
            number += delta == 13 ? 13 + (message.get(at++) & 0xff) : delta;
            length = length == 13 ? 13 + (message.get(at++) & 0xff) : length;
            if (number == 27) {
                int value = 0;
                for (int i = 0; i < length; i++) {
                    value = value << 8 | (message.get(at + i) & 0xff);
                }
                return value;
            }
            at += length;
        }
    }

    private void send(byte[] bytes) throws IOException {
        socket.send(new DatagramPacket(bytes, bytes.length, server));
    }

    @Override
    public void close() {
        socket.close();
    }
}
