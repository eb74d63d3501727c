package wavegate.server.api;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import wavegate.config.TlsSettings;
import wavegate.firmware.pkg.Sha256;

/** The certificate chain and the private key of the API, as they lie in their files. Reads disks: belongs on a worker. */
final class TlsFiles {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    /** How to sign with a kind of key, to see that it belongs to the certificate. */
    private static final Map<String, String> SIGNATURES =
            Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA", "EdDSA", "EdDSA", "Ed25519", "EdDSA");

    private final TlsSettings settings;

    /** A pair that fits together. {@code digest} is of both files. */
    record Pair(Buffer certificate, Buffer key, Sha256 digest, String subject) {
        PemKeyCertOptions options() {
            return new PemKeyCertOptions().addCertValue(certificate).addKeyValue(key);
        }

        @Override
        public String toString() {
            return subject;
        }
    }

    TlsFiles(TlsSettings settings) {
        this.settings = settings;
    }

    /** @throws IOException naming the file if one is missing or is none, if they do not fit together, or if the certificate has ended */
    Pair read() throws IOException {
        byte[] certificate = bytes(settings.certificateFile());
        byte[] key = bytes(settings.keyFile());
        X509Certificate own = certificate(certificate);
        PrivateKey secret = key(key, own.getPublicKey().getAlgorithm());
        if (!fits(secret, own.getPublicKey())) {
            throw new IOException(settings.key() + ": not the private key of " + settings.certificate());
        }
        Buffer both = Buffer.buffer(certificate).appendBytes(key);
        return new Pair(
                Buffer.buffer(certificate),
                Buffer.buffer(key),
                Sha256.of(both.getBytes()),
                own.getSubjectX500Principal().getName());
    }

    private static byte[] bytes(Path file) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IOException(file + ": cannot be read", e);
        }
    }

    private X509Certificate certificate(byte[] pem) throws IOException {
        try {
            Collection<? extends Certificate> chain =
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem));
            if (chain.isEmpty()) {
                throw new IOException(settings.certificate() + ": no certificate in it (expected: PEM)");
            }
            X509Certificate own = (X509Certificate) chain.iterator().next();
            own.checkValidity();
            return own;
        } catch (GeneralSecurityException e) {
            throw new IOException(settings.certificate() + ": " + e.getMessage(), e);
        }
    }

    private PrivateKey key(byte[] pem, String algorithm) throws IOException {
        Matcher matcher = KEY.matcher(new String(pem, StandardCharsets.US_ASCII));
        if (!matcher.find()) {
            throw new IOException(
                    settings.key() + ": no BEGIN PRIVATE KEY in it (expected: PEM of PKCS #8, not encrypted)");
        }
        try {
            byte[] der = Base64.getMimeDecoder().decode(matcher.group(1));
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // Without the cause: it may quote the key.
            throw new IOException(settings.key() + ": not a key for a certificate of " + algorithm);
        }
    }

    private static boolean fits(PrivateKey secret, PublicKey open) {
        try {
            Signature signature = Signature.getInstance(SIGNATURES.getOrDefault(open.getAlgorithm(), "SHA256withRSA"));
            byte[] something = {1, 2, 3};
            signature.initSign(secret);
            signature.update(something);
            byte[] signed = signature.sign();
            signature.initVerify(open);
            signature.update(something);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
