package wavegate.config;

import java.time.Duration;

/**
 * Deadlines and limits of one device's update, where a campaign does not say.
 *
 * @param checking how long CHECKING may take once the device answers
 * @param downloadStall longest pause without a block
 * @param verifying how long a device may check a whole image
 * @param applying how long a device may apply the image after Execute
 * @param awaitReturn how long a silent device is waited for after that, before LOST
 * @param verifyFor how long the new version must stay healthy: two telemetry periods
 * @param deferral how long a device may defer the update
 * @param poll interval of the watchdog read
 * @param backoff wait before attempt 2; doubles each time, up to {@code backoffMax}
 * @param attempts how often the whole update is tried
 * @param minBatteryPercent below this nothing is executed; 0 switches the check off
 * @param maxBoots boots after Execute above which the device is in a boot loop
 * @param allowReboot whether a device whose Object 5 nothing else brings back is rebooted, once
 */
public record UpdateSettings(
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
        Delivery delivery,
        boolean allowReboot) {
    /** How bytes travel where the device can do both. */
    public enum Delivery {
        PULL,
        PUSH
    }

    public static final UpdateSettings DEFAULT = new UpdateSettings(
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
            Delivery.PULL,
            false);

    public UpdateSettings {
        new Checks()
                .positive("checking", checking)
                .positive("download-stall", downloadStall)
                .positive("verifying", verifying)
                .positive("applying", applying)
                .positive("await-return", awaitReturn)
                .positive("verify-for", verifyFor)
                .positive("deferral", deferral)
                .positive("poll", poll)
                .positive("backoff", backoff)
                .that(
                        backoffMax.compareTo(backoff) >= 0,
                        "backoff-max",
                        backoffMax,
                        "at least the backoff, " + Durations.format(backoff))
                .atLeast("attempts", attempts, 1)
                .within("min-battery-percent", minBatteryPercent, 0, 100)
                .atLeast("max-boots", maxBoots, 1)
                .done();
    }
}
