package wavegate.firmware.update;

import java.time.Duration;

/**
 * Deadlines and limits of one device's update. All durations positive.
 *
 * @param checking how long CHECKING may take once the device answers
 * @param downloadStall longest pause without a block, in push and pull
 * @param verifying how long a device may check a whole image before it shows State 2
 * @param applying how long State 3 may last, or the device be away, after Execute before it is called back
 * @param awaitReturn how long a silent device is waited for after that, before LOST
 * @param verifyFor how long the new version must stay healthy: two telemetry periods
 * @param deferral how long a device may defer the update
 * @param poll interval of the watchdog read
 * @param backoff wait before attempt 2; doubles each time, up to {@code backoffMax}
 * @param attempts how often the whole update is tried, at least 1
 * @param minBatteryPercent below this nothing is executed; 0 switches the check off
 * @param maxBoots boots after Execute above which the device is in a boot loop
 * @param allowOlder whether a device that runs a later release of the same firmware, by sequence, is given this one: a way back
 * @param allowReboot whether a device whose Object 5 nothing else brings back is rebooted, once, in the last attempt
 */
public record UpdatePolicy(
        Duration checking,
        Duration downloadStall,
        Duration verifying,
        Duration applying,
        Duration awaitReturn,
        Duration verifyFor,
        Duration deferral,
        Duration poll,
        Duration backoff,
        Duration backoffMax,
        int attempts,
        int minBatteryPercent,
        int maxBoots,
        DeliveryChoice delivery,
        boolean allowOlder,
        boolean allowReboot) {

    /** One that reboots no device. */
    public UpdatePolicy(
            Duration checking,
            Duration downloadStall,
            Duration verifying,
            Duration applying,
            Duration awaitReturn,
            Duration verifyFor,
            Duration deferral,
            Duration poll,
            Duration backoff,
            Duration backoffMax,
            int attempts,
            int minBatteryPercent,
            int maxBoots,
            DeliveryChoice delivery,
            boolean allowOlder) {
        this(
                checking,
                downloadStall,
                verifying,
                applying,
                awaitReturn,
                verifyFor,
                deferral,
                poll,
                backoff,
                backoffMax,
                attempts,
                minBatteryPercent,
                maxBoots,
                delivery,
                allowOlder,
                false);
    }

    /** How bytes should travel where the device can do both. */
    public enum DeliveryChoice {
        PULL,
        PUSH
    }

    public static final UpdatePolicy DEFAULT = new UpdatePolicy(
            Duration.ofMinutes(10),
            Duration.ofMinutes(30),
            Duration.ofMinutes(5),
            Duration.ofMinutes(30),
            Duration.ofHours(24),
            Duration.ofMinutes(30),
            Duration.ofHours(72),
            Duration.ofSeconds(30),
            Duration.ofMinutes(5),
            Duration.ofHours(12),
            3,
            0,
            3,
            DeliveryChoice.PULL,
            false);

    public UpdatePolicy {
        for (Duration d : new Duration[] {
            checking, downloadStall, verifying, applying, awaitReturn, verifyFor, deferral, poll, backoff, backoffMax
        }) {
            if (d.isNegative() || d.isZero()) {
                throw new IllegalArgumentException("update policy: duration " + d + " (expected: more than zero)");
            }
        }
        if (attempts < 1) {
            throw new IllegalArgumentException("update attempts: " + attempts + " (expected: at least 1)");
        }
        if (minBatteryPercent < 0 || minBatteryPercent > 100) {
            throw new IllegalArgumentException("minimum battery: " + minBatteryPercent + " (expected: 0..100 percent)");
        }
    }

    public UpdatePolicy withDelivery(DeliveryChoice choice) {
        return new UpdatePolicy(
                checking,
                downloadStall,
                verifying,
                applying,
                awaitReturn,
                verifyFor,
                deferral,
                poll,
                backoff,
                backoffMax,
                attempts,
                minBatteryPercent,
                maxBoots,
                choice,
                allowOlder,
                allowReboot);
    }

    /** One that gives an older release to devices that run a later one, too. */
    public UpdatePolicy allowingOlder() {
        return new UpdatePolicy(
                checking,
                downloadStall,
                verifying,
                applying,
                awaitReturn,
                verifyFor,
                deferral,
                poll,
                backoff,
                backoffMax,
                attempts,
                minBatteryPercent,
                maxBoots,
                delivery,
                true,
                allowReboot);
    }

    /** Back-off before {@code attempt}, with up to a fifth added by {@code spread} in 0..1 so that a fleet does not return in step. */
    Duration backoffBefore(int attempt, double spread) {
        double factor = Math.pow(2, Math.max(0, attempt - 2)) * (1 + 0.2 * spread);
        long millis = (long) Math.min(backoff.toMillis() * factor, (double) backoffMax.toMillis());
        return Duration.ofMillis(Math.max(1, millis));
    }
}
