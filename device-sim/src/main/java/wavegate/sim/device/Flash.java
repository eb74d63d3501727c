package wavegate.sim.device;

import org.jspecify.annotations.Nullable;

/**
 * The module's flash: two firmware slots and the user's data. An image laid out for other partitions, once programmed, would run over the
 * user's data; keeping it from ever being programmed is the boot stage's duty. Sectors and journal are there only while an image is being
 * installed or on trial.
 */
final class Flash {
    /** A partition layout of this kind has one slot that runs and one to swap with; all others run from either of two. */
    private static final String SWAPPING = "swap";

    /** Where the installation stands when the boot stage hands over. */
    enum Stand {
        /** Nothing was asked for. */
        NOTHING,
        /** Power was cut; the stage goes on at the next boot. */
        CUT,
        /** The new image runs, and has to confirm. */
        TRIAL,
        CONFIRMED,
        REVERTED,
        REFUSED
    }

    private final String layout;
    private final long userDataAtStart;
    private Slot active;
    private @Nullable Slot other;
    private @Nullable BootFlash installation;
    private BootStage.@Nullable Outcome refusal;
    private long userData;

    Flash(String layout, Slot factory, long userData) {
        this.layout = layout;
        this.active = factory;
        this.userDataAtStart = userData;
        this.userData = userData;
    }

    String layout() {
        return layout;
    }

    /** What runs, or ran last. */
    Slot active() {
        return active;
    }

    /** What the slot that does not run holds. */
    @Nullable Slot other() {
        return other;
    }

    /** Bytes of an image go into a slot. */
    void program(Slot image) {
        if (!image.header().partitionLayout().equals(layout)) {
            userData = userData * 31 + image.payloadDigest().hashCode();
        }
    }

    /** Asks the boot stage for an image. */
    void request(Slot image, Power power) {
        BootFlash sectors = new BootFlash(this, layout.startsWith(SWAPPING), active, other, image);
        installation = sectors;
        sectors.write(sectors.journal().to(BootRecord.Phase.REQUESTED), BootStep.REQUEST, power);
    }

    boolean pending() {
        return installation != null;
    }

    boolean onTrial() {
        BootFlash sectors = installation;
        return sectors != null && sectors.journal().phase() == BootRecord.Phase.TRIAL;
    }

    /** One run of the boot stage. */
    Stand boot(ModuleModel model, Power power) {
        BootFlash sectors = installation;
        if (sectors == null) {
            return Stand.NOTHING;
        }
        if (!BootStage.run(sectors, model, power)) {
            return Stand.CUT;
        }
        return switch (sectors.journal().phase()) {
            case CONFIRMED -> settled(sectors, sectors.staged(), sectors.before(), Stand.CONFIRMED);
            case REVERTED -> settled(sectors, sectors.before(), sectors.staged(), Stand.REVERTED);
            case REFUSED -> settled(sectors, sectors.before(), other, Stand.REFUSED);
            case IDLE -> settled(sectors, sectors.before(), other, Stand.NOTHING);
            default -> {
                active = sectors.staged();
                yield Stand.TRIAL;
            }
        };
    }

    private Stand settled(BootFlash sectors, Slot runs, @Nullable Slot kept, Stand stand) {
        Slot whole = sectors.bootable();
        if (!runs.equals(whole)) {
            throw new IllegalStateException("the boot stage left no whole image: " + sectors);
        }
        active = runs;
        other = kept;
        refusal = sectors.journal().refusal();
        installation = null;
        return stand;
    }

    /** Why the last image was refused. */
    BootStage.Outcome refusal() {
        BootStage.Outcome why = refusal;
        return why == null ? BootStage.Outcome.FAILED : why;
    }

    /**
     * The new firmware says that it is well.
     *
     * @return whether that got into flash
     */
    boolean confirm(Power power) {
        BootFlash sectors = installation;
        if (sectors == null) {
            return true;
        }
        boolean written = sectors.write(sectors.journal().to(BootRecord.Phase.CONFIRMED), BootStep.CONFIRM, power);
        if (written) {
            settled(sectors, sectors.staged(), sectors.before(), Stand.CONFIRMED);
        }
        return written;
    }

    /** The sectors while there are any. */
    @Nullable BootFlash installation() {
        return installation;
    }

    boolean userDataIntact() {
        return userData == userDataAtStart;
    }
}
