package wavegate.server.registration.limit;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Predicate;
import wavegate.config.LimitSettings;

/**
 * Decides over the datagrams of a DTLS socket by the header of their first record. Records of open sessions and of handshakes under way have a
 * share of their own; everything else but a ClientHello is dropped. A ClientHello is a stranger's; one that brings a cookie is let in before
 * others if its sender was let in without one. Thread-safe.
 */
final class DtlsGate {
    /** What the DTLS stack has open. */
    interface Sessions {
        boolean at(InetSocketAddress peer);

        /** @param offset where the connection id begins */
        boolean withId(byte[] data, int offset, int length);
    }

    private static final int SOURCES = 16_384;
    private static final int HEADER_BYTES = 13;
    private static final int HANDSHAKE_HEADER_BYTES = 12;
    private static final int MAJOR_VERSION = 0xfe;
    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int HANDSHAKE = 22;
    private static final int APPLICATION_DATA = 23;
    private static final int WITH_CONNECTION_ID = 25;
    private static final int CLIENT_HELLO = 1;
    private static final int EPOCH_AT = 3;
    private static final int CONNECTION_ID_AT = 11;
    /** Version and random come before the session id of a ClientHello. */
    private static final int SESSION_ID_AT = HEADER_BYTES + HANDSHAKE_HEADER_BYTES + 2 + 32;

    private final StrangerLimit hellos;
    private final Bucket returning;
    private final SourceBuckets known;
    private final Sessions sessions;
    private final int connectionIdBytes;
    private final Predicate<InetSocketAddress> own;

    /** @param own whether a sender is this server's own probe */
    DtlsGate(
            LimitSettings limits,
            Sessions sessions,
            int connectionIdBytes,
            Predicate<InetSocketAddress> own,
            long salt) {
        this.hellos = new StrangerLimit(
                Bucket.Rate.of(limits.sourceHellos(), limits.sourceHellos() * 5),
                limits.hellos(),
                limits.hellos() * 2,
                salt);
        this.returning = new Bucket(Bucket.Rate.of(limits.hellos() * 2, limits.hellos() * 4));
        this.known = new SourceBuckets(Bucket.Rate.of(limits.knownRate(), limits.knownRate() * 2), SOURCES);
        this.sessions = sessions;
        this.connectionIdBytes = connectionIdBytes;
        this.own = own;
    }

    Admission judge(byte[] data, int offset, int length, InetSocketAddress sender, long now) {
        if (length < HEADER_BYTES || (data[offset + 1] & 0xff) != MAJOR_VERSION) {
            return Admission.MALFORMED;
        }
        int type = data[offset] & 0xff;
        boolean open;
        if (type == WITH_CONNECTION_ID) {
            if (connectionIdBytes == 0 || length < HEADER_BYTES + connectionIdBytes) {
                return Admission.MALFORMED;
            }
            open = sessions.withId(data, offset + CONNECTION_ID_AT, connectionIdBytes);
        } else if (type < CHANGE_CIPHER_SPEC || type > APPLICATION_DATA) {
            return Admission.MALFORMED;
        } else if (type == HANDSHAKE && epoch(data, offset) == 0 && startsHello(data, offset, length)) {
            return hello(data, offset, length, sender, now);
        } else {
            open = sessions.at(sender);
        }
        if (!open) {
            return Admission.NO_SESSION;
        }
        synchronized (this) {
            return known.take(Source.of(sender.getAddress()), now) ? Admission.ADMITTED : Admission.KNOWN;
        }
    }

    private Admission hello(byte[] data, int offset, int length, InetSocketAddress sender, long now) {
        int sessionId = offset + SESSION_ID_AT;
        int cookie = length <= SESSION_ID_AT ? length : SESSION_ID_AT + 1 + (data[sessionId] & 0xff);
        if (cookie >= length) {
            return Admission.MALFORMED;
        }
        if (own.test(sender)) {
            return Admission.ADMITTED;
        }
        InetAddress address = sender.getAddress();
        long caller = Source.caller(address, sender.getPort());
        synchronized (this) {
            if (data[offset + cookie] != 0 && hellos.comesBack(caller, now) && returning.take(now)) {
                return Admission.ADMITTED;
            }
            return hellos.take(Source.of(address), caller, now);
        }
    }

    private static int epoch(byte[] data, int offset) {
        return (data[offset + EPOCH_AT] & 0xff) << 8 | (data[offset + EPOCH_AT + 1] & 0xff);
    }

    private static boolean startsHello(byte[] data, int offset, int length) {
        return length > HEADER_BYTES && data[offset + HEADER_BYTES] == CLIENT_HELLO;
    }
}
