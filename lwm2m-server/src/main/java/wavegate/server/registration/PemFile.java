package wavegate.server.registration;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CRL;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads keys, certificates and revocation lists. No message shows a key. */
final class PemFile {
    private static final Pattern PKCS8 =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private PemFile() {}

    static PrivateKey privateKey(Path file) throws IOException {
        Matcher pem = PKCS8.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        if (!pem.find()) {
            throw new IOException(
                    file + ": (expected: a PEM file with BEGIN PRIVATE KEY, that is PKCS#8 without password)");
        }
        try {
            return KeyFactory.getInstance("EC")
                    .generatePrivate(
                            new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1))));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(file + ": (expected: the private key of an EC key pair)");
        }
    }

    static List<X509Certificate> certificates(Path file) throws IOException {
        try (InputStream in = new ByteArrayInputStream(Files.readAllBytes(file))) {
            List<X509Certificate> certificates = new ArrayList<>();
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                certificates.add((X509Certificate) certificate);
            }
            if (certificates.isEmpty()) {
                throw new IOException(file + ": no certificate (expected: PEM, at least one)");
            }
            return certificates;
        } catch (GeneralSecurityException e) {
            throw new IOException(file + ": (expected: certificates as PEM)", e);
        }
    }

    static List<X509CRL> revocationLists(Path file) throws IOException {
        try (InputStream in = new ByteArrayInputStream(Files.readAllBytes(file))) {
            List<X509CRL> lists = new ArrayList<>();
            for (CRL list : CertificateFactory.getInstance("X.509").generateCRLs(in)) {
                lists.add((X509CRL) list);
            }
            if (lists.isEmpty()) {
                throw new IOException(file + ": no revocation list (expected: PEM or DER, at least one)");
            }
            return lists;
        } catch (GeneralSecurityException e) {
            throw new IOException(file + ": (expected: revocation lists as PEM or DER)", e);
        }
    }
}
