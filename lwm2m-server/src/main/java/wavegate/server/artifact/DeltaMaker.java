package wavegate.server.artifact;

import io.sigpipe.jbsdiff.Diff;
import io.sigpipe.jbsdiff.InvalidHeaderException;
import io.sigpipe.jbsdiff.Patch;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.commons.compress.compressors.CompressorException;
import wavegate.firmware.pkg.Delta;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.rollout.ArtifactStore;
import wavegate.server.rollout.OrderRefused;
import wavegate.server.rollout.OrderRefused.Kind;
import wavegate.server.rollout.PackageDeltas;

/**
 * Deltas by bsdiff, one at a time. Both images and an index of eight bytes per byte of the first are in memory meanwhile, hence the limit on
 * their size.
 */
public final class DeltaMaker implements PackageDeltas {
    private static final int LONGEST_IMAGE = 16 << 20;
    /** Of a bsdiff patch: magic, two lengths within it, and the length of what it makes. */
    private static final int HEADER = 32;

    private static final int HEADER_SIZE = 24;

    private final FileArtifactStore artifacts;

    public DeltaMaker(FileArtifactStore artifacts) {
        this.artifacts = artifacts;
    }

    @Override
    public synchronized Delta make(FirmwarePackage from, FirmwarePackage to) throws IOException {
        byte[] before = image(from);
        byte[] after = image(to);
        ByteArrayOutputStream patch = new ByteArrayOutputStream();
        try {
            Diff.diff(before, after, patch);
        } catch (CompressorException | InvalidHeaderException e) {
            throw new IOException("delta could not be made: " + e.getMessage(), e);
        }
        return keep(from, to, before, after, patch.toByteArray());
    }

    @Override
    public Delta take(FirmwarePackage from, FirmwarePackage to, InputStream delta) throws IOException {
        // Before the lock: it comes as slowly as its sender likes.
        byte[] patch = delta.readNBytes(LONGEST_IMAGE + 1);
        synchronized (this) {
            return keep(from, to, image(from), image(to), patch);
        }
    }

    private Delta keep(FirmwarePackage from, FirmwarePackage to, byte[] before, byte[] after, byte[] patch)
            throws IOException {
        if (patch.length >= after.length) {
            throw new OrderRefused(
                    Kind.INVALID,
                    "delta-spares-nothing",
                    "delta of " + patch.length + " bytes (expected: fewer than the " + after.length + " of the image)");
        }
        if (!makes(before, patch, after)) {
            throw new OrderRefused(
                    Kind.INVALID,
                    "delta-does-not-fit",
                    "delta from package " + from.id() + ": applied to its image it does not make that of package "
                            + to.id());
        }
        Sha256 digest = artifacts.put(new ByteArrayInputStream(patch), patch.length);
        Manifest source = from.manifest();
        return new Delta(source.version(), source.sha256(), Delta.Format.BSDIFF, digest, patch.length);
    }

    private static boolean makes(byte[] before, byte[] patch, byte[] after) {
        // The library allocates what the header says.
        if (patch.length < HEADER
                || ByteBuffer.wrap(patch).order(ByteOrder.LITTLE_ENDIAN).getLong(HEADER_SIZE) != after.length) {
            return false;
        }
        Expected made = new Expected(after);
        try {
            Patch.patch(before, patch, made);
        } catch (InvalidHeaderException | IOException e) {
            return false;
        } catch (RuntimeException e) {
            // The library checks few of the lengths it reads.
            return false;
        }
        return made.complete();
    }

    private byte[] image(FirmwarePackage of) throws IOException {
        Manifest manifest = of.manifest();
        if (manifest.sizeBytes() > LONGEST_IMAGE) {
            throw new OrderRefused(
                    Kind.INVALID,
                    "image-too-large-for-delta",
                    "package " + of.id() + ": image of " + manifest.sizeBytes() + " bytes (expected: at most "
                            + LONGEST_IMAGE + ")");
        }
        ArtifactStore.Artifact artifact = artifacts
                .open(manifest.sha256())
                .orElseThrow(() -> new IOException("package " + of.id() + ": no image"));
        ByteBuffer bytes = ByteBuffer.allocate((int) artifact.sizeBytes());
        artifact.read(0, bytes);
        return bytes.array();
    }

    /** Takes bytes as long as they are those expected: a hostile patch may make more than fits in memory. */
    private static final class Expected extends OutputStream {
        private final byte[] expected;
        private int at;

        Expected(byte[] expected) {
            this.expected = expected;
        }

        boolean complete() {
            return at == expected.length;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (length > expected.length - at
                    || !Arrays.equals(bytes, offset, offset + length, expected, at, at + length)) {
                throw new IOException("other bytes than expected at " + at);
            }
            at += length;
        }
    }
}
