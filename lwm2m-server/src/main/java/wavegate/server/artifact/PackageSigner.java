package wavegate.server.artifact;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import wavegate.firmware.pkg.ComponentImage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Handling;
import wavegate.firmware.pkg.ImageTerms;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Requirements;
import wavegate.firmware.pkg.Sha256;

/** Makes keys and signs packages: on the desk of whoever releases, never on a server. */
public final class PackageSigner {
    private PackageSigner() {}

    /** A new pair of keys. {@code keyId} is what packages name the public one by. */
    public record NewKeys(Path privateKey, Path publicKey, String keyId) {}

    /** A signed package. */
    public record Signed(PackageId id, Manifest manifest, String keyId, Path file) {}

    /**
     * Makes {@code <name>.key.pem}, readable by its owner alone, and {@code <name>.pub.pem}.
     *
     * @throws IOException if either file exists, or cannot be written
     */
    public static NewKeys keygen(Path directory, String name, SignatureAlgorithm algorithm) throws IOException {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
            throw new IllegalArgumentException(
                    "key name: \"" + name + "\" (expected: 1 to 64 of A-Z a-z 0-9 . _ -, not starting with a sign)");
        }
        try {
            KeyPair pair = algorithm.newKeyPair();
            Files.createDirectories(directory);
            Path privateKey = directory.resolve(name + ".key.pem");
            Path publicKey = directory.resolve(name + ".pub.pem");
            write(
                    privateKey,
                    PackageKeys.pem(PackageKeys.PRIVATE, pair.getPrivate()),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            write(publicKey, PackageKeys.pem(PackageKeys.PUBLIC, pair.getPublic()));
            return new NewKeys(privateKey, publicKey, PackageKeys.id(pair.getPublic()));
        } catch (GeneralSecurityException e) {
            throw new IOException("no key of " + algorithm.label() + ": " + e.getMessage(), e);
        }
    }

    /** What a manifest says besides size and digest of the image. */
    public record Release(
            String name,
            FirmwareVersion version,
            String manufacturer,
            String model,
            String hardware,
            long sequence,
            Optional<Instant> expires,
            Requirements requires,
            Handling handling,
            ImageTerms image,
            Optional<String> component) {
        /** One that asks nothing else of a device. */
        public Release(
                String name,
                FirmwareVersion version,
                String manufacturer,
                String model,
                String hardware,
                long sequence,
                Optional<Instant> expires) {
            this(
                    name,
                    version,
                    manufacturer,
                    model,
                    hardware,
                    sequence,
                    expires,
                    Requirements.NONE,
                    Handling.NONE,
                    ImageTerms.NONE,
                    Optional.empty());
        }
    }

    /**
     * Writes the image in a signed envelope. The image is read twice and never held.
     *
     * @param privateKey file made by {@link #keygen}; {@code publicKey} the one made with it, which names the signer
     * @throws IOException if a file cannot be read or {@code out} exists, or the keys are not a pair
     */
    public static Signed sign(Path image, Release release, Path privateKey, Path publicKey, Path out)
            throws IOException {
        return sign(List.of(image), manifest(List.of(image), release), privateKey, publicKey, out);
    }

    /** The image of one component, on disk. */
    public record ComponentFile(String name, FirmwareVersion version, Path image) {}

    /**
     * Writes the images of several components in one signed envelope: they are updated together or not at all.
     *
     * @param release without a component and without terms for the image
     * @throws IllegalArgumentException if the components are no set, naming what is wrong
     * @throws IOException as {@link #sign(Path, Release, Path, Path, Path)}
     */
    public static Signed sign(
            List<ComponentFile> components, Release release, Path privateKey, Path publicKey, Path out)
            throws IOException {
        List<Path> files = components.stream().map(ComponentFile::image).toList();
        List<ComponentImage> images = new ArrayList<>();
        for (ComponentFile each : components) {
            Hashed hashed = hash(List.of(each.image()));
            images.add(new ComponentImage(each.name(), each.version(), hashed.sizeBytes(), hashed.sha256()));
        }
        return sign(files, manifest(files, release).ofComponents(images), privateKey, publicKey, out);
    }

    private static Signed sign(List<Path> images, Manifest manifest, Path privateKey, Path publicKey, Path out)
            throws IOException {
        PackageKeys.SigningKey signing = PackageKeys.readPrivate(privateKey);
        PackageKeys.TrustedKey naming = PackageKeys.readPublic(publicKey);
        byte[] bytes = ManifestJson.encode(manifest);
        byte[] signature = signature(signing, naming, bytes, privateKey, publicKey);
        PackageEnvelope envelope = new PackageEnvelope(bytes, naming.id(), signature);
        try (OutputStream to = new BufferedOutputStream(Files.newOutputStream(out, StandardOpenOption.CREATE_NEW))) {
            envelope.writeTo(to);
            for (Path image : images) {
                Files.copy(image, to);
            }
        }
        return new Signed(PackageId.ofManifest(bytes), manifest, naming.id(), out);
    }

    private record Hashed(long sizeBytes, Sha256 sha256) {}

    /** Files one behind the other. */
    private static Hashed hash(List<Path> images) throws IOException {
        MessageDigest digest = Sha256.newDigest();
        long size = 0;
        byte[] buffer = new byte[1 << 16];
        for (Path image : images) {
            try (InputStream in = Files.newInputStream(image)) {
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    digest.update(buffer, 0, read);
                    size += read;
                }
            }
        }
        return new Hashed(size, Sha256.ofDigest(digest.digest()));
    }

    private static Manifest manifest(List<Path> images, Release release) throws IOException {
        Hashed hashed = hash(images);
        return new Manifest(
                release.name(),
                release.version(),
                release.manufacturer(),
                release.model(),
                release.hardware(),
                hashed.sizeBytes(),
                hashed.sha256(),
                release.sequence(),
                release.expires(),
                Optional.of(release.requires()),
                Optional.of(release.handling()),
                Optional.of(release.image()),
                release.component());
    }

    private static byte[] signature(
            PackageKeys.SigningKey signing,
            PackageKeys.TrustedKey naming,
            byte[] message,
            Path privateKey,
            Path publicKey)
            throws IOException {
        try {
            byte[] signature = signing.algorithm().sign(signing.key(), message);
            if (signing.algorithm() != naming.algorithm()
                    || !naming.algorithm().verifies(naming.key(), message, signature)) {
                throw new IOException("keys " + privateKey + " and " + publicKey + " are not a pair");
            }
            return signature;
        } catch (GeneralSecurityException e) {
            throw new IOException("signing with " + privateKey + " failed: " + e.getMessage(), e);
        }
    }

    private static void write(Path path, String text, FileAttribute<?>... attributes) throws IOException {
        try (FileChannel channel =
                FileChannel.open(path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }
}
