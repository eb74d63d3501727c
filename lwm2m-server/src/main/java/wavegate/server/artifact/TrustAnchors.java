package wavegate.server.artifact;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The public keys a server trusts: {@code .pem} files in one folder for envelopes, in its folders {@code mcuboot} and {@code suit} for what
 * those sign. Read afresh at every question, so that a file added, taken away or retired counts at once. A key is retired by a file of its
 * name and {@code .retired} beside it that holds a time: what a server is given from then on is refused, what it took before stays good. That
 * counts from the upload, since a time that a signer writes can be wrong on purpose. Any thread.
 */
public final class TrustAnchors {
    private static final String RETIRED = ".retired";

    private final Path directory;
    private final Clock clock;

    public TrustAnchors(Path directory, Clock clock) {
        this.directory = directory;
        this.clock = clock;
    }

    /** A trusted key. {@code retires} is when it stops vouching for anything new; empty for never. */
    public record Anchor(
            KeyPurpose purpose, String keyId, SignatureAlgorithm algorithm, Path file, Optional<Instant> retires) {}

    record Trusted(Anchor anchor, PackageKeys.TrustedKey key) {}

    /** All keys, by purpose, then by file name. @throws IOException if a file cannot be read or is no public key */
    public List<Anchor> all() throws IOException {
        List<Anchor> all = new ArrayList<>();
        for (KeyPurpose purpose : KeyPurpose.values()) {
            of(purpose).forEach(trusted -> all.add(trusted.anchor()));
        }
        return all;
    }

    List<Trusted> of(KeyPurpose purpose) throws IOException {
        Path folder = purpose.folder(directory);
        if (purpose != KeyPurpose.ENVELOPE && !Files.isDirectory(folder)) {
            return List.of();
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(file -> file.getFileName().toString().endsWith(".pem"))
                    .sorted()
                    .toList();
        }
        List<Trusted> keys = new ArrayList<>();
        for (Path file : files) {
            PackageKeys.TrustedKey key = PackageKeys.readPublic(file);
            keys.add(new Trusted(new Anchor(purpose, key.id(), key.algorithm(), file, retires(file)), key));
        }
        return keys;
    }

    /**
     * The key with an id, if it may vouch for what a server was given at a time.
     *
     * @throws PackageRefused if it is unknown, or was retired by then
     */
    PackageKeys.TrustedKey vouching(KeyPurpose purpose, String keyId, Instant givenAt) throws IOException {
        for (Trusted each : of(purpose)) {
            if (each.anchor().keyId().equals(keyId)) {
                requireActive(each, givenAt);
                return each.key();
            }
        }
        throw new PackageRefused(
                PackageRefused.Code.UNKNOWN_KEY,
                purpose.label() + " signed with key " + keyId + " (expected: one in " + purpose.folder(directory)
                        + ")");
    }

    void requireActive(Trusted trusted, Instant givenAt) throws PackageRefused {
        Optional<Instant> retires = trusted.anchor().retires();
        if (retires.isPresent() && !givenAt.isBefore(retires.get())) {
            throw new PackageRefused(
                    PackageRefused.Code.RETIRED_KEY,
                    trusted.anchor().purpose().label() + " signed with key "
                            + trusted.anchor().keyId() + ", retired " + retires.get()
                            + " (expected: a key in use, or an upload before)");
        }
    }

    Instant now() {
        return clock.instant();
    }

    /**
     * Retires a key from a time on; that may be moved later.
     *
     * @return the keys of that id, as they are now; a key may lie there for several purposes
     * @throws IOException if no key has that id, or the file cannot be written
     */
    public List<Anchor> retire(String keyId, Instant when) throws IOException {
        List<Anchor> those =
                all().stream().filter(anchor -> anchor.keyId().equals(keyId)).toList();
        if (those.isEmpty()) {
            throw new IOException("no key " + keyId + " in " + directory);
        }
        for (Anchor anchor : those) {
            // Not a temporary file, which only its owner may read: the server may run as another user than who retires.
            Path there = beside(anchor.file());
            Path unfinished = there.resolveSibling(there.getFileName() + ".part");
            try {
                Files.writeString(unfinished, when + "\n", US_ASCII);
                Files.move(unfinished, there, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(unfinished);
            }
        }
        return all().stream().filter(anchor -> anchor.keyId().equals(keyId)).toList();
    }

    private static Path beside(Path file) {
        return file.resolveSibling(file.getFileName() + RETIRED);
    }

    private static Optional<Instant> retires(Path file) throws IOException {
        Path beside = beside(file);
        if (!Files.exists(beside)) {
            return Optional.empty();
        }
        String text = Files.readString(beside, US_ASCII).strip();
        try {
            return Optional.of(Instant.parse(text.contains("T") ? text : text + "T00:00:00Z"));
        } catch (DateTimeParseException e) {
            throw new IOException(beside + ": \"" + text + "\" (expected: like 2027-06-30 or 2027-06-30T12:00:00Z)", e);
        }
    }
}
