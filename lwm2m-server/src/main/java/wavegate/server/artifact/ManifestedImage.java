package wavegate.server.artifact;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.Sha256;

/** An image on its way in. Its end is reached only if size and digest are those of the manifest; otherwise the last read throws, and nobody has stored it. */
final class ManifestedImage extends FilterInputStream {
    private final Manifest manifest;
    private final MessageDigest digest = Sha256.newDigest();
    private long taken;

    ManifestedImage(InputStream in, Manifest manifest) {
        super(in);
        this.manifest = manifest;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int read = super.read(into, offset, length);
        if (read < 0) {
            checkEnd();
            return read;
        }
        taken += read;
        if (taken > manifest.sizeBytes()) {
            throw new PackageRefused(
                    PackageRefused.Code.SIZE_MISMATCH,
                    "image longer than its manifest says (expected: " + manifest.sizeBytes() + " bytes)");
        }
        digest.update(into, offset, read);
        return read;
    }

    private void checkEnd() throws PackageRefused {
        if (taken != manifest.sizeBytes()) {
            throw new PackageRefused(
                    PackageRefused.Code.SIZE_MISMATCH,
                    "image of " + taken + " bytes (expected: " + manifest.sizeBytes() + ")");
        }
        Sha256 found = Sha256.ofDigest(digest.digest());
        if (!found.equals(manifest.sha256())) {
            throw new PackageRefused(
                    PackageRefused.Code.DIGEST_MISMATCH,
                    "image hashes to " + found + " (expected: " + manifest.sha256() + ")");
        }
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
