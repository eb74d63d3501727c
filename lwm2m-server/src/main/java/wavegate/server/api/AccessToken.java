package wavegate.server.api;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import wavegate.config.Secret;
import wavegate.firmware.pkg.Sha256;

/** The bearer token of the API, kept as its SHA-256 alone. A token made here has 256 random bits, so that a plain digest is enough. */
public final class AccessToken {
    private static final String FILE = "token.sha256";

    private final byte[] digest;

    private AccessToken(byte[] digest) {
        this.digest = digest;
    }

    /** The token that was configured; it is not written down. */
    public static AccessToken of(Secret token) {
        return new AccessToken(digestOf(token.value()));
    }

    /**
     * The configured token, else the one whose digest lies in {@code dataDir}, else a new one.
     *
     * @param announce told the new token, once; it is not recoverable afterwards
     * @throws IOException if the digest cannot be read or written, or is none
     */
    public static AccessToken open(Path dataDir, Secret configured, RandomGenerator random, Consumer<String> announce)
            throws IOException {
        if (configured.isSet()) {
            return of(configured);
        }
        Path file = dataDir.resolve(FILE);
        if (!Files.exists(file)) {
            create(file, random, announce);
        }
        String text = Files.readString(file).strip();
        try {
            return new AccessToken(new Sha256(text).bytes());
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": not a SHA-256 (delete the file to have a new token made)", e);
        }
    }

    private static void create(Path file, RandomGenerator random, Consumer<String> announce) throws IOException {
        byte[] bits = new byte[32];
        random.nextBytes(bits);
        String token = "wg_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
        Files.createDirectories(file.toAbsolutePath().getParent());
        // Under another name until it is whole: an empty digest would refuse the next start.
        Path unfinished = file.resolveSibling(FILE + ".new");
        Files.deleteIfExists(unfinished);
        try {
            Files.createFile(
                    unfinished, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (UnsupportedOperationException e) {
            Files.createFile(unfinished);
        }
        Files.writeString(
                unfinished,
                Sha256.ofDigest(digestOf(token)).hex() + "\n",
                StandardOpenOption.WRITE,
                StandardOpenOption.SYNC);
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        announce.accept(token);
    }

    /** Whether this is the token. Takes the same time whatever is offered. */
    boolean admits(String offered) {
        return MessageDigest.isEqual(digest, digestOf(offered));
    }

    private static byte[] digestOf(String token) {
        return Sha256.newDigest().digest(token.getBytes(StandardCharsets.UTF_8));
    }
}
