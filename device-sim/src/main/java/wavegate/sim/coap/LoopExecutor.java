package wavegate.sim.coap;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what it is given on the thread that calls {@link #run}, so that a library made for thread pools fits into a loop. Everything, the
 * submissions included, happens on that one thread.
 */
final class LoopExecutor extends AbstractExecutorService implements ScheduledExecutorService {
    private static final Logger LOG = LoggerFactory.getLogger(LoopExecutor.class);

    private final InstantSource clock;
    private final Deque<Runnable> ready = new ArrayDeque<>();
    private final PriorityQueue<Timer<?>> timers = new PriorityQueue<>();
    private long order;
    private boolean shutdown;

    LoopExecutor(InstantSource clock) {
        this.clock = clock;
    }

    /** A task for later. A periodic one goes back into the queue after each run. */
    private final class Timer<V> extends FutureTask<V> implements ScheduledFuture<V> {
        private final long periodMs;
        private final long number = order++;
        private long dueAt;

        Timer(Callable<V> task, long dueAt, long periodMs) {
            super(task);
            this.dueAt = dueAt;
            this.periodMs = periodMs;
        }

        @Override
        public void run() {
            if (periodMs == 0) {
                super.run();
            } else if (super.runAndReset() && !shutdown) {
                dueAt = clock.millis() + periodMs;
                timers.add(this);
            }
        }

        @Override
        public boolean cancel(boolean mayInterrupt) {
            timers.remove(this);
            return super.cancel(mayInterrupt);
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(dueAt - clock.millis(), TimeUnit.MILLISECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            if (other instanceof Timer<?> timer) {
                return dueAt == timer.dueAt ? Long.compare(number, timer.number) : Long.compare(dueAt, timer.dueAt);
            }
            return Long.compare(getDelay(TimeUnit.MILLISECONDS), other.getDelay(TimeUnit.MILLISECONDS));
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(number);
        }
    }

    /** Runs all that is due, and what that adds, until nothing is left. */
    void run() {
        long now = clock.millis();
        while (!timers.isEmpty() && timers.peek().dueAt <= now) {
            ready.add(timers.remove());
        }
        while (!ready.isEmpty()) {
            try {
                ready.remove().run();
            } catch (RuntimeException e) {
                LOG.warn("a task of the DTLS connector failed", e);
            }
        }
    }

    /** Whether something waits that is due. */
    boolean busy() {
        return !ready.isEmpty();
    }

    /** Milliseconds until the next timer; {@link Long#MAX_VALUE} if there is none. */
    long untilNextTimer() {
        Timer<?> next = timers.peek();
        return next == null ? Long.MAX_VALUE : Math.max(0, next.dueAt - clock.millis());
    }

    @Override
    public void execute(Runnable task) {
        if (shutdown) {
            throw new RejectedExecutionException("shut down");
        }
        ready.add(task);
    }

    private <V> ScheduledFuture<V> add(Callable<V> task, long delayMs, long periodMs) {
        if (shutdown) {
            throw new RejectedExecutionException("shut down");
        }
        Timer<V> timer = new Timer<>(task, clock.millis() + Math.max(0, delayMs), periodMs);
        timers.add(timer);
        return timer;
    }

    private static Callable<Void> callable(Runnable task) {
        return () -> {
            task.run();
            return null;
        };
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        return add(callable(task), unit.toMillis(delay), 0);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
        return add(task, unit.toMillis(delay), 0);
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, long delay, long period, TimeUnit unit) {
        return scheduleWithFixedDelay(task, delay, period, unit);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long delay, long pause, TimeUnit unit) {
        return add(callable(task), unit.toMillis(delay), Math.max(1, unit.toMillis(pause)));
    }

    @Override
    public void shutdown() {
        shutdown = true;
        timers.clear();
    }

    @Override
    public List<Runnable> shutdownNow() {
        shutdown();
        List<Runnable> left = new ArrayList<>(ready);
        ready.clear();
        return left;
    }

    @Override
    public boolean isShutdown() {
        return shutdown;
    }

    @Override
    public boolean isTerminated() {
        return shutdown && ready.isEmpty();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return isTerminated();
    }
}
