package wavegate.server.security;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Token;
import org.eclipse.californium.core.network.serialization.UdpDataSerializer;
import org.eclipse.californium.elements.AddressEndpointContext;

/** What attackers send: well-formed datagrams of every kind a device has, and the same broken. From a seed, so that a failure can be had again. */
final class Datagrams {
    private static final String LINKS =
            "</>;rt=\"oma.lwm2m\";ct=\"60 110 112\",</1/0>,</3/0>,</5>;ver=1.1,</5/0>,</27001/0>";

    private final SplittableRandom random;
    private final List<byte[]> coap = new ArrayList<>();
    private final List<byte[]> dtls = new ArrayList<>();

    Datagrams(long seed) {
        random = new SplittableRandom(seed);
        coap.add(request(
                Code.POST,
                "rd",
                40,
                LINKS.getBytes(StandardCharsets.UTF_8),
                "ep=fuzz-1",
                "lt=300",
                "lwm2m=1.1",
                "b=U"));
        coap.add(request(Code.POST, "rd/AAAAAAAAAAAAAAAA", -1, new byte[0], "lt=300"));
        coap.add(request(Code.DELETE, "rd/AAAAAAAAAAAAAAAA", -1, new byte[0]));
        coap.add(request(
                Code.POST,
                "dp",
                110,
                "[{\"bn\":\"/3/0/\",\"n\":\"9\",\"v\":95},{\"n\":\"13\",\"v\":1}]".getBytes(StandardCharsets.UTF_8)));
        coap.add(request(Code.POST, "dp", 112, hex("82a3216a2f332f302f00396131025f")));
        coap.add(request(Code.POST, "dp", 11542, hex("e309c8095a")));
        coap.add(request(Code.GET, "fw/AAAAAAAAAAAAAAAAAAAAAA", -1, new byte[0]));
        coap.add(request(Code.GET, ".well-known/core", -1, new byte[0]));
        Request block1 = new Request(Code.POST);
        block1.getOptions()
                .setUriPath("rd")
                .addUriQuery("ep=fuzz-2")
                .setContentFormat(40)
                .setBlock1(2, true, 0)
                .setSize1(900);
        block1.setPayload(new byte[64]);
        coap.add(bytes(block1));
        Request block2 = Request.newGet();
        block2.getOptions().setUriPath("fw/AAAAAAAAAAAAAAAAAAAAAA").setBlock2(5, false, 7);
        coap.add(bytes(block2));
        Request observe = Request.newGet();
        observe.setObserve();
        observe.getOptions().setUriPath("rd");
        coap.add(bytes(observe));
        // A notification, an acknowledgement and a reset of somebody who was never asked.
        coap.add(hex("5445123401020304610a2d16ff39"));
        coap.add(hex("60001234"));
        coap.add(hex("70001234"));
        dtls.add(hello(0));
        dtls.add(hello(20));
        dtls.add(record(22, 0, new byte[0], hex("100000120001000000000012000a69642d3130303030303100")));
        dtls.add(record(20, 0, new byte[0], new byte[] {1}));
        dtls.add(record(22, 1, new byte[0], new byte[40]));
        dtls.add(record(23, 1, new byte[0], new byte[60]));
        dtls.add(record(25, 1, new byte[6], new byte[60]));
        dtls.add(record(21, 0, new byte[0], new byte[] {2, 40}));
    }

    private static byte[] request(Code code, String path, int format, byte[] payload, String... queries) {
        Request request = new Request(code);
        request.getOptions().setUriPath(path);
        for (String query : queries) {
            request.getOptions().addUriQuery(query);
        }
        if (format >= 0) {
            request.getOptions().setContentFormat(format);
            request.setPayload(payload);
        }
        return bytes(request);
    }

    private static byte[] bytes(Request request) {
        request.setConfirmable(true);
        request.setMID(1);
        request.setToken(new Token(new byte[] {1, 2, 3, 4}));
        request.setDestinationContext(new AddressEndpointContext("127.0.0.1", 5683));
        return new UdpDataSerializer().getByteArray(request);
    }

    private static byte[] hex(String text) {
        return java.util.HexFormat.of().parseHex(text.length() % 2 == 0 ? text : text + "0");
    }

    static byte[] record(int type, int epoch, byte[] id, byte[] body) {
        ByteBuffer record = ByteBuffer.allocate(13 + id.length + body.length);
        record.put((byte) type).put((byte) 0xfe).put((byte) 0xfd).putShort((short) epoch);
        return record.put(new byte[6])
                .put(id)
                .putShort((short) body.length)
                .put(body)
                .array();
    }

    /** With a random of zeros, to be filled in. */
    static byte[] hello(int cookie) {
        ByteBuffer body = ByteBuffer.allocate(2 + 32 + 1 + 1 + cookie + 2 + 4 + 2);
        body.put((byte) 0xfe)
                .put((byte) 0xfd)
                .put(new byte[32])
                .put((byte) 0)
                .put((byte) cookie)
                .put(new byte[cookie]);
        body.putShort((short) 4).putInt(0xc0a8c0a4).put((byte) 1).put((byte) 0);
        ByteBuffer message = ByteBuffer.allocate(12 + body.capacity());
        message.put((byte) 1).put((byte) 0).putShort((short) body.capacity()).putShort((short) (cookie > 0 ? 1 : 0));
        message.put(new byte[3]).put((byte) 0).putShort((short) body.capacity()).put(body.array());
        return record(22, 0, new byte[0], message.array());
    }

    byte[] mutatedCoap() {
        return mutated(withNewId(coap.get(random.nextInt(coap.size()))));
    }

    byte[] mutatedDtls() {
        return mutated(dtls.get(random.nextInt(dtls.size())));
    }

    /** A well-formed request that costs the server something: a Register under a new name, the first block of a large one, a read. */
    byte[] hostileCoap() {
        int kind = random.nextInt(10);
        if (kind == 0) {
            return request(
                    Code.POST,
                    "rd",
                    40,
                    LINKS.getBytes(StandardCharsets.UTF_8),
                    "ep=x" + String.format(java.util.Locale.ROOT, "%08x", random.nextInt()),
                    "lt=86400",
                    "lwm2m=1.1",
                    "b=U");
        } else if (kind <= 2) {
            return withNewId(coap.get(8));
        } else if (kind <= 5) {
            return withNewId(coap.get(random.nextInt(coap.size())));
        } else if (kind <= 7) {
            return mutatedCoap();
        } else if (kind == 8) {
            return withNewId(hex("40000000"));
        }
        return noise();
    }

    byte[] hostileDtls() {
        int kind = random.nextInt(10);
        if (kind <= 3) {
            return withNewRandom(hello(0));
        } else if (kind <= 5) {
            return withNewRandom(hello(20));
        } else if (kind <= 7) {
            byte[] record = dtls.get(2 + random.nextInt(dtls.size() - 2)).clone();
            fill(record, 11, record.length);
            return record;
        } else if (kind == 8) {
            return mutatedDtls();
        }
        return noise();
    }

    private byte[] noise() {
        byte[] noise = new byte[random.nextInt(1, 200)];
        fill(noise, 0, noise.length);
        return noise;
    }

    private byte[] withNewId(byte[] datagram) {
        byte[] copy = datagram.clone();
        fill(copy, 2, 4);
        return copy;
    }

    private byte[] withNewRandom(byte[] hello) {
        fill(hello, 27, 59);
        if (hello[60] > 0) {
            fill(hello, 61, 61 + hello[60]);
        }
        return hello;
    }

    private void fill(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            bytes[i] = (byte) random.nextInt();
        }
    }

    private byte[] mutated(byte[] whole) {
        byte[] bytes = whole.clone();
        int changes = random.nextInt(1, 5);
        for (int i = 0; i < changes && bytes.length > 0; i++) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt();
                case 2 -> bytes[at] = (byte) (random.nextBoolean() ? 0xff : 0);
                case 3 -> bytes = java.util.Arrays.copyOf(bytes, at);
                case 4 -> bytes = spliced(bytes, at, at + random.nextInt(bytes.length - at));
                default -> bytes = java.util.Arrays.copyOf(bytes, Math.min(1400, bytes.length + random.nextInt(1, 64)));
            }
        }
        return bytes.length == 0 ? new byte[1] : bytes;
    }

    /** A piece said twice. */
    private static byte[] spliced(byte[] bytes, int from, int to) {
        ByteBuffer longer = ByteBuffer.allocate(bytes.length + to - from);
        return longer.put(bytes, 0, to).put(bytes, from, bytes.length - from).array();
    }
}
