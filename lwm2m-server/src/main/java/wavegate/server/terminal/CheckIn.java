package wavegate.server.terminal;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import wavegate.firmware.device.DeviceIdentity;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.telemetry.Metric;

/**
 * What a terminal says when it asks.
 *
 * @param version what it runs; always known
 * @param fetches what it can fetch images by; empty: by what it asks with
 * @param freeBytes room for an image; empty if it has not said
 * @param batteryPercent 0 to 100; -1 if it has none or has not said
 * @param result how the update named by {@code token} went; 0 while it is under way
 * @param token of the offer that {@code state} and {@code result} are about; empty for none
 * @param at its own clock; empty if it has none
 */
record CheckIn(
        Endpoint endpoint,
        DeviceIdentity identity,
        FirmwareVersion version,
        Labels labels,
        Set<UpdateProtocol> fetches,
        OptionalLong freeBytes,
        int batteryPercent,
        UpdateState state,
        UpdateResult result,
        String token,
        Optional<Instant> at,
        Map<Metric, Double> health) {
    CheckIn {
        fetches = Set.copyOf(fetches);
        EnumMap<Metric, Double> copy = new EnumMap<>(Metric.class);
        copy.putAll(health);
        health = Collections.unmodifiableMap(copy);
    }

    /** Whether it holds, or is fetching, an image. */
    boolean holdsImage() {
        return state == UpdateState.DOWNLOADING || state == UpdateState.DOWNLOADED;
    }
}
