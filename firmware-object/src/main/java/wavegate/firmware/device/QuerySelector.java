package wavegate.firmware.device;

import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Collectors;
import wavegate.firmware.pkg.FirmwareVersion;

/** What a query may ask of a device. Each has the values of one kind; a device may have several, or none. The names are in users' campaigns: never rename one. */
enum QuerySelector {
    ENDPOINT("endpoint", Kind.TEXT, s -> List.of(s.device().endpoint().name())),
    MANUFACTURER("manufacturer", Kind.TEXT, s -> List.of(s.device().identity().manufacturer())),
    MODEL("model", Kind.TEXT, s -> List.of(s.device().identity().model())),
    HARDWARE("hardware", Kind.TEXT, s -> List.of(s.device().identity().hardware())),
    FIRMWARE("firmware", Kind.VERSION, s -> List.of(s.device().firmware())),
    REGION("region", Kind.TEXT, s -> List.of(s.device().labels().region())),
    CARRIER("carrier", Kind.TEXT, s -> List.of(s.device().labels().carrier())),
    TAG("tag", Kind.TEXT, s -> s.device().labels().tags()),
    CLIENT_PROFILE("clientProfile", Kind.TEXT, s -> List.of(s.standing().clientProfile())),
    OBJECT_VERSION("objectVersion", Kind.VERSION, s -> s.device()
            .client()
            .map(traits -> List.of(FirmwareVersion.of(traits.objectVersion())))
            .orElse(List.of())),
    BEHAVIOUR("behaviour", Kind.TEXT, s -> s.device()
            .client()
            .map(traits ->
                    traits.behaviours().stream().map(ClientBehaviour::label).toList())
            .orElse(List.of())),
    FIRST_SEEN("firstSeen", Kind.TIME, s -> List.of(s.device().firstSeen())),
    REGISTERED("registered", Kind.TRUTH, s -> List.of(s.standing().registered())),
    LAST_SEEN("lastSeen", Kind.TIME, s -> one(s.standing().lastSeen())),
    BATTERY("battery", Kind.NUMBER, s -> one(s.standing().battery())),
    CRASHES("crashes", Kind.NUMBER, s -> one(s.standing().crashes())),
    LAST_CRASH("lastCrash", Kind.TIME, s -> one(s.standing().lastCrash())),
    CLONE_SUSPECTED("cloneSuspected", Kind.TRUTH, s -> List.of(s.standing().cloneSuspected()));

    /** How values compare, and what an argument looks like. */
    enum Kind {
        /** Case is ignored, {@code *} stands for any text. No order. */
        TEXT("text, * for any"),
        VERSION("a version such as 1.4.0"),
        NUMBER("a number"),
        /** A moment, or how long before now. */
        TIME("a moment such as 2026-01-31T00:00:00Z, or -36h for 36 hours ago (s, m, h, d)"),
        TRUTH("true or false");

        private final String expected;

        Kind(String expected) {
            this.expected = expected;
        }

        String expected() {
            return expected;
        }

        boolean ordered() {
            return this == VERSION || this == NUMBER || this == TIME;
        }
    }

    /** A device and the moment it is looked at. */
    record Sight(Device device, DeviceStanding standing, Instant now) {}

    private final String label;
    private final Kind kind;

    @SuppressWarnings("ImmutableEnumChecker") // none of these functions keeps anything
    private final Function<Sight, ? extends Collection<?>> values;

    QuerySelector(String label, Kind kind, Function<Sight, ? extends Collection<?>> values) {
        this.label = label;
        this.kind = kind;
        this.values = values;
    }

    static Optional<QuerySelector> named(String label) {
        return Arrays.stream(values()).filter(each -> each.label.equals(label)).findFirst();
    }

    static String labels() {
        return Arrays.stream(values()).map(each -> each.label).collect(Collectors.joining(", "));
    }

    String label() {
        return label;
    }

    Kind kind() {
        return kind;
    }

    Collection<?> of(Sight sight) {
        return values.apply(sight);
    }

    private static List<Instant> one(Optional<Instant> moment) {
        return moment.map(List::of).orElse(List.of());
    }

    private static List<Double> one(OptionalDouble number) {
        return number.isPresent() ? List.of(number.getAsDouble()) : List.of();
    }
}
