package wavegate.server.artifact;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Locale;

/** How packages are signed. The algorithm is the key's: nothing in a package chooses it. */
public enum SignatureAlgorithm {
    ED25519("Ed25519", "Ed25519"),
    ECDSA_P256("EC", "SHA256withECDSA"),
    /** With SHA-256, MGF1 with SHA-256, and a salt of 32 bytes; keys of 2048 bits or more. */
    RSA_PSS("RSA", "RSASSA-PSS");

    private static final PSSParameterSpec PSS =
            new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, PSSParameterSpec.TRAILER_FIELD_BC);

    private final String keyFactory;
    private final String signature;

    SignatureAlgorithm(String keyFactory, String signature) {
        this.keyFactory = keyFactory;
        this.signature = signature;
    }

    /** {@code ed25519}, {@code ecdsa-p256} or {@code rsa-pss}. */
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
        } else if (this == RSA_PSS) {
            generator.initialize(3072);
        }
        return generator.generateKeyPair();
    }

    byte[] sign(PrivateKey key, byte[] message) throws GeneralSecurityException {
        Signature signer = instance();
        signer.initSign(key);
        signer.update(message);
        return signer.sign();
    }

    boolean verifies(PublicKey key, byte[] message, byte[] signed) throws GeneralSecurityException {
        Signature verifier = verifier(key);
        verifier.update(message);
        try {
            return verifier.verify(signed);
        } catch (SignatureException e) {
            // Bytes that are no signature at all: the same answer as to a wrong one.
            return false;
        }
    }

    /** One to feed the message to, piece by piece. */
    Signature verifier(PublicKey key) throws GeneralSecurityException {
        Signature verifier = instance();
        verifier.initVerify(key);
        return verifier;
    }

    private Signature instance() throws GeneralSecurityException {
        Signature made = Signature.getInstance(signature);
        if (this == RSA_PSS) {
            made.setParameter(PSS);
        }
        return made;
    }
}
