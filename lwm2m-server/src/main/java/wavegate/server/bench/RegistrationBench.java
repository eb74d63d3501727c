package wavegate.server.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import wavegate.server.bench.BenchReport.Figures;
import wavegate.server.bench.BenchReport.Heap;
import wavegate.server.bench.BenchReport.Pair;
import wavegate.server.bench.LoadGenerator.Fleet;
import wavegate.server.bench.LoadGenerator.Operation;
import wavegate.server.bench.LoadGenerator.Outcome;

/**
 * Registrations, Registration Updates and Deregistrations of this server and of bare Leshan, in alternating rounds. A phase lasts until the server
 * has nothing left to do for it: here, until every device is in ledger and view. Then the heap, in fresh processes.
 */
public final class RegistrationBench {
    private final BenchPlan plan;
    private final Consumer<String> progress;
    private final Phases bare = new Phases();
    private final Phases whole = new Phases();
    private long retransmitted;
    private long failed;

    private record Phase(double processorMicros, double rate, double p99Millis, double generatorShare) {}

    /** Of one server, in the order of the rounds. */
    private static final class Phases {
        private final Map<Operation, List<Phase>> all = new EnumMap<>(Operation.class);

        void add(Operation operation, Phase phase) {
            all.computeIfAbsent(operation, none -> new ArrayList<>()).add(phase);
        }

        List<Phase> of(Operation operation) {
            return all.getOrDefault(operation, List.of());
        }
    }

    /** @param progress takes a line now and then */
    public RegistrationBench(BenchPlan plan, Consumer<String> progress) {
        this.plan = plan;
        this.progress = progress;
    }

    /** @throws IOException if a server does not start or does not answer */
    public BenchReport run() throws IOException {
        if (plan.pinned() && !Processors.pinThisTo(1)) {
            throw new IOException("this process cannot be pinned to processor 1 (run without pinning)");
        }
        rounds();
        Heap heap = heap();
        Map<Operation, Pair> pairs = new EnumMap<>(Operation.class);
        for (Operation operation : Operation.values()) {
            pairs.put(operation, pair(bare.of(operation), whole.of(operation)));
        }
        return new BenchReport(plan, pairs, heap, retransmitted, failed);
    }

    // ---- rates

    private void rounds() throws IOException {
        int addresses = plan.standing() + (plan.warmUp() + plan.rounds()) * plan.devices();
        try (ServerProcess bareServer = new ServerProcess("bare", plan);
                ServerProcess wholeServer = new ServerProcess("wavegate", plan);
                LoadGenerator load = new LoadGenerator(addresses, plan.window(), bareServer.coap())) {
            for (ServerProcess server : List.of(bareServer, wholeServer)) {
                count(load.run(new Fleet(server.coap(), 0, plan.standing()), Operation.REGISTER));
            }
            answer(load, wholeServer.ask("campaign " + plan.standing()));
            for (int round = 0; round < plan.warmUp() + plan.rounds(); round++) {
                // The other one first each time, so that neither always follows the same neighbour.
                if (round % 2 == 0) {
                    round(load, bareServer, bare, round);
                    round(load, wholeServer, whole, round);
                } else {
                    round(load, wholeServer, whole, round);
                    round(load, bareServer, bare, round);
                }
            }
            progress.accept(load.answered() + " requests of servers were answered");
        }
    }

    private void round(LoadGenerator load, ServerProcess server, Phases into, int round) throws IOException {
        int first = plan.standing() + round * plan.devices();
        Fleet fleet = new Fleet(server.coap(), first, plan.devices());
        answer(load, server.ask("heap"));
        for (Operation operation : Operation.values()) {
            Phase phase = phase(load, server, fleet, operation, first + plan.devices());
            if (round >= plan.warmUp()) {
                into.add(operation, phase);
            }
            progress.accept(String.format(
                    Locale.ROOT,
                    "%s %d %-8s %-10s %8.1f us CPU %,9.0f /s  p99 %.1f ms",
                    round < plan.warmUp() ? "warm-up" : "round",
                    round < plan.warmUp() ? round + 1 : round - plan.warmUp() + 1,
                    into == bare ? "bare" : "wavegate",
                    operation.name().toLowerCase(Locale.ROOT),
                    phase.processorMicros(),
                    phase.rate(),
                    phase.p99Millis()));
        }
    }

    private Phase phase(LoadGenerator load, ServerProcess server, Fleet fleet, Operation operation, long everRegistered)
            throws IOException {
        long processor = Long.parseLong(answer(load, server.ask("processor")));
        long began = System.nanoTime();
        Outcome outcome = load.run(fleet, operation);
        if (!answer(load, server.ask("holds " + everRegistered)).equals("ok")) {
            throw new IOException("the server did not store " + everRegistered + " devices within a minute");
        }
        long nanos = System.nanoTime() - began;
        processor = Long.parseLong(answer(load, server.ask("processor"))) - processor;
        count(outcome);
        int done = Math.max(1, outcome.done());
        return new Phase(
                processor / 1e3 / done,
                outcome.done() * 1e9 / nanos,
                outcome.p99Millis(),
                outcome.processorNanos() / (double) outcome.nanos());
    }

    private void count(Outcome outcome) {
        retransmitted += outcome.retransmitted();
        failed += outcome.failed();
    }

    private static String answer(LoadGenerator load, CompletableFuture<String> asked) throws IOException {
        load.serveUntil(asked::isDone);
        return asked.join();
    }

    // ---- heap

    private Heap heap() throws IOException {
        BenchPlan fresh = plan.in("heap");
        int few = 100;
        try (ServerProcess bareServer = new ServerProcess("bare", fresh);
                ServerProcess wholeServer = new ServerProcess("wavegate", fresh);
                LoadGenerator load = new LoadGenerator(few + plan.devices(), plan.window(), bareServer.coap())) {
            double[] empty = new double[2];
            double[] atOnce = new double[2];
            double[] settled = {Double.NaN, Double.NaN};
            List<ServerProcess> both = List.of(bareServer, wholeServer);
            long registeredBy = 0;
            for (int i = 0; i < 2; i++) {
                ServerProcess server = both.get(i);
                // A few come and go first: what is loaded and cached once is not counted for each device.
                Fleet warm = new Fleet(server.coap(), 0, few);
                for (Operation operation : Operation.values()) {
                    count(load.run(warm, operation));
                }
                answer(load, server.ask("holds " + few));
                empty[i] = Double.parseDouble(answer(load, server.ask("heap")));
                count(load.run(new Fleet(server.coap(), few, plan.devices()), Operation.REGISTER));
                answer(load, server.ask("holds " + (few + plan.devices())));
                atOnce[i] = perDevice(empty[i], answer(load, server.ask("heap")));
                registeredBy = System.nanoTime();
            }
            if (!plan.settle().isZero()) {
                progress.accept("heap: " + plan.devices() + " devices rest for "
                        + plan.settle().toSeconds() + " s; a campaign begins over them");
                long rested = registeredBy + plan.settle().toNanos();
                answer(load, wholeServer.ask("campaign " + plan.devices()));
                load.serveUntil(() -> System.nanoTime() - rested >= 0);
                for (int i = 0; i < 2; i++) {
                    settled[i] = perDevice(empty[i], answer(load, both.get(i).ask("heap")));
                }
            }
            return new Heap(atOnce[0], atOnce[1], settled[0], settled[1]);
        }
    }

    private double perDevice(double empty, String used) {
        return (Double.parseDouble(used) - empty) / plan.devices();
    }

    // ---- sums

    private static Pair pair(List<Phase> bare, List<Phase> whole) {
        return new Pair(
                figures(bare),
                figures(whole),
                ratios(bare, whole, phase -> 1 / phase.processorMicros()),
                ratios(bare, whole, Phase::rate),
                ratios(bare, whole, Phase::p99Millis));
    }

    private static Figures figures(List<Phase> phases) {
        return new Figures(
                spread(phases, Phase::processorMicros),
                spread(phases, Phase::rate),
                spread(phases, Phase::p99Millis),
                spread(phases, Phase::generatorShare));
    }

    private static Spread spread(List<Phase> phases, ToDoubleFunction<Phase> value) {
        return Spread.of(phases.stream().map(value::applyAsDouble).toList());
    }

    private static Spread ratios(List<Phase> bare, List<Phase> whole, ToDoubleFunction<Phase> value) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < bare.size(); i++) {
            ratios.add(value.applyAsDouble(whole.get(i)) / value.applyAsDouble(bare.get(i)));
        }
        return Spread.of(ratios);
    }
}
