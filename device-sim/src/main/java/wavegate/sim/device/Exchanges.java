package wavegate.sim.device;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.EmptyMessage;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.coap.Token;

/** The confirmable messages a device has sent and not yet seen answered: retransmission with back-off and jitter, separate responses. */
final class Exchanges {
    /** What becomes of a message. Exactly one of the two is called, once. */
    interface Answer {
        /** For a notification, which has no response, the acknowledgement. */
        void onResponse(Message response);

        /** Retransmissions exhausted, or the peer sent a Reset. */
        void onSilence(boolean reset);
    }

    private static final class Open {
        final InetSocketAddress peer;
        final byte[] datagram;
        final Token token;
        final int mid;
        final boolean wantsResponse;
        final Answer answer;
        long dueAt;
        long timeoutMs;
        int sent = 1;
        boolean acknowledged;

        Open(InetSocketAddress peer, byte[] datagram, Token token, int mid, boolean wantsResponse, Answer answer) {
            this.peer = peer;
            this.datagram = datagram;
            this.token = token;
            this.mid = mid;
            this.wantsResponse = wantsResponse;
            this.answer = answer;
        }
    }

    private final DeviceContext context;
    private List<Open> open = Collections.emptyList();

    Exchanges(DeviceContext context) {
        this.context = context;
    }

    /** Sends a confirmable request; its MID and token are set here. */
    void request(InetSocketAddress peer, Request request, Answer answer) {
        Token token = context.nextToken();
        request.setToken(token);
        start(peer, request, token, true, answer);
    }

    /** Sends a confirmable notification, which already has the observation's token. */
    void notification(InetSocketAddress peer, Response notification, Answer answer) {
        start(peer, notification, notification.getToken(), false, answer);
    }

    private void start(InetSocketAddress peer, Message message, Token token, boolean wantsResponse, Answer answer) {
        int mid = context.nextMid();
        message.setType(CoAP.Type.CON).setMID(mid);
        DeviceSettings.Coap coap = context.settings.coap();
        Open exchange = new Open(peer, context.send(peer, message), token, mid, wantsResponse, answer);
        exchange.timeoutMs =
                Math.round(coap.ackTimeoutMs() * (1 + context.random.nextDouble() * (coap.ackRandomFactor() - 1)));
        exchange.dueAt = context.now() + exchange.timeoutMs;
        if (open.isEmpty()) {
            open = new ArrayList<>(2);
        }
        open.add(exchange);
    }

    /** Takes a response. A confirmable one is acknowledged, or reset when nobody waits for it. */
    void onResponse(InetSocketAddress peer, Response response) {
        boolean known = false;
        for (int i = 0; i < open.size(); i++) {
            Open exchange = open.get(i);
            boolean matches = exchange.wantsResponse
                    && exchange.token.equals(response.getToken())
                    && exchange.peer.equals(peer)
                    && (response.getType() != CoAP.Type.ACK || response.getMID() == exchange.mid);
            if (matches) {
                known = true;
                remove(i);
                if (response.getType() == CoAP.Type.CON) {
                    context.send(peer, EmptyMessage.newACK(response));
                }
                exchange.answer.onResponse(response);
                break;
            }
        }
        if (!known && response.getType() == CoAP.Type.CON) {
            context.send(peer, EmptyMessage.newRST(response));
        }
    }

    /** Takes an empty acknowledgement or a Reset. */
    void onEmpty(InetSocketAddress peer, Message message) {
        for (int i = 0; i < open.size(); i++) {
            Open exchange = open.get(i);
            if (exchange.mid != message.getMID() || !exchange.peer.equals(peer)) {
                continue;
            }
            if (message.getType() == CoAP.Type.RST) {
                remove(i);
                exchange.answer.onSilence(true);
            } else if (!exchange.wantsResponse) {
                remove(i);
                exchange.answer.onResponse(message);
            } else {
                exchange.acknowledged = true;
                exchange.dueAt = context.now() + context.settings.coap().separateResponseMs();
            }
            return;
        }
    }

    void wake() {
        long now = context.now();
        for (int i = 0; i < open.size(); i++) {
            Open exchange = open.get(i);
            if (exchange.dueAt > now) {
                continue;
            }
            if (exchange.acknowledged || exchange.sent > context.settings.coap().maxRetransmit()) {
                remove(i);
                context.renewSession(exchange.peer);
                exchange.answer.onSilence(false);
                // What an answer starts may have changed the list.
                i = -1;
                continue;
            }
            context.sendAgain(exchange.peer, exchange.datagram);
            exchange.sent++;
            exchange.timeoutMs *= 2;
            exchange.dueAt = now + exchange.timeoutMs;
        }
    }

    /** Most devices of a fleet wait for nothing at any one time, and then hold no list. */
    private void remove(int i) {
        open.remove(i);
        if (open.isEmpty()) {
            open = Collections.emptyList();
        }
    }

    long wakeAt() {
        long at = DeviceContext.NEVER;
        for (int i = 0; i < open.size(); i++) {
            at = Math.min(at, open.get(i).dueAt);
        }
        return at;
    }

    boolean idle() {
        return open.isEmpty();
    }

    /** Power is gone: nobody waits any more. */
    void clear() {
        open = Collections.emptyList();
    }
}
