package wavegate.sim.device;

import org.jspecify.annotations.Nullable;

/**
 * Where an installation stands, as written to flash: {@code active} is the slot that runs, {@code sector} and {@code copy} (0 to 2) what a swap
 * does next. Of the two copies kept, the valid one with the higher sequence counts.
 */
record BootRecord(int sequence, Phase phase, int active, int sector, int copy, BootStage.@Nullable Outcome refusal) {
    enum Phase {
        IDLE,
        REQUESTED,
        SWAPPING,
        READY,
        TRIAL,
        CONFIRMED,
        REVERTING,
        REVERTED,
        REFUSED
    }

    private static final int COPIES = 3;

    static final BootRecord BEFORE = new BootRecord(0, Phase.IDLE, 0, 0, 0, null);

    BootRecord to(Phase next) {
        return new BootRecord(sequence + 1, next, active, 0, 0, null);
    }

    BootRecord running(Phase next, int slot) {
        return new BootRecord(sequence + 1, next, slot, 0, 0, null);
    }

    BootRecord refusing(BootStage.Outcome why) {
        return new BootRecord(sequence + 1, Phase.REFUSED, active, 0, 0, why);
    }

    BootRecord swapping(Phase next, int sectors) {
        return new BootRecord(sequence + 1, next, active, sectors - 1, 0, null);
    }

    /** A copy is done; after the last one of the last sector comes {@code then}. */
    BootRecord copied(Phase then) {
        if (copy < COPIES - 1) {
            return new BootRecord(sequence + 1, phase, active, sector, copy + 1, null);
        }
        return sector > 0 ? new BootRecord(sequence + 1, phase, active, sector - 1, 0, null) : to(then);
    }
}
