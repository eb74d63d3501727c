package wavegate.server.artifact;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.ECGenParameterSpec;
import java.util.Locale;

/** How packages are signed. The algorithm is the key's: nothing in a package chooses it. */
public enum SignatureAlgorithm {
    ED25519("Ed25519", "Ed25519"),
    ECDSA_P256("EC", "SHA256withECDSA");

    private final String keyFactory;
    private final String signature;

    SignatureAlgorithm(String keyFactory, String signature) {
        this.keyFactory = keyFactory;
        this.signature = signature;
    }

    /** {@code ed25519} or {@code ecdsa-p256}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String keyFactory() {
        return keyFactory;
    }

    KeyPair newKeyPair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(keyFactory);
        if (this == ECDSA_P256) {
            generator.initialize(new ECGenParameterSpec("secp256r1"));
        }
        return generator.generateKeyPair();
    }

    byte[] sign(PrivateKey key, byte[] message) throws GeneralSecurityException {
        Signature signer = Signature.getInstance(signature);
        signer.initSign(key);
        signer.update(message);
        return signer.sign();
    }

    boolean verifies(PublicKey key, byte[] message, byte[] signed) throws GeneralSecurityException {
        Signature verifier = Signature.getInstance(signature);
        verifier.initVerify(key);
        verifier.update(message);
        try {
            return verifier.verify(signed);
        } catch (SignatureException e) {
            // Bytes that are no signature at all: the same answer as to a wrong one.
            return false;
        }
    }
}
