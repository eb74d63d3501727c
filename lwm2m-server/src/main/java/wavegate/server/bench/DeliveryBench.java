package wavegate.server.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import wavegate.server.bench.DeliveryLoad.Outcome;
import wavegate.server.bench.DeliveryLoad.Task;
import wavegate.server.bench.DeliveryReport.Held;
import wavegate.server.bench.DeliveryReport.Phase;
import wavegate.server.bench.DeliveryTarget.Kind;

/**
 * Pushes and pulls of this server, of bare Leshan as it is and tuned, and of a hand-written loop, in alternating rounds; echoes beside them. Then
 * what open transfers hold of the heap.
 */
public final class DeliveryBench {
    private static final int LOOP_HEAP_MIB = 256;
    /** Each device of the heap measurement has that much when it stops: the transfer is well under way. */
    private static final int HOLD_AT = 4 * DeliveryLoad.BLOCK;

    private final DeliveryPlan plan;
    private final Consumer<String> progress;
    private final Map<Kind, ServerProcess> servers = new EnumMap<>(Kind.class);
    private final Map<Task, Map<Kind, List<Phase>>> phases = new EnumMap<>(Task.class);
    private long retransmitted;
    private long failed;

    /** @param progress takes a line now and then */
    public DeliveryBench(DeliveryPlan plan, Consumer<String> progress) {
        this.plan = plan;
        this.progress = progress;
    }

    /** @throws IOException if a server does not start or does not answer */
    public DeliveryReport run() throws IOException {
        if (plan.pinned() && !Processors.pinThisTo(1)) {
            throw new IOException("this process cannot be pinned to processor 1 (run without pinning)");
        }
        try {
            for (Kind kind : Kind.values()) {
                servers.put(
                        kind,
                        new ServerProcess(
                                DeliveryTarget.class,
                                kind.label(),
                                plan.directory(),
                                kind == Kind.LOOP ? LOOP_HEAP_MIB : plan.heapMiB(),
                                plan.pinned()));
            }
            try (DeliveryLoad load =
                    new DeliveryLoad(plan.devices(), server(Kind.LOOP).coap())) {
                return run(load);
            }
        } finally {
            servers.values().forEach(ServerProcess::close);
        }
    }

    private DeliveryReport run(DeliveryLoad load) throws IOException {
        Map<Kind, Double> heapBefore = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            count(load.run(Task.REGISTER, server(kind).coap(), new byte[0], plan.devices()));
            heapBefore.put(kind, ask(load, kind, "heap"));
        }
        for (int round = 0; round < plan.warmUp() + plan.rounds(); round++) {
            echo(load, round);
            // Another one first each time, so that none always follows the same neighbour.
            List<Kind> turn = new ArrayList<>(List.of(Kind.values()));
            Collections.rotate(turn, -round);
            for (Kind kind : turn) {
                transfer(load, kind, Task.PULL, round);
                transfer(load, kind, Task.PUSH, round);
            }
        }
        Map<Kind, Held> held = new EnumMap<>(Kind.class);
        for (Kind kind : List.of(Kind.LESHAN, Kind.TUNED, Kind.WAVEGATE)) {
            double left = ask(load, kind, "heap") - Objects.requireNonNull(heapBefore.get(kind));
            double pull = held(load, kind, Task.PULL);
            double push = held(load, kind, Task.PUSH);
            held.put(kind, new Held(pull, push, left));
            progress.accept(String.format(
                    Locale.ROOT, "heap %-8s open pull %,.0f B  open push %,.0f B", kind.label(), pull, push));
        }
        return new DeliveryReport(plan, phases, held, retransmitted, failed);
    }

    private void echo(DeliveryLoad load, int round) throws IOException {
        double processor = ask(load, Kind.LOOP, "processor");
        Outcome outcome = load.run(
                Task.ECHO, server(Kind.LOOP).coap(), new byte[0], Math.min(DeliveryLoad.ECHO_DEVICES, plan.devices()));
        add(Kind.LOOP, outcome, ask(load, Kind.LOOP, "processor") - processor, round);
    }

    private void transfer(DeliveryLoad load, Kind kind, Task task, int round) throws IOException {
        int devices = devices(task);
        byte[] image = image(load, kind, task);
        // What the one before left to its collector is not paid for by the next one's processor.
        ask(load, kind, "heap");
        double processor = ask(load, kind, "processor");
        if (task == Task.PUSH) {
            server(kind).ask("push " + devices);
        }
        Outcome outcome = load.run(task, server(kind).coap(), image, devices);
        add(kind, outcome, ask(load, kind, "processor") - processor, round);
    }

    private double held(DeliveryLoad load, Kind kind, Task task) throws IOException {
        int devices = devices(task);
        byte[] image = image(load, kind, task);
        double before = ask(load, kind, "heap");
        if (task == Task.PUSH) {
            server(kind).ask("push " + devices);
        }
        load.runUntilHeld(task, server(kind).coap(), image, devices, HOLD_AT);
        double during = ask(load, kind, "heap");
        load.release();
        return (during - before) / devices;
    }

    private byte[] image(DeliveryLoad load, Kind kind, Task task) throws IOException {
        int bytes = task == Task.PUSH ? plan.pushBytes() : plan.pullBytes();
        load.await(server(kind).ask("image " + bytes + " " + devices(task)));
        return DeliveryLoad.image(bytes);
    }

    private int devices(Task task) {
        return task == Task.PUSH ? plan.pushes() : plan.pulls();
    }

    private void add(Kind kind, Outcome outcome, double processorNanos, int round) {
        count(outcome);
        int operations =
                Math.max(1, outcome.task() == Task.ECHO ? outcome.done() * DeliveryLoad.ECHOES : outcome.done());
        Phase phase = new Phase(
                processorNanos / operations,
                outcome.bytes() * 1e3 / outcome.nanos(),
                processorNanos / outcome.nanos(),
                outcome.processorNanos() / (double) outcome.nanos());
        if (round >= plan.warmUp()) {
            phases.computeIfAbsent(outcome.task(), none -> new EnumMap<>(Kind.class))
                    .computeIfAbsent(kind, none -> new ArrayList<>())
                    .add(phase);
        }
        progress.accept(String.format(
                Locale.ROOT,
                "%s %d %-8s %-5s %,10.1f us CPU %,8.1f MB/s  retransmitted %d",
                round < plan.warmUp() ? "warm-up" : "round",
                round < plan.warmUp() ? round + 1 : round - plan.warmUp() + 1,
                kind.label(),
                outcome.task().name().toLowerCase(Locale.ROOT),
                phase.processorNanos() / 1e3,
                phase.megabytes(),
                outcome.retransmitted()));
    }

    private void count(Outcome outcome) {
        retransmitted += outcome.retransmitted();
        failed += outcome.failed();
    }

    private ServerProcess server(Kind kind) {
        return Objects.requireNonNull(servers.get(kind), kind + " was not started");
    }

    private double ask(DeliveryLoad load, Kind kind, String question) throws IOException {
        return Double.parseDouble(load.await(server(kind).ask(question)));
    }
}
