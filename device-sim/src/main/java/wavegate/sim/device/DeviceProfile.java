package wavegate.sim.device;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import wavegate.firmware.object.DeliveryMethod;
import wavegate.firmware.object.FirmwareUpdateObject;

/**
 * How one family of clients behaves where OMA leaves room or clients differ. Constants are the families we know, each one object for all
 * devices of a fleet. What every client must have is not in here. {@code manufacturer} is what such
 * a client says of itself where its module does not say otherwise.
 */
public record DeviceProfile(
        String name,
        String manufacturer,
        Delivery delivery,
        Object5 object5,
        Link link,
        LwM2mRelease release,
        Set<Quirk> quirks) {
    /** When State and Update Result outlive a reboot. */
    public enum Persistence {
        ALWAYS,
        /** A download under way is forgotten (0/0), all else is kept. */
        ALL_BUT_DOWNLOADS,
        /** At the first boot after the update only. */
        FIRST_BOOT,
        NEVER
    }

    /** Which of State and Update Result is announced first. */
    public enum NotifyOrder {
        RESULT_FIRST,
        STATE_FIRST
    }

    /** In which states an empty Package URI or a one-byte Package resets the object. */
    public enum ResetRule {
        /** In State 3 it is answered 4.05. */
        ANY_BUT_UPDATING,
        /** In State 3 too: what is being applied is applied, and nothing tells of it. */
        ANY,
        /** Elsewhere it is answered 2.04 and does nothing. */
        ONLY_DOWNLOADED,
        /** Answered 2.04, does nothing. */
        NONE
    }

    /** What a Package of the one byte 0 is in States 0 and 1. */
    public enum ZeroByte {
        RESET,
        /** A whole image: State 2, and Execute would apply it. */
        IMAGE,
        /** An image of no known type: result 6. */
        UNKNOWN_TYPE
    }

    /** Where a server can read what the module runs. */
    public enum VersionSource {
        /** /3/0/3. */
        DEVICE,
        /** PkgVersion, which then tells of the running firmware; /3/0/3 is not there. */
        PACKAGE,
        NOWHERE
    }

    /**
     * How a package arrives. {@code blockBytes} is the largest block the device wants, 16 to 1024, a power of two; {@code uriBytes} the
     * longest Package URI it takes.
     */
    public record Delivery(DeliveryMethod method, int blockBytes, int uriBytes) {
        public Delivery {
            if (blockBytes < 16 || blockBytes > 1024 || Integer.bitCount(blockBytes) != 1) {
                throw new IllegalArgumentException(
                        "block size: " + blockBytes + " (expected: 16, 32, 64, 128, 256, 512 or 1024)");
            }
            if (uriBytes < 1) {
                throw new IllegalArgumentException("URI length: " + uriBytes + " (expected: at least 1)");
            }
        }

        static Delivery of(DeliveryMethod method, int blockBytes) {
            return new Delivery(method, blockBytes, FirmwareUpdateObject.MAX_URI_LENGTH);
        }
    }

    /**
     * Habits of the firmware object. {@code defers}: how many Executes are deferred (result 11) before one is obeyed. {@code dwell}: how
     * long, in simulated time, a user thinks before a download and before an update may begin; State and Update Result show nothing of it.
     */
    public record Object5(
            FirmwareShape shape,
            Persistence persistence,
            ResetRule resets,
            ZeroByte zeroByte,
            NotifyOrder order,
            VersionSource version,
            int defers,
            Duration dwell) {
        /** All of OMA's object 1.1, in the order and with the memory OMA draws. */
        static final Object5 BY_THE_BOOK = new Object5(
                FirmwareShape.V1_1,
                Persistence.ALWAYS,
                ResetRule.ANY_BUT_UPDATING,
                ZeroByte.RESET,
                NotifyOrder.STATE_FIRST,
                VersionSource.DEVICE,
                0,
                Duration.ZERO);

        Object5 shaped(FirmwareShape value) {
            return new Object5(value, persistence, resets, zeroByte, order, version, defers, dwell);
        }

        Object5 remembering(Persistence value) {
            return new Object5(shape, value, resets, zeroByte, order, version, defers, dwell);
        }

        Object5 resetting(ResetRule rule, ZeroByte zero) {
            return new Object5(shape, persistence, rule, zero, order, version, defers, dwell);
        }

        Object5 resultFirst() {
            return new Object5(shape, persistence, resets, zeroByte, NotifyOrder.RESULT_FIRST, version, defers, dwell);
        }

        Object5 versionIn(VersionSource value) {
            return new Object5(shape, persistence, resets, zeroByte, order, value, defers, dwell);
        }

        Object5 deferring(int times) {
            return new Object5(shape, persistence, resets, zeroByte, order, version, times, dwell);
        }

        Object5 askingAUser(Duration thinks) {
            return new Object5(shape, persistence, resets, zeroByte, order, version, defers, thinks);
        }
    }

    /**
     * Radio habits. With {@code queueMode} the module sleeps between its own messages. {@code paging}: real time between two moments at
     * which the module hears what was sent to it while it was idle; zero: at once.
     */
    public record Link(boolean queueMode, Duration paging) {
        static final Link AWAKE = new Link(false, Duration.ZERO);
    }

    public DeviceProfile {
        quirks = Collections.unmodifiableSet(quirks.isEmpty() ? EnumSet.noneOf(Quirk.class) : EnumSet.copyOf(quirks));
    }

    public boolean has(Quirk quirk) {
        return quirks.contains(quirk);
    }

    /** The same clients, some habits more. */
    public DeviceProfile and(String newName, Quirk... more) {
        EnumSet<Quirk> all = quirks.isEmpty() ? EnumSet.noneOf(Quirk.class) : EnumSet.copyOf(quirks);
        all.addAll(List.of(more));
        return new DeviceProfile(newName, manufacturer, delivery, object5, link, release, all);
    }

    /** The same clients, some habits less. */
    public DeviceProfile without(String newName, Quirk... gone) {
        EnumSet<Quirk> all = EnumSet.noneOf(Quirk.class);
        all.addAll(quirks);
        List.of(gone).forEach(all::remove);
        return new DeviceProfile(newName, manufacturer, delivery, object5, link, release, all);
    }

    private DeviceProfile madeBy(String maker) {
        return new DeviceProfile(name, maker, delivery, object5, link, release, quirks);
    }

    /** The same clients, their package brought another way. */
    public DeviceProfile by(String newName, DeliveryMethod method) {
        Delivery other = new Delivery(method, delivery.blockBytes(), delivery.uriBytes());
        return new DeviceProfile(newName, manufacturer, other, object5, link, release, quirks);
    }

    DeviceProfile with(String newName, Object5 otherObject, Link otherLink, LwM2mRelease otherRelease) {
        return new DeviceProfile(newName, manufacturer, delivery, otherObject, otherLink, otherRelease, quirks);
    }

    private static final EnumSet<Quirk> USUAL = EnumSet.of(
            Quirk.RESUMES_PULL, Quirk.NEW_PORT_AT_BOOT, Quirk.CONFIRMABLE_NOTIFICATIONS, Quirk.SENDS_TELEMETRY);

    /** As OMA draws it. */
    public static final DeviceProfile SPEC = new DeviceProfile(
            "spec",
            "Wavegate Labs",
            Delivery.of(DeliveryMethod.BOTH, 1024),
            Object5.BY_THE_BOOK,
            Link.AWAKE,
            LwM2mRelease.V1_1,
            USUAL);

    /** Jumps 0 to 2 on a push, Result before State, failures in State 2, 4.00 in the wrong state, results gone at the second boot. */
    public static final DeviceProfile ANJAY = SPEC.madeBy("Anjay")
            .with(
                    "anjay",
                    Object5.BY_THE_BOOK.remembering(Persistence.FIRST_BOOT).resultFirst(),
                    Link.AWAKE,
                    LwM2mRelease.V1_1)
            .and(
                    "anjay",
                    Quirk.FAILURE_STAYS_DOWNLOADED,
                    Quirk.HIDES_PUSH,
                    Quirk.STRICT_SCHEME,
                    Quirk.HIDES_OBJECT_VERSION);

    /** Anjay 2: LwM2M 1.0 with versions in quotes, no Send, no Cancel. */
    public static final DeviceProfile ANJAY_2 = ANJAY.with(
                    "anjay-2", ANJAY.object5().shaped(FirmwareShape.V1_0), Link.AWAKE, LwM2mRelease.V1_0)
            .and("anjay-2", Quirk.QUOTES_VERSIONS, Quirk.WAKES_BY_REGISTERING)
            .without("anjay-2", Quirk.SENDS_TELEMETRY);

    /** Remembers nothing, answers failures 5.00, adds a new push behind one that broke off. */
    public static final DeviceProfile ANJAY_LITE = new DeviceProfile(
            "anjay-lite",
            "Anjay Lite",
            Delivery.of(DeliveryMethod.BOTH, 1024),
            Object5.BY_THE_BOOK.shaped(FirmwareShape.V1_0).remembering(Persistence.NEVER),
            Link.AWAKE,
            LwM2mRelease.V1_1,
            EnumSet.of(
                    Quirk.HIDES_PUSH,
                    Quirk.ERRORS_ANSWERED_5_00,
                    Quirk.APPENDS_AFTER_ABORT,
                    Quirk.WAITS_FOR_PUSH_FOREVER,
                    Quirk.NEW_PORT_AT_BOOT,
                    Quirk.CONFIRMABLE_NOTIFICATIONS,
                    Quirk.SENDS_TELEMETRY));

    /** Forgets State and Update Result at every reboot; resets from State 2 alone, and a zero byte elsewhere is an image; small blocks. */
    public static final DeviceProfile ZEPHYR = new DeviceProfile(
            "zephyr",
            "Zephyr",
            Delivery.of(DeliveryMethod.BOTH, 512),
            Object5.BY_THE_BOOK
                    .shaped(FirmwareShape.V1_0)
                    .remembering(Persistence.NEVER)
                    .resetting(ResetRule.ONLY_DOWNLOADED, ZeroByte.IMAGE),
            Link.AWAKE,
            LwM2mRelease.V1_1,
            EnumSet.of(
                    Quirk.WAITS_FOR_PUSH_FOREVER,
                    Quirk.NOT_FOUND_IS_CONNECTION_LOST,
                    Quirk.CONFIRMS_WHEN_REGISTERED,
                    Quirk.SENDS_TELEMETRY));

    /** Remembers all but a download, resets in every State, erases its flash at the first block, confirms new firmware at boot. */
    public static final DeviceProfile NRF = new DeviceProfile(
            "nrf",
            "Nordic Semiconductor ASA",
            Delivery.of(DeliveryMethod.BOTH, 512),
            Object5.BY_THE_BOOK
                    .shaped(FirmwareShape.V1_0)
                    .remembering(Persistence.ALL_BUT_DOWNLOADS)
                    .resetting(ResetRule.ANY, ZeroByte.UNKNOWN_TYPE),
            Link.AWAKE,
            LwM2mRelease.V1_1,
            EnumSet.of(
                    Quirk.WAITS_FOR_PUSH_FOREVER,
                    Quirk.NOT_FOUND_IS_CONNECTION_LOST,
                    Quirk.ERASES_BEFORE_FIRST_BLOCK,
                    Quirk.SENDS_TELEMETRY));

    /** The example client: takes everything and updates nothing. */
    public static final DeviceProfile WAKAAMA = new DeviceProfile(
            "wakaama",
            "Open Mobile Alliance",
            Delivery.of(DeliveryMethod.PUSH, 128),
            Object5.BY_THE_BOOK
                    .shaped(FirmwareShape.V1_0)
                    .remembering(Persistence.NEVER)
                    .resetting(ResetRule.NONE, ZeroByte.IMAGE),
            Link.AWAKE,
            LwM2mRelease.V1_1,
            EnumSet.of(Quirk.SKELETON, Quirk.REFUSES_LARGE_BLOCKS, Quirk.REFUSES_ARGUMENTS, Quirk.NO_DISCOVER));

    /** A modem's own client: pulls only, hears the network at its paging times, asks its user before each step. */
    public static final DeviceProfile MODEM = new DeviceProfile(
            "modem",
            "Quectel",
            new Delivery(DeliveryMethod.PULL, 512, 255),
            Object5.BY_THE_BOOK
                    .shaped(FirmwareShape.V1_0)
                    .resetting(ResetRule.ANY_BUT_UPDATING, ZeroByte.RESET)
                    .resultFirst()
                    .askingAUser(Duration.ofMinutes(2)),
            new Link(false, Duration.ofMillis(1280)),
            LwM2mRelease.V1_0,
            EnumSet.of(Quirk.RESUMES_PULL, Quirk.CONFIRMABLE_NOTIFICATIONS));

    public static final DeviceProfile PUSH_ONLY = new DeviceProfile(
            "push-only",
            "Wavegate Labs",
            Delivery.of(DeliveryMethod.PUSH, 512),
            Object5.BY_THE_BOOK,
            Link.AWAKE,
            LwM2mRelease.V1_1,
            EnumSet.of(
                    Quirk.REFUSES_LARGE_BLOCKS,
                    Quirk.NEW_PORT_AT_BOOT,
                    Quirk.CONFIRMABLE_NOTIFICATIONS,
                    Quirk.SENDS_TELEMETRY));

    public static final DeviceProfile PULL_ONLY = SPEC.by("pull-only", DeliveryMethod.PULL);

    private static final Link SLEEPING = new Link(true, Duration.ZERO);

    /** Sleeps between its own messages. */
    public static final DeviceProfile QUEUE_MODE =
            SPEC.with("queue-mode", Object5.BY_THE_BOOK, SLEEPING, LwM2mRelease.V1_1);

    /** The same in LwM2M 1.0: it comes with {@code b=UQ}, and anew each time it wakes. */
    public static final DeviceProfile QUEUE_MODE_1_0 = SPEC.with(
                    "queue-mode-1.0", Object5.BY_THE_BOOK.shaped(FirmwareShape.V1_0), SLEEPING, LwM2mRelease.V1_0)
            .and("queue-mode-1.0", Quirk.WAKES_BY_REGISTERING)
            .without("queue-mode-1.0", Quirk.SENDS_TELEMETRY);

    /** Sends nothing by itself: telemetry only to observers. */
    public static final DeviceProfile OBSERVED = SPEC.without("observed", Quirk.SENDS_TELEMETRY);

    /** Defers the first Execute, for as long as it may. */
    public static final DeviceProfile DEFERRING =
            SPEC.with("deferring", Object5.BY_THE_BOOK.resultFirst().deferring(1), Link.AWAKE, LwM2mRelease.V1_1);

    /** By the book of LwM2M 1.0. */
    public static final DeviceProfile SPEC_1_0 = SPEC.with(
                    "spec-1.0", Object5.BY_THE_BOOK.shaped(FirmwareShape.V1_0), Link.AWAKE, LwM2mRelease.V1_0)
            .without("spec-1.0", Quirk.SENDS_TELEMETRY);

    /** By the book of LwM2M 1.2, with object 5 in its version 1.2. */
    public static final DeviceProfile SPEC_1_2 =
            SPEC.with("spec-1.2", Object5.BY_THE_BOOK.shaped(FirmwareShape.V1_2), Link.AWAKE, LwM2mRelease.V1_2);

    /** Refuses to be observed. */
    public static final DeviceProfile POLLED = SPEC.and("polled", Quirk.NO_OBSERVE);

    /** Accepts observers and never tells them anything. */
    public static final DeviceProfile SILENT = SPEC.and("silent", Quirk.SILENT_OBSERVE, Quirk.INSTANT_URI_ERRORS);

    /** Sends State and Update Result itself, whether observed or not. */
    public static final DeviceProfile SENDING = SPEC.and("sending", Quirk.SENDS_STATUS);

    /** Says what it runs in PkgVersion alone. */
    public static final DeviceProfile PACKAGE_VERSION = SPEC.with(
            "package-version", Object5.BY_THE_BOOK.versionIn(VersionSource.PACKAGE), Link.AWAKE, LwM2mRelease.V1_1);

    /** Says nowhere what it runs. */
    public static final DeviceProfile NO_VERSION = SPEC.with(
            "no-version", Object5.BY_THE_BOOK.versionIn(VersionSource.NOWHERE), Link.AWAKE, LwM2mRelease.V1_1);

    /** Understands deltas. */
    public static final DeviceProfile DELTA = SPEC.and("delta", Quirk.DELTA);

    /** Understands deltas, and applies them in the boot stage. */
    public static final DeviceProfile DELTA_AT_BOOT = SPEC.and("delta-at-boot", Quirk.DELTA, Quirk.DELTA_AT_BOOT);

    /** Object 33629 in the place of 5: an application and a modem, updated together or not at all. */
    public static final DeviceProfile COMPONENTS = SPEC.with(
            "components", Object5.BY_THE_BOOK.shaped(FirmwareShape.COMPONENTS), Link.AWAKE, LwM2mRelease.V1_1);

    /** An application and a modem alone; what befalls a download befalls that of the modem. */
    public static final DeviceProfile COMPONENTS_2 = SPEC.with(
                    "two", Object5.BY_THE_BOOK.shaped(FirmwareShape.TWO_COMPONENTS), Link.AWAKE, LwM2mRelease.V1_1)
            .and("components-2", Quirk.LATER_PART_FAILS);

    /** A sensor hub besides, linked to nothing. */
    public static final DeviceProfile COMPONENTS_4 = SPEC.with(
            "components-4", Object5.BY_THE_BOOK.shaped(FirmwareShape.FOUR_COMPONENTS), Link.AWAKE, LwM2mRelease.V1_1);

    /** Updates components together, and leaves those on the new version that have started when another has not. */
    public static final DeviceProfile COMPONENTS_LOOSE = COMPONENTS.and("components-loose", Quirk.PARTS_STAY);

    /** Says in which radio cell it is. */
    public static final DeviceProfile CELLULAR = SPEC.and("cellular", Quirk.SHOWS_CELL);

    public static final List<DeviceProfile> ALL = List.of(
            SPEC,
            ANJAY,
            ANJAY_LITE,
            ZEPHYR,
            NRF,
            WAKAAMA,
            MODEM,
            PUSH_ONLY,
            PULL_ONLY,
            QUEUE_MODE,
            OBSERVED,
            DEFERRING,
            SPEC_1_0,
            SPEC_1_2,
            ANJAY_2,
            QUEUE_MODE_1_0,
            POLLED,
            SILENT,
            SENDING,
            PACKAGE_VERSION,
            NO_VERSION,
            DELTA,
            DELTA_AT_BOOT,
            COMPONENTS,
            COMPONENTS_2,
            COMPONENTS_4,
            COMPONENTS_LOOSE,
            CELLULAR);

    public static Optional<DeviceProfile> named(String name) {
        return ALL.stream().filter(profile -> profile.name().equals(name)).findFirst();
    }
}
