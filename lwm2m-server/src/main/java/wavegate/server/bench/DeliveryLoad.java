package wavegate.server.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import wavegate.sim.coap.Transport;
import wavegate.sim.coap.Transports;

/**
 * Devices that fetch an image or take one, each from a source address of its own and with one block in flight, and compare every byte. What is
 * confirmable is sent again as RFC 7252 asks. One thread.
 */
final class DeliveryLoad implements AutoCloseable {
    /** What each device of a phase does, once. */
    enum Task {
        REGISTER,
        ECHO,
        PULL,
        PUSH
    }

    /**
     * How a phase went.
     *
     * @param bytes of image that arrived, or echoes times the size of a block
     */
    record Outcome(Task task, int done, int failed, long retransmitted, long bytes, long nanos, long processorNanos) {}

    /** Echoes by each of the devices. */
    static final int ECHOES = 1000;

    static final int ECHO_DEVICES = 64;
    static final int BLOCK = 1024;
    private static final int REGISTER_WINDOW = 64;
    private static final int LARGEST_SZX = 6;
    private static final int ECHO_BYTES = 40;
    /** No CoAP message: version 3. */
    private static final byte ECHO_MARK = (byte) 0xc0;

    private static final long ACK_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int MAX_RETRANSMIT = 6;
    private static final long CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long PHASE_LIMIT_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final int POLL_MILLIS = 5;

    private final Transport transport;
    private final Random random = new Random(1);
    private final CoapReader reader = new CoapReader();
    private final CoapWriter writer = new CoapWriter();
    private final short[] mids;
    private final byte[][] sent;
    private final long[] dueAt;
    private final long[] timeout;
    private final byte[] tries;
    private final int[] offset;
    private final int[] szx;
    private final boolean[] finished;
    private final boolean[] held;

    private Task task = Task.REGISTER;
    private InetSocketAddress server;
    private byte[] image = new byte[0];
    private int count;
    private int next;
    private int open;
    private int done;
    private int failed;
    private int holdAt = Integer.MAX_VALUE;
    private int heldCount;
    private long retransmitted;

    DeliveryLoad(int devices, InetSocketAddress anyServer) throws IOException {
        int all = Math.max(devices, ECHO_DEVICES);
        transport = Transports.open(Transports.Kind.AUTO, all, anyServer);
        server = anyServer;
        mids = new short[all];
        sent = new byte[all][];
        dueAt = new long[all];
        timeout = new long[all];
        tries = new byte[all];
        offset = new int[all];
        szx = new int[all];
        finished = new boolean[all];
        held = new boolean[all];
        for (int i = 0; i < all; i++) {
            mids[i] = (short) random.nextInt();
        }
    }

    /** The image of that size; the same in every process. */
    static byte[] image(int bytes) {
        byte[] image = new byte[bytes];
        new Random(bytes).nextBytes(image);
        return image;
    }

    static String endpoint(int device) {
        return "urn:imei:" + (350_000_000_000_000L + device);
    }

    /** What follows {@code /fw/} for a device. */
    static String token(int device) {
        return String.format(Locale.ROOT, "%016x", device);
    }

    /** @throws IOException if it does not end within ten minutes */
    Outcome run(Task what, InetSocketAddress at, byte[] bytes, int devices) throws IOException {
        long processor = LoadGenerator.processorNanos();
        long began = System.nanoTime();
        begin(what, at, bytes, devices, Integer.MAX_VALUE);
        until(() -> done + failed >= count);
        long nanos = System.nanoTime() - began;
        long moved = what == Task.ECHO ? (long) ECHOES * BLOCK * devices : (long) bytes.length * done;
        return new Outcome(what, done, failed, retransmitted, moved, nanos, LoadGenerator.processorNanos() - processor);
    }

    /** Begins as {@link #run} does, but each device stops once it has that many bytes; returns when all have. */
    void runUntilHeld(Task what, InetSocketAddress at, byte[] bytes, int devices, int atBytes) throws IOException {
        begin(what, at, bytes, devices, atBytes);
        until(() -> heldCount >= count);
    }

    /** Lets all go on, to the end. @return how many have every byte */
    int release() throws IOException {
        holdAt = Integer.MAX_VALUE;
        for (int device = 0; device < count; device++) {
            held[device] = false;
            if (task == Task.PULL) {
                step(device);
            }
        }
        until(() -> done + failed >= count);
        return done;
    }

    /** Answers servers until the question is. */
    String await(CompletableFuture<String> asked) throws IOException {
        while (!asked.isDone()) {
            transport.poll(POLL_MILLIS, this::received);
        }
        return asked.join();
    }

    private void begin(Task what, InetSocketAddress at, byte[] bytes, int devices, int hold) {
        task = what;
        server = at;
        image = bytes;
        count = devices;
        holdAt = hold;
        next = 0;
        open = 0;
        done = 0;
        failed = 0;
        heldCount = 0;
        retransmitted = 0;
        Arrays.fill(finished, false);
        Arrays.fill(held, false);
        Arrays.fill(offset, 0);
        Arrays.fill(szx, LARGEST_SZX);
        Arrays.fill(dueAt, Long.MAX_VALUE);
    }

    private void until(BooleanSupplier over) throws IOException {
        long began = System.nanoTime();
        long nextCheck = began + CHECK_NANOS;
        while (!over.getAsBoolean()) {
            while (task != Task.PUSH && next < count && (task != Task.REGISTER || open < REGISTER_WINDOW)) {
                open++;
                step(next++);
            }
            transport.poll(POLL_MILLIS, this::received);
            long now = System.nanoTime();
            if (now >= nextCheck) {
                nextCheck = now + CHECK_NANOS;
                retransmit(now);
            }
            if (now - began > PHASE_LIMIT_NANOS) {
                throw new IOException(
                        task + ": " + (done + failed) + " of " + count + " devices were done within 10 minutes");
            }
        }
    }

    private void step(int device) {
        int mid = ++mids[device] & 0xffff;
        byte[] datagram =
                switch (task) {
                    case REGISTER -> writer.register(mid, device, endpoint(device));
                    case ECHO -> echo(device);
                    case PULL ->
                        writer.block(
                                mid,
                                device,
                                token(device).getBytes(US_ASCII),
                                offset[device] >> (szx[device] + 4) << 4 | szx[device]);
                    case PUSH -> throw new IllegalStateException("devices do not begin a push");
                };
        sent[device] = datagram;
        tries[device] = 0;
        timeout[device] = (long) (ACK_TIMEOUT_NANOS * (1 + random.nextDouble() / 2));
        dueAt[device] = System.nanoTime() + timeout[device];
        transport.send(device, server, datagram);
    }

    private static byte[] echo(int device) {
        byte[] datagram = new byte[ECHO_BYTES];
        datagram[0] = ECHO_MARK;
        datagram[1] = (byte) device;
        return datagram;
    }

    private void received(int device, InetSocketAddress peer, byte[] datagram) {
        if (!peer.equals(server) || device >= finished.length) {
            return;
        }
        if (datagram.length > 0 && datagram[0] == ECHO_MARK) {
            if (task == Task.ECHO && !finished[device]) {
                echoed(device);
            }
        } else if (reader.read(datagram)) {
            if (reader.isRequest()) {
                asked(device, datagram);
            } else if (reader.isResponse()
                    && device < count
                    && !finished[device]
                    && reader.ownToken() == device
                    && reader.mid() == (mids[device] & 0xffff)) {
                answered(device, datagram);
            }
        }
    }

    private void echoed(int device) {
        if (++offset[device] == ECHOES) {
            end(device, true);
        } else {
            step(device);
        }
    }

    private void answered(int device, byte[] datagram) {
        if (task == Task.REGISTER) {
            end(device, reader.isSuccess());
        } else if (task == Task.PULL) {
            int block = reader.block2();
            int length = datagram.length - reader.payloadAt();
            if (!reader.isSuccess() || block < 0 || (block >> 4) << ((block & 7) + 4) != offset[device]) {
                end(device, false);
            } else if (!same(datagram, device, length)) {
                end(device, false);
            } else {
                szx[device] = Math.min(szx[device], block & 7);
                offset[device] += length;
                dueAt[device] = Long.MAX_VALUE;
                if (offset[device] == image.length) {
                    end(device, true);
                } else if (offset[device] >= holdAt) {
                    hold(device);
                } else {
                    step(device);
                }
            }
        }
    }

    private boolean same(byte[] datagram, int device, int length) {
        int from = offset[device];
        return length > 0
                && from + length <= image.length
                && Arrays.equals(datagram, reader.payloadAt(), datagram.length, image, from, from + length);
    }

    /** A block of a Write; what came before is acknowledged again. */
    private void asked(int device, byte[] datagram) {
        int block = reader.block1();
        if (task != Task.PUSH || device >= count || block < 0 || reader.code() == CoapWriter.GET) {
            return;
        }
        int from = (block >> 4) << ((block & 7) + 4);
        int length = datagram.length - reader.payloadAt();
        boolean more = (block & 8) != 0;
        if (offset[device] >= holdAt && !finished[device]) {
            hold(device);
            return;
        }
        int code = more ? CoapWriter.CONTINUE : CoapWriter.CHANGED;
        if (from == offset[device] && !finished[device]) {
            if (!same(datagram, device, length)) {
                end(device, false);
                return;
            }
            offset[device] += length;
            if (offset[device] == image.length) {
                end(device, true);
            }
        } else if (from > offset[device]) {
            code = CoapWriter.INCOMPLETE;
        }
        transport.send(device, server, writer.blockAnswer(code, reader.mid(), reader.token(), block));
    }

    private void hold(int device) {
        if (!held[device]) {
            held[device] = true;
            heldCount++;
        }
    }

    private void end(int device, boolean good) {
        finished[device] = true;
        dueAt[device] = Long.MAX_VALUE;
        open--;
        if (good) {
            done++;
        } else {
            failed++;
        }
    }

    private void retransmit(long now) {
        for (int device = 0; device < count; device++) {
            if (dueAt[device] > now) {
                continue;
            }
            if (tries[device] == MAX_RETRANSMIT) {
                end(device, false);
            } else {
                tries[device]++;
                retransmitted++;
                timeout[device] *= 2;
                dueAt[device] = now + timeout[device];
                transport.send(device, server, sent[device]);
            }
        }
    }

    @Override
    public void close() {
        transport.close();
    }
}
