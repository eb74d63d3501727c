package wavegate.firmware.device;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;

/** What is known of a device besides its row: soft state, asked for only where a query names it. Called on the thread that evaluates the query. */
public interface DeviceStanding {
    /** Nothing known: not registered, never heard, no telemetry. */
    DeviceStanding UNKNOWN = new DeviceStanding() {};

    default boolean registered() {
        return false;
    }

    /** Its last Register or Registration Update; empty if it is not registered. */
    default Optional<Instant> lastSeen() {
        return Optional.empty();
    }

    /** Percent, 0..100, as last reported. */
    default OptionalDouble battery() {
        return OptionalDouble.empty();
    }

    /** Crashes in its life, as last reported. */
    default OptionalDouble crashes() {
        return OptionalDouble.empty();
    }

    default Optional<Instant> lastCrash() {
        return Optional.empty();
    }

    /** Name of the profile its client is treated by; empty if not known. */
    default String clientProfile() {
        return "";
    }

    default boolean cloneSuspected() {
        return false;
    }
}
