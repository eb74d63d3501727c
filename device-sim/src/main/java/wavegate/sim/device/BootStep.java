package wavegate.sim.device;

/** The elementary writes of an update, each of which a power cut may come before, into the midst of, or after. What a write is for is its text. */
enum BootStep {
    REQUEST("any", "the firmware asks for the image it holds, at Execute"),
    REFUSE("any", "the image is not what its header says, or not for this module: the old one goes on"),
    ERASE_SPARE("two slots", "a sector of the slot that does not run is erased"),
    PROGRAM_SPARE("two slots", "a sector of the image is written there"),
    BEGIN_SWAP("one slot", "the journal says that a swap begins"),
    ERASE_SCRATCH("one slot", "the scratch sector is erased"),
    COPY_TO_SCRATCH("one slot", "a sector of the second slot is copied to the scratch"),
    ERASE_SECOND("one slot", "that sector of the second slot is erased"),
    COPY_TO_SECOND("one slot", "a sector of the first slot is copied there"),
    ERASE_FIRST("one slot", "that sector of the first slot is erased"),
    COPY_TO_FIRST("one slot", "the scratch is copied there"),
    NOTE_PROGRESS("one slot", "the journal says that a copy is done"),
    NOTE_READY("any", "the new image is in its place"),
    NOTE_TRIAL("any", "the new image is started, on trial"),
    CONFIRM("any", "the new firmware says that it is well"),
    REVERT("any", "the new firmware has not said so before the next boot: back to the old one");

    private final String modules;
    private final String what;

    BootStep(String modules, String what) {
        this.modules = modules;
        this.what = what;
    }

    /** Which modules take it: with two slots, with one, or any. */
    String modules() {
        return modules;
    }

    String what() {
        return what;
    }
}
