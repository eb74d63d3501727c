package wavegate.server.registration;

import java.net.InetSocketAddress;
import java.security.Principal;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.elements.DtlsEndpointContext;
import org.eclipse.californium.elements.EndpointContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.bootstrap.credential.CredentialChange;
import wavegate.bootstrap.credential.Use;

/**
 * Notices credentials in use from two places, by the requests and notifications that come with them. Looks at these on CoAP threads; tells on
 * another. An endpoint is suspected until its credential is changed, over a restart too; it is told of first and written down then, so that a
 * crash between the two tells twice rather than never. What led up to a suspicion is not kept over a restart: it is three messages of the older
 * of two sessions within an hour, which come again as long as both are in use, whether the sessions were carried over or made anew.
 */
final class CloneWatch implements Consumer<CredentialChange> {
    private static final Logger LOG = LoggerFactory.getLogger(CloneWatch.class);

    private final DtlsIdentities identities;
    private final CredentialHolders holders;
    private final InstantSource clock;
    private final Executor tellOn;
    private final Map<String, CloneTrace> traces = new ConcurrentHashMap<>();
    private final SuspectedClones suspected;
    private final AtomicLong count = new AtomicLong();
    private volatile Consumer<String> listener = endpoint -> {};

    /** @param tellOn runs one after the other */
    CloneWatch(
            DtlsIdentities identities,
            CredentialHolders holders,
            SuspectedClones suspected,
            InstantSource clock,
            Executor tellOn) {
        this.suspected = suspected;
        this.identities = identities;
        this.holders = holders;
        this.clock = clock;
        this.tellOn = tellOn;
    }

    /** @param message a request, or a notification */
    void saw(Message message) {
        EndpointContext context = message.getSourceContext();
        Principal principal = context.getPeerIdentity();
        InetSocketAddress from = context.getPeerAddress();
        Long madeAt = context.get(DtlsEndpointContext.KEY_HANDSHAKE_TIMESTAMP);
        if (principal == null || from == null || madeAt == null) {
            return;
        }
        String session = madeAt + " " + context.get(DtlsEndpointContext.KEY_SESSION_ID);
        identities
                .of(principal)
                .flatMap(holders::credential)
                .ifPresent(credential -> saw(
                        credential.endpoint(),
                        new CloneTrace.Sighting(session, madeAt, String.valueOf(from.getAddress()), clock.instant())));
    }

    private void saw(String endpoint, CloneTrace.Sighting sighting) {
        CloneTrace trace = traces.compute(
                endpoint, (name, before) -> before == null ? CloneTrace.first(sighting) : before.next(sighting));
        if (trace != null && trace.isOfTwo() && suspected.add(endpoint)) {
            count.incrementAndGet();
            LOG.warn(
                    "credential in use from two places ep={} session-returns={} host-returns={}",
                    endpoint,
                    trace.sessionReturns(),
                    trace.hostReturns());
            tellOn.execute(() -> tell(endpoint));
        }
    }

    @Override
    public void accept(CredentialChange change) {
        if (change.use() == Use.LWM2M) {
            traces.remove(change.credential().endpoint());
            if (suspected.remove(change.credential().endpoint())) {
                tellOn.execute(suspected::write);
            }
        }
    }

    private void tell(String endpoint) {
        try {
            listener.accept(endpoint);
        } catch (RuntimeException e) {
            LOG.error("what was to follow from a credential in two places failed ep={}", endpoint, e);
        }
        suspected.write();
    }

    /** @param told the endpoint's name, once until its credential is changed */
    void onClone(Consumer<String> told) {
        listener = told;
    }

    boolean isSuspected(String endpoint) {
        return suspected.contains(endpoint);
    }

    /** Suspicions since the start. */
    long count() {
        return count.get();
    }
}
