package wavegate.bootstrap.credential;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The key that everything secret at rest is sealed with: 32 random bytes in a file of their own, outside the data directory, so that a copy of
 * the data is not a copy of the secrets. Each purpose has a subkey (HKDF-SHA-256, RFC 5869). Immutable after {@link #open}; any thread.
 */
public final class StoreKey {
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final byte VERSION = 1;

    private final Path file;
    private final byte[] master;
    private final boolean fresh;
    private final SecureRandom random;

    private StoreKey(Path file, byte[] master, boolean fresh, SecureRandom random) {
        this.file = file;
        this.master = master;
        this.fresh = fresh;
        this.random = random;
    }

    /**
     * The key for a data directory.
     *
     * @param configured where the key file is; empty: beside the data directory, with its name and {@code .key}
     * @throws IOException as {@link #open}, and if the key file lies inside the data directory
     */
    public static StoreKey forData(Path dataDir, String configured, SecureRandom random) throws IOException {
        Path data = real(dataDir);
        Path file = configured.isEmpty() ? data.resolveSibling(data.getFileName() + ".key") : real(Path.of(configured));
        if (file.startsWith(data)) {
            throw new IOException("key file " + file + " (expected: outside the data directory " + data
                    + ", or a copy of the data is a copy of the keys)");
        }
        return open(file, random);
    }

    /**
     * Reads the key; makes one where there is no file.
     *
     * @throws IOException if it cannot be read or written, others may read it, or it is not 32 bytes
     */
    public static StoreKey open(Path file, SecureRandom random) throws IOException {
        boolean fresh = !Files.exists(file);
        if (fresh) {
            byte[] key = new byte[KEY_BYTES];
            random.nextBytes(key);
            OwnedFiles.replace(file, key);
        }
        OwnedFiles.refuseIfOpenToOthers(file);
        byte[] master = Files.readAllBytes(file);
        if (master.length != KEY_BYTES) {
            throw new IOException(file + ": " + master.length + " bytes (expected: a key of " + KEY_BYTES + " bytes)");
        }
        return new StoreKey(file, master, fresh, random);
    }

    private static Path real(Path path) throws IOException {
        Path absolute = path.toAbsolutePath().normalize();
        Path existing = absolute;
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        return existing == null
                ? absolute
                : existing.toRealPath().resolve(existing.relativize(absolute)).normalize();
    }

    public Path file() {
        return file;
    }

    /**
     * Where to note beside the key, and so apart from the data, what must not be undone by an older copy of a file of the data. The name has a
     * digest of the file's path, so that several data directories may share a key.
     */
    public Path markFile(Path of, String kind) throws IOException {
        String digest =
                HexFormat.of().formatHex(hmac(new byte[1], real(of).toString().getBytes(StandardCharsets.UTF_8)), 0, 4);
        return file.resolveSibling(file.getFileName() + "." + of.getFileName() + "-" + digest + "." + kind);
    }

    /** Whether it was made just now: nothing older can be opened with it. */
    public boolean isFresh() {
        return fresh;
    }

    /** Encrypts and authenticates. {@code purpose} is part of the key: what is sealed for one is not opened for another. */
    public byte[] seal(byte[] plain, String purpose) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, subkey(purpose), nonce, new byte[] {VERSION})
                    .doFinal(plain);
            return ByteBuffer.allocate(1 + NONCE_BYTES + sealed.length)
                    .put(VERSION)
                    .put(nonce)
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM", e);
        }
    }

    /** What was sealed with this key for this purpose; empty if it was not, or was changed since. */
    public Optional<byte[]> open(byte[] sealed, String purpose) {
        if (sealed.length < 1 + NONCE_BYTES + TAG_BITS / 8 || sealed[0] != VERSION) {
            return Optional.empty();
        }
        try {
            return Optional.of(cipher(
                            Cipher.DECRYPT_MODE,
                            subkey(purpose),
                            Arrays.copyOfRange(sealed, 1, 1 + NONCE_BYTES),
                            new byte[] {VERSION})
                    .doFinal(sealed, 1 + NONCE_BYTES, sealed.length - 1 - NONCE_BYTES));
        } catch (AEADBadTagException e) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM", e);
        }
    }

    /** 32 bytes for one purpose, which tell nothing of the key or of another purpose's. */
    byte[] subkey(String purpose) {
        byte[] extracted = hmac("wavegate".getBytes(StandardCharsets.US_ASCII), master);
        ByteArrayOutputStream info = new ByteArrayOutputStream();
        info.writeBytes(purpose.getBytes(StandardCharsets.UTF_8));
        info.write(1);
        return hmac(extracted, info.toByteArray());
    }

    static Cipher cipher(int mode, byte[] key, byte[] nonce, byte[] bound) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(bound);
        return cipher;
    }

    static byte[] hmac(byte[] key, byte[] message) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(message);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HMAC", e);
        }
    }

    @Override
    public String toString() {
        return "StoreKey[file=" + file + "]";
    }
}
