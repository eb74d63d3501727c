package wavegate.sim.device;

import wavegate.firmware.pkg.Sha256;

/** An image as a module has it: what its header claims, the digest of the payload as received, and whether that is the digest it should have. */
public record ImageSeen(String version, Sha256 payloadDigest, boolean intact) {
    static ImageSeen of(Slot slot) {
        return new ImageSeen(
                slot.header().version(),
                slot.payloadDigest(),
                slot.payloadDigest().equals(slot.header().innerDigest()));
    }
}
