package wavegate.server.registration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.eclipse.leshan.core.link.LinkParseException;
import org.eclipse.leshan.core.model.LwM2mModel;
import org.eclipse.leshan.core.model.StaticModel;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.codec.CodecException;
import org.eclipse.leshan.core.node.codec.DefaultLwM2mDecoder;
import org.eclipse.leshan.core.request.ContentFormat;
import org.junit.jupiter.api.Test;

/** No bytes of a device make a decoder fail in another way than the one that is answered 4.00. */
class StrictDecoderTest {
    private static final int PAYLOADS = Boolean.getBoolean("wavegate.test.full") ? 200_000 : 10_000;

    private final StrictDecoder decoder = new StrictDecoder(new DefaultLwM2mDecoder());
    private final LwM2mModel model = new StaticModel(ObjectModels.builtIn().all());
    private final Random random = new Random(11);

    private static List<byte[]> corpus() {
        List<byte[]> seeds = new ArrayList<>();
        for (String text : List.of(
                "[{\"bn\":\"/3/0/\",\"bt\":1.5e9,\"n\":\"9\",\"v\":95},{\"n\":\"13\",\"v\":1e3},{\"n\":\"0\",\"vs\":\"x\"}]",
                "[{\"bn\":\"/5/0/\",\"n\":\"0\",\"vd\":\"AAEC\"},{\"n\":\"2\",\"vb\":true},{\"n\":\"1\",\"vlo\":\"1:2\"}]",
                "{\"bn\":\"/3/0/\",\"e\":[{\"n\":\"9\",\"v\":95},{\"n\":\"0\",\"sv\":\"x\"}]}",
                "[".repeat(5_000),
                "[{\"v\":1e999999999}]",
                "9223372036854775808",
                "-1.7e308")) {
            seeds.add(text.getBytes(StandardCharsets.UTF_8));
        }
        for (String hex : List.of(
                "e309c8095a",
                "08000ec80014496e64757374726961",
                "c800144f70656e204d6f62696c65",
                "82a3216a2f332f302f00396131025f",
                "8fc5fffffffff0",
                "9b7fffffffffffffff",
                "c2490100000000000000000000",
                "d81cd81cd81cd81c00",
                "00",
                "ff",
                "1bffffffffffffffff")) {
            seeds.add(java.util.HexFormat.of().parseHex(hex.length() % 2 == 0 ? hex : hex + "0"));
        }
        byte[] deep = new byte[4_000];
        Arrays.fill(deep, (byte) 0x81);
        seeds.add(deep);
        return seeds;
    }

    private byte[] mutated(byte[] seed) {
        byte[] bytes = seed.clone();
        for (int changes = random.nextInt(4); changes > 0 && bytes.length > 0; changes--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt();
                case 2 -> bytes = Arrays.copyOf(bytes, at);
                default -> bytes = Arrays.copyOf(bytes, bytes.length + random.nextInt(16));
            }
        }
        return bytes;
    }

    @Test
    void mutated_payloads_of_every_format_decode_or_are_refused() {
        List<byte[]> seeds = corpus();
        List<ContentFormat> formats = new ArrayList<>(decoder.getSupportedContentFormat());
        List<String> paths = List.of("/3/0", "/3/0/9", "/5/0", "/5/0/0", "/3", "/1/0/99", "/27001/0/1");
        int decoded = 0;
        int refused = 0;
        for (int i = 0; i < PAYLOADS; i++) {
            byte[] payload = mutated(seeds.get(random.nextInt(seeds.size())));
            ContentFormat format = formats.get(random.nextInt(formats.size()));
            try {
                switch (random.nextInt(3)) {
                    case 0 -> decoder.decodeTimestampedNodes(payload, format, null, model);
                    case 1 ->
                        decoder.decode(payload, format, new LwM2mPath(paths.get(random.nextInt(paths.size()))), model);
                    default ->
                        decoder.decodeTimestampedData(
                                payload, format, new LwM2mPath(paths.get(random.nextInt(paths.size()))), model);
                }
                decoded++;
            } catch (CodecException e) {
                refused++;
            }
        }
        System.out.printf("payloads decoded=%d refused=%d other=0%n", decoded, refused);
        assertThat(decoded).isPositive();
        assertThat(refused).isGreaterThan(PAYLOADS / 10);
    }

    @Test
    void mutated_lists_of_links_are_parsed_or_refused_without_being_quoted() {
        InterningLinkParser parser = new InterningLinkParser(64);
        List<byte[]> seeds = new ArrayList<>();
        for (String text : List.of(
                "</>;rt=\"oma.lwm2m\";ct=\"60 110 112\",</1/0>,</3/0>,</5>;ver=1.1,</5/0>",
                "</3/0/9>;pmin=10;pmax=60;gt=5.5",
                "</lwm2m>;rt=\"oma.lwm2m\",</lwm2m/3/0>",
                "</" + "9".repeat(500) + ">",
                "<" + "/1".repeat(2_000) + ">",
                "<>;".repeat(500))) {
            seeds.add(text.getBytes(StandardCharsets.UTF_8));
        }
        int refused = 0;
        for (int i = 0; i < PAYLOADS; i++) {
            byte[] payload = mutated(seeds.get(random.nextInt(seeds.size())));
            try {
                parser.parseCoreLinkFormat(payload);
            } catch (LinkParseException e) {
                refused++;
                assertThat(String.valueOf(e.getMessage()).length()).isLessThan(60);
            }
        }
        System.out.printf("links refused=%d of %d%n", refused, PAYLOADS);
        assertThat(refused).isGreaterThan(PAYLOADS / 10);
    }
}
