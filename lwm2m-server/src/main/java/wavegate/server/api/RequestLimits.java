package wavegate.server.api;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import wavegate.config.HttpLimitSettings;

/**
 * Who asks too much. A token is counted by itself, an address only as far as it shows no good token: a flood from somewhere does not lock out the
 * tokens that come from there too. The kill switch has an allowance of its own. Event loop only, but for the counter.
 */
final class RequestLimits {
    private static final int MOST_ADDRESSES = 10_000;
    private static final int MOST_CALLERS = 10_000;
    private static final double KILLS_PER_SECOND = 10;
    private static final int KILLS_AT_ONCE = 50;

    private final HttpLimitSettings settings;
    private final Map<String, Allowance> callers = bounded(MOST_CALLERS);
    private final Map<String, Allowance> killers = bounded(MOST_CALLERS);
    private final Map<String, Allowance> strangers = bounded(MOST_ADDRESSES);
    private final Map<String, Allowance> failures = bounded(MOST_ADDRESSES);
    private final AtomicLong refused = new AtomicLong();

    RequestLimits(HttpLimitSettings settings) {
        this.settings = settings;
    }

    private static Map<String, Allowance> bounded(int most) {
        return new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Allowance> eldest) {
                return size() > most;
            }
        };
    }

    /** One more request of a known caller. @throws Problem.Refusal 429 */
    void caller(String actor, boolean kill) {
        if (kill) {
            take(killers, actor, KILLS_PER_SECOND, KILLS_AT_ONCE, "kill switches of this token");
        } else {
            double rate = settings.requestsPerSecond();
            take(callers, actor, rate, 2 * rate, "requests of this token");
        }
    }

    /** One more request that needs no token. @throws Problem.Refusal 429 */
    void stranger(HttpServerRequest request) {
        double rate = settings.anonymousPerSecond();
        take(strangers, network(request.remoteAddress()), rate, 5 * rate, "requests of this address");
    }

    /** One more bad token, or none where one is needed. @throws Problem.Refusal 429 */
    void failure(HttpServerRequest request) {
        double most = settings.failuresPerMinute();
        take(failures, network(request.remoteAddress()), most / 60, most, "bad tokens of this address");
    }

    /** Whether an address has shown so many bad tokens that another is not even looked at. */
    boolean exhausted(HttpServerRequest request) {
        Allowance allowance = failures.get(network(request.remoteAddress()));
        return allowance != null && !allowance.untilNext(System.nanoTime()).isZero();
    }

    private void take(Map<String, Allowance> from, String key, double rate, double most, String what) {
        long now = System.nanoTime();
        Allowance allowance = from.computeIfAbsent(key, any -> new Allowance(rate, most, now));
        if (!allowance.take(now)) {
            refused.incrementAndGet();
            Duration wait = allowance.untilNext(now);
            throw new TooMany(what, Math.max(1, wait.toSeconds() + (wait.toNanosPart() > 0 ? 1 : 0)));
        }
    }

    /** What counts as one address: an IPv6 client has a whole /64 to choose from. */
    static String network(SocketAddress from) {
        String address = from.hostAddress();
        if (address == null || !address.contains(":")) {
            return String.valueOf(address);
        }
        try {
            InetAddress parsed = InetAddress.getByName(address);
            byte[] bytes = parsed.getAddress();
            return parsed instanceof Inet6Address ? Arrays.toString(Arrays.copyOf(bytes, 8)) : address;
        } catch (UnknownHostException e) {
            return address;
        }
    }

    /** Requests answered 429. */
    long refused() {
        return refused.get();
    }

    /** 429, with how many seconds to wait. */
    static final class TooMany extends RuntimeException {
        private final String what;
        private final long seconds;

        private TooMany(String what, long seconds) {
            super(what, null, false, false);
            this.what = what;
            this.seconds = seconds;
        }

        long seconds() {
            return seconds;
        }

        Problem problem() {
            return new Problem(429, "too-many-requests", what + ": too many (expected: again in " + seconds + " s)");
        }
    }
}
