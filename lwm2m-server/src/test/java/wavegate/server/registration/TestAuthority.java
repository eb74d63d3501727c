package wavegate.server.registration;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** A certificate authority for tests, that issues and revokes. */
public final class TestAuthority {
    /** A device's certificate and the key of it. */
    public record Issued(X509Certificate certificate, KeyPair keys) {}

    private final String name;
    private final KeyPair keys = newKeys();
    private final X509Certificate certificate;
    private long serial = 1;

    public TestAuthority(String name) throws Exception {
        this.name = name;
        Instant now = Instant.now();
        certificate = new CertificateOrder(
                        name,
                        List.of(),
                        keys.getPublic(),
                        BigInteger.ONE,
                        now.minus(Duration.ofDays(30)),
                        now.plus(Duration.ofDays(3650)),
                        true)
                .signedBy(name, keys.getPrivate());
    }

    private TestAuthority(String name, TestAuthority above) throws Exception {
        this.name = name;
        Instant now = Instant.now();
        certificate = new CertificateOrder(
                        name,
                        List.of(),
                        keys.getPublic(),
                        BigInteger.valueOf(++above.serial),
                        now.minus(Duration.ofDays(30)),
                        now.plus(Duration.ofDays(3650)),
                        true)
                .signedBy(above.name, above.keys.getPrivate());
    }

    /** Another one that this one vouches for. */
    TestAuthority below(String name) throws Exception {
        return new TestAuthority(name, this);
    }

    X509Certificate certificate() {
        return certificate;
    }

    public static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Good from now for a week. */
    public Issued issue(String commonName, String... uris) throws Exception {
        return issue(commonName, Instant.now().minusSeconds(60), Instant.now().plus(Duration.ofDays(7)), uris);
    }

    public Issued issue(String commonName, Instant from, Instant until, String... uris) throws Exception {
        KeyPair device = newKeys();
        return new Issued(
                new CertificateOrder(
                                commonName,
                                List.of(uris),
                                device.getPublic(),
                                BigInteger.valueOf(++serial),
                                from,
                                until,
                                false)
                        .signedBy(name, keys.getPrivate()),
                device);
    }

    /** Makes it a tenant of the folder. */
    public void trustedIn(Path folder) throws Exception {
        Files.createDirectories(folder);
        write(folder.resolve(name + ".pem"), "CERTIFICATE", certificate.getEncoded());
    }

    public void revokes(Path folder, X509Certificate... revoked) throws Exception {
        write(folder.resolve(name + ".crl"), "X509 CRL", revocationList(revoked));
    }

    byte[] revocationList(X509Certificate... revoked) throws Exception {
        Instant now = Instant.now();
        List<byte[]> entries = new ArrayList<>();
        for (X509Certificate each : revoked) {
            entries.add(Der.sequence(Der.integer(each.getSerialNumber()), Der.time(now)));
        }
        byte[] list = Der.sequence(
                Der.integer(BigInteger.ONE),
                CertificateOrder.ECDSA_WITH_SHA256,
                CertificateOrder.distinguished(name),
                Der.time(now.minusSeconds(60)),
                Der.time(now.plus(Duration.ofDays(1))),
                entries.isEmpty() ? new byte[0] : Der.sequence(entries.toArray(byte[][]::new)));
        return CertificateOrder.signed(list, keys.getPrivate());
    }

    /** Lists of this one and of those below it. */
    void publishes(Path folder, byte[]... lists) throws Exception {
        write(folder.resolve(name + ".crl"), "X509 CRL", lists);
    }

    private static void write(Path file, String what, byte[]... ders) throws Exception {
        // Whole at once, as the server may look at any moment.
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        StringBuilder text = new StringBuilder();
        for (byte[] der : ders) {
            text.append("-----BEGIN " + what + "-----\n"
                    + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + what + "-----\n");
        }
        Files.writeString(unfinished, text);
        Files.move(
                unfinished,
                file,
                java.nio.file.StandardCopyOption.ATOMIC_MOVE,
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
}
