package wavegate.server.bench.gate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.MannWhitneyUTest;

/**
 * The rules that canaries are commonly judged by, on the same reports: limits, and a test for a single look that is looked at again and again. They see
 * what a dashboard sees, the newest report of each device.
 */
final class CommonRules {
    static final String TWICE = "limit: twice the controls' share";
    static final String ONE_PERCENT = "limit: 1 % of canaries";
    static final String TEST_DEVICES = "test at each look, devices";
    static final String TEST_CRASHES = "test at each look, crashes";
    static final String MEAN = "limit: mean use +15 %";
    static final String TEST_USE = "test at each look, use";

    private static final double P = 0.01;
    private static final int FEWEST = 3;

    private final int canaries;
    private final double[] first;
    private final double[] latest;
    private final int[] crashes;
    private final double[] energyFirst;
    private final double[] energyLatest;
    private int looks;

    CommonRules(int canaries, int devices) {
        this.canaries = canaries;
        this.first = new double[devices];
        this.latest = new double[devices];
        this.crashes = new int[devices];
        this.energyFirst = new double[devices];
        this.energyLatest = new double[devices];
        Arrays.fill(first, Double.NaN);
    }

    /** @param counts whether the device is in its arm by now */
    void note(Report report, boolean counts) {
        if (!counts || report.at() < SimulatedWave.START) {
            return;
        }
        int device = report.device();
        if (Double.isNaN(first[device])) {
            first[device] = report.at();
            energyFirst[device] = report.energy();
        }
        latest[device] = Math.max(latest[device], report.at());
        crashes[device] = Math.max(crashes[device], report.crashes());
        energyLatest[device] = Math.max(energyLatest[device], report.energy());
    }

    /** @return the rules that say stop */
    List<String> look() {
        List<String> fired = new ArrayList<>();
        Side canary = new Side(0, canaries);
        Side control = new Side(canaries, first.length);
        if (canary.crashed >= FEWEST && canary.share() > 2 * control.share()) {
            fired.add(TWICE);
        }
        if (canary.share() > 0.01) {
            fired.add(ONE_PERCENT);
        }
        if (p(canary.crashed, canary.hours, control.crashed, control.hours) <= P) {
            fired.add(TEST_DEVICES);
        }
        if (p(canary.crashes, canary.hours, control.crashes, control.hours) <= P) {
            fired.add(TEST_CRASHES);
        }
        if (++looks % 4 == 0) {
            use(fired);
        }
        return fired;
    }

    private void use(List<String> fired) {
        double[] canary = uses(0, canaries);
        double[] control = uses(canaries, first.length);
        if (canary.length < 5 || control.length < 5) {
            return;
        }
        if (mean(canary) > 1.15 * mean(control)) {
            fired.add(MEAN);
        }
        double p = MannWhitneyUTest.withDefaults()
                .with(AlternativeHypothesis.GREATER_THAN)
                .test(canary, control)
                .getPValue();
        if (p <= P) {
            fired.add(TEST_USE);
        }
    }

    private double[] uses(int from, int to) {
        double[] found = new double[to - from];
        int n = 0;
        for (int i = from; i < to; i++) {
            if (latest[i] - first[i] >= 2) {
                found[n++] = (energyLatest[i] - energyFirst[i]) / (latest[i] - first[i]);
            }
        }
        return Arrays.copyOf(found, n);
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElse(0);
    }

    /** The conditional test of two rates: given their sum, the canaries' events are binomial. */
    private static double p(int canary, double canaryHours, int control, double controlHours) {
        if (canary == 0 || canaryHours <= 0 || controlHours <= 0) {
            return 1;
        }
        return BinomialDistribution.of(canary + control, canaryHours / (canaryHours + controlHours))
                .survivalProbability(canary - 1);
    }

    private final class Side {
        private final int devices;
        private int crashed;
        private int crashes;
        private double hours;

        Side(int from, int to) {
            int seen = 0;
            for (int i = from; i < to; i++) {
                if (!Double.isNaN(first[i])) {
                    seen++;
                    crashes += CommonRules.this.crashes[i];
                    crashed += CommonRules.this.crashes[i] > 0 ? 1 : 0;
                    hours += latest[i] - first[i];
                }
            }
            devices = seen;
        }

        double share() {
            return devices == 0 ? 0 : (double) crashed / devices;
        }
    }
}
