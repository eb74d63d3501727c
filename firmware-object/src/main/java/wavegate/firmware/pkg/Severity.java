package wavegate.firmware.pkg;

import java.util.Locale;

/** How much a device is to hurry: the values of /5/0/11, Severity, of Object 5 since version 1.1. */
public enum Severity {
    CRITICAL(0),
    MANDATORY(1),
    OPTIONAL(2);

    private final int code;

    Severity(int code) {
        this.code = code;
    }

    /** 0 to 2, as on the wire. */
    public int code() {
        return code;
    }

    /** Lower-case, as in manifests and the API. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
