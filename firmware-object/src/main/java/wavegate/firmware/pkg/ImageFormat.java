package wavegate.firmware.pkg;

import java.util.Locale;

/** What the bytes of an image are, as far as a server can look into them. */
public enum ImageFormat {
    /** Anything. Nothing but its digest is looked at. */
    RAW,
    /** An image with the header and the TLV area of the MCUboot boot loader. */
    MCUBOOT,
    /** A SUIT envelope, CBOR tag 107. */
    SUIT;

    /** Lower-case, as in manifests and the API. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
