package wavegate.firmware.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import wavegate.firmware.device.Endpoint;

/**
 * Devices of one arm as they would report, in closed form: the rows an evidence book would hold at any moment, without playing every report.
 * Hours since the epoch's day 1, so that no time is 0.
 */
final class SimulatedArm {
    static final double START = 24;
    private static final double HOUR = 3_600_000.0;
    /** Names are the same in every campaign; making them anew took longer than the rest. */
    private static final List<Endpoint> CANARIES = new ArrayList<>();

    private static final List<Endpoint> CONTROLS = new ArrayList<>();

    /**
     * How an arm lives.
     *
     * @param crashesPerHour mean over devices
     * @param frailty shape of the gamma the devices' rates are spread by; infinite: all alike
     * @param reportEvery hours
     * @param entersOver hours the indexes are spread over
     * @param drift share by which energy use changes after the index
     * @param noise standard deviation of the logs of a device's energy use over a whole soak
     */
    record Life(
            int devices,
            double crashesPerHour,
            double frailty,
            double reportEvery,
            double entersOver,
            double drift,
            double noise) {
        static Life of(int devices, double crashesPerHour) {
            return new Life(devices, crashesPerHour, Double.POSITIVE_INFINITY, 0.5, 0, 0, 0);
        }

        Life crashing(double times) {
            return new Life(devices, crashesPerHour * times, frailty, reportEvery, entersOver, drift, noise);
        }

        Life drawing(double more) {
            return new Life(devices, crashesPerHour, frailty, reportEvery, entersOver, more, noise);
        }

        Life noisy(double deviation) {
            return new Life(devices, crashesPerHour, frailty, reportEvery, entersOver, drift, deviation);
        }

        Life uneven(double shape) {
            return new Life(devices, crashesPerHour, shape, reportEvery, entersOver, drift, noise);
        }

        Life reporting(double every) {
            return new Life(devices, crashesPerHour, frailty, every, entersOver, drift, noise);
        }

        Life entering(double over) {
            return new Life(devices, crashesPerHour, frailty, reportEvery, over, drift, noise);
        }
    }

    /** A moment at which each device of both arms crashes with some chance, whatever it runs. */
    record Burst(double at, double chance) {
        static final Burst NONE = new Burst(0, 0);
    }

    private record Member(
            Endpoint endpoint, double index, double phase, double crash, double rateBefore, double rateAfter) {}

    private final Arm arm;
    private final Life life;
    private final double settle;
    private final List<Member> devices = new ArrayList<>();

    SimulatedArm(Arm arm, Life life, double settleHours, Burst burst, SplittableRandom random) {
        this.arm = arm;
        this.life = life;
        this.settle = settleHours;
        for (int i = 0; i < life.devices(); i++) {
            double index = START + life.entersOver() * random.nextDouble();
            double phase = random.nextDouble() * life.reportEvery();
            double atRisk = reportAfter(phase, index + settleHours);
            double rate = life.crashesPerHour() * gamma(life.frailty(), random);
            double crash = rate > 0 ? atRisk - Math.log(1 - random.nextDouble()) / rate : Double.POSITIVE_INFINITY;
            if (burst.at() > atRisk && random.nextDouble() < burst.chance()) {
                crash = Math.min(crash, burst.at() + random.nextDouble() * 0.05);
            }
            double before = 1;
            double after = 1 + life.drift();
            if (life.noise() > 0) {
                double use = Math.exp(0.3 * random.nextGaussian());
                before = use * Math.exp(life.noise() * random.nextGaussian());
                after = use * (1 + life.drift()) * Math.exp(life.noise() * random.nextGaussian());
            }
            devices.add(new Member(endpoint(arm, i), index, phase, crash, before, after));
        }
    }

    private static Endpoint endpoint(Arm arm, int i) {
        List<Endpoint> known = arm == Arm.CANARY ? CANARIES : CONTROLS;
        while (known.size() <= i) {
            known.add(new Endpoint(arm.name().toLowerCase(Locale.ROOT) + "-" + known.size()));
        }
        return known.get(i);
    }

    private double reportAfter(double phase, double at) {
        return phase + Math.ceil((at - phase) / life.reportEvery()) * life.reportEvery();
    }

    /** Rows as an evidence book holds them at a time in hours. A crash makes the device report at once. */
    List<MemberEvidence> rowsAt(double now) {
        List<MemberEvidence> rows = new ArrayList<>(devices.size());
        for (Member device : devices) {
            double atRisk = reportAfter(device.phase(), device.index() + settle);
            double regular = reportAfter(device.phase(), now) - life.reportEvery();
            boolean crashed = device.crash() <= now;
            double latest = crashed ? Math.max(regular, device.crash()) : regular;
            boolean entered = atRisk <= now;
            rows.add(new MemberEvidence(
                    device.endpoint(),
                    arm,
                    ms(device.index()),
                    device.rateBefore(),
                    entered ? ms(atRisk) : 0,
                    entered ? 0 : -1,
                    crashed ? ms(device.crash()) : 0,
                    0,
                    entered ? ms(atRisk) : 0,
                    entered ? 0 : Double.NaN,
                    ms(latest),
                    ms(latest),
                    entered ? device.rateAfter() * (latest - atRisk) : Double.NaN));
        }
        return rows;
    }

    static long ms(double hours) {
        return Math.round(hours * HOUR);
    }

    /** Mean 1; Marsaglia and Tsang, lifted to shapes below 1 by a power of a uniform. */
    private static double gamma(double shape, SplittableRandom random) {
        if (Double.isInfinite(shape)) {
            return 1;
        }
        double d = shape + 1 - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = random.nextGaussian();
            double v = Math.pow(1 + c * x, 3);
            if (v > 0 && Math.log(random.nextDouble()) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
                return d * v * Math.pow(random.nextDouble(), 1 / shape) / shape;
            }
        }
    }
}
