package wavegate.firmware.gate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.commons.statistics.distribution.BetaDistribution;

/**
 * Do canaries crash more than their controls? An e-process over first crashes, valid however often it is looked at.
 *
 * <p>First crashes of both arms are taken in the order of the devices' clocks, ties control first. With n_c canaries and n_b controls at risk
 * just before one, it is a canary's with chance p = n_c / (n_c + n_b) if the new firmware is no worse, so for every theta above 1
 * the product of theta^[canary] / (1 + p (theta - 1)) is a supermartingale that starts at 1, and so is the mean over several theta. It
 * reaches 1/alpha with chance alpha at most (Ville's inequality), whatever the looks, the order of entry or a common burst do.
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
    private static final double[] THETAS = {1.5, 2, 3, 5, 10};
    private static final double HOUR_MS = 3_600_000.0;
    /** Share of an arm's live devices that may lag behind its watermark. */
    private static final double LAGGARDS = 0.1;

    private CrashTest() {}

    /**
     * What the test found. {@code logE} is natural, {@code peakLogE} the highest it stood at; {@code ratioUpper} is infinite while
     * unknown; {@code canaries} and {@code controls} are those that were at risk; {@code judgedUntil} epoch milliseconds, 0 if nothing was.
     */
    record Outcome(
            double logE,
            double peakLogE,
            int canaryEvents,
            int controlEvents,
            int canaries,
            int controls,
            double canaryHours,
            double controlHours,
            double expectedEvents,
            double eventsNeeded,
            double ratioUpper,
            long judgedUntil,
            boolean failed,
            boolean powerReached) {}

    private record Event(long at, boolean canary) {
        static final Comparator<Event> ORDER =
                Comparator.comparingLong(Event::at).thenComparing(Event::canary);
    }

    /** Time at risk of one arm up to the watermark: when each device entered and left, sorted, so that counts at a time are two searches. */
    private static final class AtRisk {
        final long[] from;
        final long[] until;
        final List<Event> events = new ArrayList<>();
        final double hours;

        AtRisk(List<MemberEvidence> rows, long watermark) {
            List<MemberEvidence> entered = rows.stream()
                    .filter(row -> row.atRisk() && row.atRiskFrom() < watermark)
                    .toList();
            from = new long[entered.size()];
            until = new long[entered.size()];
            long sum = 0;
            for (int i = 0; i < from.length; i++) {
                MemberEvidence row = entered.get(i);
                long seenUntil = Math.min(watermark, Math.max(row.latestAt(), row.atRiskFrom()));
                boolean crashed = row.crashed() && row.firstCrashAt() <= watermark;
                from[i] = row.atRiskFrom();
                until[i] = crashed ? row.firstCrashAt() : seenUntil;
                sum += until[i] - from[i];
                if (crashed) {
                    events.add(new Event(row.firstCrashAt(), row.arm() == Arm.CANARY));
                }
            }
            Arrays.sort(from);
            Arrays.sort(until);
            hours = sum / HOUR_MS;
        }

        /** Devices that entered before a time and leave at it or later. */
        int countAt(long at) {
            return countBelow(from, at) - countBelow(until, at);
        }

        private static int countBelow(long[] sorted, long value) {
            int low = 0;
            int high = sorted.length;
            while (low < high) {
                int mid = (low + high) >>> 1;
                if (sorted[mid] < value) {
                    low = mid + 1;
                } else {
                    high = mid;
                }
            }
            return low;
        }
    }

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
        long alive = nowMs - silentAfter.toMillis();
        long watermark = Math.min(watermark(canary, alive), watermark(control, alive));
        AtRisk c = new AtRisk(canary, watermark);
        AtRisk b = new AtRisk(control, watermark);
        List<Event> events = new ArrayList<>(c.events);
        events.addAll(b.events);
        events.sort(Event.ORDER);

        double[] logs = new double[THETAS.length];
        double logE = 0;
        double peak = 0;
        long tieAt = Long.MIN_VALUE;
        int tiedCanaries = 0;
        int tiedControls = 0;
        for (Event event : events) {
            if (event.at() != tieAt) {
                tieAt = event.at();
                tiedCanaries = 0;
                tiedControls = 0;
            }
            double nc = c.countAt(event.at()) - tiedCanaries;
            double nb = b.countAt(event.at()) - tiedControls;
            logE = step(logs, nc / (nc + nb), event.canary());
            peak = Math.max(peak, logE);
            if (event.canary()) {
                tiedCanaries++;
            } else {
                tiedControls++;
            }
        }

        int xc = c.events.size();
        int xb = b.events.size();
        double expected = b.hours > 0 ? xb / b.hours * c.hours : 0;
        double upper = ratioUpper(xc, xb, c.hours, b.hours);
        double needed = c.from.length == 0 || b.from.length == 0
                ? Double.POSITIVE_INFINITY
                : Detectability.eventsNeeded(maxRatio, (double) b.from.length / c.from.length, alpha);
        return new Outcome(
                logE,
                peak,
                xc,
                xb,
                c.from.length,
                b.from.length,
                c.hours,
                b.hours,
                expected,
                needed,
                upper,
                c.from.length + b.from.length == 0 ? 0 : watermark,
                peak >= -Math.log(alpha),
                upper <= maxRatio || expected >= needed);
    }

    /** Moves every theta's log product by one event and returns the log of their mean. */
    private static double step(double[] logs, double p, boolean canary) {
        double top = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < THETAS.length; i++) {
            logs[i] += (canary ? Math.log(THETAS[i]) : 0) - Math.log1p(p * (THETAS[i] - 1));
            top = Math.max(top, logs[i]);
        }
        double sum = 0;
        for (double log : logs) {
            sum += Math.exp(log - top);
        }
        return top + Math.log(sum / THETAS.length);
    }

    /** Upper 95 % bound of the rate ratio, conditional on the sum of events (Clopper-Pearson). Infinite without a control event. */
    private static double ratioUpper(int canaryEvents, int controlEvents, double canaryHours, double controlHours) {
        if (controlEvents == 0 || canaryHours <= 0 || controlHours <= 0) {
            return Double.POSITIVE_INFINITY;
        }
        double p = BetaDistribution.of(canaryEvents + 1.0, controlEvents).inverseCumulativeProbability(0.95);
        return p / (1 - p) * controlHours / canaryHours;
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
