package wavegate.server.artifact;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import wavegate.firmware.pkg.Sha256;

/** Keys in PEM files: public ones as SubjectPublicKeyInfo, private ones as PKCS #8. */
final class PackageKeys {
    static final String PUBLIC = "PUBLIC KEY";
    static final String PRIVATE = "PRIVATE KEY";
    private static final int LEAST_RSA_BITS = 2048;
    private static final int MAX_FILE = 64 << 10;

    private PackageKeys() {}

    record TrustedKey(PublicKey key, SignatureAlgorithm algorithm, String id) {
        private static final int RSA_KEY_INFO_HEAD = 24;

        /** What MCUboot images name the key by: SHA-256 of it, of an RSA key without the algorithm around it. */
        byte[] imgtoolHash() {
            byte[] encoded = key.getEncoded();
            return Sha256.of(
                            algorithm == SignatureAlgorithm.RSA_PSS
                                    ? Arrays.copyOfRange(encoded, RSA_KEY_INFO_HEAD, encoded.length)
                                    : encoded)
                    .bytes();
        }
    }

    record SigningKey(PrivateKey key, SignatureAlgorithm algorithm) {}

    static String id(PublicKey key) {
        return Sha256.of(key.getEncoded()).hex().substring(0, 16);
    }

    static String pem(String kind, Key key) {
        String body = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(key.getEncoded());
        return "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n";
    }

    static TrustedKey readPublic(Path file) throws IOException {
        byte[] encoded = read(file, PUBLIC);
        Parsed<PublicKey> parsed = parse(file, factory -> factory.generatePublic(new X509EncodedKeySpec(encoded)));
        return new TrustedKey(parsed.key(), parsed.algorithm(), id(parsed.key()));
    }

    static SigningKey readPrivate(Path file) throws IOException {
        byte[] encoded = read(file, PRIVATE);
        Parsed<PrivateKey> parsed = parse(file, factory -> factory.generatePrivate(new PKCS8EncodedKeySpec(encoded)));
        return new SigningKey(parsed.key(), parsed.algorithm());
    }

    private record Parsed<K extends Key>(K key, SignatureAlgorithm algorithm) {}

    private interface Parser<K extends Key> {
        K parse(KeyFactory factory) throws InvalidKeySpecException;
    }

    private static <K extends Key> Parsed<K> parse(Path file, Parser<K> parser) throws IOException {
        try {
            for (SignatureAlgorithm algorithm : SignatureAlgorithm.values()) {
                Optional<K> key = attempt(KeyFactory.getInstance(algorithm.keyFactory()), parser);
                if (key.isPresent()) {
                    requireStrength(key.get(), file);
                    return new Parsed<>(key.get(), algorithm);
                }
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("key " + file + ": " + e.getMessage(), e);
        }
        throw new IOException("key " + file + ": none of Ed25519, ECDSA on P-256 and RSA");
    }

    private static <K extends Key> Optional<K> attempt(KeyFactory factory, Parser<K> parser) {
        try {
            return Optional.of(parser.parse(factory));
        } catch (InvalidKeySpecException e) {
            return Optional.empty();
        }
    }

    private static byte[] read(Path file, String kind) throws IOException {
        if (Files.size(file) > MAX_FILE) {
            throw new IOException("key " + file + ": larger than " + MAX_FILE + " bytes");
        }
        String text = Files.readString(file, US_ASCII).strip();
        String begin = "-----BEGIN " + kind + "-----";
        String end = "-----END " + kind + "-----";
        if (!text.startsWith(begin) || !text.endsWith(end)) {
            throw new IOException("key " + file + ": not one PEM block of a " + kind.toLowerCase(Locale.ROOT));
        }
        try {
            return Base64.getMimeDecoder().decode(text.substring(begin.length(), text.length() - end.length()));
        } catch (IllegalArgumentException e) {
            throw new IOException("key " + file + ": " + e.getMessage(), e);
        }
    }

    private static void requireStrength(Key key, Path file) throws GeneralSecurityException, IOException {
        if (key instanceof RSAKey rsa && rsa.getModulus().bitLength() < LEAST_RSA_BITS) {
            throw new IOException("key " + file + ": RSA of " + rsa.getModulus().bitLength() + " bits (expected: "
                    + LEAST_RSA_BITS + " or more)");
        }
        if (key instanceof ECKey ec) {
            AlgorithmParameters p256 = AlgorithmParameters.getInstance("EC");
            p256.init(new ECGenParameterSpec("secp256r1"));
            ECParameterSpec wanted = p256.getParameterSpec(ECParameterSpec.class);
            if (!wanted.getCurve().equals(ec.getParams().getCurve())
                    || !wanted.getOrder().equals(ec.getParams().getOrder())
                    || !wanted.getGenerator().equals(ec.getParams().getGenerator())) {
                throw new IOException("key " + file + ": an elliptic curve other than P-256");
            }
        }
    }
}
