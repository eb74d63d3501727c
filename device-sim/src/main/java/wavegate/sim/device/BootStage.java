package wavegate.sim.device;

/**
 * The isolated stage between reset and firmware: the only code that may change the running slot. Verifies an image, programs and starts it,
 * and goes back to the old slot in one step if it does not come up.
 */
final class BootStage {
    /** How an installation ended. Whatever the outcome, the module now runs {@link Flash#active()}. */
    enum Outcome {
        STARTED(""),
        WRONG_DIGEST("inner digest does not match the payload"),
        WRONG_HARDWARE("image is for other hardware"),
        WRONG_PARTITION("image is for another partition layout"),
        DID_NOT_BOOT("image did not boot, reverted by the watchdog");

        private final String reason;

        Outcome(String reason) {
            this.reason = reason;
        }

        /** For a human; empty for a started image. */
        String reason() {
            return reason;
        }
    }

    private BootStage() {}

    static Outcome install(Flash flash, Slot image, ModuleModel model) {
        ImageHeader header = image.header();
        if (!header.innerDigest().equals(image.payloadDigest())) {
            return Outcome.WRONG_DIGEST;
        }
        if (!header.hardware().isEmpty() && !header.hardware().equals(model.hardware())) {
            return Outcome.WRONG_HARDWARE;
        }
        if (!header.partitionLayout().equals(flash.layout())) {
            return Outcome.WRONG_PARTITION;
        }
        flash.program(image);
        flash.swap();
        if (header.failsToBoot()) {
            flash.swap();
            return Outcome.DID_NOT_BOOT;
        }
        return Outcome.STARTED;
    }
}
