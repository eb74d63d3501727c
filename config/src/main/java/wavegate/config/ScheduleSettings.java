package wavegate.config;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What campaigns with windows need to know.
 *
 * @param zones the time zone of each region, like {@code eu=Europe/Berlin us-east=America/New_York}
 */
public record ScheduleSettings(String zones) {
    public static final ScheduleSettings DEFAULT = new ScheduleSettings("");

    public ScheduleSettings {
        for (String pair : pairs(zones)) {
            int at = pair.indexOf('=');
            new Checks()
                    .that(
                            at > 0 && isZone(pair.substring(at + 1)),
                            "zones",
                            pair,
                            "a region and its IANA time zone, like eu=Europe/Berlin")
                    .done();
        }
    }

    private static String[] pairs(String zones) {
        return zones.isBlank() ? new String[0] : zones.strip().split("[\\s,]+");
    }

    private static boolean isZone(String text) {
        try {
            ZoneId.of(text);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    /** By region. */
    public Map<String, ZoneId> byRegion() {
        Map<String, ZoneId> byRegion = new TreeMap<>();
        for (String pair : pairs(zones)) {
            int at = pair.indexOf('=');
            byRegion.put(pair.substring(0, at), ZoneId.of(pair.substring(at + 1)));
        }
        return Collections.unmodifiableMap(byRegion);
    }
}
