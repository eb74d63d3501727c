package wavegate.server;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.bootstrap.AuditedSink;
import wavegate.bootstrap.BootstrapAudit;
import wavegate.bootstrap.BootstrapServer;
import wavegate.bootstrap.BootstrapSettings;
import wavegate.bootstrap.BootstrapSettings.OwnProcess;
import wavegate.bootstrap.ShardSinks;
import wavegate.bootstrap.StoreSink;
import wavegate.bootstrap.account.Accounts;
import wavegate.bootstrap.audit.AuditFile;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.OwnedFiles;
import wavegate.bootstrap.credential.SealedCredentialStore;
import wavegate.bootstrap.credential.StoreKey;
import wavegate.server.registration.CertificateSide;
import wavegate.server.registration.GuardedBootstrapSockets;
import wavegate.server.registration.ServerIdentity;
import wavegate.server.registration.TenantAuthorities;
import wavegate.server.registration.limit.ShedCounts;

/**
 * A bootstrap server by itself, with all that {@link BootstrapParts} is lent by the server: its own credentials, identity and tenants. Built leaf
 * to root, closed in reverse.
 */
public final class BootstrapProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BootstrapProcess.class);

    /** Folder of the audit trail, in the data directory. */
    public static final String AUDIT = "audit";

    private static final String SELF = "bootstrap";

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final GuardedBootstrapSockets sockets;
    private final BootstrapServer server;

    /**
     * Takes devices when this returns.
     *
     * @param onFatal is told, once, when the audit cannot be written any more
     * @throws IOException if the data or an identity cannot be opened
     * @throws IllegalStateException if a port cannot be had
     */
    public BootstrapProcess(BootstrapSettings settings, Consumer<Throwable> onFatal) throws IOException {
        OwnProcess own = settings.process();
        SecureRandom random = new SecureRandom();
        Clock clock = Clock.systemUTC();
        try {
            Path data = OwnedFiles.directory(own.dataDir());
            StoreKey key = StoreKey.forData(data, own.keyFile(), random);
            CredentialStore store = keep(SealedCredentialStore.open(data.resolve("credentials"), key, clock, random));
            AuditFile file = keep(AuditFile.open(data.resolve(AUDIT), clock, onFatal));
            BootstrapAudit audit = (actor, action, subject, details) -> {
                file.record(actor, action, subject, details);
                LOG.info("audit actor={} action={} subject={} {}", actor, action, subject, details);
            };
            audit.record(SELF, "process.start", SELF, Map.of());
            open.push(() -> audit.record(SELF, "process.stop", SELF, Map.of()));
            Accounts accounts = keep(Accounts.open(data.resolve("accounts"), settings.rules()));
            sockets = new GuardedBootstrapSockets(
                    own.datagrams(), store, certificates(own, data, key, clock, random), random);
            server = keep(new BootstrapServer(
                    settings,
                    new BootstrapServer.Ports(
                            store,
                            new AuditedSink(
                                    new ShardSinks(
                                            settings,
                                            new StoreSink(
                                                    store, settings.limits().grace(), random),
                                            random),
                                    audit),
                            accounts,
                            audit,
                            sockets,
                            shard -> false),
                    clock,
                    random));
            store.addListener(change -> audit.record(
                    SELF,
                    "credential." + change.kind().name().toLowerCase(Locale.ROOT),
                    change.credential().endpoint(),
                    Map.of("use", change.use().name().toLowerCase(Locale.ROOT), "reason", change.reason())));
            server.start();
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private CertificateSide certificates(OwnProcess own, Path data, StoreKey key, Clock clock, SecureRandom random)
            throws IOException {
        OwnProcess.Trust trust = own.trust();
        ServerIdentity identity = trust.privateKey().isEmpty()
                ? ServerIdentity.keptIn(data.resolve("server-identity"), key, random, clock.instant())
                : ServerIdentity.ofFiles(Path.of(trust.privateKey()), Path.of(trust.certificate()));
        TenantAuthorities tenants = TenantAuthorities.open(data.resolve(trust.tenants()), trust.maxLife(), clock);
        ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "tenants");
            thread.setDaemon(true);
            return thread;
        });
        open.push(watch::shutdownNow);
        Future<?> unused = watch.scheduleWithFixedDelay(tenants::reload, 1, 1, TimeUnit.SECONDS);
        return new CertificateSide(identity, tenants);
    }

    public BootstrapServer server() {
        return server;
    }

    /** What each socket has admitted and shed since the start. */
    public List<ShedCounts> shed() {
        return sockets.shed();
    }

    private <T extends AutoCloseable> T keep(T part) {
        open.push(part);
        return part;
    }

    /** Closes what was opened, last first. What cannot be closed is logged and passed over. Called by one thread. */
    @Override
    public void close() {
        while (!open.isEmpty()) {
            AutoCloseable part = open.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("{} did not close cleanly", part.getClass().getSimpleName(), e);
            }
        }
    }
}
