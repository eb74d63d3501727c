package wavegate.server.delivery;

import java.net.InetSocketAddress;
import org.eclipse.californium.core.coap.MessageObserverAdapter;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.AddressEndpointContext;
import org.eclipse.californium.elements.DtlsEndpointContext;
import org.eclipse.californium.elements.EndpointContext;
import org.eclipse.californium.elements.MapBasedEndpointContext;
import org.eclipse.californium.elements.MapBasedEndpointContext.Attributes;
import org.eclipse.californium.elements.auth.PreSharedKeyIdentity;
import org.eclipse.californium.elements.exception.EndpointUnconnectedException;
import org.eclipse.californium.elements.util.Bytes;
import org.eclipse.californium.scandium.dtls.DtlsHandshakeTimeoutException;
import org.eclipse.leshan.core.peer.LwM2mIdentity;
import org.eclipse.leshan.core.peer.OscoreIdentity;
import org.eclipse.leshan.core.peer.PskIdentity;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.californium.endpoint.CaliforniumServerEndpoint;
import org.eclipse.leshan.server.endpoint.LwM2mServerEndpoint;
import org.eclipse.leshan.server.registration.Registration;
import wavegate.firmware.update.UpdateSignal.LinkFailed.Why;

/** Puts a request on the way to a registered device and says how it ended. Any thread; replies come on CoAP protocol threads. */
final class Wire {
    /** How a request ended; one of the two is called, once. */
    interface Reply {
        void answered(Response response);

        void failed(Why why);
    }

    private final LeshanServer server;

    Wire(LeshanServer server) {
        this.server = server;
    }

    /** Whether devices of this registration have proved who they are. */
    static boolean secure(Registration registration) {
        return registration.getClientTransportData().getIdentity().isSecure();
    }

    /** Whether they are spoken to by OSCORE: such devices are not observed, and fetch nothing. */
    static boolean byOscore(Registration registration) {
        return registration.getClientTransportData().getIdentity() instanceof OscoreIdentity;
    }

    void send(Registration to, DeviceRequest request, Reply reply) {
        for (LwM2mServerEndpoint endpoint : server.getEndpoints()) {
            if (endpoint.getURI().equals(to.getLastEndpointUsed())
                    && endpoint instanceof CaliforniumServerEndpoint californium) {
                send(californium.getCoapEndpoint(), to, request, reply);
                return;
            }
        }
        reply.failed(Why.BROKEN);
    }

    private static void send(CoapEndpoint endpoint, Registration to, DeviceRequest request, Reply reply) {
        request.setDestinationContext(contextOf(to));
        if (byOscore(to)) {
            request.getOptions().setOscore(Bytes.EMPTY);
        }
        request.addMessageObserver(new Ending(reply));
        endpoint.sendRequest(request);
    }

    private static EndpointContext contextOf(Registration registration) {
        InetSocketAddress address = registration.getSocketAddress();
        LwM2mIdentity identity = registration.getClientTransportData().getIdentity();
        if (!(identity instanceof PskIdentity psk)) {
            return new AddressEndpointContext(address);
        }
        PreSharedKeyIdentity principal = new PreSharedKeyIdentity(psk.getPskIdentity());
        if (!registration.canInitiateConnection()) {
            return new AddressEndpointContext(address, principal);
        }
        return new MapBasedEndpointContext(
                address,
                principal,
                new Attributes().add(DtlsEndpointContext.KEY_HANDSHAKE_MODE, DtlsEndpointContext.HANDSHAKE_MODE_AUTO));
    }

    private static final class Ending extends MessageObserverAdapter {
        private final Reply reply;

        Ending(Reply reply) {
            this.reply = reply;
        }

        @Override
        public void onResponse(Response response) {
            reply.answered(response);
        }

        @Override
        public void onTimeout() {
            reply.failed(Why.TIMEOUT);
        }

        @Override
        public void onReject() {
            reply.failed(Why.BROKEN);
        }

        @Override
        public void onCancel() {
            reply.failed(Why.BROKEN);
        }

        @Override
        public void onSendError(Throwable error) {
            if (error instanceof DeliveryStack.Fenced fenced) {
                reply.failed(fenced.sentBefore() ? Why.BROKEN : Why.FENCED);
            } else if (error instanceof EndpointUnconnectedException) {
                reply.failed(Why.ASLEEP);
            } else if (error instanceof DtlsHandshakeTimeoutException) {
                reply.failed(Why.TIMEOUT);
            } else {
                reply.failed(Why.BROKEN);
            }
        }

        @Override
        public void onResponseHandlingError(Throwable cause) {
            reply.failed(Why.BROKEN);
        }
    }
}
