package wavegate.server.registration;

import java.time.Duration;
import java.time.Instant;

/**
 * What the uses of one credential look like together: one device, or two. A device leaves its DTLS session when it has made another and does not
 * go back to it; two devices go on with one each, and the older is heard again and again after the newer. Devices that make a session for
 * every message show by their addresses, which go to and fro more often than a network's translation does. Immutable, pure.
 *
 * @param newestAt when the newest session heard was made, in milliseconds since 1970
 * @param session the one heard last
 * @param host where from, and {@code hostBefore} where from before that
 * @param sessionReturns how often an older session was heard after a newer, since {@code from}
 * @param hostReturns how often a new session came from where the one before the last came from, since {@code from}
 */
record CloneTrace(
        long newestAt,
        String session,
        String host,
        String hostBefore,
        int sessionReturns,
        int hostReturns,
        Instant from) {
    /** One of them may be a record that was late. */
    static final int SESSION_RETURNS = 3;

    static final int HOST_RETURNS = 6;
    static final Duration WINDOW = Duration.ofHours(1);

    /** @param madeAt when its DTLS session was made, in milliseconds since 1970 */
    record Sighting(String session, long madeAt, String host, Instant at) {}

    static CloneTrace first(Sighting seen) {
        return new CloneTrace(seen.madeAt(), seen.session(), seen.host(), "", 0, 0, seen.at());
    }

    CloneTrace next(Sighting seen) {
        boolean again = seen.at().isAfter(from.plus(WINDOW));
        int sessions = again ? 0 : sessionReturns;
        int hosts = again ? 0 : hostReturns;
        boolean moved = !seen.host().equals(host);
        if (!seen.session().equals(session)) {
            if (seen.madeAt() < newestAt) {
                sessions++;
            } else if (seen.madeAt() > newestAt && moved && seen.host().equals(hostBefore)) {
                hosts++;
            }
        }
        return new CloneTrace(
                Math.max(newestAt, seen.madeAt()),
                seen.session(),
                seen.host(),
                moved ? host : hostBefore,
                sessions,
                hosts,
                again ? seen.at() : from);
    }

    boolean isOfTwo() {
        return sessionReturns >= SESSION_RETURNS || hostReturns >= HOST_RETURNS;
    }
}
