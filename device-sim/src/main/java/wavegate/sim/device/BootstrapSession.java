package wavegate.sim.device;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import wavegate.sim.coap.Psk;

/**
 * The module's side of a bootstrap: it asks, answers Discover, Read, Write and Delete until the server says Finish, and then goes where it
 * was told. A session that does not end well leaves everything as it was.
 */
final class BootstrapSession implements Exchanges.Answer {
    private enum Phase {
        OFF,
        ASKED,
        SERVED,
        PAUSED
    }

    /** What becomes of the device. */
    interface Outcome {
        void bootstrapped();

        /** There will be another attempt unless the device goes on with what it had. */
        void failed();
    }

    private static final long LONGEST_MS = 93_000;
    private static final int MAX_BACK_OFF = 8;
    private static final String FINISH = "bs";

    private final DeviceContext context;
    private final Exchanges exchanges;
    private final Accounts accounts;
    private final Outcome outcome;
    private Phase phase = Phase.OFF;
    private long nextAt = DeviceContext.NEVER;
    private int failures;
    private boolean wanted;
    private boolean finished;

    BootstrapSession(DeviceContext context, Exchanges exchanges, Accounts accounts, Outcome outcome) {
        this.context = context;
        this.exchanges = exchanges;
        this.accounts = accounts;
        this.outcome = outcome;
    }

    /** To begin as soon as the answer in hand is out. */
    void want() {
        wanted = true;
    }

    void begin() {
        wanted = false;
        finished = false;
        phase = Phase.ASKED;
        nextAt = context.now() + LONGEST_MS;
        accounts.beginDraft();
        Request request = new Request(CoAP.Code.POST, CoAP.Type.CON);
        request.getOptions()
                .addUriPath("bs")
                .addUriQuery("ep=" + context.identity.endpoint())
                .addUriQuery("pct=" + TlvWriter.CONTENT_FORMAT);
        exchanges.request(accounts.bootstrapServer(), request, this);
    }

    void powerOff() {
        end();
        failures = 0;
    }

    private void end() {
        phase = Phase.OFF;
        nextAt = DeviceContext.NEVER;
        wanted = false;
        finished = false;
        accounts.dropDraft();
    }

    @Override
    public void onResponse(Message message) {
        if (phase != Phase.ASKED) {
            return;
        }
        if (message instanceof Response response && response.getCode() == ResponseCode.CHANGED) {
            phase = Phase.SERVED;
        } else {
            fail();
        }
    }

    @Override
    public void onSilence(boolean reset) {
        if (phase == Phase.ASKED) {
            fail();
        }
    }

    private void fail() {
        end();
        failures++;
        long pause = context.settings.real(context.settings.timing().retryAfter());
        long backedOff = pause * Math.min(MAX_BACK_OFF, 1L << Math.min(failures - 1, 3));
        phase = Phase.PAUSED;
        nextAt = context.now() + backedOff / 2 + context.random.nextLong(backedOff + 1);
        outcome.failed();
    }

    /** The device goes on without. */
    void giveUp() {
        end();
    }

    long wakeAt() {
        return nextAt;
    }

    void wake() {
        if (context.now() < nextAt) {
            return;
        }
        if (phase == Phase.PAUSED) {
            begin();
        } else {
            fail();
        }
    }

    /** Does what had to wait until the answer in hand was out. */
    void settle() {
        if (finished) {
            failures = 0;
            Optional<ServerAccount> before = accounts.current();
            Optional<Psk> keyBefore = accounts.serverKey();
            context.tally.bootstraps += accounts.commit() ? 1 : 0;
            end();
            boolean same = before.equals(accounts.current()) && keyBefore.equals(accounts.serverKey());
            if (!same) {
                before.ifPresent(server -> context.endSession(server.address()));
            }
            outcome.bootstrapped();
        } else if (wanted) {
            begin();
        }
    }

    /** Whether a request from that peer is for this session. */
    boolean serves(InetSocketAddress peer) {
        return (phase == Phase.ASKED || phase == Phase.SERVED) && peer.equals(accounts.bootstrapServer());
    }

    Response handle(Request request) {
        List<String> segments = request.getOptions().getUriPath();
        if (request.getCode() == CoAP.Code.POST && segments.equals(List.of(FINISH))) {
            finished = accounts.consistent();
            return new Response(finished ? ResponseCode.CHANGED : ResponseCode.NOT_ACCEPTABLE);
        }
        boolean root = segments.stream().allMatch(String::isEmpty);
        ObjectPath path = root
                ? new ObjectPath(ObjectPath.ALL, ObjectPath.ALL, ObjectPath.ALL, ObjectPath.ALL)
                : ObjectPath.parse(segments).orElse(null);
        boolean known = path != null
                && path.resource() == ObjectPath.ALL
                && (root || (path.object() >= Accounts.SECURITY && path.object() <= Accounts.ACCESS_CONTROL));
        if (path == null || !known) {
            return new Response(ResponseCode.NOT_FOUND);
        }
        return switch (request.getCode()) {
            case GET -> get(request, path);
            case PUT -> new Response(root ? ResponseCode.METHOD_NOT_ALLOWED : write(request, path));
            case DELETE -> new Response(accounts.delete(path.object(), path.instance()));
            default -> new Response(ResponseCode.METHOD_NOT_ALLOWED);
        };
    }

    private Response get(Request request, ObjectPath path) {
        int accept = request.getOptions().getAccept();
        if (accept == MediaTypeRegistry.APPLICATION_LINK_FORMAT) {
            return answer(accept, accounts.links(path.object()).getBytes(StandardCharsets.UTF_8));
        }
        // Bootstrap-Read is for objects 1 and 2; keys are never read back.
        if (path.object() == ObjectPath.ALL || path.object() == Accounts.SECURITY) {
            return new Response(ResponseCode.METHOD_NOT_ALLOWED);
        }
        if (accept != MediaTypeRegistry.UNDEFINED && accept != TlvWriter.CONTENT_FORMAT) {
            return new Response(ResponseCode.NOT_ACCEPTABLE);
        }
        TlvWriter out = new TlvWriter();
        for (ObjectInstance instance : accounts.drafted(path.object())) {
            if (path.isInstance() && instance.id() == path.instance()) {
                return answer(TlvWriter.CONTENT_FORMAT, instance.tlv());
            }
            out.instance(instance.id(), instance.tlv());
        }
        return path.isInstance() ? new Response(ResponseCode.NOT_FOUND) : answer(TlvWriter.CONTENT_FORMAT, out.bytes());
    }

    private static Response answer(int format, byte[] payload) {
        Response response = new Response(ResponseCode.CONTENT);
        response.getOptions().setContentFormat(format);
        response.setPayload(payload);
        return response;
    }

    private ResponseCode write(Request request, ObjectPath path) {
        if (request.getOptions().getContentFormat() != TlvWriter.CONTENT_FORMAT) {
            return ResponseCode.UNSUPPORTED_CONTENT_FORMAT;
        }
        byte[] payload = request.getPayload() == null ? new byte[0] : request.getPayload();
        List<TlvReader.Entry> entries =
                TlvReader.entries(payload, 0, payload.length).orElse(List.of());
        if (entries.isEmpty()) {
            return ResponseCode.BAD_REQUEST;
        }
        boolean wrapped = entries.stream().allMatch(entry -> entry.type() == TlvReader.TYPE_INSTANCE);
        if (!wrapped) {
            return path.isInstance()
                    ? accounts.write(new ObjectInstance(path.object(), path.instance(), payload))
                    : ResponseCode.BAD_REQUEST;
        }
        for (TlvReader.Entry entry : entries) {
            byte[] resources = Arrays.copyOfRange(payload, entry.from(), entry.end());
            boolean meant = path.isObject() || path.instance() == entry.id();
            ResponseCode answer = meant
                    ? accounts.write(new ObjectInstance(path.object(), entry.id(), resources))
                    : ResponseCode.BAD_REQUEST;
            if (answer != ResponseCode.CHANGED) {
                return answer;
            }
        }
        return ResponseCode.CHANGED;
    }
}
