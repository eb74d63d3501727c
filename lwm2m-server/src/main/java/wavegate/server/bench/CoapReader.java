package wavegate.server.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** The parts of a CoAP datagram that matter to the load. One object reads one after another. */
final class CoapReader {
    private static final int LOCATION_PATH = 8;
    private static final int URI_PATH = 11;
    private static final int BLOCK2 = 23;
    private static final int BLOCK1 = 27;

    private byte[] bytes = new byte[0];
    private int at;
    private int tokenLength;
    private int code;
    private int block1;
    private int block2;
    private byte[] location = new byte[0];
    private final StringBuilder path = new StringBuilder();

    /** Whether it is one whole CoAP message. */
    boolean read(byte[] datagram) {
        bytes = datagram;
        location = new byte[0];
        path.setLength(0);
        block1 = -1;
        block2 = -1;
        tokenLength = datagram.length < 4 ? 0 : datagram[0] & 0x0f;
        if (datagram.length < 4 + tokenLength || (datagram[0] & 0xc0) != 0x40 || tokenLength > 8) {
            return false;
        }
        code = datagram[1] & 0xff;
        at = 4 + tokenLength;
        return readOptions();
    }

    private boolean readOptions() {
        int number = 0;
        while (at < bytes.length && bytes[at] != (byte) 0xff) {
            int head = bytes[at++] & 0xff;
            int delta = extended(head >> 4);
            int length = extended(head & 0x0f);
            if (delta < 0 || length < 0 || at + length > bytes.length) {
                return false;
            }
            number += delta;
            if (number == LOCATION_PATH) {
                location = Arrays.copyOfRange(bytes, at, at + length);
            } else if (number == URI_PATH) {
                path.append('/').append(new String(bytes, at, length, US_ASCII));
            } else if (number == BLOCK1) {
                block1 = unsigned(length);
            } else if (number == BLOCK2) {
                block2 = unsigned(length);
            }
            at += length;
        }
        return true;
    }

    private int unsigned(int length) {
        int value = 0;
        for (int i = at; i < at + Math.min(length, 3); i++) {
            value = value << 8 | (bytes[i] & 0xff);
        }
        return value;
    }

    private int extended(int nibble) {
        if (nibble == 13 && at < bytes.length) {
            return 13 + (bytes[at++] & 0xff);
        }
        if (nibble == 14 && at + 1 < bytes.length) {
            int value = 269 + (((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff));
            at += 2;
            return value;
        }
        return nibble < 13 ? nibble : -1;
    }

    boolean isRequest() {
        return code >= 1 && code < 32;
    }

    boolean isResponse() {
        return code >= 64;
    }

    boolean isConfirmable() {
        return (bytes[0] & 0x30) == 0;
    }

    boolean isSuccess() {
        return code >> 5 == 2;
    }

    int code() {
        return code;
    }

    int mid() {
        return ((bytes[2] & 0xff) << 8) | (bytes[3] & 0xff);
    }

    byte[] token() {
        return Arrays.copyOfRange(bytes, 4, 4 + tokenLength);
    }

    /** A token of {@link CoapWriter}; -1 for any other. */
    int ownToken() {
        return tokenLength == 4 ? ByteBuffer.wrap(bytes, 4, 4).getInt() : -1;
    }

    /** The last Location-Path; empty if there is none. */
    byte[] location() {
        return location;
    }

    /** Number, more and size exponent as Block1 packs them; -1 without the option. */
    int block1() {
        return block1;
    }

    /** Like {@link #block1}. */
    int block2() {
        return block2;
    }

    /** Where the payload begins; the length of the datagram if there is none. */
    int payloadAt() {
        return at < bytes.length ? at + 1 : at;
    }

    /** The Uri-Path, like {@code /3/0}. */
    String path() {
        return path.toString();
    }
}
