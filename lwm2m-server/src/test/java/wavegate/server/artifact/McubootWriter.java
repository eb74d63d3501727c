package wavegate.server.artifact;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/** Writes MCUboot images as {@code imgtool} does, and in ways it would not. */
final class McubootWriter {
    private record Tlv(int type, byte[] value) {}

    private final byte[] payload;
    private final List<Tlv> protectedTlvs = new ArrayList<>();
    private final List<Tlv> tlvs = new ArrayList<>();
    private int flags;
    private int major = 2;
    private boolean pure;
    private boolean named = true;
    private String digest = "SHA-256";

    McubootWriter(byte[] payload) {
        this.payload = payload.clone();
    }

    McubootWriter major(int version) {
        major = version;
        return this;
    }

    McubootWriter flags(int bits) {
        flags = bits;
        return this;
    }

    McubootWriter counter(int value) {
        byte[] counter = new byte[4];
        little(counter).putInt(value);
        protectedTlvs.add(new Tlv(0x50, counter));
        return this;
    }

    McubootWriter dependingOn(int imageId, int majorVersion) {
        byte[] dependency = new byte[12];
        little(dependency)
                .put((byte) imageId)
                .put((byte) 0)
                .putShort((short) 0)
                .put((byte) majorVersion)
                .put((byte) 1)
                .putShort((short) 7)
                .putInt(0);
        protectedTlvs.add(new Tlv(0x40, dependency));
        return this;
    }

    McubootWriter ids(UUID vendor, UUID classId) {
        protectedTlvs.add(new Tlv(0x74, bytes(vendor)));
        protectedTlvs.add(new Tlv(0x75, bytes(classId)));
        return this;
    }

    McubootWriter unprotected(int type, byte[] value) {
        tlvs.add(new Tlv(type, value));
        return this;
    }

    McubootWriter shielded(int type, byte[] value) {
        protectedTlvs.add(new Tlv(type, value));
        return this;
    }

    McubootWriter withoutKeyHash() {
        named = false;
        return this;
    }

    McubootWriter hashedBy(String algorithm) {
        digest = algorithm;
        return this;
    }

    /** Signs the bytes themselves, not their digest. */
    McubootWriter pure() {
        pure = true;
        return this;
    }

    private static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }

    private static ByteBuffer little(byte[] room) {
        return ByteBuffer.wrap(room).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] area(int magic, List<Tlv> entries) {
        int total = 4 + entries.stream().mapToInt(tlv -> 4 + tlv.value().length).sum();
        byte[] area = new byte[total];
        ByteBuffer bytes = little(area).putShort((short) magic).putShort((short) total);
        for (Tlv tlv : entries) {
            bytes.putShort((short) tlv.type())
                    .putShort((short) tlv.value().length)
                    .put(tlv.value());
        }
        return area;
    }

    /** Header, payload and protected TLVs. */
    private byte[] signedBytes() {
        byte[] shielded = protectedTlvs.isEmpty() ? new byte[0] : area(0x6908, protectedTlvs);
        byte[] header = new byte[64];
        little(header)
                .putInt(McubootImage.MAGIC)
                .putInt(0)
                .putShort((short) 64)
                .putShort((short) shielded.length)
                .putInt(payload.length)
                .putInt(flags)
                .put((byte) major)
                .put((byte) 0)
                .putShort((short) 0)
                .putInt(0);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(header);
        bytes.writeBytes(payload);
        bytes.writeBytes(shielded);
        return bytes.toByteArray();
    }

    byte[] unsigned() {
        byte[] signed = signedBytes();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(signed);
        bytes.writeBytes(area(0x6907, tlvs));
        return bytes.toByteArray();
    }

    byte[] signedWith(PackageSigner.NewKeys keys) throws Exception {
        return signedWith(keys.privateKey(), keys.publicKey());
    }

    private byte[] signedWith(Path privateKey, Path publicKey) throws Exception {
        byte[] signed = signedBytes();
        PackageKeys.SigningKey key = PackageKeys.readPrivate(privateKey);
        byte[] hash = MessageDigest.getInstance(digest).digest(signed);
        int digestType =
                switch (digest) {
                    case "SHA-384" -> 0x11;
                    case "SHA-512" -> 0x12;
                    default -> 0x10;
                };
        if (!pure) {
            tlvs.add(new Tlv(digestType, hash));
        } else {
            tlvs.add(new Tlv(0x25, new byte[] {1}));
        }
        if (named) {
            tlvs.add(new Tlv(0x01, PackageKeys.readPublic(publicKey).imgtoolHash()));
        }
        tlvs.add(signature(key, signed, hash));
        return unsigned();
    }

    private Tlv signature(PackageKeys.SigningKey key, byte[] signed, byte[] hash) throws GeneralSecurityException {
        return switch (key.algorithm()) {
            case ED25519 -> new Tlv(0x24, key.algorithm().sign(key.key(), pure ? signed : hash));
            case RSA_PSS -> new Tlv(0x23, key.algorithm().sign(key.key(), signed));
            case ECDSA_P256 -> {
                Signature ecdsa = Signature.getInstance("SHA256withECDSA");
                ecdsa.initSign(key.key());
                ecdsa.update(signed);
                byte[] der = ecdsa.sign();
                yield new Tlv(0x22, Arrays.copyOf(der, 72));
            }
        };
    }
}
