package wavegate.server.registration;

import java.net.InetSocketAddress;
import java.security.Principal;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.elements.DtlsEndpointContext;
import org.eclipse.californium.elements.EndpointContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.bootstrap.credential.CredentialChange;
import wavegate.bootstrap.credential.Use;

/**
 * Notices credentials in use from two places. Looks at requests on CoAP threads; tells on another. An endpoint is suspected until its credential
 * is changed.
 */
final class CloneWatch implements Consumer<CredentialChange> {
    private static final Logger LOG = LoggerFactory.getLogger(CloneWatch.class);

    private final DtlsIdentities identities;
    private final CredentialHolders holders;
    private final InstantSource clock;
    private final Executor tellOn;
    private final Map<String, CloneTrace> traces = new ConcurrentHashMap<>();
    private final Set<String> suspected = ConcurrentHashMap.newKeySet();
    private final AtomicLong count = new AtomicLong();
    private volatile Consumer<String> listener = endpoint -> {};

    CloneWatch(DtlsIdentities identities, CredentialHolders holders, InstantSource clock, Executor tellOn) {
        this.identities = identities;
        this.holders = holders;
        this.clock = clock;
        this.tellOn = tellOn;
    }

    void saw(Request request) {
        EndpointContext context = request.getSourceContext();
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
            tellOn.execute(() -> listener.accept(endpoint));
        }
    }

    @Override
    public void accept(CredentialChange change) {
        if (change.use() == Use.LWM2M) {
            traces.remove(change.credential().endpoint());
            suspected.remove(change.credential().endpoint());
        }
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
