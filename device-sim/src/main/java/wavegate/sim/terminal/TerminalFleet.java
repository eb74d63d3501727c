package wavegate.sim.terminal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.sim.coap.DtlsTransport;
import wavegate.sim.coap.Psk;
import wavegate.sim.coap.PskKeys;
import wavegate.sim.coap.Transport;
import wavegate.sim.coap.Transports;

/** Running terminals, stepped by one thread, {@code sim-terminals}. All methods may be called from any thread. */
public final class TerminalFleet implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TerminalFleet.class);
    private static final long LONGEST_WAIT_MS = 20;
    private static final int MOST_WAKES_PER_TURN = 256;
    private static final long REPORT_TIMEOUT_SECONDS = 30;

    private record Wake(long at, int terminal) {}

    private final TerminalPlan plan;
    private final InstantSource clock;
    private final Transport transport;
    private final VirtualTerminal[] terminals;
    /** Of each terminal what is in the queue for it; others of its entries are stale. */
    private final long[] wakeAt;

    private final PriorityQueue<Wake> queue = new PriorityQueue<>(Comparator.comparingLong(Wake::at));
    private final ConcurrentLinkedQueue<CompletableFuture<List<TerminalReport>>> questions =
            new ConcurrentLinkedQueue<>();
    private final Thread thread = new Thread(this::run, "sim-terminals");
    private volatile boolean closing;
    private volatile boolean stopped;
    private volatile @Nullable Throwable failure;

    private TerminalFleet(TerminalPlan plan, UnaryOperator<Transport> line, InstantSource clock) throws IOException {
        this.plan = plan;
        this.clock = clock;
        int count = plan.terminals().size();
        Transport wire = line.apply(Transports.open(plan.transport(), count, plan.server()));
        this.transport = plan.secure()
                ? new DtlsTransport(
                        wire,
                        count,
                        new Keys(plan),
                        plan.coap().ackTimeoutMs(),
                        plan.coap().maxRetransmit(),
                        clock)
                : wire;
        this.terminals = new VirtualTerminal[count];
        this.wakeAt = new long[count];
        SplittableRandom seeds = new SplittableRandom(plan.seed());
        long now = clock.millis();
        for (int i = 0; i < count; i++) {
            terminals[i] = new VirtualTerminal(plan.terminals().get(i), plan, seeds.split(), new TerminalLine(i));
            terminals[i].start(now + plan.rampUp().toMillis() * i / count);
            stepped(i);
        }
        thread.setDaemon(true);
    }

    /**
     * Starts terminals over a line that {@code line} may spoil.
     *
     * @throws UncheckedIOException if no sockets can be had
     */
    public static TerminalFleet start(TerminalPlan plan, UnaryOperator<Transport> line) {
        try {
            TerminalFleet fleet = new TerminalFleet(plan, line, InstantSource.system());
            fleet.thread.start();
            LOG.info(
                    "terminals started count={} server={} seed={}", fleet.terminals.length, plan.server(), plan.seed());
            return fleet;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Keys(TerminalPlan plan) implements PskKeys {
        @Override
        public boolean covers(int device, InetSocketAddress peer) {
            return true;
        }

        @Override
        public Optional<Psk> key(int device, InetSocketAddress peer) {
            return plan.keys().apply(plan.terminals().get(device).endpoint());
        }
    }

    private final class TerminalLine implements Confirmed.Line {
        private final int index;

        TerminalLine(int index) {
            this.index = index;
        }

        @Override
        public void send(InetSocketAddress peer, byte[] datagram) {
            transport.send(index, peer, datagram);
        }

        @Override
        public void renewSession(InetSocketAddress peer) {
            transport.renewSession(index, peer);
        }
    }

    private void stepped(int index) {
        long at = terminals[index].wakeAt();
        if (at != wakeAt[index]) {
            wakeAt[index] = at;
            if (at != Confirmed.NEVER) {
                queue.add(new Wake(at, index));
            }
        }
    }

    private void run() {
        try {
            while (!closing) {
                answerQuestions();
                wakeDue();
                Wake next = queue.peek();
                long wait = next == null ? LONGEST_WAIT_MS : Math.max(0, next.at() - clock.millis());
                transport.poll(Math.min(LONGEST_WAIT_MS, wait), (index, peer, datagram) -> {
                    terminals[index].receive(clock.millis(), peer, datagram);
                    stepped(index);
                });
            }
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
            LOG.error("terminals stopped by a fault", e);
        } finally {
            transport.close();
            stopped = true;
            answerQuestions();
        }
    }

    private void wakeDue() {
        long now = clock.millis();
        for (int i = 0; i < MOST_WAKES_PER_TURN; i++) {
            Wake next = queue.peek();
            if (next == null || next.at() > now) {
                return;
            }
            queue.remove();
            if (wakeAt[next.terminal()] == next.at()) {
                wakeAt[next.terminal()] = Confirmed.NEVER;
                terminals[next.terminal()].wake(now);
                stepped(next.terminal());
            }
        }
    }

    private void answerQuestions() {
        for (CompletableFuture<List<TerminalReport>> q = questions.poll(); q != null; q = questions.poll()) {
            List<TerminalReport> reports = new ArrayList<>(terminals.length);
            for (VirtualTerminal terminal : terminals) {
                reports.add(terminal.report());
            }
            q.complete(reports);
        }
    }

    /**
     * Every terminal at one moment between two steps.
     *
     * @throws IllegalStateException if they were stopped by a fault
     */
    public List<TerminalReport> report() {
        CompletableFuture<List<TerminalReport>> question = new CompletableFuture<>();
        questions.add(question);
        if (stopped) {
            synchronized (this) {
                answerQuestions();
            }
        }
        Throwable fault = failure;
        if (fault != null) {
            throw new IllegalStateException("the terminals were stopped by a fault", fault);
        }
        try {
            return question.get(REPORT_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking the terminals", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the terminals do not answer", e);
        }
    }

    /** How many run each version. */
    public Map<String, Integer> byVersion() {
        Map<String, Integer> versions = new HashMap<>();
        report().forEach(terminal -> versions.merge(terminal.version(), 1, Integer::sum));
        return versions;
    }

    public TerminalPlan plan() {
        return plan;
    }

    /** Switches all off without a farewell. Reports still work afterwards. */
    @Override
    public void close() {
        closing = true;
        try {
            thread.join(TimeUnit.SECONDS.toMillis(REPORT_TIMEOUT_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
