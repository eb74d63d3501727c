package wavegate.firmware.campaign;

/** Where a wave stands. */
public enum WavePhase {
    PENDING,
    /** Devices are reserved as budget and reachability allow. */
    DISPATCHING,
    /** All reachable devices are reserved; waiting until enough have ended or are in VERIFY_POST. */
    SETTLING,
    /** The wave's own clock: evidence is gathered and the gate looks. */
    SOAKING,
    PASSED,
    FAILED,
    /** A human must decide. */
    HELD,
    CANCELLED;

    public boolean isFinal() {
        return this == PASSED || this == FAILED || this == CANCELLED;
    }
}
