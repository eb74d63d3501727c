package wavegate.server.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Fleets that were tried, in that order. */
public record LargestFleetReport(LargestFleetPlan plan, List<Run> runs) implements BenchResult {
    /**
     * One fleet.
     *
     * @param why it does not fit; empty: it does
     * @param residentMiB at most, of the simulator; -1 if it did not live to say so
     * @param serverMiB the same of the server they registered with
     * @param allAfter seconds until each had been registered; -1: not all were
     */
    public record Run(int devices, String why, long residentMiB, long serverMiB, double allAfter) {
        public boolean fits() {
            return why.isEmpty();
        }
    }

    public LargestFleetReport {
        runs = List.copyOf(runs);
    }

    Optional<Run> largest() {
        return runs.stream().filter(Run::fits).max(Comparator.comparingInt(Run::devices));
    }

    @Override
    public String table() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%nfleets switched on in one instant, simulator within %d MiB%n%n%9s %14s %14s %16s  %s%n",
                plan.memoryMiB(),
                "devices",
                "simulator MiB",
                "server MiB",
                "all after s",
                ""));
        for (Run run : runs) {
            text.append(String.format(
                    Locale.ROOT,
                    "%,9d %14s %14s %16s  %s%n",
                    run.devices(),
                    known(run.residentMiB()),
                    known(run.serverMiB()),
                    run.allAfter() < 0 ? "-" : String.format(Locale.ROOT, "%.0f", run.allAfter()),
                    run.fits() ? "fits" : run.why()));
        }
        text.append(largest()
                .map(run -> String.format(
                        Locale.ROOT,
                        "%nlargest fleet that fits: %,d modules, %,d bytes of resident memory each%n",
                        run.devices(),
                        (run.residentMiB() << 20) / run.devices()))
                .orElse(String.format("%nno fleet that was tried fits%n")));
        return text.toString();
    }

    private static String known(long mib) {
        return mib < 0 ? "-" : String.format(Locale.ROOT, "%,d", mib);
    }

    @Override
    public ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("memoryMiB", plan.memoryMiB())
                .put("largest", largest().map(Run::devices).orElse(0));
        var list = root.putArray("runs");
        runs.forEach(run -> list.addObject()
                .put("devices", run.devices())
                .put("fits", run.fits())
                .put("why", run.why())
                .put("residentMiB", run.residentMiB())
                .put("serverMiB", run.serverMiB())
                .put("allAfter", run.allAfter()));
        return root;
    }
}
