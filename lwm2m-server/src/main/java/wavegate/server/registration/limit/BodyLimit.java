package wavegate.server.registration.limit;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.eclipse.californium.core.coap.BlockOption;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.core.network.stack.AbstractLayer;
import org.eclipse.californium.core.network.stack.KeyUri;
import org.jspecify.annotations.Nullable;
import wavegate.config.LimitSettings;

/**
 * Lies below the block-wise layer, which keeps a buffer for each request that comes in blocks and is not finished: only resources that take
 * bodies get any, no more of them at a time than is set, and one that will be too long is told so with its first block. Runs on CoAP protocol
 * threads.
 */
public final class BodyLimit extends AbstractLayer {
    /** As long as the block-wise layer waits for the next block. */
    public static final int LIFETIME_SECONDS = 60;

    private static final Set<String> TAKES_BODIES = Set.of("rd", "dp");

    /** @param key what the block-wise layer keeps the buffer by: a counted transfer must be one buffer, no more and no less */
    private record Transfer(KeyUri key, Object peer) {}

    private final LimitSettings limits;
    private final LongSupplier nanos;
    private final LinkedHashMap<Transfer, Long> open = new LinkedHashMap<>();
    private final Map<Object, Integer> byPeer = new java.util.HashMap<>();

    public BodyLimit(LimitSettings limits, LongSupplier nanos) {
        this.limits = limits;
        this.nanos = nanos;
    }

    @Override
    public void receiveRequest(Exchange exchange, Request request) {
        Response refusal = refusal(exchange, request);
        if (refusal == null) {
            super.receiveRequest(exchange, request);
            return;
        }
        refusal.setDestinationContext(request.getSourceContext());
        super.sendResponse(exchange, refusal);
    }

    private @Nullable Response refusal(Exchange exchange, Request request) {
        BlockOption block = request.getOptions().getBlock1();
        if (block == null) {
            return request.getPayloadSize() > limits.body() ? tooLarge() : null;
        }
        List<String> path = request.getOptions().getUriPath();
        if (path.isEmpty() || !TAKES_BODIES.contains(path.get(0))) {
            return new Response(ResponseCode.METHOD_NOT_ALLOWED);
        }
        Integer announced = request.getOptions().getSize1();
        int payload = request.getPayloadSize();
        if (payload > block.getSize()
                || (block.isM() && payload != block.getSize())
                || (announced != null && announced < 1)) {
            return new Response(ResponseCode.BAD_REQUEST);
        }
        if ((long) block.getOffset() + payload > limits.body() || (announced != null && announced > limits.body())) {
            return tooLarge();
        }
        Transfer transfer = new Transfer(KeyUri.getKey(exchange), exchange.getPeersIdentity());
        if (!block.isM()) {
            end(transfer);
            return null;
        }
        return begin(transfer, block.getNum() == 0) ? null : tooMany();
    }

    private Response tooLarge() {
        Response response = new Response(ResponseCode.REQUEST_ENTITY_TOO_LARGE);
        response.getOptions().setSize1(limits.body());
        return response;
    }

    private static Response tooMany() {
        Response response = new Response(ResponseCode.TOO_MANY_REQUESTS);
        response.getOptions().setMaxAge(LIFETIME_SECONDS);
        return response;
    }

    /** A block in the middle of a request that is not open goes through, and is answered by the block-wise layer that it is incomplete. */
    private synchronized boolean begin(Transfer transfer, boolean first) {
        long now = nanos.getAsLong();
        if (open.containsKey(transfer)) {
            // Last in the order again: it is the pause between blocks that counts.
            open.remove(transfer);
            open.put(transfer, now);
            return true;
        }
        if (!first) {
            return true;
        }
        forget(now);
        Object peer = transfer.peer();
        int ofPeer = byPeer.getOrDefault(peer, 0);
        if (open.size() >= limits.bodies() || ofPeer >= limits.deviceBodies()) {
            return false;
        }
        open.put(transfer, now);
        byPeer.put(peer, ofPeer + 1);
        return true;
    }

    private void forget(long now) {
        Iterator<Map.Entry<Transfer, Long>> oldest = open.entrySet().iterator();
        while (oldest.hasNext()) {
            Map.Entry<Transfer, Long> entry = oldest.next();
            if (now - entry.getValue() <= TimeUnit.SECONDS.toNanos(LIFETIME_SECONDS)) {
                return;
            }
            oldest.remove();
            released(entry.getKey());
        }
    }

    private synchronized void end(Transfer transfer) {
        if (open.remove(transfer) != null) {
            released(transfer);
        }
    }

    private void released(Transfer transfer) {
        byPeer.computeIfPresent(transfer.peer(), (peer, count) -> count == 1 ? null : count - 1);
    }

    /** Requests that have begun and are neither finished nor too old. */
    synchronized int open() {
        return open.size();
    }
}
