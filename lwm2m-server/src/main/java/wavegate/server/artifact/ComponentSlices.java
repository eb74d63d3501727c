package wavegate.server.artifact;

import java.io.EOFException;
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
     * Stores every image once all are known to be those that were signed, and looked into as the image of a package is.
     *
     * @throws PackageRefused naming the component whose bytes are others, or saying what is wrong with an image that shows what it is
     */
    static void keep(ImageBytes whole, Manifest manifest, ImageInspection inspection, FileArtifactStore artifacts)
            throws IOException {
        long at = 0;
        for (ComponentImage each : manifest.components()) {
            Sha256 digest = digest(new Slice(whole, at, each.sizeBytes()));
            if (!digest.equals(each.sha256())) {
                throw new PackageRefused(
                        PackageRefused.Code.DIGEST_MISMATCH,
                        "image of component " + each.name() + " has sha256 " + digest + " (expected: " + each.sha256()
                                + ", as the manifest says)");
            }
            inspection.inspect(new Part(whole, at, each.sizeBytes()), alone(each, manifest));
            at += each.sizeBytes();
        }
        at = 0;
        for (ComponentImage each : manifest.components()) {
            artifacts.put(new Slice(whole, at, each.sizeBytes()), each.sizeBytes());
            at += each.sizeBytes();
        }
    }

    /** What the manifest says of one image. */
    private static Manifest alone(ComponentImage image, Manifest of) {
        return new Manifest(
                        of.name(),
                        image.version(),
                        of.manufacturer(),
                        of.model(),
                        of.hardware(),
                        image.sizeBytes(),
                        image.sha256(),
                        of.sequence(),
                        of.expires())
                .forComponent(image.name());
    }

    /** A stretch of an image, as an image. */
    private record Part(ImageBytes whole, long from, long sizeBytes) implements ImageBytes {
        @Override
        public byte[] read(long position, int length) throws IOException {
            if (position < 0 || length < 0 || position + length > sizeBytes) {
                throw new EOFException(length + " bytes from " + position + " of " + sizeBytes);
            }
            return whole.read(from + position, length);
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
