package wavegate.server.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;

/** Writes the few CoAP datagrams of the load. One object writes one after another. */
final class CoapWriter {
    static final int GET = 1;
    static final int POST = 2;
    static final int DELETE = 4;
    static final int CHANGED = 68;
    static final int CONTENT = 69;
    static final int NOT_FOUND = 132;
    static final int CONTINUE = 95;
    static final int INCOMPLETE = 136;

    private static final int CONFIRMABLE = 0x40;
    private static final int ACKNOWLEDGEMENT = 0x60;
    private static final int URI_PATH = 11;
    private static final int CONTENT_FORMAT = 12;
    private static final int URI_QUERY = 15;
    private static final int BLOCK2 = 23;
    private static final int BLOCK1 = 27;
    private static final int LINK_FORMAT = 40;
    private static final int TLV = 11542;
    private static final byte[] RD = ascii("rd");
    private static final byte[] FIRMWARE = ascii("fw");
    private static final byte[] LIFETIME = ascii("lt=86400");
    private static final byte[] VERSION = ascii("lwm2m=1.1");
    private static final byte[] BINDING = ascii("b=U");

    /** 16 links over 11 objects, as a module with a modem, positioning and a sensor sends them. */
    private static final byte[] LINKS =
            ascii("</>;rt=\"oma.lwm2m\";ct=\"60 110 112 11542 11543\",</1>;ver=1.1,</1/0>,</2>,"
                    + "</3>;ver=1.1,</3/0>,</4>;ver=1.2,</4/0>,</5>;ver=1.0,</5/0>,</6/0>,</7/0>,</9/0>,</10/0>,"
                    + "</3303/0>,</3304/0>");

    private final byte[] buffer = new byte[1024];
    private int size;
    private int lastOption;

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    byte[] register(int mid, int token, String endpoint) {
        begin(CONFIRMABLE, POST, mid, token(token));
        option(URI_PATH, RD);
        number(CONTENT_FORMAT, LINK_FORMAT);
        option(URI_QUERY, ascii("ep=" + endpoint));
        option(URI_QUERY, LIFETIME);
        option(URI_QUERY, VERSION);
        option(URI_QUERY, BINDING);
        payload(LINKS);
        return end();
    }

    /** A Registration Update with POST, a Deregister with DELETE. */
    byte[] onRegistration(int code, int mid, int token, byte[] location) {
        begin(CONFIRMABLE, code, mid, token(token));
        option(URI_PATH, RD);
        option(URI_PATH, location);
        return end();
    }

    /** A piggybacked answer with TLV, or, with no payload, without anything. */
    byte[] answer(int code, int mid, byte[] token, byte[] tlv) {
        begin(ACKNOWLEDGEMENT, code, mid, token);
        if (tlv.length > 0) {
            number(CONTENT_FORMAT, TLV);
            payload(tlv);
        }
        return end();
    }

    /** A GET of one block of {@code /fw/<name>}. */
    byte[] block(int mid, int token, byte[] name, int block2) {
        begin(CONFIRMABLE, GET, mid, token(token));
        option(URI_PATH, FIRMWARE);
        option(URI_PATH, name);
        option(BLOCK2, unsigned(block2));
        return end();
    }

    /** A piggybacked answer to a block of a Write. */
    byte[] blockAnswer(int code, int mid, byte[] token, int block1) {
        begin(ACKNOWLEDGEMENT, code, mid, token);
        option(BLOCK1, unsigned(block1));
        return end();
    }

    private static byte[] unsigned(int value) {
        if (value == 0) {
            return new byte[0];
        }
        if (value < 1 << 8) {
            return new byte[] {(byte) value};
        }
        if (value < 1 << 16) {
            return new byte[] {(byte) (value >> 8), (byte) value};
        }
        return new byte[] {(byte) (value >> 16), (byte) (value >> 8), (byte) value};
    }

    private static byte[] token(int token) {
        return new byte[] {(byte) (token >> 24), (byte) (token >> 16), (byte) (token >> 8), (byte) token};
    }

    private void begin(int type, int code, int mid, byte[] token) {
        size = 0;
        lastOption = 0;
        put(type | token.length);
        put(code);
        put(mid >> 8);
        put(mid);
        put(token);
    }

    private void number(int option, int value) {
        option(option, value < 256 ? new byte[] {(byte) value} : new byte[] {(byte) (value >> 8), (byte) value});
    }

    private void option(int number, byte[] value) {
        int delta = number - lastOption;
        lastOption = number;
        put(Math.min(delta, 13) << 4 | Math.min(value.length, 13));
        extend(delta);
        extend(value.length);
        put(value);
    }

    private void extend(int value) {
        if (value >= 13) {
            put(value - 13);
        }
    }

    private void payload(byte[] payload) {
        put(0xff);
        put(payload);
    }

    private void put(byte[] bytes) {
        System.arraycopy(bytes, 0, buffer, size, bytes.length);
        size += bytes.length;
    }

    private void put(int oneByte) {
        buffer[size++] = (byte) oneByte;
    }

    private byte[] end() {
        return Arrays.copyOf(buffer, size);
    }
}
