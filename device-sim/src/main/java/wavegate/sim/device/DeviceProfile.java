package wavegate.sim.device;

import java.util.List;
import java.util.Optional;
import wavegate.firmware.object.DeliveryMethod;

/** How one family of clients behaves where OMA leaves room or clients differ. Constants are the families we know. */
public record DeviceProfile(String name, Delivery delivery, Object5 object5, Link link) {
    /** When State and Update Result outlive a reboot. */
    public enum Persistence {
        ALWAYS,
        /** At the first boot after the update only. */
        FIRST_BOOT,
        NEVER
    }

    /** Which of State and Update Result is announced first. */
    public enum NotifyOrder {
        RESULT_FIRST,
        STATE_FIRST
    }

    /** In which states an empty Package URI or a one-byte Package resets Object 5. */
    public enum ResetRule {
        ANY_BUT_UPDATING,
        ONLY_DOWNLOADED
    }

    /**
     * How a package arrives. {@code blockBytes} is the largest block the device wants, 16 to 1024, a power of two. With
     * {@code refusesLargeBlocks} a larger first block is answered 4.13, else it is taken and the next ones asked smaller.
     * {@code resumes}: a pull goes on at the block after a reboot or a lost answer.
     */
    public record Delivery(DeliveryMethod method, int blockBytes, boolean refusesLargeBlocks, boolean resumes) {
        public Delivery {
            if (blockBytes < 16 || blockBytes > 1024 || Integer.bitCount(blockBytes) != 1) {
                throw new IllegalArgumentException(
                        "block size: " + blockBytes + " (expected: 16, 32, 64, 128, 256, 512 or 1024)");
            }
        }
    }

    /**
     * Object 5 habits. {@code failureStaysDownloaded}: a failed update lands in State 2 (T15), else in 0 (T14). {@code showsPush}: State 1
     * is visible while a package is pushed. {@code strictScheme}: a URI with an unsupported scheme is answered 4.00 at once.
     * {@code defers}: how many Executes are deferred (result 11) before one is obeyed.
     */
    public record Object5(
            Persistence persistence,
            boolean failureStaysDownloaded,
            NotifyOrder order,
            boolean showsPush,
            ResetRule resets,
            boolean hasCancel,
            boolean strictScheme,
            int defers) {}

    /**
     * Radio and transport habits. {@code sendsTelemetry}: by LwM2M Send, else only to observers. {@code newPort}: another source port after
     * each boot.
     */
    public record Link(boolean queueMode, boolean newPort, boolean confirmableNotifications, boolean sendsTelemetry) {}

    private static final Delivery BOTH_1024 = new Delivery(DeliveryMethod.BOTH, 1024, false, true);
    private static final Object5 BY_THE_BOOK = new Object5(
            Persistence.ALWAYS, false, NotifyOrder.STATE_FIRST, true, ResetRule.ANY_BUT_UPDATING, true, false, 0);
    private static final Link AWAKE = new Link(false, true, true, true);

    /** As OMA draws it. */
    public static final DeviceProfile SPEC = new DeviceProfile("spec", BOTH_1024, BY_THE_BOOK, AWAKE);

    /** Jumps 0 to 2 on a push, Result before State, failures in State 2, 4.00 in the wrong state, results gone at the second boot. */
    public static final DeviceProfile ANJAY = new DeviceProfile(
            "anjay",
            new Delivery(DeliveryMethod.BOTH, 1024, false, true),
            new Object5(
                    Persistence.FIRST_BOOT,
                    true,
                    NotifyOrder.RESULT_FIRST,
                    false,
                    ResetRule.ANY_BUT_UPDATING,
                    true,
                    true,
                    0),
            AWAKE);

    /** Forgets State and Update Result at every reboot; resets from State 2 alone; small blocks. */
    public static final DeviceProfile ZEPHYR = new DeviceProfile(
            "zephyr",
            new Delivery(DeliveryMethod.BOTH, 512, false, false),
            new Object5(
                    Persistence.NEVER,
                    false,
                    NotifyOrder.STATE_FIRST,
                    true,
                    ResetRule.ONLY_DOWNLOADED,
                    false,
                    false,
                    0),
            new Link(false, false, false, true));

    public static final DeviceProfile PUSH_ONLY =
            new DeviceProfile("push-only", new Delivery(DeliveryMethod.PUSH, 512, true, false), BY_THE_BOOK, AWAKE);

    public static final DeviceProfile PULL_ONLY =
            new DeviceProfile("pull-only", new Delivery(DeliveryMethod.PULL, 1024, false, true), BY_THE_BOOK, AWAKE);

    /** Sleeps between its own messages. */
    public static final DeviceProfile QUEUE_MODE =
            new DeviceProfile("queue-mode", BOTH_1024, BY_THE_BOOK, new Link(true, false, true, true));

    /** Sends nothing by itself: telemetry only to observers. */
    public static final DeviceProfile OBSERVED =
            new DeviceProfile("observed", BOTH_1024, BY_THE_BOOK, new Link(false, true, true, false));

    /** Defers the first Execute. */
    public static final DeviceProfile DEFERRING = new DeviceProfile(
            "deferring",
            BOTH_1024,
            new Object5(
                    Persistence.ALWAYS,
                    false,
                    NotifyOrder.RESULT_FIRST,
                    true,
                    ResetRule.ANY_BUT_UPDATING,
                    true,
                    false,
                    1),
            AWAKE);

    public static final List<DeviceProfile> ALL =
            List.of(SPEC, ANJAY, ZEPHYR, PUSH_ONLY, PULL_ONLY, QUEUE_MODE, OBSERVED, DEFERRING);

    public static Optional<DeviceProfile> named(String name) {
        return ALL.stream().filter(profile -> profile.name().equals(name)).findFirst();
    }
}
