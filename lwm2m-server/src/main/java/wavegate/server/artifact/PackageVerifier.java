package wavegate.server.artifact;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import wavegate.firmware.pkg.ComponentImage;
import wavegate.firmware.pkg.Delta;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.ImageFacts;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.PackageId;

/**
 * Lets packages in, and checks them again before they go out. Whose signatures count is for the
 * {@link TrustAnchors} to say, at the moment of asking. Envelopes are kept as {@code <package id>.head} without their image, which goes to the artifacts.
 */
public final class PackageVerifier {
    private final TrustAnchors anchors;
    private final ImageInspection inspection;
    private final Path packages;
    private final FileArtifactStore artifacts;
    private final long maxImageBytes;
    private final Clock clock;

    public PackageVerifier(
            Path trustedKeys, Path packages, FileArtifactStore artifacts, long maxImageBytes, Clock clock) {
        this.anchors = new TrustAnchors(trustedKeys, clock);
        this.inspection = new ImageInspection(anchors);
        this.packages = packages;
        this.artifacts = artifacts;
        this.maxImageBytes = maxImageBytes;
        this.clock = clock;
    }

    /**
     * Reads a {@code .wgp} stream to its end, looks into the image where it can, checks the signature before the first byte of the image is taken, and stores image and envelope.
     * The same package again gives the same id. Blocks while the stream does; holds no image.
     *
     * @throws PackageRefused if anything about the package is wrong; nothing is kept then
     * @throws IOException if reading or storing fails
     */
    public FirmwarePackage accept(InputStream stream) throws IOException {
        InputStream in = new BufferedInputStream(stream, 1 << 16);
        PackageEnvelope envelope = PackageEnvelope.readFrom(in);
        Instant now = clock.instant();
        checkSignature(envelope, now);
        Manifest manifest = ManifestJson.decode(envelope.manifest());
        checkExpiry(manifest);
        if (manifest.sizeBytes() > maxImageBytes) {
            throw new PackageRefused(
                    PackageRefused.Code.TOO_LARGE,
                    "image of " + manifest.sizeBytes() + " bytes (expected: at most " + maxImageBytes + ")");
        }
        AtomicReference<Optional<ImageFacts>> found = new AtomicReference<>(Optional.empty());
        artifacts.put(new ManifestedImage(in, manifest), manifest.sizeBytes(), image -> {
            if (manifest.components().isEmpty()) {
                found.set(inspection.inspect(image, manifest));
            } else {
                ComponentSlices.keep(image, manifest, inspection, artifacts);
            }
        });
        PackageId id = PackageId.ofManifest(envelope.manifest());
        keep(id, envelope);
        return new FirmwarePackage(
                id, manifest, envelope.keyId(), now, false, List.of(), Objects.requireNonNull(found.get()));
    }

    /**
     * Checks a package that was let in before: its key is still trusted, the signature holds, it has not expired, and the image on disk is the one that was signed.
     *
     * @throws PackageRefused if not
     * @throws IOException if reading fails
     */
    public void recheck(FirmwarePackage known) throws IOException {
        PackageEnvelope envelope;
        try {
            envelope = PackageEnvelope.readFrom(new ByteArrayInputStream(Files.readAllBytes(path(known.id()))));
        } catch (NoSuchFileException e) {
            throw new PackageRefused(PackageRefused.Code.NOT_STORED, "package " + known.id() + ": no envelope", e);
        }
        checkSignature(envelope, known.uploadedAt());
        if (known.image().isPresent()) {
            KeyPurpose purpose = KeyPurpose.valueOf(known.image().get().format().name());
            anchors.vouching(purpose, known.image().get().keyId(), known.uploadedAt());
        }
        checkExpiry(known.manifest());
        if (!PackageId.ofManifest(envelope.manifest()).equals(known.id())
                || !ManifestJson.decode(envelope.manifest()).equals(known.manifest())) {
            throw new PackageRefused(
                    PackageRefused.Code.DIGEST_MISMATCH, "package " + known.id() + ": the stored manifest is another");
        }
        try {
            artifacts.recheck(known.manifest().sha256());
            for (Delta delta : known.deltas()) {
                artifacts.recheck(delta.sha256());
            }
            for (ComponentImage component : known.manifest().components()) {
                artifacts.recheck(component.sha256());
            }
        } catch (NoSuchFileException e) {
            throw new PackageRefused(PackageRefused.Code.NOT_STORED, "package " + known.id() + ": no image", e);
        } catch (IOException e) {
            throw new PackageRefused(
                    PackageRefused.Code.DIGEST_MISMATCH, "package " + known.id() + ": " + e.getMessage(), e);
        }
    }

    private void checkExpiry(Manifest manifest) throws PackageRefused {
        if (manifest.expired(clock.instant())) {
            throw new PackageRefused(
                    PackageRefused.Code.EXPIRED,
                    "expired " + manifest.expires().map(Instant::toString).orElse("") + " (expected: a time to come)");
        }
    }

    private void checkSignature(PackageEnvelope envelope, Instant givenAt) throws IOException {
        PackageKeys.TrustedKey key = anchors.vouching(KeyPurpose.ENVELOPE, envelope.keyId(), givenAt);
        try {
            if (!key.algorithm().verifies(key.key(), envelope.manifest(), envelope.signature())) {
                throw new PackageRefused(
                        PackageRefused.Code.BAD_SIGNATURE, "signature of key " + envelope.keyId() + " does not match");
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("signature could not be checked: " + e.getMessage(), e);
        }
    }

    private void keep(PackageId id, PackageEnvelope envelope) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        envelope.writeTo(bytes);
        Files.createDirectories(packages);
        Path unfinished = Files.createTempFile(packages, "package-", ".part");
        try {
            try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.wrap(bytes.toByteArray());
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            Files.move(unfinished, path(id), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(unfinished);
        }
        try (FileChannel channel = FileChannel.open(packages, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private Path path(PackageId id) {
        return packages.resolve(id.value() + ".head");
    }
}
