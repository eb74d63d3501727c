package wavegate.sim.device;

import wavegate.sim.device.BootFlash.Sector;
import wavegate.sim.device.BootRecord.Phase;

/**
 * The isolated stage between reset and firmware: the only code that may change the running slot. It remembers nothing: each write is decided
 * by what is in flash alone, so that a power cut at any of them is followed by the same decision again.
 *
 * <p>With two slots the image is written to the one that does not run, and the journal then names that one. With one slot (and a second to
 * swap with) sectors change places through a scratch sector, last to first, three copies each. Either way the new image runs on trial until
 * it confirms; a boot before that goes back. {@link BootStep} lists the writes.
 */
final class BootStage {
    /** How an installation ended. Whatever the outcome, the module now runs {@link Flash#active()}. */
    enum Outcome {
        STARTED(""),
        WRONG_DIGEST("inner digest does not match the payload"),
        WRONG_HARDWARE("image is for other hardware"),
        WRONG_PARTITION("image is for another partition layout"),
        WRONG_BASE("delta is for another base"),
        DID_NOT_BOOT("image did not boot, reverted by the watchdog"),
        NOT_CONFIRMED("image was not confirmed, reverted at the next boot"),
        LINKED_FAILED("an image installed together with it failed"),
        FAILED("installation failed");

        private final String reason;

        Outcome(String reason) {
            this.reason = reason;
        }

        /** For a human; empty for a started image. */
        String reason() {
            return reason;
        }
    }

    /** Far above what any installation takes. */
    private static final int MOST_TURNS = 1000;

    private final BootFlash flash;
    private final ModuleModel model;
    private final Power power;

    private BootStage(BootFlash flash, ModuleModel model, Power power) {
        this.flash = flash;
        this.model = model;
        this.power = power;
    }

    /**
     * Goes on until an image can be started.
     *
     * @return false if power was cut on the way
     */
    static boolean run(BootFlash flash, ModuleModel model, Power power) {
        BootStage stage = new BootStage(flash, model, power);
        for (int turn = 0; turn < MOST_TURNS; turn++) {
            Phase phase = flash.journal().phase();
            if (phase == Phase.IDLE
                    || phase == Phase.CONFIRMED
                    || phase == Phase.REVERTED
                    || phase == Phase.REFUSED
                    || (phase == Phase.TRIAL && turn > 0)) {
                return true;
            }
            if (!stage.turn(flash.journal())) {
                return false;
            }
        }
        throw new IllegalStateException("the boot stage does not come to an end: " + flash);
    }

    private boolean turn(BootRecord now) {
        return switch (now.phase()) {
            case REQUESTED -> install(now);
            case SWAPPING, REVERTING -> swap(now);
            case READY -> flash.write(now.to(Phase.TRIAL), BootStep.NOTE_TRIAL, power);
            case TRIAL -> revert(now);
            case IDLE, CONFIRMED, REVERTED, REFUSED -> throw new IllegalStateException("nothing to do: " + now);
        };
    }

    private boolean install(BootRecord now) {
        Outcome verified = verify();
        if (verified != Outcome.STARTED) {
            return flash.write(now.refusing(verified), BootStep.REFUSE, power);
        }
        if (flash.swaps()) {
            return flash.write(now.swapping(Phase.SWAPPING, BootFlash.SECTORS), BootStep.BEGIN_SWAP, power);
        }
        int spare = BootFlash.SECOND - now.active();
        for (int i = 0; i < BootFlash.SECTORS; i++) {
            Sector wanted = flash.at(BootFlash.STAGING, i);
            if (!flash.at(spare, i).equals(wanted)) {
                return flash.at(spare, i).erased()
                        ? flash.copy(wanted, spare, i, BootStep.PROGRAM_SPARE, power)
                        : flash.erase(spare, i, BootStep.ERASE_SPARE, power);
            }
        }
        return flash.write(now.running(Phase.READY, spare), BootStep.NOTE_READY, power);
    }

    private Outcome verify() {
        Slot image = flash.staged();
        ImageHeader header = image.header();
        if (image.equals(Slot.WRONG_BASE)) {
            return Outcome.WRONG_BASE;
        }
        if (!header.innerDigest().equals(image.payloadDigest())) {
            return Outcome.WRONG_DIGEST;
        }
        if (!header.hardware().isEmpty() && !header.hardware().equals(model.hardware())) {
            return Outcome.WRONG_HARDWARE;
        }
        return header.partitionLayout().equals(flash.layout()) ? Outcome.STARTED : Outcome.WRONG_PARTITION;
    }

    private boolean swap(BootRecord now) {
        int i = now.sector();
        return switch (now.copy()) {
            case 0 ->
                move(
                        flash.at(BootFlash.SECOND, i),
                        BootFlash.SCRATCH,
                        0,
                        BootStep.ERASE_SCRATCH,
                        BootStep.COPY_TO_SCRATCH);
            case 1 ->
                move(flash.at(BootFlash.FIRST, i), BootFlash.SECOND, i, BootStep.ERASE_SECOND, BootStep.COPY_TO_SECOND);
            default ->
                move(flash.at(BootFlash.SCRATCH, 0), BootFlash.FIRST, i, BootStep.ERASE_FIRST, BootStep.COPY_TO_FIRST);
        };
    }

    /** One copy of the swap: erased first if it must be, noted in the journal when it is there. */
    private boolean move(Sector wanted, int area, int sector, BootStep erase, BootStep copy) {
        BootRecord now = flash.journal();
        if (flash.at(area, sector).equals(wanted)) {
            BootRecord next = now.copied(now.phase() == Phase.SWAPPING ? Phase.READY : Phase.REVERTED);
            boolean last = next.phase() != now.phase();
            BootStep step = !last
                    ? BootStep.NOTE_PROGRESS
                    : next.phase() == Phase.READY ? BootStep.NOTE_READY : BootStep.REVERT;
            return flash.write(next, step, power);
        }
        return flash.at(area, sector).erased()
                ? flash.copy(wanted, area, sector, copy, power)
                : flash.erase(area, sector, erase, power);
    }

    private boolean revert(BootRecord now) {
        return flash.swaps()
                ? flash.write(now.swapping(Phase.REVERTING, BootFlash.SECTORS), BootStep.BEGIN_SWAP, power)
                : flash.write(now.running(Phase.REVERTED, BootFlash.SECOND - now.active()), BootStep.REVERT, power);
    }
}
