package wavegate.server.registration.limit;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of the CoAP stack: one for timers, the others for messages, whose queue can be looked at. The queue itself takes everything, since
 * the stack puts its own steps into it too; the gates keep it short. Thread-safe.
 */
public final class ProtocolThreads extends ScheduledThreadPoolExecutor {
    private final ThreadPoolExecutor workers;

    /** @param threads at least 2 */
    public ProtocolThreads(int threads, ThreadFactory factory) {
        super(1, factory);
        setRemoveOnCancelPolicy(true);
        setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        workers = new ThreadPoolExecutor(
                threads - 1, threads - 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
    }

    /** What waits for a thread. */
    public int backlog() {
        return workers.getQueue().size();
    }

    @Override
    public void execute(Runnable task) {
        workers.execute(task);
    }

    @Override
    public Future<?> submit(Runnable task) {
        return workers.submit(task);
    }

    @Override
    public <T> Future<T> submit(Runnable task, T result) {
        return workers.submit(task, result);
    }

    @Override
    public <T> Future<T> submit(Callable<T> task) {
        return workers.submit(task);
    }

    @Override
    public void shutdown() {
        workers.shutdown();
        super.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        List<Runnable> left = super.shutdownNow();
        left.addAll(workers.shutdownNow());
        return left;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return workers.awaitTermination(timeout / 2, unit) && super.awaitTermination(timeout / 2, unit);
    }
}
