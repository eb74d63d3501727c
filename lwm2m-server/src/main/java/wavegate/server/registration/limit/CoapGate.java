package wavegate.server.registration.limit;

import java.net.InetSocketAddress;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import wavegate.config.LimitSettings;

/** Decides over the datagrams of a socket without DTLS, where a sender is known by its address alone. Thread-safe. */
final class CoapGate {
    private static final int SOURCES = 16_384;
    private static final int HEADER_BYTES = 4;
    private static final int LONGEST_TOKEN = 8;

    private final StrangerLimit strangers;
    private final SourceBuckets known;
    private final Predicate<InetSocketAddress> registered;
    private final IntSupplier backlog;
    private final int strangersUpTo;

    /**
     * @param registered whether a device is registered from that address
     * @param backlog datagrams that wait for a thread
     */
    CoapGate(LimitSettings limits, Predicate<InetSocketAddress> registered, IntSupplier backlog, long salt) {
        this.strangers = new StrangerLimit(
                Bucket.Rate.of(limits.sourceRate(), limits.sourceBurst()),
                limits.strangerRate(),
                limits.strangerBurst(),
                salt);
        this.known = new SourceBuckets(Bucket.Rate.of(limits.knownRate(), limits.knownRate() * 2), SOURCES);
        this.registered = registered;
        this.backlog = backlog;
        this.strangersUpTo = limits.backlog();
    }

    Admission judge(byte[] data, int offset, int length, InetSocketAddress sender, long now) {
        if (!isCoap(data, offset, length)) {
            return Admission.MALFORMED;
        }
        long source = Source.of(sender.getAddress());
        int waiting = backlog.getAsInt();
        if (registered.test(sender)) {
            if (waiting > 4L * strangersUpTo) {
                return Admission.BACKLOG;
            }
            synchronized (this) {
                return known.take(source, now) ? Admission.ADMITTED : Admission.KNOWN;
            }
        }
        if (waiting > strangersUpTo) {
            return Admission.BACKLOG;
        }
        synchronized (this) {
            return strangers.take(source, Source.caller(sender.getAddress(), sender.getPort()), now);
        }
    }

    /** What the first bytes show: version 1, a token that fits, a code of RFC 7252, and nothing behind an empty message. */
    private static boolean isCoap(byte[] data, int offset, int length) {
        if (length < HEADER_BYTES || (data[offset] >>> 6 & 3) != 1) {
            return false;
        }
        int token = data[offset] & 15;
        int code = data[offset + 1] & 0xff;
        if (code == 0) {
            return length == HEADER_BYTES && token == 0;
        }
        int kind = code >>> 5;
        return token <= LONGEST_TOKEN
                && length >= HEADER_BYTES + token
                && (kind == 0 || kind == 2 || kind == 4 || kind == 5);
    }
}
