package wavegate.server.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;

/**
 * How a load that went on changed what the server holds.
 *
 * @param capacity operations a second when it was asked for all it can do, after as many to warm up
 * @param looks one after each interval, in order
 * @param failed operations without the right answer
 */
public record SteadyReport(SteadyPlan plan, double capacity, List<Look> looks, long retransmitted, long failed)
        implements BenchResult {
    private static final double MOST_GROWTH = 0.05;

    /** One interval: {@code rate} operations a second, and live bytes after forced collections at its end. */
    public record Look(double rate, double processorShare, long liveBytes) {}

    public SteadyReport {
        looks = List.copyOf(looks);
    }

    /** From the look in the middle to the largest behind it, as a share. */
    double growth() {
        double middle = looks.get(looks.size() / 2 - 1).liveBytes();
        double later = looks.stream()
                .skip(looks.size() / 2)
                .mapToLong(Look::liveBytes)
                .max()
                .orElseThrow();
        return later / middle - 1;
    }

    boolean met() {
        return failed == 0 && growth() < MOST_GROWTH;
    }

    @Override
    public String table() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%n%,d devices, %.0f %% of %,.0f operations a second, for %d s: 18 updates to a deregistration and a registration%n%n",
                plan.devices(),
                plan.share() * 100,
                capacity,
                plan.total().toSeconds()));
        text.append(String.format("%8s %12s %12s %16s%n", "after", "operations/s", "its core", "live heap"));
        for (int i = 0; i < looks.size(); i++) {
            Look look = looks.get(i);
            text.append(String.format(
                    Locale.ROOT,
                    "%6d s %,12.0f %10.0f %% %,14d B%n",
                    (i + 1) * plan.every().toSeconds(),
                    look.rate(),
                    look.processorShare() * 100,
                    look.liveBytes()));
        }
        text.append(String.format(
                Locale.ROOT,
                "%nretransmitted %d, failed %d%nlive heap in the second half: %+.1f %% (goal: < %.0f %%, failed 0): %s%n",
                retransmitted,
                failed,
                growth() * 100,
                MOST_GROWTH * 100,
                met() ? "met" : "not met"));
        return text.toString();
    }

    @Override
    public ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("devices", plan.devices())
                .put("share", plan.share())
                .put("seconds", plan.total().toSeconds())
                .put("capacity", capacity)
                .put("retransmitted", retransmitted)
                .put("failed", failed)
                .put("growth", growth())
                .put("goal", MOST_GROWTH)
                .put("met", met());
        var list = root.putArray("looks");
        looks.forEach(look -> list.addObject()
                .put("rate", look.rate())
                .put("processorShare", look.processorShare())
                .put("liveBytes", look.liveBytes()));
        return root;
    }
}
