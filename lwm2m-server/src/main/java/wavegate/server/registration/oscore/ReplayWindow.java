package wavegate.server.registration.oscore;

/** Which numbers of a sender were seen: the highest, and which of the 63 below it. Whatever is older counts as seen. Not thread-safe. */
final class ReplayWindow {
    private static final int WIDTH = 64;

    private int highest;
    /** Bit i is the number i below the highest. */
    private long seen = -1;

    /** @param highest of those seen before; -1 for none */
    ReplayWindow(int highest) {
        this.highest = highest;
    }

    boolean isReplay(int number) {
        if (number > highest) {
            return false;
        }
        long age = (long) highest - number;
        return age >= WIDTH || (seen >>> age & 1) == 1;
    }

    void accept(int number) {
        if (number > highest) {
            long by = (long) number - highest;
            seen = by >= WIDTH ? 1 : seen << by | 1;
            highest = number;
        } else {
            seen |= 1L << (highest - number);
        }
    }

    int highest() {
        return highest;
    }
}
