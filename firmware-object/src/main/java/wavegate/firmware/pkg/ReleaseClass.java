package wavegate.firmware.pkg;

import java.util.Locale;

/**
 * Why a package is released. The class may change when a package's turn comes, how long it soaks and who may start it; it never makes a verdict
 * weaker.
 */
public enum ReleaseClass {
    SECURITY_PATCH,
    FIX,
    FEATURE,
    /** The same firmware as another package, for the networks of a carrier. */
    CARRIER_VARIANT;

    /** Kebab-case, as in manifests and the API. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
