package wavegate.server.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;

/**
 * What a device of the load answers when a server speaks to it: who it is, an idle Firmware Update object, and yes to every order. It never
 * fetches what it is told to fetch, so that a campaign stays under way.
 */
final class DeviceAnswers {
    static final String MANUFACTURER = "Wavegate";
    static final String MODEL = "load";
    static final String HARDWARE = "A";
    private static final byte[] NOTHING = new byte[0];

    private final byte[] device = new Tlv()
            .text(0, MANUFACTURER)
            .text(1, MODEL)
            .text(3, "1.0.0")
            .number(9, 90)
            .text(18, HARDWARE)
            .bytes();
    private final byte[] firmwareUpdate =
            new Tlv().number(3, 0).number(5, 0).number(9, 2).bytes();

    byte[] answer(CoapReader request, CoapWriter writer) {
        if (request.code() != CoapWriter.GET) {
            return writer.answer(CoapWriter.CHANGED, request.mid(), request.token(), NOTHING);
        }
        return switch (request.path()) {
            case "/3/0" -> writer.answer(CoapWriter.CONTENT, request.mid(), request.token(), device);
            case "/5/0" -> writer.answer(CoapWriter.CONTENT, request.mid(), request.token(), firmwareUpdate);
            default -> writer.answer(CoapWriter.NOT_FOUND, request.mid(), request.token(), NOTHING);
        };
    }

    /** Resources with ids below 256 and values below 256 bytes. */
    private static final class Tlv {
        private static final int RESOURCE = 0xc0;
        private static final int LENGTH_BYTE = 0x08;

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Tlv text(int id, String value) {
            byte[] bytes = value.getBytes(US_ASCII);
            if (bytes.length < 8) {
                out.write(RESOURCE | bytes.length);
                out.write(id);
            } else {
                out.write(RESOURCE | LENGTH_BYTE);
                out.write(id);
                out.write(bytes.length);
            }
            out.writeBytes(bytes);
            return this;
        }

        Tlv number(int id, int value) {
            out.write(RESOURCE | 1);
            out.write(id);
            out.write(value);
            return this;
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
