package wavegate.firmware.device;

import java.util.Locale;

/** A way to bring Object 5 back to State 0. None is obeyed by every client: what it did is read, never taken from its answer. */
public enum ResetMeans {
    /** Execute /5/0/10; since object version 1.1. */
    CANCEL,
    /** Write an empty Package URI. */
    EMPTY_URI,
    /** Write one zero byte to Package. Some clients take it for a whole image in State 0 and 1. */
    ZERO_BYTE,
    /** Begin a new push at block 0, which replaces one that died. */
    NEW_PUSH,
    /** Execute /3/0/4, once, in the last attempt, where the policy allows it. */
    REBOOT;

    /** Kebab-case, as in profiles. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
