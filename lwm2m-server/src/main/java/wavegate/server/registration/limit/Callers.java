package wavegate.server.registration.limit;

/**
 * Who has called a while ago. A sender that repeats itself from the same address and port is far more likely one that waits for an answer than
 * one that makes up addresses. Fixed size, four places to a set, the oldest gives way; an address may be mistaken for another once in some ten
 * thousand. Not thread-safe.
 */
final class Callers {
    private static final int WAYS = 4;
    private static final int TICK_BITS = 14;
    private static final int TICK_MASK = (1 << TICK_BITS) - 1;
    private static final long NANOS_PER_TICK = 32_000_000L;
    /** 0.3 s: nobody who waits for an answer repeats sooner. */
    private static final int SOONEST = 10;
    /** 7 s: the second repetition of a CoAP message and of a DTLS flight. Longer, and a sender of random addresses meets its own too often. */
    private static final int LATEST = 219;

    /** Each: 16 bits of the caller, 14 of the time, 2 of what it may still do. 0 is free. */
    private final int[] places;

    private final int sets;
    private final long salt;

    /** @param salt secret, so that nobody can choose whom to push out */
    Callers(int capacity, long salt) {
        if (capacity < WAYS || Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException("capacity: " + capacity + " (expected: a power of two, at least 4)");
        }
        this.places = new int[capacity];
        this.sets = capacity / WAYS;
        this.salt = salt;
    }

    /** Keeps the time of the first call of a series. */
    void remember(long caller, long now) {
        write(caller, now, 0);
    }

    /** Keeps that it was answered, and may come back three times on the strength of that. */
    void answered(long caller, long now) {
        write(caller, now, 3);
    }

    /** Whether it called before, neither just now nor long ago. */
    boolean waited(long caller, long now) {
        int at = find(Source.mixed(caller ^ salt), now);
        if (at < 0) {
            return false;
        }
        int age = age(places[at], now);
        return age >= SOONEST && age <= LATEST;
    }

    /** Whether it was answered and comes back for the first, second or third time. */
    boolean comesBack(long caller, long now) {
        int at = find(Source.mixed(caller ^ salt), now);
        if (at < 0 || (places[at] & 3) == 0) {
            return false;
        }
        places[at]--;
        return true;
    }

    private void write(long caller, long now, int returns) {
        long mixed = Source.mixed(caller ^ salt);
        int at = find(mixed, now);
        if (at >= 0) {
            // The first call counts, else a sender that calls without a pause would never have waited.
            int since = returns > 0 || age(places[at], now) > LATEST ? tick(now) : places[at] >>> 2 & TICK_MASK;
            places[at] = entry(mixed, since, returns);
            return;
        }
        int first = first(mixed);
        int oldest = first;
        for (int i = first; i < first + WAYS; i++) {
            if (places[i] == 0) {
                oldest = i;
                break;
            }
            if (age(places[i], now) > age(places[oldest], now)) {
                oldest = i;
            }
        }
        places[oldest] = entry(mixed, tick(now), returns);
    }

    private int find(long mixed, long now) {
        int first = first(mixed);
        for (int i = first; i < first + WAYS; i++) {
            if (places[i] != 0 && places[i] >>> 16 == name(mixed) && age(places[i], now) <= LATEST) {
                return i;
            }
        }
        return -1;
    }

    private int first(long mixed) {
        return (int) (mixed & (sets - 1)) * WAYS;
    }

    /** 1 to 65535, so that no entry is 0. */
    private static int name(long mixed) {
        return (int) (mixed >>> 48) | 1;
    }

    private static int entry(long mixed, int tick, int returns) {
        return name(mixed) << 16 | tick << 2 | returns;
    }

    private static int tick(long now) {
        return (int) (now / NANOS_PER_TICK) & TICK_MASK;
    }

    private static int age(int entry, long now) {
        return tick(now) - (entry >>> 2 & TICK_MASK) & TICK_MASK;
    }
}
