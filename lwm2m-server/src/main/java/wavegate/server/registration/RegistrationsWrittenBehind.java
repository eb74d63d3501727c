package wavegate.server.registration;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.leshan.core.observation.Observation;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationListener;
import org.eclipse.leshan.server.registration.RegistrationStore;
import org.eclipse.leshan.server.registration.RegistrationUpdate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.firmware.device.Endpoint;

/**
 * Carries registrations over a restart, so that a device need not register anew. Once a second those that changed are written, on
 * {@code registrations-0}; on CoAP threads a change costs one entry in a set. A crash loses the last second at most; those devices are answered
 * 4.04 and register. A file that cannot be read or written never keeps a server from working.
 */
public final class RegistrationsWrittenBehind implements RegistrationListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RegistrationsWrittenBehind.class);
    private static final long PERIOD_MILLIS = 1000;

    private final RegistrationStore store;
    private final RegistrationFile file;
    private final Set<String> changed = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "registrations-0");
        thread.setDaemon(true);
        return thread;
    });
    private boolean failing;

    private RegistrationsWrittenBehind(RegistrationStore store, RegistrationFile file) {
        this.store = store;
        this.file = file;
    }

    /**
     * Puts what the file holds into a server that does not run yet, tells no listener of it, and keeps the file up to date from then on. Left
     * out are registrations that have outlived their lifetime, came by an endpoint the server has no more, or whose device may not speak for
     * its name with the credentials of now.
     */
    public static RegistrationsWrittenBehind restore(
            Path path, LeshanServer server, CredentialStore credentials, LwM2mSettings settings) {
        RegistrationStore store = server.getRegistrationStore();
        RegistrationsWrittenBehind written = new RegistrationsWrittenBehind(
                store,
                new RegistrationFile(
                        path, new RegistrationCodec(settings.limits().links())));
        written.read(path, server, new CredentialHolders(credentials));
        server.getRegistrationService().addListener(written);
        Future<?> unused = written.writer.scheduleWithFixedDelay(
                written::write, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        return written;
    }

    private void read(Path path, LeshanServer server, CredentialHolders holders) {
        file.read(new RegistrationFile.Reader() {
                    @Override
                    public void registered(Registration registration) {
                        store.addRegistration(registration);
                    }

                    @Override
                    public void gone(String endpoint) {
                        Registration there = store.getRegistrationByEndpoint(endpoint);
                        if (there != null) {
                            store.removeRegistration(there.getId());
                        }
                    }
                })
                .ifPresent(wrong -> LOG.warn("registrations file={} {}; the devices register anew", path, wrong));
        Set<String> served = new HashSet<>();
        server.getEndpoints().forEach(endpoint -> served.add(endpoint.getURI().toString()));
        List<Registration> out = new ArrayList<>();
        int kept = 0;
        for (Iterator<Registration> all = store.getAllRegistrations(); all.hasNext(); ) {
            Registration registration = all.next();
            boolean keep = registration.isAlive()
                    && served.contains(registration.getLastEndpointUsed().toString())
                    && Endpoint.isValid(registration.getEndpoint())
                    && holders.maySpeakFor(
                            registration.getEndpoint(),
                            registration.getClientTransportData().getIdentity());
            if (keep) {
                kept++;
            } else {
                out.add(registration);
            }
        }
        out.forEach(registration -> store.removeRegistration(registration.getId()));
        LOG.info("registrations restored={} left-out={}", kept, out.size());
    }

    @Override
    public void registered(
            Registration registration,
            @Nullable Registration previous,
            @Nullable Collection<Observation> previousObservations) {
        changed.add(registration.getEndpoint());
    }

    @Override
    public void updated(RegistrationUpdate update, Registration updated, Registration previous) {
        changed.add(updated.getEndpoint());
    }

    @Override
    public void unregistered(
            Registration registration,
            @Nullable Collection<Observation> observations,
            boolean expired,
            @Nullable Registration newRegistration) {
        changed.add(registration.getEndpoint());
    }

    private void write() {
        try {
            if (file.wantsRewrite()) {
                // Before the look at the store: what changes after it is in the set again.
                changed.clear();
                file.rewrite(store.getAllRegistrations());
            }
            for (Iterator<String> endpoints = changed.iterator(); endpoints.hasNext(); ) {
                String endpoint = endpoints.next();
                // Taken out before it is looked up: a change after the look-up puts it in again.
                endpoints.remove();
                file.append(endpoint, store.getRegistrationByEndpoint(endpoint));
            }
            file.flush();
            if (failing) {
                failing = false;
                LOG.info("registrations are written again");
            }
        } catch (IOException | RuntimeException e) {
            file.abandon();
            if (!failing) {
                failing = true;
                LOG.warn("registrations not written, trying again each second", e);
            }
        }
    }

    /** Writes what has changed since, and ends. Call when the endpoints are closed. */
    @Override
    public void close() throws IOException {
        writer.shutdown();
        try {
            if (!writer.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.warn("registrations: a write takes too long, the last changes are left out");
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        write();
        file.close();
    }
}
