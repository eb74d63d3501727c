package wavegate.sim.device;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.coap.Token;
import org.jspecify.annotations.Nullable;

/** Who observes what, and the notifications they are owed: at most one in flight each, minimum and maximum periods honoured. Lost at a boot. */
final class Observations {
    static final int ANY = -1;
    private static final int MAX_OBSERVATIONS = 16;

    /** What a path holds at this moment, in the format its observer asked for. */
    interface Reader {
        Optional<Content> read(ObjectPath path, int accept);
    }

    static final class Content {
        private final int format;
        private final byte[] bytes;

        Content(int format, byte[] bytes) {
            this.format = format;
            this.bytes = bytes;
        }

        void into(Response response) {
            response.getOptions().setContentFormat(format);
            response.setPayload(bytes);
        }
    }

    /** Minimum and maximum period in seconds; -1 where unset. */
    record Attributes(int minSeconds, int maxSeconds) {
        static final Attributes NONE = new Attributes(-1, -1);
    }

    private final class Observation implements Exchanges.Answer {
        final InetSocketAddress peer;
        final Token token;
        final ObjectPath path;
        final int accept;
        int sequence;
        int lastMid = -1;
        long sentAt;
        long changedAs;
        boolean dirty;
        boolean inFlight;

        Observation(InetSocketAddress peer, Token token, ObjectPath path, int accept) {
            this.peer = peer;
            this.token = token;
            this.path = path;
            this.accept = accept;
        }

        @Override
        public void onResponse(Message acknowledgement) {
            inFlight = false;
        }

        @Override
        public void onSilence(boolean reset) {
            open.remove(this);
        }

        long dueAt() {
            if (inFlight) {
                return DeviceContext.NEVER;
            }
            Attributes limits = attributes(path);
            if (dirty) {
                return limits.minSeconds() > 0 ? sentAt + limits.minSeconds() * 1000L : sentAt;
            }
            return limits.maxSeconds() > 0 ? sentAt + limits.maxSeconds() * 1000L : DeviceContext.NEVER;
        }
    }

    private final DeviceContext context;
    private final Exchanges exchanges;
    private final List<Observation> open = new ArrayList<>(0);
    private @Nullable Map<ObjectPath, Attributes> attributes;
    private long changes;

    Observations(DeviceContext context, Exchanges exchanges) {
        this.context = context;
        this.exchanges = exchanges;
    }

    /** @return the sequence number for the Observe option of the answer; empty if there is no room for one more */
    Optional<Integer> add(InetSocketAddress peer, Token token, ObjectPath path, int accept) {
        open.removeIf(known -> known.peer.equals(peer) && (known.token.equals(token) || known.path.equals(path)));
        if (open.size() >= MAX_OBSERVATIONS) {
            return Optional.empty();
        }
        Observation observation = new Observation(peer, token, path, accept);
        observation.sentAt = context.now();
        open.add(observation);
        return Optional.of(observation.sequence);
    }

    void cancel(InetSocketAddress peer, Token token) {
        open.removeIf(known -> known.peer.equals(peer) && known.token.equals(token));
    }

    /** A Reset of a notification that was not confirmable ends its observation too. */
    void onReset(InetSocketAddress peer, int mid) {
        open.removeIf(known -> known.lastMid == mid && known.peer.equals(peer));
    }

    void setAttributes(ObjectPath path, Attributes limits) {
        Map<ObjectPath, Attributes> known = attributes;
        if (known == null) {
            known = new HashMap<>(4);
            attributes = known;
        }
        known.put(path, limits);
    }

    private Attributes attributes(ObjectPath path) {
        Map<ObjectPath, Attributes> known = attributes;
        return known == null ? Attributes.NONE : known.getOrDefault(path, Attributes.NONE);
    }

    void changed(int object, int resource) {
        for (int i = 0; i < open.size(); i++) {
            Observation observation = open.get(i);
            if (observation.path.covers(object, resource)) {
                observation.changedAs = observation.dirty ? observation.changedAs : ++changes;
                observation.dirty = true;
            }
        }
    }

    long wakeAt() {
        long at = DeviceContext.NEVER;
        for (int i = 0; i < open.size(); i++) {
            at = Math.min(at, open.get(i).dueAt());
        }
        return at;
    }

    /** Sends what is due, in the order in which the values changed. */
    void flush(Reader reader) {
        if (wakeAt() > context.now()) {
            return;
        }
        open.stream()
                .filter(observation -> observation.dueAt() <= context.now())
                .sorted(Comparator.comparingLong(observation -> observation.changedAs))
                .toList()
                .forEach(observation -> notify(observation, reader.read(observation.path, observation.accept)));
        open.removeIf(observation -> observation.sequence < 0);
    }

    private void notify(Observation observation, Optional<Content> content) {
        observation.dirty = false;
        observation.sentAt = context.now();
        Response notification = new Response(content.isPresent() ? ResponseCode.CONTENT : ResponseCode.NOT_FOUND);
        notification.setToken(observation.token);
        if (content.isPresent()) {
            observation.sequence++;
            notification.getOptions().setObserve(observation.sequence);
            content.get().into(notification);
        } else {
            observation.sequence = -1;
        }
        if (context.profile.link().confirmableNotifications()) {
            observation.inFlight = true;
            exchanges.notification(observation.peer, notification, observation);
        } else {
            observation.lastMid = context.nextMid();
            notification.setType(CoAP.Type.NON).setMID(observation.lastMid);
            context.send(observation.peer, notification);
        }
    }

    boolean observed() {
        return !open.isEmpty();
    }

    void powerOff() {
        open.clear();
        attributes = null;
    }
}
