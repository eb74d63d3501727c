package wavegate.sim.device;

import org.jspecify.annotations.Nullable;

/**
 * The module's flash: two firmware slots and the user's data. An image laid out for other partitions, once programmed, would run over the
 * user's data; keeping it from ever being programmed is the boot stage's duty.
 */
final class Flash {
    private final String layout;
    private final long userDataAtStart;
    private Slot active;
    private @Nullable Slot other;
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

    Slot active() {
        return active;
    }

    /** Writes an image into the slot that is not running. */
    void program(Slot image) {
        other = image;
        if (!image.header().partitionLayout().equals(layout)) {
            userData = userData * 31 + image.payloadDigest().hashCode();
        }
    }

    /** Makes the other slot the running one, in one step; doing it again undoes it. */
    void swap() {
        Slot next = other;
        if (next == null) {
            throw new IllegalStateException("swap with an empty slot");
        }
        other = active;
        active = next;
    }

    boolean userDataIntact() {
        return userData == userDataAtStart;
    }
}
