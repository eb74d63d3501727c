package wavegate.server.bench.gate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The reports of one wave's devices in the order they arrive, from a day before the update on. Everything is drawn by the seed. Hours; the first
 * canary returns at {@link #START}.
 */
final class SimulatedWave {
    static final double START = 48;
    private static final double PRE_HOURS = 24;
    private static final double PRE_SPACING = 4;
    private static final double BURST_SHARE = 0.1;
    private static final double LOST = 0.02;
    private static final double DOUBLED = 0.02;
    private static final double LOOPS = 0.3;
    private static final double LOOP_GOES_ON = 0.7;
    private static final double TOLD_AT_ONCE = 0.8;
    private static final double STAYS_DOWN = 0.3;

    private final GateScenario scenario;
    private final SplittableRandom random;
    private final double[] index;
    private final List<Report> reports = new ArrayList<>();
    private final double burstAt;
    private final double awayFrom;
    private final double awayUntil;
    private final boolean canariesAreSlower;

    SimulatedWave(GateScenario scenario, long seed) {
        this.scenario = scenario;
        this.random = new SplittableRandom(seed);
        double watch = scenario.watchHours();
        this.canariesAreSlower = random.nextBoolean();
        this.burstAt = START + 2 + (watch - 4) * random.nextDouble();
        this.awayFrom = START + 1 + (watch - 6) * random.nextDouble();
        this.awayUntil = awayFrom + 0.5 + 3 * random.nextDouble();
        this.index = new double[scenario.canaries() + scenario.controls()];
        for (int i = 0; i < index.length; i++) {
            index[i] = i < scenario.canaries() ? START + scenario.entersOverHours() * random.nextDouble() : 0;
        }
        for (int i = 0; i < index.length; i++) {
            live(i);
        }
        reports.sort(Comparator.comparingDouble(Report::at));
    }

    /** In the order of their arrival. */
    List<Report> reports() {
        return reports;
    }

    /** When a canary returns from its update. */
    double returns(int canary) {
        return index[canary];
    }

    private void live(int device) {
        boolean canary = device < scenario.canaries();
        boolean slow = scenario.slower() > 1 && canary == canariesAreSlower;
        double every = scenario.reportHours() * (slow ? scenario.slower() : 1);
        double from = canary ? index[device] : START;
        double end = START + scenario.watchHours() + every;
        double[] crashes = crashes(from, end, canary);
        Meter meter = new Meter(from, canary);
        double phase = random.nextDouble();
        for (double at = START - PRE_HOURS - PRE_SPACING * (1 + phase);
                scenario.trouble() && at < from;
                at += PRE_SPACING) {
            send(device, at, 0, -1, meter.at(at));
        }
        int next = 0;
        double downUntil = 0;
        double regular = from + phase * every;
        while (regular < end) {
            boolean crash = next < crashes.length && crashes[next] <= regular;
            double at = crash ? crashes[next++] : regular;
            if (!crash) {
                regular += every;
            } else if (scenario.trouble() && random.nextDouble() < STAYS_DOWN) {
                downUntil = at + exponential(1 / 1.5);
            }
            boolean told = !crash || !scenario.trouble() || random.nextDouble() < TOLD_AT_ONCE;
            if (told && at >= downUntil) {
                double lastCrash = next == 0 ? -1 : crashes[next - 1];
                send(device, crash ? at + 0.03 : at, next, lastCrash, meter.at(at));
            }
        }
    }

    private double[] crashes(double from, double end, boolean canary) {
        List<Double> times = new ArrayList<>();
        double rate = scenario.crashesPerHour() * (canary ? scenario.crashes() : 1);
        if (scenario.trouble()) {
            rate *= exponential(1);
        }
        double at = rate > 0 ? from + exponential(rate) : end;
        while (at < end) {
            times.add(at);
            if (scenario.trouble() && random.nextDouble() < LOOPS) {
                double again = at + 0.05 + exponential(10);
                while (again < end && random.nextDouble() < LOOP_GOES_ON) {
                    times.add(again);
                    again += 0.05 + exponential(10);
                }
            }
            at += exponential(rate);
        }
        if (scenario.trouble() && burstAt > from && random.nextDouble() < BURST_SHARE) {
            times.add(burstAt + random.nextDouble() * 0.05);
        }
        double[] sorted = times.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted;
    }

    /** Lets a report travel: nothing comes through while the network is away, and then all at once. */
    private void send(int device, double at, int crashes, double lastCrash, double energy) {
        double arrives = at;
        if (scenario.trouble()) {
            if (random.nextDouble() < LOST) {
                return;
            }
            arrives += 0.05 * random.nextDouble();
            if (arrives >= awayFrom && arrives < awayUntil) {
                arrives = awayUntil + 0.02 * random.nextDouble();
            }
            if (random.nextDouble() < DOUBLED) {
                reports.add(new Report(arrives + 0.3, at, device, crashes, lastCrash, energy));
            }
        }
        reports.add(new Report(arrives, at, device, crashes, lastCrash, energy));
    }

    private double exponential(double rate) {
        return -Math.log1p(-random.nextDouble()) / rate;
    }

    /** One device's energy counter: a day and a night, a use of its own, and a change of its own. */
    private final class Meter {
        private final double from;
        private final double use;
        private final double after;

        Meter(double from, boolean canary) {
            this.from = from;
            boolean troubled = scenario.trouble();
            this.use = troubled ? Math.exp(0.5 * random.nextGaussian()) : 1;
            double own = troubled ? Math.exp(0.1 * random.nextGaussian()) : Math.exp(0.05 * random.nextGaussian());
            double habit = troubled && random.nextDouble() < 0.03 ? 2 : 1;
            this.after = own * habit * (canary ? 1 + scenario.drift() : 1);
        }

        double at(double hours) {
            double before = used(Math.min(hours, from));
            return use * (hours <= from ? before : before + after * (used(hours) - used(from)));
        }

        private double used(double hours) {
            double wave = 2 * Math.PI / 24;
            return hours - 0.4 / wave * Math.cos(wave * hours) + 10;
        }
    }
}
