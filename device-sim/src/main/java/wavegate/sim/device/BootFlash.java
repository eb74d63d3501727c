package wavegate.sim.device;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The flash as the boot stage sees it during an installation: sectors that are erased before they are written, and a journal in two copies.
 * A write that power is cut in leaves something that cannot be read. Made when an image is asked for, given up when it is settled.
 */
final class BootFlash {
    /** Enough for every order of things that matters: a first, a middle and a last one. */
    static final int SECTORS = 3;

    /** Slots of the module; {@link #STAGING} is where a module with two slots downloads to. */
    static final int FIRST = 0;

    static final int SECOND = 1;
    static final int STAGING = 2;
    static final int SCRATCH = 3;

    /** A part of an image, or none: erased, or unreadable. */
    record Sector(@Nullable Slot image, int part) {
        static final Sector ERASED = new Sector(null, 0);
        static final Sector TORN = new Sector(null, 1);

        boolean erased() {
            return equals(ERASED);
        }
    }

    private final Flash flash;
    private final boolean swaps;
    private final Slot before;
    private final Slot staged;
    private final Sector[][] areas = new Sector[4][SECTORS];
    private final @Nullable BootRecord[] journal = {BootRecord.BEFORE, null};

    BootFlash(Flash flash, boolean swaps, Slot running, @Nullable Slot other, Slot staged) {
        this.flash = flash;
        this.swaps = swaps;
        this.before = running;
        this.staged = staged;
        fill(FIRST, running);
        fill(SECOND, swaps ? staged : other);
        fill(STAGING, swaps ? null : staged);
        fill(SCRATCH, null);
    }

    private void fill(int area, @Nullable Slot image) {
        for (int i = 0; i < SECTORS; i++) {
            areas[area][i] = image == null ? Sector.ERASED : new Sector(image, i);
        }
    }

    boolean swaps() {
        return swaps;
    }

    String layout() {
        return flash.layout();
    }

    /** What ran before any of this. */
    Slot before() {
        return before;
    }

    Slot staged() {
        return staged;
    }

    BootRecord journal() {
        BootRecord a = journal[0];
        BootRecord b = journal[1];
        if (a == null || b == null) {
            BootRecord only = a == null ? b : a;
            if (only == null) {
                throw new IllegalStateException("both copies of the journal are gone");
            }
            return only;
        }
        return a.sequence() > b.sequence() ? a : b;
    }

    Sector at(int area, int sector) {
        return areas[area][sector];
    }

    /** The image an area holds; null unless it is whole. */
    @Nullable Slot image(int area) {
        Slot image = areas[area][0].image();
        for (int i = 0; i < SECTORS; i++) {
            if (image == null || !areas[area][i].equals(new Sector(image, i))) {
                return null;
            }
        }
        return image;
    }

    /** What a reset would start if nothing were left to be done; null if that is no whole image. */
    @Nullable Slot bootable() {
        return image(swaps ? FIRST : journal().active());
    }

    /** @return whether there is still power */
    boolean erase(int area, int sector, BootStep step, Power power) {
        return change(area, sector, Sector.ERASED, step, power);
    }

    boolean copy(Sector from, int area, int sector, BootStep step, Power power) {
        if (!areas[area][sector].erased()) {
            throw new IllegalStateException("a write to a sector that was not erased: " + step);
        }
        Slot image = from.image();
        if (image != null && area != SCRATCH) {
            flash.program(image);
        }
        return change(area, sector, from, step, power);
    }

    private boolean change(int area, int sector, Sector to, BootStep step, Power power) {
        Power.Supply supply = power.at(step);
        if (supply != Power.Supply.CUT_BEFORE) {
            areas[area][sector] = supply == Power.Supply.CUT_DURING ? Sector.TORN : to;
        }
        return supply == Power.Supply.HOLDS;
    }

    /** Over the older copy of the two, so that the younger one is there whatever happens. */
    boolean write(BootRecord record, BootStep step, Power power) {
        Power.Supply supply = power.at(step);
        if (supply != Power.Supply.CUT_BEFORE) {
            int older = journal().equals(journal[0]) ? 1 : 0;
            journal[older] = supply == Power.Supply.CUT_DURING ? null : record;
        }
        return supply == Power.Supply.HOLDS;
    }

    @Override
    public String toString() {
        return journal() + " " + Arrays.deepToString(areas);
    }
}
