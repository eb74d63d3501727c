package wavegate.server.artifact;

import java.io.IOException;
import java.util.Locale;

/** A package that is not let in, or not let out to devices any more. Nothing of it was kept. */
public final class PackageRefused extends IOException {
    /** Why, in a form that programs can act on. */
    public enum Code {
        /** Not an envelope, or a manifest that is not canonical. */
        MALFORMED,
        /** Signed with a key that is not among the trusted ones. */
        UNKNOWN_KEY,
        BAD_SIGNATURE,
        /** The image hashes to something other than the manifest says. */
        DIGEST_MISMATCH,
        /** The image is shorter or longer than the manifest says. */
        SIZE_MISMATCH,
        /** Its time is over. */
        EXPIRED,
        /** Signed with a key that was retired before the package was given to this server. */
        RETIRED_KEY,
        /** The image is not of the format it shows or its manifest says. */
        BAD_IMAGE,
        /** The image is of another version than its manifest says. */
        VERSION_MISMATCH,
        /** The image brings another security counter than its manifest says. */
        COUNTER_MISMATCH,
        /** The image's vendor or class identifier is not that of the manufacturer and model in its manifest. */
        WRONG_CLASS,
        /** The image is encrypted, and its manifest does not say that it may be, or its signature cannot be checked. */
        ENCRYPTED_IMAGE,
        /** Larger than this server takes. */
        TOO_LARGE,
        /** Checked once, but its envelope or image is not here any more. */
        NOT_STORED;

        /** Kebab-case, as in the API. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private final Code code;

    PackageRefused(Code code, String message) {
        super(message);
        this.code = code;
    }

    PackageRefused(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
