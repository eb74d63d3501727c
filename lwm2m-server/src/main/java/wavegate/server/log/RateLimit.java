package wavegate.server.log;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often the same thing may be said: a burst, then once in an interval. What is left out is counted, and the count handed out with the next
 * that passes. Remembers a fixed number of things; what comes beyond shares one allowance. Thread-safe.
 */
final class RateLimit {
    /** Left out, nothing is to be said. */
    static final int SILENT = -1;

    private final int burst;
    private final long intervalNanos;
    private final int limit;
    private final Map<String, Allowance> allowances = new LinkedHashMap<>();
    private final Allowance others;

    private static final class Allowance {
        private double left;
        private long at;
        private int silenced;

        private Allowance(double left, long at) {
            this.left = left;
            this.at = at;
        }
    }

    RateLimit(int burst, long intervalNanos, int limit, long now) {
        this.burst = burst;
        this.intervalNanos = intervalNanos;
        this.limit = limit;
        this.others = new Allowance(burst, now);
    }

    /** @return {@link #SILENT}, or how many were left out since the last that passed */
    synchronized int pass(String what, long now) {
        Allowance allowance = allowances.get(what);
        if (allowance == null) {
            allowance = allowances.size() < limit ? new Allowance(burst, now) : others;
            if (allowance != others) {
                allowances.put(what, allowance);
            }
        }
        allowance.left = Math.min(burst, allowance.left + (double) (now - allowance.at) / intervalNanos);
        allowance.at = now;
        if (allowance.left < 1) {
            allowance.silenced++;
            return SILENT;
        }
        allowance.left--;
        int silenced = allowance.silenced;
        allowance.silenced = 0;
        return silenced;
    }
}
