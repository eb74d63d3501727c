package wavegate.sim.device;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** An object instance as a bootstrap server wrote it: its resources in TLV. Compared by value; shows no content, which may be a key. */
record ObjectInstance(int object, int id, byte[] tlv) {
    private Optional<TlvReader.Entry> entry(int resource) {
        return TlvReader.entries(tlv, 0, tlv.length).orElse(List.of()).stream()
                .filter(entry -> entry.type() == TlvReader.TYPE_RESOURCE && entry.id() == resource)
                .findFirst();
    }

    byte[] bytes(int resource) {
        return entry(resource)
                .map(entry -> Arrays.copyOfRange(tlv, entry.from(), entry.end()))
                .orElse(new byte[0]);
    }

    String text(int resource) {
        return new String(bytes(resource), StandardCharsets.UTF_8);
    }

    /** A signed number of up to eight bytes; {@code absent} where there is none. */
    long whole(int resource, long absent) {
        byte[] bytes = bytes(resource);
        if (bytes.length == 0 || bytes.length > 8) {
            return absent;
        }
        long value = bytes[0];
        for (int i = 1; i < bytes.length; i++) {
            value = value << 8 | (bytes[i] & 0xff);
        }
        return value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ObjectInstance that
                && object == that.object
                && id == that.id
                && Arrays.equals(tlv, that.tlv);
    }

    @Override
    public int hashCode() {
        return (object * 31 + id) * 31 + Arrays.hashCode(tlv);
    }

    @Override
    public String toString() {
        return "/" + object + "/" + id;
    }
}
