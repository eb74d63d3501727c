package wavegate.server.artifact;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import wavegate.firmware.pkg.NamedUuid;
import wavegate.firmware.pkg.Sha256;

/**
 * Header and TLV areas of an image for the MCUboot boot loader. Reads the shape alone; whether digest and signature hold is for whoever has
 * the keys. Numbers are little-endian:
 *
 * <pre>
 *   header   32 bytes: magic, load address, header size u16, protected TLV size u16, image size u32, flags u32, version, pad
 *   payload  image size bytes from header size
 *   TLVs     protected {0x6908, total u16, entries}, if any; then {0x6907, total u16, entries}; each entry {type u16, length u16, value}
 * </pre>
 *
 * The image ends with the last TLV: what follows is not covered by anything. What the boot loader decides by must stand in the protected
 * area, or anybody could change it. Source: MCUboot {@code bootutil/image.h}, {@code imgtool}.
 */
public final class McubootImage {
    /** First four bytes of every such image. */
    public static final int MAGIC = 0x96f3_b83d;

    public static final int HEADER = 32;

    /** One entry of a TLV area. */
    public record Tlv(int type, byte[] value) {}

    /** An image that must be there, in at least this version. */
    public record Dependency(int imageId, String version) {}

    static final int KEY_HASH = 0x01;
    static final int PUBLIC_KEY = 0x02;
    static final int SHA256 = 0x10;
    static final int SHA384 = 0x11;
    static final int SHA512 = 0x12;
    static final int RSA2048_PSS = 0x20;
    static final int ECDSA = 0x22;
    static final int RSA3072_PSS = 0x23;
    static final int ED25519 = 0x24;
    static final int SIGNED_PURE = 0x25;
    static final int FIRST_ENCRYPTION = 0x30;
    static final int LAST_ENCRYPTION = 0x34;
    static final int DEPENDENCY = 0x40;
    static final int SECURITY_COUNTER = 0x50;
    static final int VENDOR_ID = 0x74;
    static final int CLASS_ID = 0x75;

    private static final int ENCRYPTED_FLAGS = 0x0C;
    private static final int TLV_INFO = 0x6907;
    private static final int PROTECTED_TLV_INFO = 0x6908;
    private static final Set<Integer> ONCE = Set.of(
            KEY_HASH,
            PUBLIC_KEY,
            SHA256,
            SHA384,
            SHA512,
            RSA2048_PSS,
            ECDSA,
            RSA3072_PSS,
            ED25519,
            SIGNED_PURE,
            SECURITY_COUNTER,
            VENDOR_ID,
            CLASS_ID);
    private static final Set<Integer> ONLY_PROTECTED = Set.of(DEPENDENCY, SECURITY_COUNTER, VENDOR_ID, CLASS_ID);

    private final int flags;
    private final String version;
    private final long signedBytes;
    private final List<Tlv> protectedTlvs;
    private final List<Tlv> tlvs;

    private McubootImage(int flags, String version, long signedBytes, List<Tlv> protectedTlvs, List<Tlv> tlvs) {
        this.flags = flags;
        this.version = version;
        this.signedBytes = signedBytes;
        this.protectedTlvs = List.copyOf(protectedTlvs);
        this.tlvs = List.copyOf(tlvs);
    }

    /** Whether an image begins as one of these. */
    public static boolean begins(ImageBytes image) throws IOException {
        return image.sizeBytes() >= 4 && little(image.read(0, 4)).getInt() == MAGIC;
    }

    /**
     * @throws MalformedImage if anything but the contents of digest and signature is wrong
     * @throws IOException if reading fails
     */
    public static McubootImage parse(ImageBytes image) throws MalformedImage, IOException {
        if (image.sizeBytes() < HEADER) {
            throw new MalformedImage("image of " + image.sizeBytes() + " bytes (expected: a header of 32 at least)");
        }
        ByteBuffer header = little(image.read(0, HEADER));
        if (header.getInt() != MAGIC) {
            throw new MalformedImage("it does not begin as an MCUboot image");
        }
        header.getInt();
        int headerSize = header.getShort() & 0xFFFF;
        int protectedSize = header.getShort() & 0xFFFF;
        long imageSize = header.getInt() & 0xFFFF_FFFFL;
        int flags = header.getInt();
        String version = version(header);
        if (headerSize < HEADER) {
            throw new MalformedImage("header size: " + headerSize + " (expected: 32 or more)");
        }
        long tlvsAt = headerSize + imageSize;
        List<Tlv> protectedTlvs = List.of();
        if (protectedSize != 0) {
            protectedTlvs = area(image, tlvsAt, PROTECTED_TLV_INFO, "protected TLVs");
            int found = sizeOf(protectedTlvs);
            if (found != protectedSize) {
                throw new MalformedImage(
                        "protected TLVs of " + found + " bytes (expected: " + protectedSize + ", as the header says)");
            }
        }
        long signed = tlvsAt + protectedSize;
        List<Tlv> tlvs = area(image, signed, TLV_INFO, "TLVs");
        long end = signed + sizeOf(tlvs);
        if (end != image.sizeBytes()) {
            throw new MalformedImage(
                    "image of " + image.sizeBytes() + " bytes (expected: " + end + ", where its last TLV ends)");
        }
        checkOnce(protectedTlvs, tlvs);
        McubootImage parsed = new McubootImage(flags, version, signed, protectedTlvs, tlvs);
        parsed.checkValues();
        return parsed;
    }

    private static String version(ByteBuffer from) {
        int major = from.get() & 0xFF;
        int minor = from.get() & 0xFF;
        int revision = from.getShort() & 0xFFFF;
        long build = from.getInt() & 0xFFFF_FFFFL;
        return major + "." + minor + "." + revision + (build == 0 ? "" : "+" + build);
    }

    private static List<Tlv> area(ImageBytes image, long at, int magic, String what)
            throws MalformedImage, IOException {
        if (at + 4 > image.sizeBytes()) {
            throw new MalformedImage(what + " at " + at + ": the image ends at " + image.sizeBytes());
        }
        ByteBuffer info = little(image.read(at, 4));
        int found = info.getShort() & 0xFFFF;
        int total = info.getShort() & 0xFFFF;
        if (found != magic) {
            throw new MalformedImage(what + " at " + at + ": begin with 0x" + Integer.toHexString(found)
                    + " (expected: 0x" + Integer.toHexString(magic) + ")");
        }
        if (total < 4 || at + total > image.sizeBytes()) {
            throw new MalformedImage(
                    what + " at " + at + ": " + total + " bytes (expected: 4 to " + (image.sizeBytes() - at) + ")");
        }
        return entries(little(image.read(at + 4, total - 4)), what);
    }

    private static List<Tlv> entries(ByteBuffer bytes, String what) throws MalformedImage {
        List<Tlv> entries = new ArrayList<>();
        while (bytes.hasRemaining()) {
            if (bytes.remaining() < 4) {
                throw new MalformedImage(what + ": " + bytes.remaining() + " bytes after the last entry");
            }
            int type = bytes.getShort() & 0xFFFF;
            int length = bytes.getShort() & 0xFFFF;
            if (length > bytes.remaining()) {
                throw new MalformedImage(what + ": entry 0x" + Integer.toHexString(type) + " of " + length
                        + " bytes (expected: at most " + bytes.remaining() + ")");
            }
            byte[] value = new byte[length];
            bytes.get(value);
            entries.add(new Tlv(type, value));
        }
        return entries;
    }

    private static int sizeOf(List<Tlv> area) {
        return 4 + area.stream().mapToInt(tlv -> 4 + tlv.value().length).sum();
    }

    private static void checkOnce(List<Tlv> protectedTlvs, List<Tlv> tlvs) throws MalformedImage {
        Set<Integer> seen = new TreeSet<>();
        for (List<Tlv> area : List.of(protectedTlvs, tlvs)) {
            for (Tlv tlv : area) {
                if (area == tlvs && ONLY_PROTECTED.contains(tlv.type())) {
                    throw new MalformedImage("TLV 0x" + Integer.toHexString(tlv.type())
                            + " is not protected, so nothing vouches for it");
                }
                if (ONCE.contains(tlv.type()) && !seen.add(tlv.type())) {
                    throw new MalformedImage("TLV 0x" + Integer.toHexString(tlv.type()) + " twice (expected: once)");
                }
            }
        }
    }

    private void checkValues() throws MalformedImage {
        for (Tlv tlv : protectedTlvs) {
            int expected =
                    switch (tlv.type()) {
                        case SECURITY_COUNTER -> 4;
                        case DEPENDENCY -> 12;
                        case VENDOR_ID, CLASS_ID -> 16;
                        default -> tlv.value().length;
                    };
            if (tlv.value().length != expected) {
                throw new MalformedImage("TLV 0x" + Integer.toHexString(tlv.type()) + " of " + tlv.value().length
                        + " bytes (expected: " + expected + ")");
            }
        }
    }

    /** {@code 1.2.3}, with {@code +4} for a build number other than 0. */
    public String version() {
        return version;
    }

    /** Header, payload and protected TLVs: what digest and signature are over. */
    public long signedBytes() {
        return signedBytes;
    }

    /** The payload is encrypted. Digest and signature then are over what it was before. */
    public boolean encrypted() {
        return (flags & ENCRYPTED_FLAGS) != 0
                || tlvs.stream().anyMatch(tlv -> tlv.type() >= FIRST_ENCRYPTION && tlv.type() <= LAST_ENCRYPTION);
    }

    public Optional<Long> securityCounter() {
        return value(protectedTlvs, SECURITY_COUNTER).map(bytes -> little(bytes).getInt() & 0xFFFF_FFFFL);
    }

    public List<Dependency> dependencies() {
        return protectedTlvs.stream()
                .filter(tlv -> tlv.type() == DEPENDENCY)
                .map(tlv -> {
                    ByteBuffer bytes = little(tlv.value());
                    int id = bytes.get() & 0xFF;
                    return new Dependency(id, version(bytes.position(4)));
                })
                .toList();
    }

    public Optional<UUID> vendorId() {
        return value(protectedTlvs, VENDOR_ID).map(NamedUuid::ofBytes);
    }

    public Optional<UUID> classId() {
        return value(protectedTlvs, CLASS_ID).map(NamedUuid::ofBytes);
    }

    /** The digests the image says it has, each over the signed bytes. */
    public List<Digest> digests() {
        List<Digest> digests = new ArrayList<>();
        value(tlvs, SHA256).ifPresent(value -> digests.add(new Digest("SHA-256", value)));
        value(tlvs, SHA384).ifPresent(value -> digests.add(new Digest("SHA-384", value)));
        value(tlvs, SHA512).ifPresent(value -> digests.add(new Digest("SHA-512", value)));
        return digests;
    }

    /** A digest with the name Java has for its algorithm. */
    public record Digest(String algorithm, byte[] value) {}

    /** How an image is signed. */
    public enum Scheme {
        RSA_PSS,
        ECDSA,
        /** Over the digest. */
        ED25519,
        /** Over the signed bytes themselves. */
        ED25519_PURE
    }

    /** A signature as it stands in the image, padding included. */
    public record Signed(Scheme scheme, byte[] value) {}

    /** The signatures, in the order of the TLVs. */
    public List<Signed> signatures() {
        boolean pure = value(tlvs, SIGNED_PURE).isPresent()
                || value(protectedTlvs, SIGNED_PURE).isPresent();
        List<Signed> signatures = new ArrayList<>();
        for (Tlv tlv : tlvs) {
            switch (tlv.type()) {
                case RSA2048_PSS, RSA3072_PSS -> signatures.add(new Signed(Scheme.RSA_PSS, tlv.value()));
                case ECDSA -> signatures.add(new Signed(Scheme.ECDSA, tlv.value()));
                case ED25519 -> signatures.add(new Signed(pure ? Scheme.ED25519_PURE : Scheme.ED25519, tlv.value()));
                default -> {
                    // Keys, digests and vendors' own entries.
                }
            }
        }
        return signatures;
    }

    /** Digest of the public key the image names, or of the one it brings. */
    public Optional<byte[]> keyHash() {
        return value(tlvs, KEY_HASH)
                .or(() -> value(tlvs, PUBLIC_KEY).map(key -> Sha256.of(key).bytes()));
    }

    private static Optional<byte[]> value(List<Tlv> area, int type) {
        return area.stream().filter(tlv -> tlv.type() == type).map(Tlv::value).findFirst();
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
