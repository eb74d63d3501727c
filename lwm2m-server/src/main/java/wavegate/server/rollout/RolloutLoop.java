package wavegate.server.rollout;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.DeviceStanding;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.update.DeviceLink;

/**
 * The one writer. Its thread, {@code rollout-0}, drains orders and the answers of workers first, then a batch of device inputs, lets time pass,
 * and commits. If the ledger fails, nothing is sent any more and {@code onFatal} is told, once; the process is expected to end.
 */
public final class RolloutLoop implements Inbox, Audit, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RolloutLoop.class);

    private static final long TAKING_NANOS = 3_000_000;
    /** Of these, what answers may take: registrations and telemetry do not wait until no campaign runs. */
    private static final long ANSWERS_NANOS = 2_000_000;

    private final RolloutEngine engine;
    private final Orders orders;
    private final Operations operations;
    private final RolloutSettings settings;
    private final Consumer<Throwable> onFatal;
    private final BlockingQueue<RolloutInput> inputs;
    /** Answers are as many as commands, which the engine bounds; they are never dropped. */
    private final Queue<RolloutInput> answers = new ConcurrentLinkedQueue<>();

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Semaphore wakeUp = new Semaphore(0);
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong turns = new AtomicLong();
    private final LoopTimes times = new LoopTimes();
    private final Thread thread = new Thread(this::run, "rollout-0");
    /** Whether an order gives another, which then is part of it. Rollout thread only. */
    private boolean nested;

    private volatile boolean stopping;
    private volatile boolean failed;

    /** What a loop stands on. {@code worker} runs plans and gates; its threads are the caller's to end. */
    public record Ports(
            Ledger ledger,
            RolloutStore view,
            ArtifactStore artifacts,
            PackageCheck packageCheck,
            EventSink sink,
            ShardOwnership ownership,
            Executor worker,
            Function<Device, DeviceStanding> standings) {
        /** Without soft state to ask in queries. */
        public Ports(
                Ledger ledger,
                RolloutStore view,
                ArtifactStore artifacts,
                PackageCheck packageCheck,
                EventSink sink,
                ShardOwnership ownership,
                Executor worker) {
            this(ledger, view, artifacts, packageCheck, sink, ownership, worker, device -> DeviceStanding.UNKNOWN);
        }
    }

    public RolloutLoop(
            Ports ports,
            Fence fence,
            InstantSource clock,
            RandomGenerator random,
            RolloutSettings settings,
            Consumer<Throwable> onFatal) {
        this.settings = settings;
        this.onFatal = onFatal;
        this.inputs = new ArrayBlockingQueue<>(settings.inboxSize());
        this.engine = new RolloutEngine(new RolloutEngine.Parts(
                ports.ledger(),
                ports.view(),
                ports.artifacts(),
                ports.packageCheck(),
                ports.sink(),
                ports.ownership(),
                fence,
                clock,
                random,
                ports.worker(),
                this::later,
                settings,
                ports.standings()));
        this.orders = new Orders(engine);
        this.operations = new LoopOperations(this, orders, engine.published(), fence, Optional.empty());
    }

    /** Rebuilds the state from the ledger, on the caller's thread, and starts. */
    public void start(DeviceLink link) {
        engine.recover(link);
        thread.setUncaughtExceptionHandler((t, e) -> fatal(e));
        thread.start();
    }

    // ---- inbox

    @Override
    public boolean offer(RolloutInput input) {
        boolean answer = input instanceof RolloutInput.Answered || input instanceof RolloutInput.Awaited;
        boolean taken = answer ? answers.add(input) : inputs.offer(input);
        if (taken) {
            wake();
        } else {
            refused.incrementAndGet();
        }
        return taken;
    }

    @Override
    public boolean concerns(Endpoint endpoint) {
        return engine.published().concerns(endpoint);
    }

    @Override
    public boolean watches(Endpoint endpoint) {
        return engine.published().watches(endpoint);
    }

    /** What operators may order. */
    public Operations operations() {
        return operations;
    }

    /** Which Package URIs may be served. */
    public PullGrants grants() {
        return engine.published();
    }

    /** Which updates are open. */
    public OpenUpdates openUpdates() {
        return engine.published();
    }

    /** The packages the ledger knows. */
    public Packages packages() {
        return engine.state();
    }

    /** Device inputs dropped because the inbox was full. */
    public long refusedInputs() {
        return refused.get();
    }

    /** Turns committed so far. */
    public long turns() {
        return turns.get();
    }

    /** How long its turns take. */
    public LoopTimes times() {
        return times;
    }

    /** Violated invariants, and events that fitted no table. */
    public RolloutFigures figures() {
        return engine.figures();
    }

    /** How often each row of the transition tables was taken; a copy made on the rollout thread. */
    public CompletableFuture<Map<String, Long>> rows() {
        return order(Optional.empty(), () -> Map.copyOf(engine.rows()));
    }

    // ---- the thread

    private void wake() {
        if (wakeUp.availablePermits() == 0) {
            wakeUp.release();
        }
    }

    private void later(Runnable task) {
        tasks.add(task);
        wake();
    }

    private void run() {
        long nextTick = System.nanoTime();
        while (!stopping) {
            try {
                long wait = nextTick - System.nanoTime();
                if (wait > 0 && tasks.isEmpty() && answers.isEmpty() && inputs.isEmpty()) {
                    if (wakeUp.tryAcquire(wait, TimeUnit.NANOSECONDS)) {
                        wakeUp.drainPermits();
                    }
                }
                boolean ticking = System.nanoTime() >= nextTick;
                boolean more = turn(ticking);
                if (ticking) {
                    nextTick = more
                            ? System.nanoTime()
                            : System.nanoTime() + settings.tick().toNanos();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException | Error e) {
                fatal(e);
                return;
            }
        }
    }

    /** @return whether the tick left more to do at once */
    private boolean turn(boolean ticking) {
        long began = System.nanoTime();
        times.begin();
        // One that gives itself back is for the next turn.
        Queue<Runnable> now = new ArrayDeque<>();
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            now.add(task);
        }
        now.forEach(Runnable::run);
        int left = settings.batchSize();
        for (RolloutInput input = answers.poll(); input != null; input = next(answers, --left, began + ANSWERS_NANOS)) {
            engine.handle(input);
        }
        long until = began + TAKING_NANOS;
        for (RolloutInput input = next(inputs, left, until); input != null; input = next(inputs, --left, until)) {
            engine.handle(input);
        }
        boolean more = false;
        if (ticking) {
            orders.revokeExpired();
            more = engine.tick();
        }
        times.committed(engine.commit());
        turns.incrementAndGet();
        times.turn(System.nanoTime() - began);
        return more;
    }

    /** Of inputs that come faster than they can be decided on, a turn takes as many as keep it short: what they decide is still to be written. */
    private static @Nullable RolloutInput next(Queue<RolloutInput> from, int left, long until) {
        return left > 0 && System.nanoTime() < until ? from.poll() : null;
    }

    private void fatal(Throwable cause) {
        if (!failed) {
            failed = true;
            stopping = true;
            LOG.error("rollout loop stopped; nothing is dispatched any more", cause);
            onFatal.accept(cause);
        }
    }

    // ---- orders

    /** @param line of the audit, in one commit with what the order does */
    <T> CompletableFuture<T> order(Optional<AuditLine> line, Supplier<T> what) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        if (stopping) {
            answer.completeExceptionally(new IllegalStateException("the rollout loop has stopped"));
            return answer;
        }
        if (nested && Thread.currentThread() == thread) {
            orders.complete(answer, line, what);
        } else {
            later(() -> orders.complete(answer, line, what));
        }
        return answer;
    }

    /** The orders within are part of the one that is being carried out. Rollout thread. */
    <T> T within(Supplier<T> order) {
        nested = true;
        try {
            return order.get();
        } finally {
            nested = false;
        }
    }

    @Override
    public CompletableFuture<Void> record(
            String actor, String action, String subject, String outcome, Map<String, String> details) {
        return order(Optional.empty(), () -> {
                    orders.audit(actor, action, subject, outcome, details);
                    return Boolean.TRUE;
                })
                .thenApply(done -> null);
    }

    /** Ends the thread after the turn it is in. Nothing is sent afterwards. */
    @Override
    public void close() {
        stopping = true;
        wake();
        try {
            thread.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
