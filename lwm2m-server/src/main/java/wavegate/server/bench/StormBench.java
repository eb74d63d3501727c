package wavegate.server.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import wavegate.server.bench.LoadGenerator.Fleet;
import wavegate.server.bench.LoadGenerator.Operation;
import wavegate.server.bench.LoadGenerator.Outcome;
import wavegate.server.bench.StormReport.Storm;

/**
 * Devices that have never been seen before register in one instant, as after a power cut of a whole city: at this server, then at bare Leshan, in
 * turns. Between two storms those devices leave again, one after another.
 */
public final class StormBench {
    private static final int QUIET_WINDOW = 64;

    private final StormPlan plan;
    private final Consumer<String> progress;
    private final List<Storm> bare = new ArrayList<>();
    private final List<Storm> whole = new ArrayList<>();
    private long everRegistered;

    /** @param progress takes a line now and then */
    public StormBench(StormPlan plan, Consumer<String> progress) {
        this.plan = plan;
        this.progress = progress;
    }

    /** @throws IOException if a server does not start or does not answer */
    public StormReport run() throws IOException {
        if (plan.pinned() && !Processors.pinThisTo(1)) {
            throw new IOException("this process cannot be pinned to processor 1 (run without pinning)");
        }
        int addresses = plan.devices() * (plan.warmUp() + plan.rounds());
        try (ServerProcess bareServer =
                        new ServerProcess(BenchTarget.class, "bare", plan.directory(), plan.heapMiB(), plan.pinned());
                ServerProcess wholeServer = new ServerProcess(
                        BenchTarget.class, "wavegate", plan.directory(), plan.heapMiB(), plan.pinned());
                LoadGenerator quiet = new LoadGenerator(addresses, QUIET_WINDOW, bareServer.coap());
                LoadGenerator storm = new LoadGenerator(addresses, plan.devices(), bareServer.coap(), plan.jitter())) {
            for (int round = 0; round < plan.warmUp() + plan.rounds(); round++) {
                boolean storms = round >= plan.warmUp();
                // The other one first each time, so that neither always follows the same neighbour.
                boolean bareFirst = round % 2 == 0;
                for (boolean isBare : new boolean[] {bareFirst, !bareFirst}) {
                    round(storms ? storm : quiet, quiet, isBare ? bareServer : wholeServer, isBare, round);
                }
            }
        }
        return new StormReport(plan, bare, whole);
    }

    private void round(LoadGenerator load, LoadGenerator quiet, ServerProcess server, boolean isBare, int round)
            throws IOException {
        Fleet fleet = new Fleet(server.coap(), round * plan.devices(), plan.devices());
        answer(quiet, server.ask("heap"));
        Outcome outcome = load.run(fleet, Operation.REGISTER);
        boolean storm = round >= plan.warmUp();
        if (storm) {
            Storm result = new Storm(
                    outcome.nanos() / 1e9, outcome.p99Millis() / 1e3, outcome.retransmitted(), outcome.failed());
            (isBare ? bare : whole).add(result);
        }
        progress.accept(String.format(
                Locale.ROOT,
                "%s %-8s %,d registered in %.1f s, p99 %.1f s, %,d sent again, %d lost",
                storm ? "storm  " : "warm-up",
                isBare ? "bare" : "wavegate",
                outcome.done(),
                outcome.nanos() / 1e9,
                outcome.p99Millis() / 1e3,
                outcome.retransmitted(),
                outcome.failed()));
        if (!isBare) {
            everRegistered += outcome.done();
            answer(quiet, server.ask("holds " + everRegistered));
        }
        quiet.run(fleet, Operation.DEREGISTER);
    }

    private static String answer(LoadGenerator load, CompletableFuture<String> asked) throws IOException {
        load.serveUntil(asked::isDone);
        return asked.join();
    }
}
