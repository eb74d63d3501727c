package wavegate.firmware.device;

import java.util.Locale;

/** What a device has shown in an update that tells what client it runs. The names stand in the ledger: never rename one. */
public enum ClientBehaviour {
    /** It has no Firmware Version, /3/0/3. */
    NO_VERSION,
    /** An empty Package URI left State 1 or 2 as it was. */
    RESET_IGNORED,
    /** It refused to be observed on /5/0/3 or /5/0/5. */
    OBSERVE_REFUSED,
    /** It returned from an update on the new version with Update Result 0. */
    RESULT_LOST,
    /** A failed update left it in State 2. */
    FAILURE_KEEPS_IMAGE,
    /** It put an update off by Update Result 11. */
    DEFERS;

    /** Kebab-case, as in the API and in profiles. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
