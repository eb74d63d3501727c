package wavegate.server.telemetry;

import java.time.Duration;

/**
 * How health is asked for.
 *
 * @param observe whom to observe; devices that Send by themselves need no observation
 * @param minPeriod {@code pmin}: no notification sooner after the last
 * @param maxPeriod {@code pmax}: a notification at least this often
 * @param devicesPerSecond pace at which observations of newly registered devices are set up
 */
public record TelemetrySettings(Observe observe, Duration minPeriod, Duration maxPeriod, int devicesPerSecond) {
    public enum Observe {
        /** Nobody: all devices Send. */
        NONE,
        /** Devices of LwM2M 1.0, which has no Send. */
        THOSE_THAT_CANNOT_SEND,
        ALL
    }

    public TelemetrySettings {
        if (minPeriod.isNegative() || maxPeriod.compareTo(minPeriod) < 0 || maxPeriod.toSeconds() < 1) {
            throw new IllegalArgumentException("telemetry period: " + minPeriod + " to " + maxPeriod
                    + " (expected: ascending, the longer one at least 1 s)");
        }
        if (devicesPerSecond < 1) {
            throw new IllegalArgumentException(
                    "observed devices per second: " + devicesPerSecond + " (expected: at least 1)");
        }
    }

    public static TelemetrySettings defaults() {
        return new TelemetrySettings(
                Observe.THOSE_THAT_CANNOT_SEND, Duration.ofMinutes(1), Duration.ofMinutes(15), 100);
    }
}
