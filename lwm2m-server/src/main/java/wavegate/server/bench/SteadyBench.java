package wavegate.server.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import wavegate.server.bench.LoadGenerator.Fleet;
import wavegate.server.bench.LoadGenerator.Operation;
import wavegate.server.bench.LoadGenerator.Outcome;
import wavegate.server.bench.SteadyReport.Look;

/**
 * Devices that update, deregister and register again for a long time, at a share of the rate that this server can take; now and then what is alive
 * in its heap. A server that keeps something of each message shows it here.
 */
public final class SteadyBench {
    private static final int WINDOW = 64;
    /** A turn in which a group leaves and comes back follows so many in which one updates. */
    private static final int UPDATES_TO_A_RETURN = 18;

    private static final long MOST_UNPACED_NANOS = TimeUnit.SECONDS.toNanos(15);

    private final SteadyPlan plan;
    private final Consumer<String> progress;
    private final List<Fleet> groups = new ArrayList<>();
    private int turn;
    private long retransmitted;
    private long failed;

    /** @param progress takes a line now and then */
    public SteadyBench(SteadyPlan plan, Consumer<String> progress) {
        this.plan = plan;
        this.progress = progress;
    }

    /** @throws IOException if the server does not start or does not answer */
    public SteadyReport run() throws IOException {
        if (plan.pinned() && !Processors.pinThisTo(1)) {
            throw new IOException("this process cannot be pinned to processor 1 (run without pinning)");
        }
        try (ServerProcess server = new ServerProcess(
                        BenchTarget.class, "wavegate", plan.directory(), plan.heapMiB(), plan.pinned());
                LoadGenerator load = new LoadGenerator(plan.devices(), WINDOW, server.coap())) {
            for (int first = 0; first < plan.devices(); first += SteadyPlan.GROUP) {
                Fleet group = new Fleet(server.coap(), first, SteadyPlan.GROUP);
                groups.add(group);
                run(load, group, Operation.REGISTER);
            }
            progress.accept(plan.devices() + " devices are registered; a campaign begins once they said what they are");
            answer(load, server.ask("campaign " + plan.devices()));
            unpaced(load);
            double capacity = unpaced(load);
            progress.accept(String.format(Locale.ROOT, "%,.0f operations a second is what it can do", capacity));
            List<Look> looks = new ArrayList<>();
            for (int i = 0; i < plan.looks(); i++) {
                looks.add(look(load, server, capacity * plan.share(), i + 1));
            }
            return new SteadyReport(plan, capacity, looks, retransmitted, failed);
        }
    }

    /** @return operations a second */
    private double unpaced(LoadGenerator load) throws IOException {
        long lasts = Math.min(MOST_UNPACED_NANOS, plan.every().toNanos());
        long began = System.nanoTime();
        long done = 0;
        while (System.nanoTime() - began < lasts) {
            done += turn(load);
        }
        return done * 1e9 / (System.nanoTime() - began);
    }

    private Look look(LoadGenerator load, ServerProcess server, double rate, int number) throws IOException {
        double processor = Double.parseDouble(answer(load, server.ask("processor")));
        long began = System.nanoTime();
        long lasts = plan.every().toNanos();
        long done = 0;
        while (System.nanoTime() - began < lasts) {
            done += turn(load);
            long due = began + Math.min(lasts, Math.round(done * 1e9 / rate));
            load.serveUntil(() -> System.nanoTime() - due >= 0);
        }
        double nanos = System.nanoTime() - began;
        processor = Double.parseDouble(answer(load, server.ask("processor"))) - processor;
        Look look = new Look(done * 1e9 / nanos, processor / nanos, Long.parseLong(answer(load, server.ask("heap"))));
        progress.accept(String.format(
                Locale.ROOT,
                "%d of %d: %,.0f operations a second, %.0f %% of its core, live heap %,d B",
                number,
                plan.looks(),
                look.rate(),
                look.processorShare() * 100,
                look.liveBytes()));
        return look;
    }

    private long turn(LoadGenerator load) throws IOException {
        Fleet group = groups.get(turn % groups.size());
        boolean returns = turn % (UPDATES_TO_A_RETURN + 1) == UPDATES_TO_A_RETURN;
        turn++;
        return returns
                ? run(load, group, Operation.DEREGISTER) + run(load, group, Operation.REGISTER)
                : run(load, group, Operation.UPDATE);
    }

    private long run(LoadGenerator load, Fleet group, Operation operation) throws IOException {
        Outcome outcome = load.run(group, operation);
        retransmitted += outcome.retransmitted();
        failed += outcome.failed();
        return outcome.done();
    }

    private static String answer(LoadGenerator load, CompletableFuture<String> asked) throws IOException {
        load.serveUntil(asked::isDone);
        return asked.join();
    }
}
