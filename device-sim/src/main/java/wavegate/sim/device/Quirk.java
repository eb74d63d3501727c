package wavegate.sim.device;

/** One way in which a client family departs from the rest. A profile has it or has it not. */
public enum Quirk {
    /** A first block that is too large is answered 4.13; without, it is taken and the next ones are asked smaller. */
    REFUSES_LARGE_BLOCKS,
    /** A pull goes on at the block after a reboot or a lost answer. */
    RESUMES_PULL,
    /** A failed update lands in State 2 (T15), else in 0 (T14). */
    FAILURE_STAYS_DOWNLOADED,
    /** State 1 is not shown while a package is pushed. */
    HIDES_PUSH,
    /** A URI with an unsupported scheme is answered 4.00 at once, besides result 9. */
    STRICT_SCHEME,
    /** A URI that cannot work goes from 0 to 0 with its result; State 1 is never there. */
    INSTANT_URI_ERRORS,
    /** A package that fails is answered 5.00 besides its result. */
    ERRORS_ANSWERED_5_00,
    /** After a push that broke off, the next one is added behind its bytes, unless a reset came between. */
    APPENDS_AFTER_ABORT,
    /** A push that broke off is waited for without end. */
    WAITS_FOR_PUSH_FOREVER,
    /** A file that is not there is result 4 like any other refusal, not 7. */
    NOT_FOUND_IS_CONNECTION_LOST,
    /** The first block of a push is answered only when the flash has been erased. */
    ERASES_BEFORE_FIRST_BLOCK,
    /** Object 5 is a skeleton: State 1 from the start, packages and URIs taken and dropped, Execute goes from 1 to 2 and nowhere else. */
    SKELETON,
    /** An Execute with arguments is answered 4.00. */
    REFUSES_ARGUMENTS,
    /** Discover on the firmware object is answered 5.01. */
    NO_DISCOVER,
    /** Observe is answered as a plain Read. */
    NO_OBSERVE,
    /** Observe is accepted and no notification ever follows. */
    SILENT_OBSERVE,
    /** The new firmware confirms itself once it is registered, not at boot; a reset before that brings the old one back. */
    CONFIRMS_WHEN_REGISTERED,
    /** The object version is not announced with the object, whatever it is. */
    HIDES_OBJECT_VERSION,
    /** Object versions are announced in quotes, as Anjay 2 does. */
    QUOTES_VERSIONS,
    /** Another source port after each boot. */
    NEW_PORT_AT_BOOT,
    /** Notifications are confirmable. */
    CONFIRMABLE_NOTIFICATIONS,
    /** Telemetry by LwM2M Send, else only to observers. */
    SENDS_TELEMETRY,
    /** State and Update Result go out by LwM2M Send whenever they change, with the version, and once more after each registration. */
    SENDS_STATUS,
    /** A queue-mode module that wakes registers anew instead of sending an Update. */
    WAKES_BY_REGISTERING,
    /** What is to go wrong with a download goes wrong with those of components after the first alone. */
    LATER_PART_FAILS,
    /** Where one of several components fails, the others are not taken back. */
    PARTS_STAY,
    /** Object 4 is there, and says in which cell of network 262 01 the module is: one of four, by its place in the fleet. */
    SHOWS_CELL,
    /** A delta is applied by the boot stage, so that a wrong base is found out there and not when the download ends. */
    DELTA_AT_BOOT,
    /** Packages that are deltas (bsdiff) are understood, and the registration says so. */
    DELTA
}
