package wavegate.sim.device;

import java.io.ByteArrayOutputStream;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.object.UpdateResult;

/**
 * One package on its way in: its running digests, and the faults this transfer is to suffer. The bytes themselves are kept only of a delta,
 * and of an image that others may have to be based on.
 */
final class Transfer {
    /** What a block does to the device. */
    enum Effect {
        NONE,
        /** The transfer is lost, and what had arrived with it. */
        DROPPED,
        POWER_LOST
    }

    /** The header of an image fits below; a byte flipped behind it spoils the CRC and not the type. */
    private static final int CLEAN_BYTES = 1024;

    private static final int LATEST_BLOCK = 64;
    /** Early enough to come before the end of the smallest image. */
    private static final int DROPPED_BLOCK = 2;
    /** A delta that is larger does not fit into a module's memory. */
    private static final int MOST_DELTA_BYTES = 1 << 20;

    private final ImageParser parser = new ImageParser();
    private final SharedImages images;
    private final boolean understandsDeltas;
    private final int blocksToDrop;
    private boolean corrupt;
    private int blocksToReboot;
    private int blocks;
    private boolean delta;
    private @Nullable ByteArrayOutputStream written;

    /** @param connectionLost whether it is to be lost on the way in any case */
    Transfer(DeviceContext context, SharedImages images, boolean connectionLost) {
        DeviceSettings settings = context.settings;
        RandomGenerator random = context.random;
        DeviceSettings.Faults faults = settings.faults();
        boolean drops = connectionLost
                || (settings.failures().drops() > 0
                        && random.nextDouble() < settings.failures().drops());
        this.images = images;
        this.understandsDeltas = context.profile.has(Quirk.DELTA);
        this.corrupt = random.nextDouble() < faults.corruptTransfers();
        this.blocksToReboot =
                random.nextDouble() < faults.rebootsDuringDownload() ? 1 + random.nextInt(LATEST_BLOCK) : 0;
        this.blocksToDrop = drops ? DROPPED_BLOCK : 0;
    }

    long received() {
        return parser.received();
    }

    Effect accept(byte[] block, boolean last) {
        if (understandsDeltas && received() == 0) {
            delta = Delta.begins(block);
            written = delta || images.writesDown(this) ? new ByteArrayOutputStream() : null;
        }
        byte[] arriving = block;
        if (corrupt && block.length > 0 && (last || received() + block.length > CLEAN_BYTES)) {
            corrupt = false;
            arriving = block.clone();
            arriving[arriving.length - 1] ^= 0x55;
        }
        parser.feed(arriving);
        ByteArrayOutputStream kept = written;
        if (kept != null && (!delta || kept.size() <= MOST_DELTA_BYTES)) {
            kept.writeBytes(arriving);
        }
        blocks++;
        if (blocks == blocksToDrop || (last && blocks < blocksToDrop)) {
            return Effect.DROPPED;
        }
        return blocksToReboot > 0 && --blocksToReboot == 0 && !last ? Effect.POWER_LOST : Effect.NONE;
    }

    boolean isDelta() {
        return delta;
    }

    /**
     * Judges what has arrived as the whole package.
     *
     * @param running what a delta is to be based on
     */
    ImageParser.Finished finish(Slot running, long flashBytes) {
        ByteArrayOutputStream kept = written;
        if (kept == null) {
            return parser.finish();
        }
        if (!delta) {
            ImageParser.Finished finished = parser.finish();
            finished.slot().ifPresent(slot -> images.keep(images.slot(slot), kept.toByteArray()));
            return finished;
        }
        byte[] patch = kept.toByteArray();
        if (patch.length > MOST_DELTA_BYTES) {
            return ImageParser.Finished.failed(UpdateResult.OUT_OF_RAM);
        }
        return Delta.newSize(patch) > flashBytes
                ? ImageParser.Finished.failed(UpdateResult.NOT_ENOUGH_FLASH)
                : images.apply(running, patch);
    }

    /** It is over, one way or the other. */
    void end() {
        images.letGo(this);
        written = null;
    }
}
