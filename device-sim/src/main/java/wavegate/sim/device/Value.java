package wavegate.sim.device;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** The value of a resource, in the encodings the device speaks. */
sealed interface Value {
    String text();

    byte[] tlv();

    void cbor(CborWriter out);

    record Text(String value) implements Value {
        @Override
        public String text() {
            return value;
        }

        @Override
        public byte[] tlv() {
            return value.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public void cbor(CborWriter out) {
            out.whole(SenmlCbor.STRING_VALUE);
            out.text(value);
        }
    }

    record Whole(long value) implements Value {
        @Override
        public String text() {
            return Long.toString(value);
        }

        @Override
        public byte[] tlv() {
            if (value == (byte) value) {
                return new byte[] {(byte) value};
            }
            if (value == (short) value) {
                return ByteBuffer.allocate(2).putShort((short) value).array();
            }
            if (value == (int) value) {
                return ByteBuffer.allocate(4).putInt((int) value).array();
            }
            return ByteBuffer.allocate(8).putLong(value).array();
        }

        @Override
        public void cbor(CborWriter out) {
            out.whole(SenmlCbor.VALUE);
            out.whole(value);
        }
    }

    record Decimal(double value) implements Value {
        @Override
        public String text() {
            return Double.toString(value);
        }

        @Override
        public byte[] tlv() {
            return ByteBuffer.allocate(8).putDouble(value).array();
        }

        @Override
        public void cbor(CborWriter out) {
            out.whole(SenmlCbor.VALUE);
            out.decimal(value);
        }
    }

    record Flag(boolean value) implements Value {
        @Override
        public String text() {
            return value ? "1" : "0";
        }

        @Override
        public byte[] tlv() {
            return new byte[] {(byte) (value ? 1 : 0)};
        }

        @Override
        public void cbor(CborWriter out) {
            out.whole(SenmlCbor.BOOLEAN_VALUE);
            out.flag(value);
        }
    }

    /** A link to an object's instance. */
    record Link(int object, int instance) implements Value {
        @Override
        public String text() {
            return object + ":" + instance;
        }

        @Override
        public byte[] tlv() {
            return ByteBuffer.allocate(4)
                    .putShort((short) object)
                    .putShort((short) instance)
                    .array();
        }

        @Override
        public void cbor(CborWriter out) {
            out.text(SenmlCbor.LINK_VALUE);
            out.text(text());
        }
    }

    /** A multiple-instance resource: instances 0, 1, ... */
    record Many(List<? extends Value> instances) implements Value {
        static Many of(long... values) {
            return new Many(Arrays.stream(values).mapToObj(Whole::new).toList());
        }

        static Many links(int object, List<Integer> linked) {
            return new Many(
                    linked.stream().map(instance -> new Link(object, instance)).toList());
        }

        @Override
        public String text() {
            throw new IllegalStateException("a multiple resource has no plain text");
        }

        @Override
        public byte[] tlv() {
            TlvWriter out = new TlvWriter();
            for (int i = 0; i < instances.size(); i++) {
                out.resourceInstance(i, instances.get(i).tlv());
            }
            return out.bytes();
        }

        @Override
        public void cbor(CborWriter out) {
            throw new IllegalStateException("a multiple resource is one record per instance");
        }
    }
}
