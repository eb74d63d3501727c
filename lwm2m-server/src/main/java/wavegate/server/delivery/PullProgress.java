package wavegate.server.delivery;

import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.update.UpdateId;
import wavegate.server.rollout.Inbox;
import wavegate.server.rollout.PullGrants.Grant;
import wavegate.server.rollout.RolloutInput;

/** Tells the loop how far pulls have come, and that their devices were heard, at most once a second for each. Any thread. */
public final class PullProgress {
    private static final int TRACKED_TRANSFERS = 16_384;
    private static final long PERIOD_MILLIS = 1000;

    private static final class Progress {
        private long bytes;
        private long dueAtMillis;
    }

    private final Inbox inbox;
    private final Consumer<Endpoint> heard;
    private final InstantSource clock;
    private final Map<UpdateId, Progress> transfers = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<UpdateId, Progress> eldest) {
            return size() > TRACKED_TRANSFERS;
        }
    };

    /** @param heard is told of a device that took a block */
    public PullProgress(Inbox inbox, Consumer<Endpoint> heard, InstantSource clock) {
        this.inbox = inbox;
        this.heard = heard;
        this.clock = clock;
    }

    /**
     * Bytes up to {@code bytes} of {@code all} were handed out.
     *
     * @return whether this was told on
     */
    public boolean served(Grant grant, long bytes, long all) {
        long now = clock.millis();
        long furthest;
        synchronized (transfers) {
            Progress known = transfers.computeIfAbsent(grant.update(), key -> new Progress());
            // The end is told at once, but not each time that a device asks for the last block again.
            boolean complete = bytes == all && known.bytes < all;
            known.bytes = Math.max(known.bytes, bytes);
            furthest = known.bytes;
            if (!complete && now < known.dueAtMillis) {
                return false;
            }
            known.dueAtMillis = now + PERIOD_MILLIS;
        }
        heard.accept(grant.update().endpoint());
        inbox.offer(new RolloutInput.BytesMoved(grant.update(), furthest));
        return true;
    }
}
