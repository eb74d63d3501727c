package wavegate.server.rollout;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.device.ClientTraits;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.update.PollPlan;
import wavegate.firmware.update.UpdatePolicy;

/** When the watchdog reads each device next, and which devices it alone brings news of. Lost at a restart, and soon learnt again. Rollout thread only. */
final class Polls {
    /** Changes that only the watchdog brought before a device counts as silent: notifications get lost, too. */
    private static final int SILENT_AFTER = 2;

    private static final class Watched {
        private int polls;
        private boolean polledLast;
        private int newsByPoll;
    }

    private final Map<Endpoint, Watched> watched = new HashMap<>();

    private Watched of(Endpoint endpoint) {
        return watched.computeIfAbsent(endpoint, key -> new Watched());
    }

    /** The row has changed: reads are short-spaced again. */
    void startAnew(Endpoint endpoint) {
        of(endpoint).polls = 0;
    }

    void due(Endpoint endpoint) {
        Watched one = of(endpoint);
        one.polls++;
        one.polledLast = true;
    }

    /** The device was heard by other means, or something else made the update move. */
    void heard(Endpoint endpoint) {
        Watched one = watched.get(endpoint);
        if (one != null) {
            one.polledLast = false;
        }
    }

    /** A status was read. */
    void read(Endpoint endpoint, boolean news) {
        Watched one = watched.get(endpoint);
        if (one != null && one.polledLast) {
            one.polledLast = false;
            one.newsByPoll += news ? 1 : 0;
        }
    }

    Duration next(Endpoint endpoint, UpdatePolicy policy, ClientProfile profile, ClientTraits traits) {
        Watched one = of(endpoint);
        return PollPlan.next(policy, profile, traits, one.newsByPoll >= SILENT_AFTER, one.polls);
    }

    void forget(Endpoint endpoint) {
        watched.remove(endpoint);
    }
}
