package wavegate.firmware.pkg;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * Vendor and class identifiers of images: version 5 UUIDs, the vendor's from its name in the DNS name space, the class's from the model in the
 * vendor's. Sources: RFC 4122 4.3, SUIT manifest 8.4.8, MCUboot {@code imgtool --vid --cid}.
 */
public final class NamedUuid {
    private static final UUID DNS = UUID.fromString("6ba7b810-9dad-11d1-80b4-00c04fd430c8");

    private NamedUuid() {}

    public static UUID ofVendor(String manufacturer) {
        return of(DNS, manufacturer);
    }

    public static UUID ofClass(UUID vendor, String model) {
        return of(vendor, model);
    }

    /** Whether a text is this identifier, spelled out, or gives it as a name in the name space. */
    static boolean names(String text, UUID namespace, UUID id) {
        return text.toLowerCase(Locale.ROOT).equals(id.toString())
                || of(namespace, text).equals(id);
    }

    /** Whether a manifest's manufacturer and model are those of an image's identifiers. An identifier that the image lacks asks nothing. */
    public static boolean match(Manifest manifest, Optional<UUID> vendor, Optional<UUID> classId) {
        UUID namespace = vendor.orElseGet(() -> ofVendor(manifest.manufacturer()));
        return vendor.map(id -> names(manifest.manufacturer(), DNS, id)).orElse(true)
                && classId.map(id -> names(manifest.model(), namespace, id)).orElse(true);
    }

    public static UUID ofBytes(byte[] sixteen) {
        ByteBuffer bytes = ByteBuffer.wrap(sixteen);
        return new UUID(bytes.getLong(), bytes.getLong());
    }

    private static UUID of(UUID namespace, String name) {
        ByteBuffer bytes = ByteBuffer.allocate(16)
                .putLong(namespace.getMostSignificantBits())
                .putLong(namespace.getLeastSignificantBits());
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update(bytes.array());
            byte[] hash = sha1.digest(name.getBytes(UTF_8));
            hash[6] = (byte) ((hash[6] & 0x0F) | 0x50);
            hash[8] = (byte) ((hash[8] & 0x3F) | 0x80);
            ByteBuffer half = ByteBuffer.wrap(hash);
            return new UUID(half.getLong(), half.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
