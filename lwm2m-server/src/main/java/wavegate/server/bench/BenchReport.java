package wavegate.server.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import wavegate.server.bench.LoadGenerator.Operation;

/**
 * What was measured.
 *
 * @param operations per operation, of each server
 * @param heap of both after a forced collection
 * @param retransmitted datagrams sent again, over everything; {@code failed} operations without the right answer
 */
public record BenchReport(BenchPlan plan, Map<Operation, Pair> operations, Heap heap, long retransmitted, long failed)
        implements BenchResult {
    private static final double REGISTRATION_GOAL = 1.0;
    private static final double UPDATE_GOAL = 0.85;
    private static final double HEAP_GOAL = 0.5;

    /** One server in one operation; {@code processorMicros} is what its process used for each, all its threads, compiler and collector too. */
    record Figures(Spread processorMicros, Spread rate, Spread p99Millis, Spread generatorShare) {}

    /** Both, and the ratio of this server to bare Leshan in each round: more is better in all but p99. */
    record Pair(Figures bare, Figures whole, Spread processorRatio, Spread rateRatio, Spread p99Ratio) {}

    /** Bytes for each registered device: at once, with messages CoAP still remembers, and settled, without; NaN if not measured. */
    record Heap(double bareAtOnce, double wholeAtOnce, double bareSettled, double wholeSettled) {
        double ratio() {
            return Double.isNaN(wholeSettled) ? wholeAtOnce / bareAtOnce : wholeSettled / bareSettled;
        }
    }

    /** One line for each goal. */
    List<String> goals() {
        Pair register = pair(Operation.REGISTER);
        Pair update = pair(Operation.UPDATE);
        List<String> lines = new ArrayList<>();
        lines.add(atLeast("registrations per processor second", register.processorRatio(), REGISTRATION_GOAL));
        lines.add(atLeast("registrations per second", register.rateRatio(), REGISTRATION_GOAL));
        lines.add(atLeast("updates per processor second", update.processorRatio(), UPDATE_GOAL));
        lines.add(atLeast("updates per second", update.rateRatio(), UPDATE_GOAL));
        lines.add(line(
                "live heap per device",
                heap.ratio() <= HEAP_GOAL,
                heap.ratio(),
                "<= " + String.format(Locale.ROOT, "%.2f", HEAP_GOAL)));
        return lines;
    }

    private Pair pair(Operation operation) {
        return Objects.requireNonNull(operations.get(operation), operation + " was not measured");
    }

    private static String atLeast(String what, Spread ratio, double goal) {
        return line(what, ratio.median() >= goal, ratio.median(), ">= " + String.format(Locale.ROOT, "%.2f", goal));
    }

    private static String line(String what, boolean met, double ratio, String goal) {
        return String.format(
                Locale.ROOT,
                "%-35s %5.2f x bare Leshan (goal %sx): %s",
                what,
                ratio,
                goal,
                met ? "met" : String.format(Locale.ROOT, "not met: %.2f", ratio));
    }

    @Override
    public String table() {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%n%,d devices a round, %d rounds after %d to warm up, %d requests outstanding, heap %d MiB each; medians [min-max]%n%n",
                plan.devices(),
                plan.rounds(),
                plan.warmUp(),
                plan.window(),
                plan.heapMiB()));
        text.append(String.format(
                "%-12s %-9s %24s %28s %24s %12s%n",
                "", "", "CPU us per operation", "operations per second", "p99 ms", "load's core"));
        operations.forEach((operation, pair) -> {
            String name = operation.name().toLowerCase(Locale.ROOT);
            text.append(row(name, "bare", pair.bare()));
            text.append(row("", "wavegate", pair.whole()));
            text.append(String.format(
                    "%-12s %-9s %24s %28s %24s%n",
                    "",
                    "times",
                    pair.processorRatio().text(2),
                    pair.rateRatio().text(2),
                    pair.p99Ratio().text(2)));
        });
        text.append(String.format(
                Locale.ROOT,
                "%nlive heap per registered device, after forced collections%n"
                        + "%-34s bare %,8.0f B   wavegate %,8.0f B   times %.2f%n",
                "  at once, messages remembered",
                heap.bareAtOnce(),
                heap.wholeAtOnce(),
                heap.wholeAtOnce() / heap.bareAtOnce()));
        if (!Double.isNaN(heap.wholeSettled())) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-34s bare %,8.0f B   wavegate %,8.0f B   times %.2f%n",
                    "  settled, under a campaign",
                    heap.bareSettled(),
                    heap.wholeSettled(),
                    heap.wholeSettled() / heap.bareSettled()));
        }
        text.append(String.format(
                Locale.ROOT,
                "%nretransmitted %d, failed %d. \"times\" is wavegate to bare: for CPU, operations for the same CPU.%n%n",
                retransmitted,
                failed));
        goals().forEach(goal -> text.append(goal).append(System.lineSeparator()));
        return text.toString();
    }

    private static String row(String operation, String server, Figures figures) {
        return String.format(
                "%-12s %-9s %24s %28s %24s %12s%n",
                operation,
                server,
                figures.processorMicros().text(1),
                figures.rate().text(0),
                figures.p99Millis().text(1),
                String.format(Locale.ROOT, "%.0f %%", figures.generatorShare().median() * 100));
    }

    @Override
    public ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("devices", plan.devices())
                .put("warmUp", plan.warmUp())
                .put("rounds", plan.rounds())
                .put("window", plan.window());
        root.put("retransmitted", retransmitted).put("failed", failed);
        operations.forEach((operation, pair) -> {
            ObjectNode node = root.putObject(operation.name().toLowerCase(Locale.ROOT));
            write(node.putObject("bare"), pair.bare());
            write(node.putObject("wavegate"), pair.whole());
            write(node.putObject("processorRatio"), pair.processorRatio());
            write(node.putObject("rateRatio"), pair.rateRatio());
            write(node.putObject("p99Ratio"), pair.p99Ratio());
        });
        ObjectNode bytes = root.putObject("heapPerDevice");
        bytes.put("bareAtOnce", heap.bareAtOnce()).put("wavegateAtOnce", heap.wholeAtOnce());
        if (!Double.isNaN(heap.wholeSettled())) {
            bytes.put("bareSettled", heap.bareSettled()).put("wavegateSettled", heap.wholeSettled());
        }
        bytes.put("ratio", heap.ratio());
        goals().forEach(root.putArray("goals")::add);
        return root;
    }

    private static void write(ObjectNode node, Figures figures) {
        write(node.putObject("processorMicros"), figures.processorMicros());
        write(node.putObject("perSecond"), figures.rate());
        write(node.putObject("p99Millis"), figures.p99Millis());
        write(node.putObject("generatorShare"), figures.generatorShare());
    }

    private static void write(ObjectNode node, Spread spread) {
        node.put("median", spread.median()).put("min", spread.min()).put("max", spread.max());
    }
}
