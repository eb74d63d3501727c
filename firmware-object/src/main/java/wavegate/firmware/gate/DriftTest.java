package wavegate.firmware.gate;

import java.time.Duration;
import java.util.List;
import java.util.stream.DoubleStream;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.MannWhitneyUTest;

/**
 * Do canaries draw more than their controls? Each device is its own baseline: y = log((after + eps) / (before + eps)) of its energy use, with eps
 * a hundredth of the median use before, so that an idle device gives a number too. One-sided Mann-Whitney on the y of both arms, at planned looks
 * only, each at alpha / looks. FAIL needs significance and size: a Hodges-Lehmann shift of at least log(1 + minDrift).
 */
final class DriftTest {
    private static final double HOUR_MS = 3_600_000.0;
    private static final double EPS_SHARE = 0.01;

    private DriftTest() {}

    /** What one look found. {@code p} and {@code shift} are NaN if an arm had too few devices; {@code shift} is of logs. */
    record Outcome(double p, double shift, int canaries, int controls, boolean enough, boolean failed) {}

    /** Shares of the soak are looks: the number of the newest planned look that is due, 0 if none. */
    static int due(Duration soaked, Duration soak, int looks) {
        if (soaked.isNegative()) {
            return 0;
        }
        return (int) Math.min(looks, soaked.toMillis() * looks / soak.toMillis());
    }

    /**
     * @param look number of the look, from 1
     * @param alpha for all looks together
     */
    static Outcome judge(
            List<MemberEvidence> canary, List<MemberEvidence> control, int look, GatePolicy policy, double alpha) {
        // Half of what the look looks back on: a device heard of twice in an hour says little of a day.
        long atLeastMs = policy.soak().toMillis() * look / (2L * policy.looks());
        double eps = EPS_SHARE
                * median(DoubleStream.concat(ratesBefore(canary, atLeastMs), ratesBefore(control, atLeastMs))
                        .sorted()
                        .toArray());
        double[] x = changes(canary, atLeastMs, eps);
        double[] y = changes(control, atLeastMs, eps);
        if (x.length < policy.minPerArm() || y.length < policy.minPerArm()) {
            return new Outcome(Double.NaN, Double.NaN, x.length, y.length, false, false);
        }
        double p = MannWhitneyUTest.withDefaults()
                .with(AlternativeHypothesis.GREATER_THAN)
                .test(x, y)
                .getPValue();
        double shift = shift(x, y);
        boolean failed = p <= alpha / policy.looks() && shift >= Math.log1p(policy.minDrift());
        return new Outcome(p, shift, x.length, y.length, true, failed);
    }

    private static DoubleStream ratesBefore(List<MemberEvidence> rows, long atLeastMs) {
        return rows.stream().filter(row -> metered(row, atLeastMs)).mapToDouble(MemberEvidence::preRate);
    }

    private static double[] changes(List<MemberEvidence> rows, long atLeastMs, double eps) {
        return rows.stream()
                .filter(row -> metered(row, atLeastMs))
                .mapToDouble(row -> Math.log((rateAfter(row) + eps) / (row.preRate() + eps)))
                .filter(Double::isFinite)
                .sorted()
                .toArray();
    }

    private static boolean metered(MemberEvidence row, long atLeastMs) {
        return row.preRate() >= 0
                && row.postStartAt() > 0
                && row.latestEnergyAt() - row.postStartAt() >= Math.max(1, atLeastMs)
                && row.latestEnergy() >= row.postStartEnergy();
    }

    private static double rateAfter(MemberEvidence row) {
        return (row.latestEnergy() - row.postStartEnergy()) * HOUR_MS / (row.latestEnergyAt() - row.postStartAt());
    }

    private static double median(double[] sorted) {
        int n = sorted.length;
        return n == 0 ? 0 : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    }

    /**
     * Hodges-Lehmann: the median of all differences x - y. Found by halving an interval of values and counting the differences below, since the
     * differences themselves are too many in a late wave.
     */
    static double shift(double[] sortedX, double[] sortedY) {
        long pairs = (long) sortedX.length * sortedY.length;
        if (pairs == 0) {
            return Double.NaN;
        }
        return (orderStatistic(sortedX, sortedY, (pairs + 1) / 2) + orderStatistic(sortedX, sortedY, pairs / 2 + 1))
                / 2;
    }

    /** The k-th smallest difference, k from 1, to 1e-12 of the range. */
    private static double orderStatistic(double[] x, double[] y, long k) {
        double low = x[0] - y[y.length - 1];
        double high = x[x.length - 1] - y[0];
        for (int i = 0; i < 60 && high > low; i++) {
            double mid = low + (high - low) / 2;
            if (mid >= high || mid < low) {
                break;
            }
            if (differencesUpTo(x, y, mid) >= k) {
                high = mid;
            } else {
                low = mid;
            }
        }
        return high;
    }

    private static long differencesUpTo(double[] x, double[] y, double limit) {
        long count = 0;
        int j = 0;
        for (double value : x) {
            while (j < y.length && value - y[j] > limit) {
                j++;
            }
            count += y.length - j;
        }
        return count;
    }
}
