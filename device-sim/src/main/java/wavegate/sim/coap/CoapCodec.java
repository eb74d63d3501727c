package wavegate.sim.coap;

import java.util.Optional;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAPMessageFormatException;
import org.eclipse.californium.core.coap.EmptyMessage;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.MessageFormatException;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.network.serialization.DataParser;
import org.eclipse.californium.core.network.serialization.DataSerializer;
import org.eclipse.californium.core.network.serialization.UdpDataParser;
import org.eclipse.californium.core.network.serialization.UdpDataSerializer;

/** CoAP messages to and from datagrams. Stateless. */
public final class CoapCodec {
    private static final DataParser PARSER = new UdpDataParser();
    private static final DataSerializer SERIALIZER = new UdpDataSerializer();

    private CoapCodec() {}

    /** What a datagram holds: a message, or, where it is malformed, the answer its sender is owed. */
    public record Decoded(Optional<Message> message, Optional<Message> reject) {}

    public static byte[] encode(Message message) {
        return SERIALIZER.getByteArray(message);
    }

    public static Decoded decode(byte[] datagram) {
        try {
            return new Decoded(Optional.of(PARSER.parseMessage(datagram)), Optional.empty());
        } catch (CoAPMessageFormatException e) {
            return new Decoded(Optional.empty(), rejectionOf(e));
        } catch (MessageFormatException | IllegalArgumentException e) {
            return new Decoded(Optional.empty(), Optional.empty());
        }
    }

    private static Optional<Message> rejectionOf(CoAPMessageFormatException e) {
        if (!e.hasMid() || !e.isConfirmable()) {
            return Optional.empty();
        }
        boolean request = e.getCode() > 0 && e.getCode() < 32;
        if (!request) {
            return Optional.of(new EmptyMessage(CoAP.Type.RST).setMID(e.getMid()));
        }
        Response response = new Response(e.getErrorCode());
        response.setType(CoAP.Type.ACK).setMID(e.getMid());
        response.setToken(e.getToken());
        return Optional.of(response);
    }
}
