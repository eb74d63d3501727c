package wavegate.sim.fault;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import wavegate.sim.coap.Transport;

/** A transport seen through a bad line. The same seed loses the same datagrams of the same traffic. */
public final class FaultyTransport implements Transport {
    /** When a datagram goes on, and how. {@code order} keeps datagrams of one moment in their order. */
    private record Held(long dueAt, long order, byte[] datagram, Passage passage) {}

    private interface Passage {
        void go(byte[] datagram, Receiver receiver);
    }

    private final Transport line;
    private final IntFunction<LineFaults> faults;
    private final RandomGenerator random;
    private final InstantSource clock;
    private final PriorityQueue<Held> held =
            new PriorityQueue<>(Comparator.comparingLong(Held::dueAt).thenComparingLong(Held::order));
    private long order;
    private int handed;

    public FaultyTransport(Transport line, LineFaults faults, RandomGenerator random, InstantSource clock) {
        this(line, device -> faults, random, clock);
    }

    /** @param faults those of each device's own line */
    public FaultyTransport(
            Transport line, IntFunction<LineFaults> faults, RandomGenerator random, InstantSource clock) {
        this.line = line;
        this.faults = faults;
        this.random = random;
        this.clock = clock;
    }

    @Override
    public void send(int device, InetSocketAddress peer, byte[] datagram) {
        pass(device, datagram, (bytes, receiver) -> line.send(device, peer, bytes));
    }

    private void pass(int device, byte[] datagram, Passage passage) {
        LineFaults bad = faults.apply(device);
        if (random.nextDouble() < bad.loss()) {
            return;
        }
        hold(bad, datagram, passage);
        if (random.nextDouble() < bad.duplication()) {
            hold(bad, datagram, passage);
        }
    }

    private void hold(LineFaults bad, byte[] datagram, Passage passage) {
        long delay = bad.delayMs() == 0 ? 0 : random.nextLong(bad.delayMs() + 1L);
        if (random.nextDouble() < bad.reordering()) {
            delay += bad.delayMs();
        }
        byte[] arriving = datagram;
        if (bad.corruption() > 0 && datagram.length > 0 && random.nextDouble() < bad.corruption()) {
            arriving = datagram.clone();
            arriving[random.nextInt(arriving.length)] ^= (byte) (1 + random.nextInt(255));
        }
        held.add(new Held(clock.millis() + delay, order++, arriving, passage));
    }

    @Override
    public int poll(long timeoutMs, Receiver receiver) throws IOException {
        handed = 0;
        release(receiver);
        Held first = held.peek();
        long wait = first == null ? timeoutMs : Math.min(timeoutMs, Math.max(1, first.dueAt() - clock.millis()));
        line.poll(
                handed > 0 ? 0 : wait,
                (device, peer, datagram) -> pass(device, datagram, (bytes, to) -> {
                    handed++;
                    to.datagram(device, peer, bytes);
                }));
        release(receiver);
        return handed;
    }

    private void release(Receiver receiver) {
        long now = clock.millis();
        while (!held.isEmpty() && held.peek().dueAt() <= now) {
            Held due = held.remove();
            due.passage().go(due.datagram(), receiver);
        }
    }

    @Override
    public void rebind(int device) {
        line.rebind(device);
    }

    @Override
    public void close() {
        line.close();
    }
}
