package wavegate.server.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import wavegate.bootstrap.credential.OwnedFiles;
import wavegate.bootstrap.credential.StoreKey;

/**
 * The Ed25519 key a server signs its checkpoints with, sealed at rest. Its public half lies beside the ledger's directory as a line of text, for
 * those who check what the server says: they should keep a copy of their own. Immutable; any thread.
 */
public final class CheckpointKey {
    /** The sealed key, in the data directory. */
    public static final String FILE = "checkpoint-key";

    /** The public key, in the data directory. */
    public static final String PUBLIC_FILE = "checkpoint-key.vkey";

    private static final String PURPOSE = "ledger checkpoint key";
    private static final String ALGORITHM = "Ed25519";

    private final PrivateKey key;
    private final CheckpointVerifier verifier;

    private CheckpointKey(PrivateKey key, CheckpointVerifier verifier) {
        this.key = key;
        this.verifier = verifier;
    }

    /**
     * The key of a data directory; made where there is none.
     *
     * @throws IOException if it cannot be read or written, or was sealed with another store key
     */
    public static CheckpointKey keptIn(Path data, StoreKey store, SecureRandom random) throws IOException {
        Path file = data.resolve(FILE);
        try {
            if (!Files.exists(file)) {
                OwnedFiles.replace(file, store.seal(made(random), PURPOSE));
            }
            byte[] plain = store.open(Files.readAllBytes(file), PURPOSE)
                    .orElseThrow(
                            () -> new IOException(file + ": damaged, or sealed with another key than " + store.file()));
            ByteBuffer parts = ByteBuffer.wrap(plain);
            byte[] secret = new byte[parts.getInt()];
            parts.get(secret);
            byte[] known = new byte[parts.remaining()];
            parts.get(known);
            KeyFactory keys = KeyFactory.getInstance(ALGORITHM);
            CheckpointKey opened = new CheckpointKey(
                    keys.generatePrivate(new PKCS8EncodedKeySpec(secret)),
                    CheckpointVerifier.of(keys.generatePublic(new X509EncodedKeySpec(known))));
            Files.writeString(data.resolve(PUBLIC_FILE), opened.verifier.text() + "\n");
            return opened;
        } catch (GeneralSecurityException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    private static byte[] made(SecureRandom random) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
        generator.initialize(255, random);
        KeyPair pair = generator.generateKeyPair();
        byte[] secret = pair.getPrivate().getEncoded();
        byte[] known = pair.getPublic().getEncoded();
        return ByteBuffer.allocate(4 + secret.length + known.length)
                .putInt(secret.length)
                .put(secret)
                .put(known)
                .array();
    }

    /** Checks what this key signed. */
    public CheckpointVerifier verifier() {
        return verifier;
    }

    /** The signed note, as {@link CheckpointNote} describes it. */
    public String sign(Checkpoint checkpoint) {
        String body = CheckpointNote.body(checkpoint);
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(key);
            signature.update(body.getBytes(UTF_8));
            return CheckpointNote.signed(body, verifier, signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has Ed25519", e);
        }
    }

    @Override
    public String toString() {
        return "CheckpointKey[" + verifier.text() + "]";
    }
}
