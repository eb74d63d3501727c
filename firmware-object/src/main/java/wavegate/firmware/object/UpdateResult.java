package wavegate.firmware.object;

import java.util.Locale;

/**
 * Update Result, /5/0/5. Codes 0 to 11 are OMA's (10 and 11 since object version 1.1), 12 and 13 those of Object 33629; any other number a device sends is kept as it is
 * and treated as a failure, never thrown on.
 */
public record UpdateResult(int code) {
    public static final UpdateResult INITIAL = new UpdateResult(0);
    public static final UpdateResult SUCCESS = new UpdateResult(1);
    public static final UpdateResult NOT_ENOUGH_FLASH = new UpdateResult(2);
    public static final UpdateResult OUT_OF_RAM = new UpdateResult(3);
    public static final UpdateResult CONNECTION_LOST = new UpdateResult(4);
    public static final UpdateResult INTEGRITY_FAILURE = new UpdateResult(5);
    public static final UpdateResult UNSUPPORTED_PACKAGE_TYPE = new UpdateResult(6);
    public static final UpdateResult INVALID_URI = new UpdateResult(7);
    public static final UpdateResult UPDATE_FAILED = new UpdateResult(8);
    public static final UpdateResult UNSUPPORTED_PROTOCOL = new UpdateResult(9);
    public static final UpdateResult CANCELLED = new UpdateResult(10);
    public static final UpdateResult DEFERRED = new UpdateResult(11);
    public static final UpdateResult CONFLICTING_STATE = new UpdateResult(12);
    public static final UpdateResult DEPENDENCY_ERROR = new UpdateResult(13);

    private static final String[] NAMES = {
        "INITIAL",
        "SUCCESS",
        "NOT_ENOUGH_FLASH",
        "OUT_OF_RAM",
        "CONNECTION_LOST",
        "INTEGRITY_FAILURE",
        "UNSUPPORTED_PACKAGE_TYPE",
        "INVALID_URI",
        "UPDATE_FAILED",
        "UNSUPPORTED_PROTOCOL",
        "CANCELLED",
        "DEFERRED",
        "CONFLICTING_STATE",
        "DEPENDENCY_ERROR"
    };

    /** Whether the code has a meaning. */
    public boolean known() {
        return code >= 0 && code < NAMES.length;
    }

    /** For logs and the API: {@code "integrity-failure"}, or {@code "unknown-77"}. */
    public String label() {
        return known() ? NAMES[code].toLowerCase(Locale.ROOT).replace('_', '-') : "unknown-" + code;
    }

    @Override
    public String toString() {
        return code + "(" + label() + ")";
    }
}
