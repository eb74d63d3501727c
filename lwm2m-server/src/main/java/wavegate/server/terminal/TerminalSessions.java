package wavegate.server.terminal;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.telemetry.Metric;
import wavegate.server.rollout.SessionDirectory;

/**
 * Who of the terminals is there: each from its question until its next one is overdue. Bounded; about 200 bytes each. Any thread.
 */
public final class TerminalSessions implements SessionDirectory {
    /** A terminal may ask this often for long ... */
    private static final long LEAST_BETWEEN_MS = 500;
    /** ... and this many times at once. */
    private static final long AT_ONCE = 20;

    private static final Duration LEAST_GRACE = Duration.ofMinutes(1);

    /** One terminal; immutable but for the moment it may ask again from. */
    private static final class Present {
        final InetSocketAddress address;
        final UpdateProtocol by;
        final double boots;
        final double uptime;
        final long sinceMillis;
        final long seenMillis;
        final long dueMillis;
        /** When all its questions would have been asked at the lasting rate. */
        final long paidUntilMillis;

        Present(
                InetSocketAddress address,
                UpdateProtocol by,
                double boots,
                double uptime,
                long sinceMillis,
                long seenMillis,
                long dueMillis,
                long paidUntilMillis) {
            this.address = address;
            this.by = by;
            this.boots = boots;
            this.uptime = uptime;
            this.sinceMillis = sinceMillis;
            this.seenMillis = seenMillis;
            this.dueMillis = dueMillis;
            this.paidUntilMillis = paidUntilMillis;
        }

        Session session(Endpoint endpoint) {
            return new Session(
                    endpoint,
                    "terminal",
                    address,
                    Duration.ofMillis(dueMillis - seenMillis),
                    by.scheme(),
                    true,
                    "",
                    Map.of(),
                    Instant.ofEpochMilli(sinceMillis),
                    Instant.ofEpochMilli(seenMillis));
        }
    }

    /** What a question meant for the session. */
    enum Came {
        FIRST,
        RESTARTED,
        AGAIN,
        TOO_OFTEN,
        NO_ROOM
    }

    private final ConcurrentHashMap<Endpoint, Present> present = new ConcurrentHashMap<>();
    private final int most;

    public TerminalSessions(int most) {
        this.most = most;
    }

    /** Whether this name is a terminal's now. */
    public boolean has(Endpoint endpoint) {
        return present.containsKey(endpoint);
    }

    Came came(CheckIn checkIn, InetSocketAddress address, UpdateProtocol by, long nowMillis, long untilNextMillis) {
        Came[] came = {Came.AGAIN};
        present.compute(checkIn.endpoint(), (endpoint, before) -> {
            if (before == null && present.size() >= most) {
                came[0] = Came.NO_ROOM;
                return null;
            }
            long paid = Math.max(before == null ? 0 : before.paidUntilMillis, nowMillis - AT_ONCE * LEAST_BETWEEN_MS)
                    + LEAST_BETWEEN_MS;
            if (paid > nowMillis) {
                came[0] = Came.TOO_OFTEN;
                return before;
            }
            // What this question does not tell is what the last one told.
            double boots = checkIn.health().getOrDefault(Metric.BOOT_COUNT, before == null ? Double.NaN : before.boots);
            double uptime =
                    checkIn.health().getOrDefault(Metric.UPTIME_SECONDS, before == null ? Double.NaN : before.uptime);
            if (before == null) {
                came[0] = Came.FIRST;
            } else if (restarted(before, checkIn.health())) {
                came[0] = Came.RESTARTED;
            }
            return new Present(
                    address,
                    by,
                    boots,
                    uptime,
                    before == null || came[0] == Came.RESTARTED ? nowMillis : before.sinceMillis,
                    nowMillis,
                    due(nowMillis, untilNextMillis),
                    paid);
        });
        return came[0];
    }

    /** By the counter of boots where there is one, else by an uptime that went back. */
    private static boolean restarted(Present before, Map<Metric, Double> health) {
        Double boots = health.get(Metric.BOOT_COUNT);
        Double uptime = health.get(Metric.UPTIME_SECONDS);
        if (boots == null || Double.isNaN(before.boots)) {
            return uptime != null && uptime < before.uptime;
        }
        return boots != before.boots;
    }

    private static long due(long nowMillis, long untilNextMillis) {
        return nowMillis + untilNextMillis + Math.max(LEAST_GRACE.toMillis(), untilNextMillis / 4);
    }

    /** It was told when to ask again. */
    void told(Endpoint endpoint, long nowMillis, long untilNextMillis) {
        present.computeIfPresent(
                endpoint,
                (name, p) -> new Present(
                        p.address,
                        p.by,
                        p.boots,
                        p.uptime,
                        p.sinceMillis,
                        p.seenMillis,
                        due(nowMillis, untilNextMillis),
                        p.paidUntilMillis));
    }

    /** @return whether it was there */
    boolean end(Endpoint endpoint) {
        return present.remove(endpoint) != null;
    }

    /** Takes out those whose next question is overdue. */
    List<Endpoint> takeOverdue(long nowMillis) {
        List<Endpoint> overdue = new ArrayList<>();
        present.forEach((endpoint, p) -> {
            if (p.dueMillis <= nowMillis && present.remove(endpoint, p)) {
                overdue.add(endpoint);
            }
        });
        return overdue;
    }

    @Override
    public Optional<Session> find(Endpoint endpoint) {
        return Optional.ofNullable(present.get(endpoint)).map(p -> p.session(endpoint));
    }

    @Override
    public int count() {
        return present.size();
    }

    @Override
    public void forEach(Predicate<Session> visitor) {
        for (Map.Entry<Endpoint, Present> entry : present.entrySet()) {
            if (!visitor.test(entry.getValue().session(entry.getKey()))) {
                return;
            }
        }
    }
}
