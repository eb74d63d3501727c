package wavegate.sim.device;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import wavegate.firmware.pkg.FirmwareVersion;

/**
 * What devices are fated to: shares of the devices, 0..1, drawn by each device's own seed.
 *
 * @param results Update Results that an update ends with, each with its share of the devices: 2 to 13 and 100. A device has one of them at
 *     most, and shows it only where it can (7 and 9 in a pull; 10 and 11 with an object that knows them; 12 and 13 with components)
 * @param times how often a device does so before it behaves; 0: always
 * @param bricks devices that never come back from an installation
 * @param reverts devices whose new firmware does not confirm itself, and is gone again after some minutes
 * @param powerCuts devices whose power fails at some write of each installation
 * @param drops share of the transfers, not the devices, that are lost on the way
 * @param regressions firmware that makes modules worse from some version on
 */
public record Failures(
        SortedMap<Integer, Double> results,
        int times,
        double bricks,
        double reverts,
        double powerCuts,
        double drops,
        Duty duty,
        List<Regression> regressions) {
    public static final Failures NONE = new Failures(new TreeMap<>(), 0, 0, 0, 0, 0, Duty.ALWAYS_ON, List.of());

    /** On the network for {@code on} and off it for {@code off}, each device at its own hour; simulated time. {@code off} zero: always on. */
    public record Duty(Duration on, Duration off) {
        public static final Duty ALWAYS_ON = new Duty(Duration.ofHours(1), Duration.ZERO);

        public Duty {
            if (on.isNegative() || on.isZero() || off.isNegative()) {
                throw new IllegalArgumentException(
                        "duty cycle: on " + on + ", off " + off + " (expected: on above 0, off 0 or more)");
            }
        }
    }

    /** Firmware of version {@code from} and later crashes and draws so many times more than its image says. */
    public record Regression(FirmwareVersion from, double crashes, double energy) {
        public Regression {
            if (!(crashes >= 0 && crashes <= 10_000) || !(energy >= 0 && energy <= 10_000)) {
                throw new IllegalArgumentException("regression from " + from + ": crashes x " + crashes + ", energy x "
                        + energy + " (expected: 0..10000)");
            }
        }
    }

    public Failures {
        results = Collections.unmodifiableSortedMap(new TreeMap<>(results));
        regressions = List.copyOf(regressions);
        double sum = 0;
        for (Map.Entry<Integer, Double> one : results.entrySet()) {
            int code = one.getKey();
            if (!(code >= 2 && code <= 13) && code != 100) {
                throw new IllegalArgumentException("result: " + code + " (expected: 2..13 or 100)");
            }
            share("share of result " + code, one.getValue());
            sum += one.getValue();
        }
        share("shares of all results", sum);
        share("bricks", bricks);
        share("reverts", reverts);
        share("power cuts", powerCuts);
        share("drops", drops);
        if (times < 0) {
            throw new IllegalArgumentException("times: " + times + " (expected: 0 or more)");
        }
    }

    private static void share(String name, double value) {
        if (!(value >= 0 && value <= 1.000_001)) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 0..1)");
        }
    }

    /** Every device ends every update with the result. */
    public static Failures always(int result) {
        return NONE.withResult(result, 1);
    }

    public Failures withResult(int result, double share) {
        SortedMap<Integer, Double> more = new TreeMap<>(results);
        more.put(result, share);
        return new Failures(more, times, bricks, reverts, powerCuts, drops, duty, regressions);
    }

    public Failures atMost(int attempts) {
        return new Failures(results, attempts, bricks, reverts, powerCuts, drops, duty, regressions);
    }

    public Failures withBricks(double share) {
        return new Failures(results, times, share, reverts, powerCuts, drops, duty, regressions);
    }

    public Failures withReverts(double share) {
        return new Failures(results, times, bricks, share, powerCuts, drops, duty, regressions);
    }

    public Failures withPowerCuts(double share) {
        return new Failures(results, times, bricks, reverts, share, drops, duty, regressions);
    }

    public Failures withDrops(double share) {
        return new Failures(results, times, bricks, reverts, powerCuts, share, duty, regressions);
    }

    public Failures withDuty(Duty value) {
        return new Failures(results, times, bricks, reverts, powerCuts, drops, value, regressions);
    }

    public Failures withRegression(Regression regression) {
        return new Failures(results, times, bricks, reverts, powerCuts, drops, duty, List.of(regression));
    }

    /** How many times more than its image says a firmware crashes. */
    double crashes(String version) {
        return product(version, Regression::crashes);
    }

    /** How many times more than its image says a firmware draws. */
    double energy(String version) {
        return product(version, Regression::energy);
    }

    private double product(String version, ToDoubleFunction<Regression> factor) {
        double product = 1;
        for (Regression one : regressions) {
            product *= FirmwareVersion.of(version).compareTo(one.from()) >= 0 ? factor.applyAsDouble(one) : 1;
        }
        return product;
    }
}
