package wavegate.server.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.coap.Token;
import org.eclipse.californium.core.network.serialization.UdpDataParser;
import org.eclipse.californium.core.network.serialization.UdpDataSerializer;
import org.eclipse.californium.elements.AddressEndpointContext;
import org.junit.jupiter.api.Test;

/** Californium is the other side. */
class DatagramTest {
    private final CoapWriter writer = new CoapWriter();
    private final CoapReader reader = new CoapReader();

    private static Message parsed(byte[] datagram) {
        return new UdpDataParser().parseMessage(datagram);
    }

    private static byte[] serialized(Message message) {
        message.setDestinationContext(
                new AddressEndpointContext(new InetSocketAddress(InetAddress.getLoopbackAddress(), 5683)));
        return new UdpDataSerializer().getByteArray(message);
    }

    @Test
    void a_register_is_one_with_16_links_in_about_250_bytes() {
        byte[] datagram = writer.register(0xfedc, 77, "urn:imei:350000000000077");

        Request request = (Request) parsed(datagram);
        assertThat(datagram).hasSizeBetween(230, 270);
        assertThat(request.isConfirmable()).isTrue();
        assertThat(request.getMID()).isEqualTo(0xfedc);
        assertThat(request.getOptions().getUriPathString()).isEqualTo("rd");
        assertThat(request.getOptions().getUriQuery())
                .containsExactly("ep=urn:imei:350000000000077", "lt=86400", "lwm2m=1.1", "b=U");
        assertThat(request.getOptions().getContentFormat()).isEqualTo(40);
        assertThat(request.getPayloadString().split(",")).hasSize(16);
    }

    @Test
    void an_update_and_a_deregister_name_the_registration() {
        Request update =
                (Request) parsed(writer.onRegistration(CoapWriter.POST, 1, 2, "abcdefghijklmnop".getBytes(US_ASCII)));
        Request deregister = (Request) parsed(writer.onRegistration(CoapWriter.DELETE, 1, 2, "x".getBytes(US_ASCII)));

        assertThat(update.getCode()).isEqualTo(CoAP.Code.POST);
        assertThat(update.getOptions().getUriPathString()).isEqualTo("rd/abcdefghijklmnop");
        assertThat(deregister.getCode()).isEqualTo(CoAP.Code.DELETE);
        assertThat(deregister.getOptions().getUriPathString()).isEqualTo("rd/x");
    }

    @Test
    void the_location_of_a_created_registration_is_read() {
        Response created = new Response(ResponseCode.CREATED);
        created.setType(CoAP.Type.ACK);
        created.setMID(4711);
        created.setToken(new Token(new byte[] {0, 1, 2, 3}));
        created.getOptions().addLocationPath("rd").addLocationPath("A1b2C3d4E5f6G7h8");

        assertThat(reader.read(serialized(created))).isTrue();

        assertThat(reader.isResponse()).isTrue();
        assertThat(reader.isSuccess()).isTrue();
        assertThat(reader.mid()).isEqualTo(4711);
        assertThat(reader.ownToken()).isEqualTo(0x010203);
        assertThat(reader.location()).asString(US_ASCII).isEqualTo("A1b2C3d4E5f6G7h8");
    }

    @Test
    void a_server_that_reads_the_device_object_is_answered() {
        Request read = Request.newGet();
        read.setType(CoAP.Type.CON);
        read.setMID(9);
        read.setToken(new Token(new byte[] {5, 6}));
        read.getOptions().addUriPath("3").addUriPath("0");
        assertThat(reader.read(serialized(read))).isTrue();

        Response answer = (Response) parsed(new DeviceAnswers().answer(reader, writer));

        assertThat(reader.isRequest()).isTrue();
        assertThat(answer.getCode()).isEqualTo(ResponseCode.CONTENT);
        assertThat(answer.getMID()).isEqualTo(9);
        assertThat(answer.getToken()).isEqualTo(new Token(new byte[] {5, 6}));
        assertThat(answer.getPayloadString()).contains(DeviceAnswers.MANUFACTURER, DeviceAnswers.MODEL);
    }

    @Test
    void what_is_cut_off_is_not_read() {
        byte[] whole = writer.register(1, 2, "urn:imei:350000000000077");

        assertThat(reader.read(java.util.Arrays.copyOf(whole, 3))).isFalse();
        assertThat(reader.read(java.util.Arrays.copyOf(whole, 12))).isFalse();
    }
}
