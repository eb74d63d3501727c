package wavegate.server.artifact;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * What comes before the image in a {@code .wgp} file. Numbers are big-endian:
 *
 * <pre>
 *   magic              8  "WGPKG" 0 0 1
 *   manifest length    4  1 to 65536
 *   manifest              canonical JSON, UTF-8: the bytes that are signed
 *   key id            16  first 16 hex digits of SHA-256 over the public key (SubjectPublicKeyInfo)
 *   signature length   2  1 to 512
 *   signature             Ed25519, or ECDSA-P256 over SHA-256 in DER
 *   image                 unchanged, to the end of the file
 * </pre>
 */
record PackageEnvelope(byte[] manifest, String keyId, byte[] signature) {
    static final int MAX_MANIFEST = 1 << 16;
    static final int MAX_SIGNATURE = 512;
    private static final int KEY_ID = 16;
    private static final byte[] MAGIC = {'W', 'G', 'P', 'K', 'G', 0, 0, 1};

    void writeTo(OutputStream to) throws IOException {
        DataOutputStream out = new DataOutputStream(to);
        out.write(MAGIC);
        out.writeInt(manifest.length);
        out.write(manifest);
        out.write(keyId.getBytes(US_ASCII));
        out.writeShort(signature.length);
        out.write(signature);
        out.flush();
    }

    /** Reads up to the first byte of the image and leaves the stream there. */
    static PackageEnvelope readFrom(InputStream from) throws IOException {
        DataInputStream in = new DataInputStream(from);
        try {
            if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
                throw malformed("it does not begin as a .wgp file of version 1");
            }
            byte[] manifest = bytes(in, in.readInt(), MAX_MANIFEST, "manifest");
            String keyId = new String(bytes(in, KEY_ID, KEY_ID, "key id"), US_ASCII);
            if (!keyId.matches("[0-9a-f]{16}")) {
                throw malformed("key id is not 16 hex digits");
            }
            byte[] signature = bytes(in, in.readUnsignedShort(), MAX_SIGNATURE, "signature");
            return new PackageEnvelope(manifest, keyId, signature);
        } catch (EOFException e) {
            throw new PackageRefused(PackageRefused.Code.MALFORMED, "envelope: cut short", e);
        }
    }

    private static byte[] bytes(DataInputStream in, int length, int most, String what) throws IOException {
        if (length < 1 || length > most) {
            throw malformed(what + " of " + length + " bytes (expected: 1 to " + most + ")");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    private static PackageRefused malformed(String what) {
        return new PackageRefused(PackageRefused.Code.MALFORMED, "envelope: " + what);
    }
}
