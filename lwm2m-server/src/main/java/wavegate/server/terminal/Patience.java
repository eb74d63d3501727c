package wavegate.server.terminal;

import java.time.Duration;
import java.util.random.RandomGenerator;
import wavegate.firmware.device.Endpoint;
import wavegate.server.rollout.Inbox;

/** In how many seconds a terminal asks again, up to a tenth earlier or later, so that a fleet does not ask in step. Any thread. */
final class Patience {
    private static final double SPREAD = 0.1;

    private final TerminalSettings settings;
    private final Inbox inbox;
    private final RandomGenerator random;

    /** @param random thread-safe */
    Patience(TerminalSettings settings, Inbox inbox, RandomGenerator random) {
        this.settings = settings;
        this.inbox = inbox;
        this.random = random;
    }

    long seconds(Endpoint endpoint) {
        return jittered(usual(endpoint));
    }

    /** While something is under way. */
    long busySeconds() {
        return jittered(settings.busyInterval());
    }

    private Duration usual(Endpoint endpoint) {
        if (inbox.concerns(endpoint)) {
            return settings.busyInterval();
        }
        return inbox.watches(endpoint) ? settings.watchedInterval() : settings.interval();
    }

    private long jittered(Duration usual) {
        double factor = 1 - SPREAD + 2 * SPREAD * random.nextDouble();
        return Math.max(1, Math.round(usual.toMillis() * factor / 1000));
    }
}
