package wavegate.sim.fault;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;
import wavegate.sim.coap.Transport;

/** A transport seen through a bad line. The same seed loses the same datagrams of the same traffic. */
public final class FaultyTransport implements Transport {
    /** When a datagram goes on, and how. {@code order} keeps datagrams of one moment in their order. */
    private record Held(long dueAt, long order, Passage passage) {}

    private interface Passage {
        void go(Receiver receiver);
    }

    private final Transport line;
    private final LineFaults faults;
    private final RandomGenerator random;
    private final InstantSource clock;
    private final PriorityQueue<Held> held =
            new PriorityQueue<>(Comparator.comparingLong(Held::dueAt).thenComparingLong(Held::order));
    private long order;
    private int handed;

    public FaultyTransport(Transport line, LineFaults faults, RandomGenerator random, InstantSource clock) {
        this.line = line;
        this.faults = faults;
        this.random = random;
        this.clock = clock;
    }

    @Override
    public void send(int device, InetSocketAddress peer, byte[] datagram) {
        pass(receiver -> line.send(device, peer, datagram));
    }

    private void pass(Passage passage) {
        if (random.nextDouble() < faults.loss()) {
            return;
        }
        hold(passage);
        if (random.nextDouble() < faults.duplication()) {
            hold(passage);
        }
    }

    private void hold(Passage passage) {
        long delay = faults.delayMs() == 0 ? 0 : random.nextLong(faults.delayMs() + 1L);
        if (random.nextDouble() < faults.reordering()) {
            delay += faults.delayMs();
        }
        held.add(new Held(clock.millis() + delay, order++, passage));
    }

    @Override
    public int poll(long timeoutMs, Receiver receiver) throws IOException {
        handed = 0;
        release(receiver);
        Held first = held.peek();
        long wait = first == null ? timeoutMs : Math.min(timeoutMs, Math.max(1, first.dueAt() - clock.millis()));
        line.poll(
                handed > 0 ? 0 : wait,
                (device, peer, datagram) -> pass(to -> {
                    handed++;
                    to.datagram(device, peer, datagram);
                }));
        release(receiver);
        return handed;
    }

    private void release(Receiver receiver) {
        long now = clock.millis();
        while (!held.isEmpty() && held.peek().dueAt() <= now) {
            held.remove().passage().go(receiver);
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
