package wavegate.server.registration;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import wavegate.bootstrap.credential.OwnedFiles;
import wavegate.bootstrap.credential.StoreKey;

/** Who the server is to devices with public keys or certificates: an EC key, and the certificate chain of its public key. Immutable. */
public final class ServerIdentity {
    private static final String PURPOSE = "server identity";
    private static final Duration LIFE = Duration.ofDays(10 * 365);

    private final PrivateKey privateKey;
    private final List<X509Certificate> chain;

    private ServerIdentity(PrivateKey privateKey, List<X509Certificate> chain) {
        this.privateKey = privateKey;
        this.chain = List.copyOf(chain);
    }

    /** @throws IOException if one cannot be read, or they do not belong together */
    public static ServerIdentity ofFiles(Path privateKey, Path certificate) throws IOException {
        ServerIdentity identity = new ServerIdentity(PemFile.privateKey(privateKey), PemFile.certificates(certificate));
        if (!identity.belongsTogether()) {
            throw new IOException(certificate + ": (expected: first the certificate of the key in " + privateKey + ")");
        }
        return identity;
    }

    /**
     * The identity kept in a sealed file, else a new one with a self-signed certificate. The certificate lies beside it as PEM, for devices that
     * are to know it.
     *
     * @throws IOException if it cannot be read or written, or was sealed with another key
     */
    public static ServerIdentity keptIn(Path file, StoreKey key, SecureRandom random, Instant now) throws IOException {
        try {
            if (!Files.exists(file)) {
                ServerIdentity made = made(random, now);
                OwnedFiles.replace(file, key.seal(made.toBytes(), PURPOSE));
            }
            byte[] kept = key.open(Files.readAllBytes(file), PURPOSE)
                    .orElseThrow(
                            () -> new IOException(file + ": damaged, or sealed with another key than " + key.file()));
            ServerIdentity identity = ofBytes(kept);
            Files.writeString(file.resolveSibling(file.getFileName() + ".pem"), identity.toPem());
            return identity;
        } catch (GeneralSecurityException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    private static ServerIdentity made(SecureRandom random, Instant now) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        KeyPair pair = generator.generateKeyPair();
        CertificateOrder order = new CertificateOrder(
                "wavegate",
                List.of(),
                pair.getPublic(),
                new BigInteger(120, random).setBit(119),
                now.minus(Duration.ofDays(1)),
                now.plus(LIFE),
                false);
        return new ServerIdentity(pair.getPrivate(), List.of(order.signedBy("wavegate", pair.getPrivate())));
    }

    private boolean belongsTogether() {
        try {
            byte[] probe = "wavegate".getBytes(StandardCharsets.US_ASCII);
            Signature signer = Signature.getInstance("SHA256withECDSA");
            signer.initSign(privateKey);
            signer.update(probe);
            Signature verifier = Signature.getInstance("SHA256withECDSA");
            verifier.initVerify(publicKey());
            verifier.update(probe);
            return verifier.verify(signer.sign());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private byte[] toBytes() throws GeneralSecurityException, IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            byte[] key = privateKey.getEncoded();
            out.writeInt(key.length);
            out.write(key);
            out.write(chain.get(0).getEncoded());
        }
        return bytes.toByteArray();
    }

    private static ServerIdentity ofBytes(byte[] bytes) throws GeneralSecurityException, IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            byte[] key = in.readNBytes(in.readInt());
            return new ServerIdentity(
                    KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key)),
                    List.of((X509Certificate)
                            CertificateFactory.getInstance("X.509").generateCertificate(in)));
        }
    }

    private String toPem() throws GeneralSecurityException {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(chain.get(0).getEncoded())
                + "\n-----END CERTIFICATE-----\n";
    }

    PrivateKey privateKey() {
        return privateKey;
    }

    /** The certificate of {@link #publicKey} first. */
    public List<X509Certificate> chain() {
        return chain;
    }

    public PublicKey publicKey() {
        return chain.get(0).getPublicKey();
    }

    @Override
    public String toString() {
        return "ServerIdentity[" + chain.get(0).getSubjectX500Principal() + "]";
    }
}
