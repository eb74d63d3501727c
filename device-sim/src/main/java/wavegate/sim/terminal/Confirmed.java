package wavegate.sim.terminal;

import java.net.InetSocketAddress;
import java.util.random.RandomGenerator;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.EmptyMessage;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.coap.Token;
import org.jspecify.annotations.Nullable;
import wavegate.sim.coap.CoapCodec;
import wavegate.sim.device.DeviceSettings;

/** One confirmable request at a time: retransmission with back-off and jitter, separate responses. */
final class Confirmed {
    static final long NEVER = Long.MAX_VALUE;
    private static final int MID_RANGE = 1 << 16;

    /** What becomes of a request; one of the two is called, once. */
    interface Answer {
        void answered(Response response);

        void silent();
    }

    /** The way out. */
    interface Line {
        void send(InetSocketAddress peer, byte[] datagram);

        void renewSession(InetSocketAddress peer);
    }

    private final DeviceSettings.Coap coap;
    private final RandomGenerator random;
    private final Line line;
    private int mid;

    private @Nullable Answer answer;
    private @Nullable InetSocketAddress peer;
    private byte[] datagram = new byte[0];
    private @Nullable Token token;
    private int askedMid;
    private long dueAt = NEVER;
    private long timeoutMs;
    private int sent;
    private boolean acknowledged;

    Confirmed(DeviceSettings.Coap coap, RandomGenerator random, Line line) {
        this.coap = coap;
        this.random = random;
        this.line = line;
        this.mid = random.nextInt(MID_RANGE);
    }

    boolean busy() {
        return answer != null;
    }

    long wakeAt() {
        return dueAt;
    }

    void ask(long now, InetSocketAddress to, Request request, Answer then) {
        mid = (mid + 1) % MID_RANGE;
        byte[] bytes = new byte[4];
        random.nextBytes(bytes);
        Token fresh = new Token(bytes);
        request.setType(CoAP.Type.CON).setMID(mid);
        request.setToken(fresh);
        answer = then;
        peer = to;
        token = fresh;
        askedMid = mid;
        datagram = CoapCodec.encode(request);
        sent = 1;
        acknowledged = false;
        timeoutMs = Math.round(coap.ackTimeoutMs() * (1 + random.nextDouble() * (coap.ackRandomFactor() - 1)));
        dueAt = now + timeoutMs;
        line.send(to, datagram);
    }

    void receive(long now, InetSocketAddress from, Message message) {
        boolean ours = from.equals(peer);
        if (message instanceof Response response) {
            boolean matches = ours
                    && response.getToken().equals(token)
                    && (response.getType() != CoAP.Type.ACK || response.getMID() == askedMid);
            if (response.getType() == CoAP.Type.CON) {
                line.send(
                        from,
                        CoapCodec.encode(matches ? EmptyMessage.newACK(response) : EmptyMessage.newRST(response)));
            }
            if (matches) {
                end().answered(response);
            }
        } else if (message.getType() == CoAP.Type.CON) {
            line.send(from, CoapCodec.encode(EmptyMessage.newRST(message)));
        } else if (ours && busy() && message.getMID() == askedMid) {
            if (message.getType() == CoAP.Type.RST) {
                end().silent();
            } else {
                acknowledged = true;
                dueAt = now + coap.separateResponseMs();
            }
        }
    }

    void wake(long now) {
        InetSocketAddress to = peer;
        if (now < dueAt || to == null) {
            return;
        }
        if (acknowledged || sent > coap.maxRetransmit()) {
            line.renewSession(to);
            end().silent();
            return;
        }
        line.send(to, datagram);
        sent++;
        timeoutMs *= 2;
        dueAt = now + timeoutMs;
    }

    private Answer end() {
        Answer ended = answer;
        clear();
        if (ended == null) {
            throw new IllegalStateException("an answer to nothing");
        }
        return ended;
    }

    /** Nobody waits any more. */
    void clear() {
        answer = null;
        peer = null;
        token = null;
        datagram = new byte[0];
        dueAt = NEVER;
    }
}
