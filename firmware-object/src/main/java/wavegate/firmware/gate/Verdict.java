package wavegate.firmware.gate;

/** What a gate says. Only PASS advances. */
public enum Verdict {
    PASS,
    FAIL,
    INCONCLUSIVE
}
