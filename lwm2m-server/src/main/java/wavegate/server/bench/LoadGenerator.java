package wavegate.server.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import wavegate.sim.coap.Transport;
import wavegate.sim.coap.Transports;

/**
 * Devices that register, update and deregister, each from a source address of its own, as fast as a server answers a window of outstanding
 * requests. Confirmable messages are sent again as RFC 7252 asks. It answers what servers ask its devices whenever it runs. One thread.
 */
final class LoadGenerator implements AutoCloseable {
    /** What each device of a phase does, once. */
    enum Operation {
        REGISTER,
        UPDATE,
        DEREGISTER
    }

    /** Devices {@code first} to {@code first + count - 1} at one server, with where they are registered. */
    static final class Fleet {
        private final InetSocketAddress server;
        private final int first;
        private final byte[][] locations;

        Fleet(InetSocketAddress server, int first, int count) {
            this.server = server;
            this.first = first;
            this.locations = new byte[count][];
        }

        int count() {
            return locations.length;
        }
    }

    /**
     * How a phase went.
     *
     * @param p99Millis of the time from the first transmission to the answer
     * @param processorNanos this process used
     */
    record Outcome(int done, int failed, long retransmitted, long nanos, double p99Millis, long processorNanos) {}

    private static final long ACK_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int MAX_RETRANSMIT = 4;
    private static final long RETRANSMISSION_CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long PHASE_LIMIT_NANOS = TimeUnit.MINUTES.toNanos(5);
    private static final int POLL_MILLIS = 5;
    /** So many requests may leave between two looks at the answers, or those overflow the receive buffer. */
    private static final int MOST_AT_ONCE = 256;

    private final Transport transport;
    private final int window;
    private final double jitter;
    private final SplittableRandom random = new SplittableRandom(1);
    private final CoapReader reader = new CoapReader();
    private final CoapWriter writer = new CoapWriter();
    private final DeviceAnswers answers = new DeviceAnswers();
    private final short[] mids;
    private long answered;
    private Phase phase;

    /** Retransmissions with the jitter of RFC 7252. */
    LoadGenerator(int addresses, int window, InetSocketAddress anyServer) throws IOException {
        this(addresses, window, anyServer, 0.5);
    }

    /**
     * @param addresses how many devices there will be, counted over all fleets that differ in {@code first}
     * @param jitter by which share the first timeout may be longer than two seconds; 0: all devices send again in the same instants
     */
    LoadGenerator(int addresses, int window, InetSocketAddress anyServer, double jitter) throws IOException {
        this.window = window;
        this.jitter = jitter;
        this.transport = Transports.open(Transports.Kind.AUTO, addresses, anyServer);
        this.mids = new short[addresses];
        for (int i = 0; i < addresses; i++) {
            mids[i] = (short) random.nextInt();
        }
        this.phase = new Phase(new Fleet(anyServer, 0, 0), Operation.UPDATE);
    }

    /** @throws IOException if it does not end within five minutes */
    Outcome run(Fleet fleet, Operation operation) throws IOException {
        long processor = processorNanos();
        phase = new Phase(fleet, operation);
        phase.run();
        return phase.outcome(processorNanos() - processor);
    }

    /** Answers servers until something has come to pass. */
    void serveUntil(BooleanSupplier condition) throws IOException {
        while (!condition.getAsBoolean()) {
            transport.poll(POLL_MILLIS, this::received);
        }
    }

    /** Requests of servers answered so far. */
    long answered() {
        return answered;
    }

    static long processorNanos() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getProcessCpuTime();
    }

    private void received(int device, InetSocketAddress peer, byte[] datagram) {
        if (!reader.read(datagram)) {
            return;
        }
        if (reader.isRequest()) {
            if (reader.isConfirmable()) {
                answered++;
                transport.send(device, peer, answers.answer(reader, writer));
            }
        } else if (reader.isResponse()) {
            phase.answered(device, peer);
        }
    }

    @Override
    public void close() {
        transport.close();
    }

    private static final class Pending {
        private int device = -1;
        private byte[] datagram = new byte[0];
        private long sentAt;
        private long dueAt;
        private long timeout;
        private int retransmissions;
    }

    private final class Phase {
        private final Fleet fleet;
        private final Operation operation;
        private final Pending[] pending = new Pending[window];
        private final int[] free = new int[window];
        private final int[] slotOf;
        private final long[] latencies;
        private int freeCount;
        private int next;
        private int done;
        private int failed;
        private long retransmitted;
        private long nextCheck;
        private long nanos;

        Phase(Fleet fleet, Operation operation) {
            this.fleet = fleet;
            this.operation = operation;
            this.slotOf = new int[fleet.count()];
            this.latencies = new long[fleet.count()];
            Arrays.fill(slotOf, -1);
            for (int i = 0; i < window; i++) {
                pending[i] = new Pending();
                free[freeCount++] = i;
            }
        }

        void run() throws IOException {
            long began = System.nanoTime();
            while (done + failed < fleet.count()) {
                for (int i = 0; i < MOST_AT_ONCE && freeCount > 0 && next < fleet.count(); i++) {
                    start(next++);
                }
                boolean more = freeCount > 0 && next < fleet.count();
                transport.poll(more ? 0 : POLL_MILLIS, LoadGenerator.this::received);
                long now = System.nanoTime();
                if (now >= nextCheck) {
                    nextCheck = now + RETRANSMISSION_CHECK_NANOS;
                    retransmit(now);
                }
                if (now - began > PHASE_LIMIT_NANOS) {
                    throw new IOException(operation + ": " + (done + failed) + " of " + fleet.count()
                            + " devices were answered within 5 minutes");
                }
            }
            nanos = System.nanoTime() - began;
        }

        private void start(int index) {
            byte[] location = fleet.locations[index];
            if (operation != Operation.REGISTER && location == null) {
                failed++;
                return;
            }
            int slot = free[--freeCount];
            int device = fleet.first + index;
            Pending exchange = pending[slot];
            slotOf[index] = slot;
            exchange.device = device;
            exchange.datagram = request(device, location == null ? new byte[0] : location);
            exchange.retransmissions = 0;
            exchange.timeout = (long) (ACK_TIMEOUT_NANOS * (1 + random.nextDouble() * jitter));
            exchange.sentAt = System.nanoTime();
            exchange.dueAt = exchange.sentAt + exchange.timeout;
            transport.send(device, fleet.server, exchange.datagram);
        }

        private byte[] request(int device, byte[] location) {
            int mid = ++mids[device] & 0xffff;
            return switch (operation) {
                case REGISTER -> writer.register(mid, device, "urn:imei:" + (350_000_000_000_000L + device));
                case UPDATE -> writer.onRegistration(CoapWriter.POST, mid, device, location);
                case DEREGISTER -> writer.onRegistration(CoapWriter.DELETE, mid, device, location);
            };
        }

        void answered(int device, InetSocketAddress peer) {
            int index = device - fleet.first;
            if (index < 0 || index >= fleet.count() || slotOf[index] < 0) {
                return;
            }
            Pending exchange = pending[slotOf[index]];
            int mid = mids[device] & 0xffff;
            if (reader.ownToken() != device || reader.mid() != mid || !peer.equals(fleet.server)) {
                return;
            }
            boolean good = reader.isSuccess() && (operation != Operation.REGISTER || reader.location().length > 0);
            if (good) {
                latencies[done++] = System.nanoTime() - exchange.sentAt;
                fleet.locations[index] = operation == Operation.REGISTER ? reader.location() : fleet.locations[index];
            } else {
                failed++;
            }
            end(index, exchange);
        }

        private void end(int index, Pending exchange) {
            free[freeCount++] = slotOf[index];
            slotOf[index] = -1;
            exchange.device = -1;
        }

        private void retransmit(long now) {
            for (Pending exchange : pending) {
                if (exchange.device < 0 || exchange.dueAt > now) {
                    continue;
                }
                if (exchange.retransmissions == MAX_RETRANSMIT) {
                    failed++;
                    end(exchange.device - fleet.first, exchange);
                } else {
                    exchange.retransmissions++;
                    retransmitted++;
                    exchange.timeout *= 2;
                    exchange.dueAt = now + exchange.timeout;
                    transport.send(exchange.device, fleet.server, exchange.datagram);
                }
            }
        }

        Outcome outcome(long processorNanos) {
            long[] sorted = Arrays.copyOf(latencies, done);
            Arrays.sort(sorted);
            double p99 = done == 0 ? 0 : sorted[(int) Math.min(done - 1, Math.ceil(done * 0.99) - 1)] / 1e6;
            return new Outcome(done, failed, retransmitted, nanos, p99, processorNanos);
        }
    }
}
