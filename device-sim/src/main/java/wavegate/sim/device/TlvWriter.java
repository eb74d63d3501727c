package wavegate.sim.device;

import java.io.ByteArrayOutputStream;

/** OMA TLV, content format 11542. */
final class TlvWriter {
    static final int CONTENT_FORMAT = 11542;

    private static final int OBJECT_INSTANCE = 0b00;
    private static final int RESOURCE_INSTANCE = 0b01;
    private static final int MULTIPLE_RESOURCE = 0b10;
    private static final int RESOURCE = 0b11;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(64);

    void instance(int id, byte[] resources) {
        entry(OBJECT_INSTANCE, id, resources);
    }

    void resource(int id, Value value) {
        entry(value instanceof Value.Many ? MULTIPLE_RESOURCE : RESOURCE, id, value.tlv());
    }

    void resourceInstance(int id, byte[] value) {
        entry(RESOURCE_INSTANCE, id, value);
    }

    private void entry(int type, int id, byte[] value) {
        int lengthBytes = value.length < 8 ? 0 : value.length < 256 ? 1 : value.length < 65_536 ? 2 : 3;
        out.write(type << 6 | (id > 255 ? 1 << 5 : 0) | lengthBytes << 3 | (lengthBytes == 0 ? value.length : 0));
        if (id > 255) {
            out.write(id >> 8);
        }
        out.write(id);
        for (int i = lengthBytes - 1; i >= 0; i--) {
            out.write(value.length >> (8 * i));
        }
        out.writeBytes(value);
    }

    byte[] bytes() {
        return out.toByteArray();
    }
}
