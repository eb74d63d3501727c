package wavegate.sim.coap;

import java.util.Optional;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAPMessageFormatException;
import org.eclipse.californium.core.coap.EmptyMessage;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.coap.Token;
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
        if (message.getToken() == null) {
            // Californium's empty messages carry none, and its serializer falls over that.
            message.setToken(Token.EMPTY);
        }
        return SERIALIZER.getByteArray(message);
    }

    public static Decoded decode(byte[] datagram) {
        try {
            return new Decoded(Optional.of(PARSER.parseMessage(datagram)), Optional.empty());
        } catch (CoAPMessageFormatException e) {
            return new Decoded(Optional.empty(), rejectionOf(e));
        } catch (RuntimeException e) {
            // Besides its own exception the parser throws whatever its value types do on nonsense from the network.
            return new Decoded(Optional.empty(), resetOf(datagram));
        }
    }

    private static Optional<Message> resetOf(byte[] datagram) {
        boolean confirmable = datagram.length >= 4 && (datagram[0] & 0xf0) == 0x40;
        int mid = confirmable ? ((datagram[2] & 0xff) << 8) | (datagram[3] & 0xff) : 0;
        return confirmable ? Optional.of(new EmptyMessage(CoAP.Type.RST).setMID(mid)) : Optional.empty();
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
        response.setToken(e.getToken() == null ? Token.EMPTY : e.getToken());
        return Optional.of(response);
    }
}
