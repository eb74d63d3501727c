package wavegate.server.registration;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Iterator;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.leshan.core.Destroyable;
import org.eclipse.leshan.core.Startable;
import org.eclipse.leshan.core.Stoppable;
import org.eclipse.leshan.core.observation.Observation;
import org.eclipse.leshan.core.observation.ObservationIdentifier;
import org.eclipse.leshan.core.peer.LwM2mIdentity;
import org.eclipse.leshan.core.peer.SocketIdentity;
import org.eclipse.leshan.server.registration.Deregistration;
import org.eclipse.leshan.server.registration.ExpirationListener;
import org.eclipse.leshan.server.registration.InMemoryRegistrationStore;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationStore;
import org.eclipse.leshan.server.registration.RegistrationUpdate;
import org.eclipse.leshan.server.registration.UpdatedRegistration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.server.registration.limit.SourceCounts;

/**
 * Leshan's in-memory store with an expiry of its own. Leshan's cleaner removes from a snapshot without looking again, so it can take a
 * registration that was refreshed meanwhile, and one that vanished meanwhile ends its sweep. Here the second look and the removal happen under a
 * lock that a Registration Update of the same registration takes too. Any thread; the sweep runs on {@code registration-expiry}.
 */
final class ExpiringRegistrationStore implements RegistrationStore, Startable, Stoppable, Destroyable {
    private static final Logger LOG = LoggerFactory.getLogger(ExpiringRegistrationStore.class);
    private static final int STRIPES = 256;

    private final ScheduledExecutorService sweeper = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "registration-expiry");
        thread.setDaemon(true);
        return thread;
    });
    // Never started, so Leshan's own cleaner never runs.
    private final InMemoryRegistrationStore store = new InMemoryRegistrationStore(sweeper, Integer.MAX_VALUE);
    private final SharedRegistrations shared;
    private final Object[] stripes = new Object[STRIPES];
    private final long periodMillis;
    private volatile @Nullable ExpirationListener listener;
    private final SourceCounts withoutDtls = new SourceCounts();
    private final AtomicInteger count = new AtomicInteger();
    private boolean started;

    ExpiringRegistrationStore(long periodMillis, SharedRegistrations shared) {
        this.periodMillis = periodMillis;
        this.shared = shared;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Object();
        }
    }

    @Override
    public synchronized void start() {
        if (!started) {
            started = true;
            Future<?> unused =
                    sweeper.scheduleWithFixedDelay(this::sweep, periodMillis, periodMillis, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public synchronized void stop() {
        sweeper.shutdownNow();
    }

    @Override
    public synchronized void destroy() {
        sweeper.shutdownNow();
    }

    /** Ends what has outlived its lifetime. */
    void sweep() {
        try {
            SourceCounts left = new SourceCounts();
            int alive = 0;
            Iterator<Registration> all = store.getAllRegistrations();
            while (all.hasNext()) {
                Registration registration = all.next();
                if (!registration.isAlive()) {
                    expire(registration.getId());
                    continue;
                }
                alive++;
                if (isWithoutDtls(registration)) {
                    left.add(registration.getAddress());
                }
            }
            withoutDtls.replaceWith(left);
            count.set(alive);
        } catch (RuntimeException e) {
            LOG.error("expiry sweep ended early, the next one goes on", e);
        }
    }

    private static boolean isWithoutDtls(Registration registration) {
        return registration.getClientTransportData().getIdentity() instanceof SocketIdentity;
    }

    /** Registrations at the last sweep, and those added since. */
    int count() {
        return count.get();
    }

    /** The same of one source, without DTLS only. */
    int withoutDtlsFrom(InetAddress address) {
        return withoutDtls.of(address);
    }

    private void expire(String registrationId) {
        Deregistration ended;
        synchronized (stripe(registrationId)) {
            Registration now = store.getRegistration(registrationId);
            if (now == null || now.isAlive()) {
                return;
            }
            ended = store.removeRegistration(registrationId);
        }
        tell(ended);
    }

    /** Ends a registration whatever its lifetime; told like an expiry, so that all that hangs on it ends too. */
    void end(String registrationId) {
        Deregistration ended;
        synchronized (stripe(registrationId)) {
            ended = store.removeRegistration(registrationId);
        }
        tell(ended);
    }

    private void tell(@Nullable Deregistration ended) {
        ExpirationListener told = listener;
        if (ended != null && told != null) {
            told.registrationExpired(ended.getRegistration(), ended.getObservations());
        }
    }

    private Object stripe(String registrationId) {
        return stripes[Math.floorMod(registrationId.hashCode(), STRIPES)];
    }

    @Override
    public @Nullable UpdatedRegistration updateRegistration(RegistrationUpdate update) {
        synchronized (stripe(update.getRegistrationId())) {
            return store.updateRegistration(shared.share(update));
        }
    }

    @Override
    public @Nullable Deregistration addRegistration(Registration registration) {
        Deregistration replaced = store.addRegistration(shared.share(registration));
        if (replaced == null) {
            count.incrementAndGet();
            if (isWithoutDtls(registration)) {
                withoutDtls.add(registration.getAddress());
            }
        }
        return replaced;
    }

    @Override
    public @Nullable Deregistration removeRegistration(String registrationId) {
        synchronized (stripe(registrationId)) {
            return store.removeRegistration(registrationId);
        }
    }

    @Override
    public @Nullable Registration getRegistration(String registrationId) {
        return store.getRegistration(registrationId);
    }

    @Override
    public @Nullable Registration getRegistrationByEndpoint(String endpoint) {
        return store.getRegistrationByEndpoint(endpoint);
    }

    @Override
    public @Nullable Registration getRegistrationByAdress(InetSocketAddress address) {
        return store.getRegistrationByAdress(address);
    }

    @Override
    public @Nullable Registration getRegistrationByIdentity(LwM2mIdentity identity) {
        return store.getRegistrationByIdentity(identity);
    }

    @Override
    public Iterator<Registration> getAllRegistrations() {
        return store.getAllRegistrations();
    }

    @Override
    public Collection<Observation> addObservation(String registrationId, Observation observation, boolean addIfAbsent) {
        return store.addObservation(registrationId, observation, addIfAbsent);
    }

    @Override
    public @Nullable Observation getObservation(String registrationId, ObservationIdentifier observationId) {
        return store.getObservation(registrationId, observationId);
    }

    @Override
    public @Nullable Observation getObservation(ObservationIdentifier observationId) {
        return store.getObservation(observationId);
    }

    @Override
    public @Nullable Observation removeObservation(String registrationId, ObservationIdentifier observationId) {
        return store.removeObservation(registrationId, observationId);
    }

    @Override
    public Collection<Observation> getObservations(String registrationId) {
        return store.getObservations(registrationId);
    }

    @Override
    public Collection<Observation> removeObservations(String registrationId) {
        return store.removeObservations(registrationId);
    }

    @Override
    public void setExpirationListener(ExpirationListener expirationListener) {
        listener = expirationListener;
        store.setExpirationListener(expirationListener);
    }
}
