package wavegate.server.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import wavegate.server.bench.DeliveryLoad.Task;
import wavegate.server.bench.DeliveryTarget.Kind;

/**
 * What was measured of delivery.
 *
 * @param phases of each task and server, in the order of the rounds
 * @param held heap of each server but the loop
 * @param retransmitted requests of devices sent again, over everything
 * @param failed transfers that did not bring every byte
 */
public record DeliveryReport(
        DeliveryPlan plan,
        Map<Task, Map<Kind, List<Phase>>> phases,
        Map<Kind, Held> held,
        long retransmitted,
        long failed)
        implements BenchResult {
    private static final double PUSH_GOAL = 5;
    private static final double PUSH_TUNED_GOAL = 1.2;
    private static final double PULL_GOAL = 3;
    private static final double PULL_LOOP_GOAL = 2.5;
    private static final double HELD_GOAL = 8 * 1024;
    private static final double LEFT_GOAL = 0.02;
    /** Differences of a heap below that are noise: classes, caches, the image itself. */
    private static final double LEFT_NOISE = 8 << 20;

    /**
     * One server in one phase.
     *
     * @param processorNanos its process used for one image or one echo, all its threads, compiler and collector too
     * @param megabytes of 10^6 bytes a second, over all devices
     * @param share of a core its process used
     * @param loadShare of a core the load used
     */
    record Phase(double processorNanos, double megabytes, double share, double loadShare) {}

    /** Bytes of live heap for each open pull and push, and what all rounds have left behind. */
    record Held(double pull, double push, double left) {}

    /** One line for each goal. */
    List<String> goals() {
        List<String> lines = new ArrayList<>();
        lines.add(least("push, bytes a second, to leshan", rate(Task.PUSH, Kind.LESHAN), PUSH_GOAL));
        lines.add(least("push, bytes a second, to tuned", rate(Task.PUSH, Kind.TUNED), PUSH_TUNED_GOAL));
        lines.add(least("push, bytes a CPU second, to tuned", thrift(Task.PUSH, Kind.TUNED), PUSH_TUNED_GOAL));
        lines.add(least("pull, bytes a second, to leshan", rate(Task.PULL, Kind.LESHAN), PULL_GOAL));
        lines.add(least("pull, bytes a CPU second, to leshan", thrift(Task.PULL, Kind.LESHAN), PULL_GOAL));
        double loop = 1 / thrift(Task.PULL, Kind.LOOP).median();
        lines.add(line("pull, CPU, to the loop", loop <= PULL_LOOP_GOAL, number(loop, 2), "<= 2.50"));
        Held own = of(Kind.WAVEGATE);
        lines.add(line("heap per open push, bytes", own.push() <= HELD_GOAL, number(own.push(), 0), "<= 8,192"));
        lines.add(line("heap per open pull, bytes", own.pull() <= HELD_GOAL, number(own.pull(), 0), "<= 8,192"));
        double left = own.left() / Math.max(1, of(Kind.LESHAN).left());
        lines.add(line(
                "heap left behind, to leshan",
                left <= LEFT_GOAL || own.left() <= LEFT_NOISE,
                number(left, 3) + " (" + number(own.left() / 1e6, 1) + " MB)",
                "<= 0.02, or 8 MB"));
        return lines;
    }

    private Held of(Kind kind) {
        return Objects.requireNonNull(held.get(kind), kind + " was not measured");
    }

    private List<Phase> of(Task task, Kind kind) {
        return phases.getOrDefault(task, Map.of()).getOrDefault(kind, List.of());
    }

    private static String least(String what, Spread ratio, double goal) {
        return line(what, ratio.median() >= goal, number(ratio.median(), 2), ">= " + number(goal, 2));
    }

    private static String line(String what, boolean met, String value, String goal) {
        return String.format(
                Locale.ROOT, "%-38s %10s (goal %s): %s", what, value, goal, met ? "met" : "not met: " + value);
    }

    private static String number(double value, int decimals) {
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }

    /** This server's bytes a second as a multiple of another's, round by round. */
    private Spread rate(Task task, Kind other) {
        return ratios(task, other, Phase::megabytes);
    }

    /** The same for bytes a second of processor time. */
    private Spread thrift(Task task, Kind other) {
        return ratios(task, other, phase -> 1 / phase.processorNanos());
    }

    private Spread ratios(Task task, Kind other, ToDoubleFunction<Phase> value) {
        List<Phase> own = of(task, Kind.WAVEGATE);
        List<Phase> others = of(task, other);
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < Math.min(own.size(), others.size()); i++) {
            ratios.add(value.applyAsDouble(own.get(i)) / value.applyAsDouble(others.get(i)));
        }
        return Spread.of(ratios);
    }

    private static Spread spread(List<Phase> phases, ToDoubleFunction<Phase> value) {
        return Spread.of(phases.stream().map(value::applyAsDouble).toList());
    }

    @Override
    public String table() {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%n%,d pushes of %,d bytes, %,d pulls of %,d bytes at once, %d rounds after %d to warm up, heap %d MiB; medians [min-max]%n%n",
                plan.pushes(),
                plan.pushBytes(),
                plan.pulls(),
                plan.pullBytes(),
                plan.rounds(),
                plan.warmUp(),
                plan.heapMiB()));
        text.append(String.format(
                "%-6s %-9s %26s %24s %10s %10s %16s %16s%n",
                "",
                "",
                "CPU us per image or echo",
                "MB per second",
                "its core",
                "load's",
                "bytes/CPU s x",
                "bytes/s x"));
        for (Task task : List.of(Task.ECHO, Task.PULL, Task.PUSH)) {
            String name = task.name().toLowerCase(Locale.ROOT);
            for (Kind kind : Kind.values()) {
                if (!of(task, kind).isEmpty()) {
                    text.append(row(name, kind, task));
                    name = "";
                }
            }
        }
        text.append(
                String.format("%n%-28s %16s %16s %20s%n", "live heap, bytes", "open pull", "open push", "left behind"));
        held.forEach((kind, bytes) -> text.append(String.format(
                Locale.ROOT,
                "%-28s %,16.0f %,16.0f %,20.0f%n",
                kind.label(),
                bytes.pull(),
                bytes.push(),
                bytes.left())));
        text.append(String.format(
                Locale.ROOT,
                "%nretransmitted %d, failed %d. \"x\" is wavegate as a multiple of that row. loop: hand-written, no timers, no checks.%n%n",
                retransmitted,
                failed));
        goals().forEach(goal -> text.append(goal).append(System.lineSeparator()));
        return text.toString();
    }

    private String row(String name, Kind kind, Task task) {
        List<Phase> all = of(task, kind);
        boolean compared = kind != Kind.WAVEGATE && task != Task.ECHO;
        return String.format(
                "%-6s %-9s %26s %24s %10s %10s %16s %16s%n",
                name,
                kind.label(),
                spread(all, phase -> phase.processorNanos() / 1e3).text(1),
                spread(all, Phase::megabytes).text(1),
                percent(spread(all, Phase::share)),
                percent(spread(all, Phase::loadShare)),
                compared ? thrift(task, kind).text(2) : "",
                compared ? rate(task, kind).text(2) : "");
    }

    private static String percent(Spread share) {
        return String.format(Locale.ROOT, "%.0f %%", share.median() * 100);
    }

    @Override
    public ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("pushes", plan.pushes())
                .put("pushBytes", plan.pushBytes())
                .put("pulls", plan.pulls())
                .put("pullBytes", plan.pullBytes())
                .put("warmUp", plan.warmUp())
                .put("rounds", plan.rounds());
        root.put("retransmitted", retransmitted).put("failed", failed);
        phases.forEach((task, kinds) -> {
            ObjectNode taskNode = root.putObject(task.name().toLowerCase(Locale.ROOT));
            kinds.forEach((kind, all) -> {
                ObjectNode node = taskNode.putObject(kind.label());
                write(node.putObject("processorMicros"), spread(all, phase -> phase.processorNanos() / 1e3));
                write(node.putObject("megabytesPerSecond"), spread(all, Phase::megabytes));
                write(node.putObject("loadShare"), spread(all, Phase::loadShare));
                if (kind != Kind.WAVEGATE && task != Task.ECHO) {
                    write(node.putObject("wavegateByProcessor"), thrift(task, kind));
                    write(node.putObject("wavegateByTime"), rate(task, kind));
                }
            });
        });
        ObjectNode heap = root.putObject("heap");
        held.forEach((kind, bytes) -> heap.putObject(kind.label())
                .put("openPull", bytes.pull())
                .put("openPush", bytes.push())
                .put("leftBehind", bytes.left()));
        goals().forEach(root.putArray("goals")::add);
        return root;
    }

    private static void write(ObjectNode node, Spread spread) {
        node.put("median", spread.median()).put("min", spread.min()).put("max", spread.max());
    }
}
