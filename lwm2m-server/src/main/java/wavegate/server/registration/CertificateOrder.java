package wavegate.server.registration;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * A certificate to be signed with an EC key.
 *
 * @param name its common name
 * @param otherNames URIs among its subject alternative names
 * @param authority whether it may sign others
 */
record CertificateOrder(
        String name,
        List<String> otherNames,
        PublicKey key,
        BigInteger serial,
        Instant from,
        Instant until,
        boolean authority) {
    static final byte[] ECDSA_WITH_SHA256 = Der.sequence(Der.oid("1.2.840.10045.4.3.2"));

    CertificateOrder {
        otherNames = List.copyOf(otherNames);
    }

    /** @param issuer common name of the one who signs */
    X509Certificate signedBy(String issuer, PrivateKey with) throws GeneralSecurityException {
        byte[] signed = Der.sequence(
                Der.tagged(0xa0, Der.integer(BigInteger.TWO)),
                Der.integer(serial),
                ECDSA_WITH_SHA256,
                distinguished(issuer),
                Der.sequence(Der.time(from), Der.time(until)),
                distinguished(name),
                key.getEncoded(),
                Der.tagged(0xa3, Der.sequence(extensions())));
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(signed(signed, with)));
    }

    static byte[] signed(byte[] content, PrivateKey with) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(with);
        signature.update(content);
        return Der.sequence(content, ECDSA_WITH_SHA256, Der.bits(signature.sign()));
    }

    static byte[] distinguished(String commonName) {
        return Der.sequence(Der.set(Der.sequence(Der.oid("2.5.4.3"), Der.text(commonName))));
    }

    private byte[] extensions() {
        byte[] constraints = extension("2.5.29.19", authority ? Der.sequence(Der.yes()) : Der.sequence());
        // keyCertSign and cRLSign, or digitalSignature.
        byte[] usage = extension(
                "2.5.29.15", authority ? Der.bits(new byte[] {0x06}, 1) : Der.bits(new byte[] {(byte) 0x80}, 7));
        if (otherNames.isEmpty()) {
            return Der.joined(constraints, usage);
        }
        byte[] names = Der.joined(otherNames.stream()
                .map(uri -> Der.tagged(0x86, uri.getBytes(StandardCharsets.US_ASCII)))
                .toArray(byte[][]::new));
        return Der.joined(constraints, usage, Der.sequence(Der.oid("2.5.29.17"), Der.octets(Der.sequence(names))));
    }

    private static byte[] extension(String oid, byte[] value) {
        return Der.sequence(Der.oid(oid), Der.yes(), Der.octets(value));
    }
}
