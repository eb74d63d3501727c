package wavegate.sim;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import wavegate.sim.terminal.TerminalReport;

/**
 * Counts over the terminals of a fleet at one moment. {@code heard}: terminals that the server answered at least once; {@code exposed}: those that
 * applied an image, whether it started or not. Versions and the SHA-256 of packages that run, as received, with how many run each; the rest are
 * sums over all of what {@link TerminalReport} counts.
 */
record TerminalCensus(
        int terminals,
        int heard,
        int exposed,
        SortedMap<String, Integer> byVersion,
        SortedMap<String, Integer> byPackage,
        long answers,
        long refusals,
        long offers,
        long applies,
        long reverts,
        long discards,
        long boots,
        long crashes,
        long bytes) {

    static TerminalCensus of(List<TerminalReport> all) {
        SortedMap<String, Integer> versions = new TreeMap<>();
        SortedMap<String, Integer> packages = new TreeMap<>();
        for (TerminalReport terminal : all) {
            versions.merge(terminal.version(), 1, Integer::sum);
            if (!terminal.runsSha256().isEmpty()) {
                packages.merge(terminal.runsSha256(), 1, Integer::sum);
            }
        }
        return new TerminalCensus(
                all.size(),
                (int) all.stream().filter(terminal -> terminal.answers() > 0).count(),
                (int) all.stream().filter(terminal -> terminal.applies() > 0).count(),
                versions,
                packages,
                all.stream().mapToLong(TerminalReport::answers).sum(),
                all.stream().mapToLong(TerminalReport::refusals).sum(),
                all.stream().mapToLong(TerminalReport::offers).sum(),
                all.stream().mapToLong(TerminalReport::applies).sum(),
                all.stream().mapToLong(TerminalReport::reverts).sum(),
                all.stream().mapToLong(TerminalReport::discards).sum(),
                all.stream().mapToLong(TerminalReport::boots).sum(),
                all.stream().mapToLong(TerminalReport::crashes).sum(),
                all.stream().mapToLong(TerminalReport::bytes).sum());
    }
}
