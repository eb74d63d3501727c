package wavegate.sim.device;

import java.security.MessageDigest;
import java.util.Optional;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.pkg.Sha256;

/** An image on its way into a device that has no Object 5: read as its blocks arrive, never kept. One thread. */
public final class IncomingImage {
    /**
     * What the image would be in the running slot.
     *
     * @param fits whether a boot stage of the model it was judged for would start it, and stay with it
     */
    public record Firmware(String version, boolean fits, double crashMultiplier, double energyMultiplier) {}

    /** What has arrived, or why it is none: one of the two. */
    public record Judged(Optional<Firmware> firmware, UpdateResult result) {}

    private final ImageParser parser = new ImageParser();
    private final MessageDigest digest = Sha256.newDigest();

    public void feed(byte[] block) {
        digest.update(block);
        parser.feed(block);
    }

    public long received() {
        return parser.received();
    }

    /** Judges what has arrived as the whole. Ends this image. */
    public Judged finish(long sizeBytes, Sha256 sha256, ModuleModel model) {
        boolean whole = parser.received() == sizeBytes
                && Sha256.ofDigest(digest.digest()).equals(sha256);
        ImageParser.Finished finished = parser.finish();
        if (!whole) {
            return new Judged(Optional.empty(), UpdateResult.INTEGRITY_FAILURE);
        }
        return finished.slot()
                .map(slot -> new Judged(Optional.of(firmware(slot, model)), UpdateResult.INITIAL))
                .orElseGet(() -> new Judged(Optional.empty(), finished.result()));
    }

    private static Firmware firmware(Slot slot, ModuleModel model) {
        ImageHeader header = slot.header();
        boolean fits = header.innerDigest().equals(slot.payloadDigest())
                && (header.hardware().isEmpty() || header.hardware().equals(model.hardware()))
                && header.partitionLayout().equals(model.partitionLayout())
                && !header.failsToBoot()
                && !header.neverConfirms();
        return new Firmware(header.version(), fits, header.crashMultiplier(), header.energyMultiplier());
    }
}
