package wavegate.firmware.gate;

import java.time.Duration;
import java.util.List;
import org.apache.commons.statistics.distribution.BetaDistribution;

/**
 * Do canaries crash more than their controls? The {@link EProcess} over first crashes, in the order of the devices' clocks.
 *
 * <p>A device is at risk from its first report after settling until its first crash or its newest report. A crash makes a device report at
 * once while its healthy neighbours are not heard until later; to keep that from reading as a high rate, nothing is judged past
 * the watermark: per arm the time a tenth of its live devices have not yet reported up to, and of both arms the earlier.
 *
 * <p>Power is reached when the worst ratio still plausible (upper 95 % bound, conditional on the sum of events) is at most {@code maxRatio}, or
 * when enough crashes of healthy canaries were to be expected (controls' rate times the canaries' time) that a ratio of {@code maxRatio} would
 * have been found with power 0.8: {@link Detectability#eventsNeeded}. Without a control crash neither can be.
 */
final class CrashTest {
    /** Share of an arm's live devices that may lag behind its watermark. */
    private static final double LAGGARDS = 0.1;

    private CrashTest() {}

    /**
     * What the test found. {@code ratioUpper} is infinite while unknown; {@code judgedUntil} epoch milliseconds, {@link Long#MIN_VALUE} if
     * nothing was.
     */
    record Outcome(
            EProcess.Outcome process,
            double expectedEvents,
            double eventsNeeded,
            double ratioUpper,
            long judgedUntil,
            boolean failed,
            boolean powerReached) {}

    /**
     * @param alpha chance of a false FAIL over the whole wave
     * @param nowMs the server's time, epoch milliseconds
     * @param silentAfter a device whose newest report is older than this is not waited for
     */
    static Outcome judge(
            List<MemberEvidence> canary,
            List<MemberEvidence> control,
            double maxRatio,
            double alpha,
            long nowMs,
            Duration silentAfter) {
        return judge(canary, control, maxRatio, alpha, 1, nowMs, silentAfter);
    }

    /** @param margin by how much canaries may be worse */
    static Outcome judge(
            List<MemberEvidence> canary,
            List<MemberEvidence> control,
            double maxRatio,
            double alpha,
            double margin,
            long nowMs,
            Duration silentAfter) {
        long alive = nowMs - silentAfter.toMillis();
        long watermark = Math.min(watermark(canary, alive), watermark(control, alive));
        EProcess.Outcome process = EProcess.of(spans(canary, watermark), spans(control, watermark), margin);
        double expected = process.controlHours() > 0
                ? process.controlEvents() / process.controlHours() * process.canaryHours()
                : 0;
        double needed = process.canaries() == 0 || process.controls() == 0
                ? Double.POSITIVE_INFINITY
                : Detectability.eventsNeeded(maxRatio, (double) process.controls() / process.canaries(), alpha);
        double upper = ratioUpper(process);
        return new Outcome(
                process,
                expected,
                needed,
                upper,
                watermark,
                process.reached(alpha),
                upper <= maxRatio || expected >= needed);
    }

    private static List<EProcess.Span> spans(List<MemberEvidence> rows, long watermark) {
        return rows.stream()
                .filter(row -> row.atRisk() && row.atRiskFrom() < watermark)
                .map(row -> {
                    long seenUntil = Math.min(watermark, Math.max(row.latestAt(), row.atRiskFrom()));
                    boolean crashed = row.crashed() && row.firstCrashAt() <= watermark;
                    return new EProcess.Span(row.atRiskFrom(), crashed ? row.firstCrashAt() : seenUntil, crashed);
                })
                .toList();
    }

    /** Upper 95 % bound of the rate ratio, conditional on the sum of events (Clopper-Pearson). Infinite without a control event. */
    private static double ratioUpper(EProcess.Outcome process) {
        if (process.controlEvents() == 0 || process.canaryHours() <= 0) {
            return Double.POSITIVE_INFINITY;
        }
        double p = BetaDistribution.of(process.canaryEvents() + 1.0, process.controlEvents())
                .inverseCumulativeProbability(0.95);
        return p / (1 - p) * process.controlHours() / process.canaryHours();
    }

    private static long watermark(List<MemberEvidence> rows, long alive) {
        long[] latest = rows.stream()
                .filter(MemberEvidence::atRisk)
                .mapToLong(MemberEvidence::latestAt)
                .sorted()
                .toArray();
        if (latest.length == 0) {
            return Long.MIN_VALUE;
        }
        int firstAlive = 0;
        while (firstAlive < latest.length && latest[firstAlive] < alive) {
            firstAlive++;
        }
        if (firstAlive == latest.length) {
            return latest[latest.length - 1];
        }
        return latest[firstAlive + (int) (LAGGARDS * (latest.length - firstAlive))];
    }
}
