package wavegate.bootstrap;

import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.bootstrap.Provisioning.Provided;
import wavegate.bootstrap.account.Account;
import wavegate.bootstrap.account.Accounts;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.StoredCredential;
import wavegate.bootstrap.credential.Use;

/**
 * Takes a bootstrap credential for a single use away once it was used: when the device has registered with what it was given, or, where that
 * cannot be seen from here, when its session ends well. A credential given since is another one and stays. Any thread; revokes on a worker.
 */
final class SingleUse {
    private static final Logger LOG = LoggerFactory.getLogger(SingleUse.class);
    private static final int PAGE = 1_000;

    private final Provisioning provisioning;
    private final Executor workers;
    private final Predicate<String> seesRegistrations;
    /** Devices that have been told their server and have not been seen there. */
    private final Map<String, Account> awaited = new ConcurrentHashMap<>();

    SingleUse(Provisioning provisioning, Executor workers, Predicate<String> seesRegistrations) {
        this.provisioning = provisioning;
        this.workers = workers;
        this.seesRegistrations = seesRegistrations;
    }

    /** Awaits again those that were awaited when the process ended. */
    void goOn(Accounts accounts, CredentialStore credentials) {
        String after = "";
        for (var page = accounts.page(after, PAGE); !page.isEmpty(); page = accounts.page(after, PAGE)) {
            for (Account account : page) {
                after = account.endpoint();
                account.last()
                        .filter(served -> account.terms().singleUse() && usedBy(account, served.at(), credentials))
                        .ifPresent(served -> awaited.put(account.endpoint(), account));
            }
        }
    }

    private static boolean usedBy(Account account, Instant session, CredentialStore credentials) {
        return credentials.find(account.endpoint()).stream()
                .anyMatch(stored -> stored.use() == Use.BOOTSTRAP
                        && stored.state() == StoredCredential.State.ACTIVE
                        && stored.since().isBefore(session));
    }

    /** A session has ended well. Call before its end is queued to be written down: the device may be quicker than the disk. */
    void told(Account account, Provided provided) {
        if (account.terms().singleUse() && seen(provided)) {
            awaited.put(account.endpoint(), account);
        }
    }

    /** On a worker, when the end of the session is written down. @return whether its credential was taken away now */
    boolean finished(Account account, Provided provided) throws IOException {
        return !seen(provided) && provisioning.spend(account);
    }

    private boolean seen(Provided provided) {
        return provided.servers().stream().map(Provisioning::nameOf).anyMatch(seesRegistrations);
    }

    void registered(String endpoint) {
        Account account = awaited.remove(endpoint);
        if (account == null) {
            return;
        }
        try {
            workers.execute(() -> spend(account));
        } catch (RejectedExecutionException e) {
            LOG.debug("bootstrap is closing; ep={} is awaited again after the next start", endpoint);
        }
    }

    private void spend(Account account) {
        try {
            if (provisioning.spend(account)) {
                LOG.info("bootstrap credential of ep={} is spent", account.endpoint());
            }
        } catch (IOException | RuntimeException e) {
            // The next Register tries again.
            awaited.putIfAbsent(account.endpoint(), account);
            LOG.error("bootstrap credential of ep={} could not be revoked", account.endpoint(), e);
        }
    }
}
