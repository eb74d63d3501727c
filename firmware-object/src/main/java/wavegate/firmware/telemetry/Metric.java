package wavegate.firmware.telemetry;

import java.util.Locale;
import java.util.Optional;

/** A number devices report. {@code path} is the LwM2M resource it comes from. */
public enum Metric {
    CRASH_COUNT("/27001/0/0"),
    BOOT_COUNT("/27001/0/2"),
    UPTIME_SECONDS("/27001/0/3"),
    ENERGY_USED_MAH("/27001/0/4"),
    LAST_CRASH_EPOCH_SECONDS("/27001/0/5"),
    BATTERY_MILLIVOLTS("/3/0/7"),
    BATTERY_PERCENT("/3/0/9"),
    /** The gravest code of /3/0/11; 0 is none. */
    ERROR_CODE("/3/0/11");

    private final String path;

    Metric(String path) {
        this.path = path;
    }

    public String path() {
        return path;
    }

    /** Kebab-case, as in the API. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The metric at a resource path, the instance of a multiple resource cut off. */
    public static Optional<Metric> at(String path) {
        for (Metric metric : values()) {
            if (path.equals(metric.path) || path.startsWith(metric.path + "/")) {
                return Optional.of(metric);
            }
        }
        return Optional.empty();
    }
}
