package wavegate.sim.device;

import java.time.Duration;
import java.util.List;

/**
 * What all devices of a fleet share. Delays and rates are in simulated time, {@code timeFactor} simulated seconds passing per real second;
 * what the server sees (registration lifetime, retransmission, timestamps) is real time.
 */
public record DeviceSettings(
        FirstContact first,
        double timeFactor,
        Timing timing,
        Health health,
        Coap coap,
        Faults faults,
        Failures failures,
        List<Outage> outages) {
    /**
     * {@code lifetimeSeconds} is the registered lifetime, real seconds; updates are sent at {@code registrationUpdate} of simulated time or
     * at half the lifetime, whichever is earlier. {@code awake}: how long a queue-mode device listens after its last message, real time like
     * everything a server counts on.
     */
    public record Timing(
            int lifetimeSeconds,
            Duration registrationUpdate,
            Duration telemetryPeriod,
            Duration applyDelay,
            Duration bootTime,
            Duration retryAfter,
            Duration awake) {
        public Timing {
            if (lifetimeSeconds < 1) {
                throw new IllegalArgumentException("lifetime: " + lifetimeSeconds + " (expected: at least 1 second)");
            }
        }
    }

    /** Rates of a healthy module, per simulated hour. A crash after the first one since a firmware started comes at the repeat rate. */
    public record Health(
            double crashesPerHour, double repeatCrashesPerHour, double energyMahPerHour, double energyNoise) {}

    /** Real milliseconds. */
    public record Coap(int ackTimeoutMs, double ackRandomFactor, int maxRetransmit, int separateResponseMs) {
        /** RFC 7252's own numbers. */
        public static final Coap STANDARD = new Coap(2000, 1.5, 4, 10_000);
    }

    /**
     * What goes wrong inside devices, by share of the transfers or devices, 0..1. {@code offlineEvery} zero: never offline.
     * {@code rebindEvery}: how often, on average, an address translator on the way gives the device another port; zero: never.
     */
    public record Faults(
            double corruptTransfers,
            double rebootsDuringDownload,
            double muteTelemetry,
            Duration offlineEvery,
            Duration offlineFor,
            Duration rebindEvery) {
        public static final Faults NONE = new Faults(0, 0, 0, Duration.ZERO, Duration.ZERO, Duration.ZERO);
    }

    /**
     * A black-out: from one moment to another, epoch milliseconds, nothing gets through; with {@code power} the modules are without power
     * too, and all come back in the same instant.
     */
    public record Outage(long fromMs, long untilMs, boolean power) {
        public Outage {
            if (untilMs <= fromMs) {
                throw new IllegalArgumentException(
                        "outage: from " + fromMs + " to " + untilMs + " (expected: an end after its start)");
            }
        }

        boolean covers(long now) {
            return now >= fromMs && now < untilMs;
        }
    }

    public DeviceSettings {
        outages = List.copyOf(outages);
        if (!(timeFactor > 0)) {
            throw new IllegalArgumentException("time factor: " + timeFactor + " (expected: more than 0)");
        }
    }

    /** Real milliseconds of a simulated duration, at least 1. */
    long real(Duration simulated) {
        return Math.max(1, Math.round(simulated.toMillis() / timeFactor));
    }

    /** Simulated hours in real milliseconds. */
    double hours(long realMs) {
        return realMs * timeFactor / 3_600_000.0;
    }

    /** Real milliseconds of simulated hours, at most about 30 years. */
    long realOfHours(double hours) {
        return (long) Math.min(1e12, Math.max(1, hours * 3_600_000.0 / timeFactor));
    }
}
