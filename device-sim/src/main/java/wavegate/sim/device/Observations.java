package wavegate.sim.device;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
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

        /** What several paths hold, in SenML-CBOR; those that hold nothing are left out. */
        Optional<Content> readAll(List<ObjectPath> paths);
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
        /** Null unless it is a composite observation; {@code path} is then the first of these. */
        final @Nullable List<ObjectPath> composite;

        final int accept;
        int sequence;
        int lastMid = -1;
        long sentAt;
        long changedAs;
        boolean dirty;
        boolean inFlight;

        Observation(
                InetSocketAddress peer,
                Token token,
                ObjectPath path,
                @Nullable List<ObjectPath> composite,
                int accept) {
            this.peer = peer;
            this.token = token;
            this.path = path;
            this.composite = composite;
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

        boolean covers(int object, int instance, int resource) {
            List<ObjectPath> all = composite;
            if (all == null) {
                return path.covers(object, instance, resource);
            }
            for (int i = 0; i < all.size(); i++) {
                if (all.get(i).covers(object, instance, resource)) {
                    return true;
                }
            }
            return false;
        }

        boolean sameTarget(ObjectPath otherPath, @Nullable List<ObjectPath> others) {
            return composite == null && others == null && path.equals(otherPath);
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
    private List<Observation> open = Collections.emptyList();
    private @Nullable Map<ObjectPath, Attributes> attributes;
    private long changes;

    Observations(DeviceContext context, Exchanges exchanges) {
        this.context = context;
        this.exchanges = exchanges;
    }

    /** @return the sequence number for the Observe option of the answer; empty if there is no room for one more */
    Optional<Integer> add(InetSocketAddress peer, Token token, ObjectPath path, int accept) {
        return add(peer, token, path, null, accept);
    }

    Optional<Integer> addAll(InetSocketAddress peer, Token token, List<ObjectPath> paths) {
        return add(peer, token, paths.get(0), List.copyOf(paths), SenmlCbor.CONTENT_FORMAT);
    }

    private Optional<Integer> add(
            InetSocketAddress peer, Token token, ObjectPath path, @Nullable List<ObjectPath> composite, int accept) {
        open.removeIf(
                known -> known.peer.equals(peer) && (known.token.equals(token) || known.sameTarget(path, composite)));
        if (open.size() >= MAX_OBSERVATIONS) {
            return Optional.empty();
        }
        Observation observation = new Observation(peer, token, path, composite, accept);
        observation.sentAt = context.now();
        if (open.isEmpty()) {
            open = new ArrayList<>(2);
        }
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

    void changed(int object, int instance, int resource) {
        for (int i = 0; i < open.size(); i++) {
            Observation observation = open.get(i);
            if (observation.covers(object, instance, resource)) {
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
                .forEach(observation -> notify(observation, content(observation, reader)));
        open.removeIf(observation -> observation.sequence < 0);
    }

    private static Optional<Content> content(Observation observation, Reader reader) {
        List<ObjectPath> all = observation.composite;
        return all == null ? reader.read(observation.path, observation.accept) : reader.readAll(all);
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
        if (context.profile.has(Quirk.CONFIRMABLE_NOTIFICATIONS)) {
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
        open = Collections.emptyList();
        attributes = null;
    }
}
