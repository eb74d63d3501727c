package wavegate.bootstrap;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.bootstrap.account.Account;
import wavegate.bootstrap.account.Accounts;
import wavegate.bootstrap.account.Terms.KeyKind;
import wavegate.bootstrap.account.Terms.Place;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.CredentialRefused;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.Use;
import wavegate.bootstrap.plan.Keys;
import wavegate.bootstrap.plan.ServerAccount;
import wavegate.bootstrap.shard.Assignment;
import wavegate.bootstrap.shard.Shard;
import wavegate.bootstrap.shard.ShardRing;

/**
 * Makes what a device is given: chooses its shards, makes keys, has them known to the servers first. Works on the bootstrap server's worker
 * threads, since it waits for the disk.
 */
final class Provisioning {
    private static final Logger LOG = LoggerFactory.getLogger(Provisioning.class);

    /** Keys made for sessions that did not end well and given again; the oldest are forgotten, which costs a rotation. */
    private static final int PENDING = 100_000;

    /**
     * What a device is given in one session.
     *
     * @param servers name of the shard and address, as {@code eu-1=coaps://...}
     */
    record Provided(List<ServerAccount> accounts, List<String> servers) {}

    private final Accounts accounts;
    private final CredentialStore store;
    private final CredentialSink sink;
    private final Map<String, ShardTerms> shards;
    private final ShardRing ring;
    private final Map<String, String> overrides;
    private final InstantSource clock;
    private final SecureRandom random;
    private final Map<String, FreshKeys> pending = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, FreshKeys> eldest) {
            return size() > PENDING;
        }
    };

    /**
     * @param serverKey DER of the key or certificate the shard's server shows; empty if none is configured
     * @param tenant whose certificates its devices show
     * @param oscoreUri how devices reach it by OSCORE; empty if it does not speak it
     */
    record ShardTerms(Shard shard, byte[] serverKey, String tenant, String oscoreUri) {}

    /** @param overrides endpoint to name of a shard, where none was set since */
    Provisioning(
            Accounts accounts,
            CredentialStore store,
            CredentialSink sink,
            List<ShardTerms> shards,
            Map<String, String> overrides,
            InstantSource clock,
            SecureRandom random) {
        this.accounts = accounts;
        this.store = store;
        this.sink = sink;
        this.shards = shards.stream()
                .collect(java.util.stream.Collectors.toMap(s -> s.shard().name(), Function.identity()));
        this.ring = ShardRing.of(shards.stream().map(ShardTerms::shard).toList());
        this.overrides = overrides;
        this.clock = clock;
        this.random = random;
    }

    ShardRing ring() {
        return ring;
    }

    /** Where the device belongs now. */
    Optional<Assignment> assignment(String endpoint) {
        Optional<String> override = accounts.override(endpoint).or(() -> Optional.ofNullable(overrides.get(endpoint)));
        return Assignment.of(ring, override, endpoint);
    }

    /** Whether an operator took the device's credential away: no session gives it another. */
    boolean revoked(Account account) {
        return store.known(Use.LWM2M, account.endpoint())
                && store.valid(Use.LWM2M, account.endpoint()).isEmpty();
    }

    /** Fails with a message fit for a log if a server cannot be told, or there is none. */
    CompletionStage<Provided> prepare(Account account) {
        List<CompletableFuture<ServerAccount>> made = new ArrayList<>();
        List<String> servers = new ArrayList<>();
        for (Place place : account.terms().servers()) {
            if (place.isFixed()) {
                made.add(attempt(() -> fixed(account, place)));
                servers.add("=" + place.uri());
                continue;
            }
            Optional<Shard> shard = place.shard().isEmpty()
                    ? assignment(account.endpoint()).map(Assignment::shard)
                    : ring.named(place.shard());
            if (shard.isEmpty()) {
                return CompletableFuture.failedFuture(
                        new IllegalStateException("no shard " + place.shard() + " for it"));
            }
            servers.add(shard.get().name() + "=" + uriOf(account, shard.get()));
            made.add(attempt(() -> atShard(account, place, shard.get())));
        }
        return CompletableFuture.allOf(made.toArray(CompletableFuture[]::new))
                .thenApply(all ->
                        new Provided(made.stream().map(CompletableFuture::join).toList(), servers));
    }

    /** The device has confirmed everything. */
    void finished(Account account, Provided provided) throws IOException {
        List<String> before = account.last().map(Account.Served::servers).orElse(List.of());
        synchronized (pending) {
            provided.servers().forEach(server -> pending.remove(pendingKey(account, nameOf(server))));
        }
        accounts.served(account, new Account.Served(clock.instant(), provided.servers()));
        before.stream()
                .map(Provisioning::nameOf)
                .filter(name -> provided.servers().stream()
                        .noneMatch(server -> nameOf(server).equals(name)))
                .flatMap(name -> ring.named(name).stream())
                .filter(shard -> shard.secure() || !termsOf(shard).oscoreUri().isEmpty())
                .forEach(shard -> withdraw(account, shard));
    }

    /**
     * The single use of a bootstrap credential is over.
     *
     * @return whether it was taken away now
     */
    boolean spend(Account account) throws IOException {
        if (!account.terms().singleUse()
                || store.valid(Use.BOOTSTRAP, account.endpoint()).isEmpty()) {
            return false;
        }
        try {
            store.revoke(Use.BOOTSTRAP, account.endpoint(), "single use");
            return true;
        } catch (CredentialRefused e) {
            return false;
        }
    }

    private void withdraw(Account account, Shard shard) {
        sink.withdraw(shard, account.endpoint()).whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.warn(
                        "bootstrap ep={} could not be withdrawn from shard={}: {}",
                        account.endpoint(),
                        shard.name(),
                        failure.toString());
            }
        });
    }

    private CompletionStage<ServerAccount> fixed(Account account, Place place) {
        if (!place.uri().startsWith("coaps:")) {
            return CompletableFuture.completedFuture(server(account, place, place.uri(), new Keys.NoSec()));
        }
        return CompletableFuture.completedFuture(store.valid(Use.LWM2M, account.endpoint()).stream()
                .filter(Credential.Psk.class::isInstance)
                .map(Credential.Psk.class::cast)
                .findFirst()
                .map(psk -> server(account, place, place.uri(), new Keys.Psk(psk.identity(), psk.key())))
                .orElseThrow(() -> new IllegalStateException("no credential for " + place.uri())));
    }

    private CompletionStage<ServerAccount> atShard(Account account, Place place, Shard shard) {
        if (!shard.secure() && account.terms().keys() != KeyKind.OSCORE) {
            return CompletableFuture.completedFuture(server(account, place, shard.uri(), new Keys.NoSec()));
        }
        FreshKeys keys = keysFor(account, termsOf(shard));
        return sink.provide(shard, keys.credential())
                .whenComplete((known, failure) -> {
                    if (failure instanceof CredentialRefused) {
                        // What was refused once is refused again; the next session brings another.
                        synchronized (pending) {
                            pending.remove(pendingKey(account, shard.name()));
                        }
                    }
                })
                .thenApply(known -> server(account, place, uriOf(account, shard), keys.keys(), keys.oscore()));
    }

    /** The same as in a session that did not end well, so that a device with a bad link does not use up its rotations. */
    private FreshKeys keysFor(Account account, ShardTerms at) {
        String key = pendingKey(account, at.shard().name());
        KeyKind kind = account.terms().keys();
        if (kind == KeyKind.OSCORE && at.oscoreUri().isEmpty()) {
            throw new IllegalStateException(
                    "no oscore-uri of shard " + at.shard().name() + " (needed for OSCORE)");
        }
        if ((kind == KeyKind.RPK || kind == KeyKind.X509) && at.serverKey().length == 0) {
            throw new IllegalStateException(
                    "no server-key of shard " + at.shard().name() + " (needed for " + kind + ")");
        }
        if (kind == KeyKind.OSCORE) {
            // A device counts its messages from zero in what it is given: twice the same would be the same nonces
            // twice.
            return FreshKeys.make(kind, account.endpoint(), at.serverKey(), at.tenant(), random);
        }
        synchronized (pending) {
            return pending.computeIfAbsent(
                    key, k -> FreshKeys.make(kind, account.endpoint(), at.serverKey(), at.tenant(), random));
        }
    }

    private ShardTerms termsOf(Shard shard) {
        return java.util.Objects.requireNonNull(shards.get(shard.name()));
    }

    /** How the device reaches the shard with the keys it is given. */
    private String uriOf(Account account, Shard shard) {
        return account.terms().keys() == KeyKind.OSCORE ? termsOf(shard).oscoreUri() : shard.uri();
    }

    private static String pendingKey(Account account, String shard) {
        return shard + " " + account.terms().keys() + " " + account.endpoint();
    }

    static String nameOf(String server) {
        return server.substring(0, server.indexOf('='));
    }

    private static ServerAccount server(Account account, Place place, String uri, Keys keys) {
        return server(account, place, uri, keys, Optional.empty());
    }

    private static ServerAccount server(
            Account account, Place place, String uri, Keys keys, Optional<ServerAccount.OscoreKeys> oscore) {
        return new ServerAccount(
                place.shortServerId(),
                uri,
                keys,
                oscore,
                account.terms().lifetimeSeconds(),
                account.terms().binding(),
                place.owns());
    }

    private static <T> CompletableFuture<T> attempt(java.util.function.Supplier<CompletionStage<T>> work) {
        try {
            return work.get().toCompletableFuture();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
