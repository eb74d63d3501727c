package wavegate.bootstrap;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Public keys and certificates that servers of shards show, from PEM files. */
final class ShardKeys {
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN (PUBLIC KEY|CERTIFICATE)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

    private ShardKeys() {}

    static List<Provisioning.ShardTerms> termsOf(BootstrapSettings settings) throws IOException {
        List<Provisioning.ShardTerms> terms = new ArrayList<>();
        for (BootstrapSettings.ShardAccess access : settings.shards()) {
            byte[] key =
                    access.serverKey().isPresent() ? read(access.serverKey().get()) : new byte[0];
            terms.add(new Provisioning.ShardTerms(access.shard(), key, access.tenant(), access.oscoreUri()));
        }
        return terms;
    }

    /** The first public key in the file, or that of the first certificate. */
    static PublicKey publicKey(Path file) throws IOException {
        byte[] der = read(file);
        try {
            return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(der));
        } catch (InvalidKeySpecException e) {
            return certificate(file, der).getPublicKey();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has EC", e);
        }
    }

    private static Certificate certificate(Path file, byte[] der) throws IOException {
        try {
            return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (GeneralSecurityException e) {
            throw new IOException(file + ": cannot be read (expected: an EC key)", e);
        }
    }

    /** DER of the first public key or certificate in the file. */
    static byte[] read(Path file) throws IOException {
        Matcher matcher = PEM.matcher(Files.readString(file, StandardCharsets.US_ASCII));
        if (!matcher.find()) {
            throw new IOException(file + ": no PUBLIC KEY or CERTIFICATE in it (expected: PEM)");
        }
        byte[] der = Base64.getMimeDecoder().decode(matcher.group(2));
        try {
            if (matcher.group(1).equals("CERTIFICATE")) {
                Certificate unused = certificate(file, der);
            } else {
                KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(der));
            }
            return der;
        } catch (GeneralSecurityException e) {
            throw new IOException(file + ": " + matcher.group(1) + " cannot be read (expected: an EC key)", e);
        }
    }
}
