package wavegate.server.artifact;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Objects;
import wavegate.firmware.pkg.ComponentImage;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.Sha256;

/** The images in a package for several components, each kept as an artifact of its own, under which it travels. */
final class ComponentSlices {
    private static final int CHUNK = 1 << 16;

    private ComponentSlices() {}

    /**
     * Stores every image once all are known to be those that were signed.
     *
     * @throws PackageRefused naming the component whose bytes are others
     */
    static void keep(ImageBytes whole, Manifest manifest, FileArtifactStore artifacts) throws IOException {
        long at = 0;
        for (ComponentImage each : manifest.components()) {
            Sha256 digest = digest(new Slice(whole, at, each.sizeBytes()));
            if (!digest.equals(each.sha256())) {
                throw new PackageRefused(
                        PackageRefused.Code.DIGEST_MISMATCH,
                        "image of component " + each.name() + " has sha256 " + digest + " (expected: " + each.sha256()
                                + ", as the manifest says)");
            }
            at += each.sizeBytes();
        }
        at = 0;
        for (ComponentImage each : manifest.components()) {
            artifacts.put(new Slice(whole, at, each.sizeBytes()), each.sizeBytes());
            at += each.sizeBytes();
        }
    }

    private static Sha256 digest(Slice slice) throws IOException {
        MessageDigest digest = Sha256.newDigest();
        byte[] buffer = new byte[CHUNK];
        for (int read = slice.read(buffer); read >= 0; read = slice.read(buffer)) {
            digest.update(buffer, 0, read);
        }
        return Sha256.ofDigest(digest.digest());
    }

    /** A stretch of an image as a stream. */
    private static final class Slice extends InputStream {
        private final ImageBytes whole;
        private final long end;
        private long at;

        Slice(ImageBytes whole, long from, long length) {
            this.whole = whole;
            this.at = from;
            this.end = from + length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, into.length);
            if (at >= end) {
                return -1;
            }
            int some = (int) Math.min(length, end - at);
            System.arraycopy(whole.read(at, some), 0, into, offset, some);
            at += some;
            return some;
        }
    }
}
