package wavegate.server.registration;

import java.security.cert.CertPath;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/** When the first of the certificates that DTLS connections rest on will have expired. Any thread. */
final class CertificateEnds {
    private final AtomicReference<Instant> first = new AtomicReference<>(Instant.MAX);

    /** @param path of a connection, the tenant's authority last; that one may go without it */
    void note(CertPath path) {
        int below = path.getCertificates().size() - 1;
        for (int i = 0; i < below; i++) {
            if (path.getCertificates().get(i) instanceof X509Certificate certificate) {
                Instant until = certificate.getNotAfter().toInstant();
                first.accumulateAndGet(until, (one, other) -> one.isBefore(other) ? one : other);
            }
        }
    }

    /** Whether one has expired; that it has is forgotten, so look at all connections then, and note those that stay. */
    boolean isOver(Instant now) {
        Instant until = first.get();
        return now.isAfter(until) && first.compareAndSet(until, Instant.MAX);
    }
}
