package wavegate.server.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How storms went. */
public record StormReport(StormPlan plan, List<Storm> bare, List<Storm> whole) implements BenchResult {
    private static final double GOAL = 0.35;

    /**
     * One storm.
     *
     * @param seconds until the last device was answered, or was given up
     * @param lost devices without a registration at the end: refused, or not answered to the last repetition
     */
    public record Storm(double seconds, double p99Seconds, long retransmitted, int lost) {}

    public StormReport {
        bare = List.copyOf(bare);
        whole = List.copyOf(whole);
    }

    /** This server's time to bare Leshan's, storm by storm. */
    Spread ratio() {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < bare.size(); i++) {
            ratios.add(whole.get(i).seconds() / bare.get(i).seconds());
        }
        return Spread.of(ratios);
    }

    int lost() {
        return whole.stream().mapToInt(Storm::lost).sum();
    }

    boolean met() {
        return lost() == 0 && ratio().median() <= GOAL;
    }

    @Override
    public String table() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%n%,d devices in one instant, jitter %.2f, %d storms after %d rounds of warm-up%n%n",
                plan.devices(),
                plan.jitter(),
                plan.rounds(),
                plan.warmUp()));
        text.append(String.format("%-9s %22s %22s %12s %8s%n", "", "seconds", "p99 seconds", "sent again", "lost"));
        row(text, "bare", bare);
        row(text, "wavegate", whole);
        text.append(String.format(
                Locale.ROOT,
                "%ntime %s x bare Leshan, %d lost (goal: <= %.2fx, 0 lost): %s%n",
                ratio().text(2),
                lost(),
                GOAL,
                met() ? "met" : "not met"));
        return text.toString();
    }

    private static void row(StringBuilder text, String name, List<Storm> storms) {
        text.append(String.format(
                Locale.ROOT,
                "%-9s %22s %22s %,12d %8d%n",
                name,
                Spread.of(storms.stream().map(Storm::seconds).toList()).text(1),
                Spread.of(storms.stream().map(Storm::p99Seconds).toList()).text(1),
                storms.stream().mapToLong(Storm::retransmitted).sum(),
                storms.stream().mapToInt(Storm::lost).sum()));
    }

    @Override
    public ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("devices", plan.devices())
                .put("jitter", plan.jitter())
                .put("warmUp", plan.warmUp())
                .put("rounds", plan.rounds())
                .put("ratio", ratio().median())
                .put("lost", lost())
                .put("goal", GOAL)
                .put("met", met());
        write(root, "bare", bare);
        write(root, "wavegate", whole);
        return root;
    }

    private static void write(ObjectNode root, String name, List<Storm> storms) {
        var list = root.putArray(name);
        storms.forEach(storm -> list.addObject()
                .put("seconds", storm.seconds())
                .put("p99Seconds", storm.p99Seconds())
                .put("retransmitted", storm.retransmitted())
                .put("lost", storm.lost()));
    }
}
