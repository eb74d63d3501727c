package wavegate.server.rollout;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import wavegate.firmware.device.ClientProfiles;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.DeviceStanding;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.telemetry.Metric;

/** How devices stand, as queries ask: their registration, the telemetry kept of them, their client. Each is looked up when it is asked for. Any thread. */
public final class Standings implements Function<Device, DeviceStanding> {
    /** A value that is in none of the newest reports is not known any more. */
    private static final int REPORTS = 8;

    private static final long LAST_SECOND = Instant.MAX.getEpochSecond();

    private final Supplier<SessionDirectory> sessions;
    private final TelemetryStore telemetry;
    private final ClientProfiles clients;
    private final Predicate<String> cloneSuspected;

    /** @param sessions asked anew each time: the directory may be there later than this */
    public Standings(
            Supplier<SessionDirectory> sessions,
            TelemetryStore telemetry,
            ClientProfiles clients,
            Predicate<String> cloneSuspected) {
        this.sessions = sessions;
        this.telemetry = telemetry;
        this.clients = clients;
        this.cloneSuspected = cloneSuspected;
    }

    @Override
    public DeviceStanding apply(Device device) {
        return new Standing(device);
    }

    private final class Standing implements DeviceStanding {
        private final Device device;
        private Optional<List<HealthReport>> reports = Optional.empty();

        Standing(Device device) {
            this.device = device;
        }

        @Override
        public boolean registered() {
            return session().isPresent();
        }

        @Override
        public Optional<Instant> lastSeen() {
            return session().map(SessionDirectory.Session::lastSeen);
        }

        @Override
        public OptionalDouble battery() {
            return latest(Metric.BATTERY_PERCENT);
        }

        @Override
        public OptionalDouble crashes() {
            return latest(Metric.CRASH_COUNT);
        }

        @Override
        public Optional<Instant> lastCrash() {
            OptionalDouble seconds = latest(Metric.LAST_CRASH_EPOCH_SECONDS);
            // A device may say any number.
            return seconds.isPresent() && seconds.getAsDouble() > 0 && seconds.getAsDouble() <= LAST_SECOND
                    ? Optional.of(Instant.ofEpochSecond((long) seconds.getAsDouble()))
                    : Optional.empty();
        }

        @Override
        public String clientProfile() {
            return clients.choose(device).profile().name();
        }

        @Override
        public boolean cloneSuspected() {
            return cloneSuspected.test(device.endpoint().name());
        }

        private Optional<SessionDirectory.Session> session() {
            return sessions.get().find(device.endpoint());
        }

        private OptionalDouble latest(Metric metric) {
            if (reports.isEmpty()) {
                reports = Optional.of(telemetry.latest(device.endpoint(), REPORTS));
            }
            for (HealthReport report : reports.get()) {
                OptionalDouble value = report.value(metric);
                if (value.isPresent()) {
                    return value;
                }
            }
            return OptionalDouble.empty();
        }
    }
}
