package wavegate.server.delivery.http;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Bytes {@code from} to before {@code end} of a body. Source: RFC 9110 14. */
record ByteRange(long from, long end) {
    private static final Pattern ONE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    /** A range was asked for that holds no byte of the body. */
    static final class Unsatisfiable extends Exception {
        Unsatisfiable() {
            super("no byte of the body is in the range", null, false, false);
        }
    }

    static ByteRange all(long size) {
        return new ByteRange(0, size);
    }

    /**
     * The one range that a header names; empty if it names several or is malformed, since a server may then send all.
     *
     * @throws Unsatisfiable if it is well-formed and lies beyond the end
     */
    static Optional<ByteRange> parse(String header, long size) throws Unsatisfiable {
        Matcher matcher = ONE.matcher(header.strip());
        if (!matcher.matches()
                || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
            return Optional.empty();
        }
        if (matcher.group(1).isEmpty()) {
            long last = Long.parseLong(matcher.group(2));
            if (last == 0) {
                throw new Unsatisfiable();
            }
            return Optional.of(new ByteRange(Math.max(0, size - last), size));
        }
        long from = Long.parseLong(matcher.group(1));
        long to = matcher.group(2).isEmpty() ? Long.MAX_VALUE - 1 : Long.parseLong(matcher.group(2));
        if (to < from) {
            return Optional.empty();
        }
        if (from >= size) {
            throw new Unsatisfiable();
        }
        return Optional.of(new ByteRange(from, Math.min(size, to + 1)));
    }

    long length() {
        return end - from;
    }
}
