package wavegate.bootstrap.credential;

import java.io.IOException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.bootstrap.credential.CredentialRefused.Why;
import wavegate.bootstrap.credential.StoredCredential.State;

/**
 * The credentials in one encrypted file ({@link SealedRecords}), all of them in memory too. Changes are made one at a time under the lock of
 * this object; {@code credentials-0} ends what was replaced or has outlived its grace.
 */
public final class SealedCredentialStore implements CredentialStore {
    private static final Logger LOG = LoggerFactory.getLogger(SealedCredentialStore.class);
    private static final int SPARE_RECORDS = 256;

    private record Proof(Use use, String value) {}

    private final InstantSource clock;
    private final ConcurrentNavigableMap<Slot.Key, Slot> slots = new ConcurrentSkipListMap<>();
    /** PSK identities and public keys of all that are ACTIVE or RETIRING. */
    private final Map<Proof, StoredCredential> byProof = new ConcurrentHashMap<>();

    private final Set<Slot.Key> retiring = ConcurrentHashMap.newKeySet();
    private final List<Consumer<CredentialChange>> listeners = new CopyOnWriteArrayList<>();
    private final SealedRecords records;
    private final ScheduledExecutorService ender = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "credentials-0");
        thread.setDaemon(true);
        return thread;
    });

    private SealedCredentialStore(Path file, StoreKey key, InstantSource clock, SecureRandom random)
            throws IOException {
        this.clock = clock;
        try {
            this.records = SealedRecords.open(file, key, random, record -> index(Slot.of(record)));
        } catch (IllegalArgumentException e) {
            ender.shutdownNow();
            throw new IOException(file + ": " + e.getMessage(), e);
        } catch (IOException e) {
            ender.shutdownNow();
            throw e;
        }
        records.cut().ifPresent(cut -> LOG.warn("credentials file={} torn tail cut {}", file, cut));
        Future<?> unused = ender.scheduleWithFixedDelay(this::expireNow, 1, 1, TimeUnit.SECONDS);
    }

    /**
     * Opens the store; an absent file is an empty one.
     *
     * @throws IOException if it cannot be read, is open to others, in use, sealed with another key, or damaged; no message shows a secret
     */
    public static SealedCredentialStore open(Path file, StoreKey key, InstantSource clock, SecureRandom random)
            throws IOException {
        SealedCredentialStore store = new SealedCredentialStore(file, key, clock, random);
        LOG.info("credentials open endpoints={} records={}", store.slots.size(), store.records.count());
        return store;
    }

    @Override
    public Optional<Credential> byIdentity(Use use, String pskIdentity) {
        return byProof(new Proof(use, "psk " + pskIdentity));
    }

    @Override
    public Optional<Credential> byPublicKey(Use use, PublicKey key) {
        return byProof(new Proof(use, "rpk " + Credential.Rpk.fingerprint(key)));
    }

    @Override
    public Optional<Credential.Oscore> byRecipientId(Use use, byte[] recipientId) {
        return byProof(new Proof(use, oscore(recipientId)))
                .filter(Credential.Oscore.class::isInstance)
                .map(Credential.Oscore.class::cast);
    }

    private static String oscore(byte[] recipientId) {
        return "oscore " + HexFormat.of().formatHex(recipientId);
    }

    private Optional<Credential> byProof(Proof proof) {
        StoredCredential stored = byProof.get(proof);
        return stored != null && stored.isLive(now()) ? Optional.of(stored.credential()) : Optional.empty();
    }

    @Override
    public List<Credential> valid(Use use, String endpoint) {
        Slot slot = slots.get(new Slot.Key(endpoint, use));
        return slot == null
                ? List.of()
                : slot.live(now()).stream().map(StoredCredential::credential).toList();
    }

    @Override
    public boolean known(Use use, String endpoint) {
        return slots.containsKey(new Slot.Key(endpoint, use));
    }

    @Override
    public List<StoredCredential> find(String endpoint) {
        List<StoredCredential> found = new ArrayList<>();
        for (Use use : Use.values()) {
            Slot slot = slots.get(new Slot.Key(endpoint, use));
            if (slot != null) {
                found.addAll(slot.credentials());
            }
        }
        return found;
    }

    @Override
    public int count(Use use) {
        return (int) slots.keySet().stream().filter(key -> key.use() == use).count();
    }

    @Override
    public List<StoredCredential> page(String after, int limit) {
        List<StoredCredential> page = new ArrayList<>();
        String last = "";
        int endpoints = 0;
        // Uses are in ascending order within an endpoint, so this key is the last of its endpoint.
        Slot.Key from = new Slot.Key(after, Use.LWM2M);
        for (Slot slot : slots.tailMap(from, false).values()) {
            if (!slot.key().endpoint().equals(last)) {
                if (endpoints == limit) {
                    break;
                }
                endpoints++;
                last = slot.key().endpoint();
            }
            page.addAll(slot.credentials());
        }
        return page;
    }

    @Override
    public StoredCredential put(Use use, Credential credential) throws IOException {
        Slot next;
        synchronized (this) {
            next = put(slotOf(use, credential.endpoint()), credential, Map.of());
            save(List.of(next));
        }
        tell(CredentialChange.Kind.ADDED, use, credential, "");
        return next.credentials().get(0);
    }

    private Slot put(Slot slot, Credential credential, Map<Proof, String> also) {
        Instant now = now();
        String endpoint = credential.endpoint();
        if (!slot.live(now).isEmpty()) {
            throw new CredentialRefused(
                    Why.EXISTS, endpoint + ": has a credential (expected: none; rotate it, or revoke it first)");
        }
        if (slot.hasRevoked(credential)) {
            throw new CredentialRefused(
                    Why.REVOKED, endpoint + ": this very credential was revoked (expected: a new secret)");
        }
        requireFree(slot.key(), credential, also);
        return slot.with(credential, now, Duration.ZERO);
    }

    @Override
    public StoredCredential rotate(Use use, Credential credential, Duration grace) throws IOException {
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace: " + grace + " (expected: zero or more)");
        }
        boolean first;
        List<StoredCredential> ended;
        Slot next;
        synchronized (this) {
            Slot slot = slotOf(use, credential.endpoint());
            List<StoredCredential> live = slot.live(now());
            first = live.isEmpty() && slot.credentials().isEmpty();
            if (first) {
                next = put(slot, credential, Map.of());
            } else {
                next = rotated(slot, live, credential, grace);
            }
            save(List.of(next));
            ended = missing(live, next);
        }
        tell(first ? CredentialChange.Kind.ADDED : CredentialChange.Kind.ROTATED, use, credential, "");
        ended.forEach(stored -> tell(CredentialChange.Kind.ENDED, use, stored.credential(), ""));
        return next.credentials().get(0);
    }

    private Slot rotated(Slot slot, List<StoredCredential> live, Credential credential, Duration grace) {
        String endpoint = credential.endpoint();
        if (live.isEmpty()) {
            throw new CredentialRefused(
                    Why.REVOKED, endpoint + ": its credential was revoked (expected: one to rotate; add one anew)");
        }
        if (live.stream().anyMatch(stored -> stored.credential().equals(credential))) {
            throw new CredentialRefused(Why.SAME, endpoint + ": has this credential (expected: a new one)");
        }
        if (slot.hasRevoked(credential)) {
            throw new CredentialRefused(
                    Why.REVOKED, endpoint + ": this very credential was revoked (expected: a new secret)");
        }
        boolean sameIdentity = live.stream()
                .anyMatch(stored -> proof(stored).isPresent()
                        && proof(stored).equals(proof(slot.key().use(), credential)));
        if (sameIdentity && !grace.isZero()) {
            throw new CredentialRefused(
                    Why.TAKEN,
                    endpoint + ": the earlier credential has this identity (expected: another one, or no grace)");
        }
        requireFree(slot.key(), credential, Map.of());
        return slot.with(credential, now(), grace);
    }

    private void requireFree(Slot.Key key, Credential credential, Map<Proof, String> also) {
        proof(key.use(), credential).ifPresent(proof -> {
            StoredCredential holder = byProof.get(proof);
            String owner = holder != null && holder.isLive(now())
                    ? holder.credential().endpoint()
                    : also.getOrDefault(proof, key.endpoint());
            if (!owner.equals(key.endpoint())) {
                throw new CredentialRefused(
                        Why.TAKEN, key.endpoint() + ": another endpoint has this identity or key (expected: its own)");
            }
        });
    }

    @Override
    public void revoke(Use use, String endpoint, String reason) throws IOException {
        if (reason.isBlank() || reason.length() > 500) {
            throw new IllegalArgumentException("reason: (expected: 1 to 500 characters)");
        }
        List<StoredCredential> live;
        synchronized (this) {
            Slot slot = slotOf(use, endpoint);
            Instant now = now();
            live = slot.live(now);
            if (live.isEmpty()) {
                throw new CredentialRefused(Why.UNKNOWN, endpoint + ": has no credential (expected: one to revoke)");
            }
            save(List.of(slot.revoked(now)));
        }
        live.forEach(stored -> tell(CredentialChange.Kind.REVOKED, use, stored.credential(), reason));
    }

    @Override
    public void used(Use use, Credential credential) {
        Slot.Key key = new Slot.Key(credential.endpoint(), use);
        // Most calls end here.
        if (retiring.contains(key) && endsEarlier(key, credential)) {
            ender.execute(() -> replace(key, slot -> slot.withoutOlderThan(credential)));
        }
    }

    private boolean endsEarlier(Slot.Key key, Credential credential) {
        Slot slot = slots.get(key);
        return slot != null
                && slot.withoutOlderThan(credential).credentials().size()
                        < slot.credentials().size();
    }

    private void expireNow() {
        expire(now());
    }

    @Override
    public void expire(Instant now) {
        for (Slot.Key key : retiring) {
            replace(key, slot -> slot.without(now));
        }
    }

    private interface Change {
        Slot of(Slot slot);
    }

    /** Runs on {@code credentials-0}: a disk that refuses is logged, and the credential ends by its grace. */
    private void replace(Slot.Key key, Change change) {
        List<StoredCredential> ended;
        try {
            synchronized (this) {
                Slot slot = slots.get(key);
                if (slot == null) {
                    return;
                }
                Slot next = change.of(slot);
                ended = missing(slot.credentials(), next);
                if (ended.isEmpty()) {
                    return;
                }
                save(List.of(next));
            }
        } catch (IOException e) {
            LOG.error("credentials ep={} an earlier one could not be ended", key.endpoint(), e);
            return;
        }
        ended.forEach(stored -> tell(CredentialChange.Kind.ENDED, key.use(), stored.credential(), ""));
    }

    private static List<StoredCredential> missing(List<StoredCredential> before, Slot after) {
        return before.stream()
                .filter(stored -> after.credentials().stream()
                        .noneMatch(there -> there.credential().equals(stored.credential())))
                .toList();
    }

    @Override
    public List<Optional<CredentialRefused>> importAll(Use use, List<? extends Credential> credentials)
            throws IOException {
        List<Optional<CredentialRefused>> results = new ArrayList<>();
        Map<Slot.Key, Slot> next = new LinkedHashMap<>();
        synchronized (this) {
            Map<Proof, String> also = new LinkedHashMap<>();
            for (Credential credential : credentials) {
                try {
                    Slot.Key key = new Slot.Key(credential.endpoint(), use);
                    Slot slot = next.getOrDefault(key, slotOf(use, credential.endpoint()));
                    next.put(key, put(slot, credential, also));
                    proof(use, credential).ifPresent(proof -> also.put(proof, credential.endpoint()));
                    results.add(Optional.empty());
                } catch (CredentialRefused e) {
                    results.add(Optional.of(e));
                }
            }
            if (!next.isEmpty()) {
                save(List.copyOf(next.values()));
            }
        }
        next.values()
                .forEach(slot -> tell(
                        CredentialChange.Kind.ADDED,
                        use,
                        slot.credentials().get(0).credential(),
                        ""));
        return results;
    }

    /** In the file's resolution, so that what was read again equals what was written. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    private Slot slotOf(Use use, String endpoint) {
        Slot slot = slots.get(new Slot.Key(endpoint, use));
        return slot == null ? Slot.empty(use, endpoint) : slot;
    }

    private void save(List<Slot> changed) throws IOException {
        records.append(changed.stream().map(Slot::toBytes).toList());
        changed.forEach(this::index);
        if (records.count() > 2L * slots.size() + SPARE_RECORDS) {
            records.rewrite(slots.values().stream().map(Slot::toBytes).toList());
        }
    }

    private void index(Slot next) {
        Slot before = slots.put(next.key(), next);
        Set<Proof> kept = new HashSet<>();
        next.credentials().forEach(stored -> proof(stored).ifPresent(proof -> {
            byProof.put(proof, stored);
            kept.add(proof);
        }));
        if (before != null) {
            // After the new ones are there: a handshake between must find what is good before and after.
            before.credentials()
                    .forEach(stored ->
                            proof(stored).filter(proof -> !kept.contains(proof)).ifPresent(byProof::remove));
        }
        if (next.isRetiring()) {
            retiring.add(next.key());
        } else {
            retiring.remove(next.key());
        }
    }

    /** What it is looked up by; nothing for a revoked one, or for a certificate. */
    private static Optional<Proof> proof(StoredCredential stored) {
        return stored.state() == State.REVOKED ? Optional.empty() : proof(stored.use(), stored.credential());
    }

    private static Optional<Proof> proof(Use use, Credential credential) {
        if (credential instanceof Credential.Psk psk) {
            return Optional.of(new Proof(use, "psk " + psk.identity()));
        }
        if (credential instanceof Credential.Rpk rpk) {
            return Optional.of(new Proof(use, "rpk " + Credential.Rpk.fingerprint(rpk.key())));
        }
        if (credential instanceof Credential.Oscore oscore) {
            return Optional.of(new Proof(use, oscore(oscore.recipientId())));
        }
        return Optional.empty();
    }

    @Override
    public void addListener(Consumer<CredentialChange> listener) {
        listeners.add(listener);
    }

    private void tell(CredentialChange.Kind kind, Use use, Credential credential, String reason) {
        LOG.info("credential ep={} use={} {}", credential.endpoint(), use, kind);
        CredentialChange change = new CredentialChange(kind, use, credential, reason);
        for (Consumer<CredentialChange> listener : listeners) {
            try {
                listener.accept(change);
            } catch (RuntimeException e) {
                LOG.error("credential ep={} a listener failed", credential.endpoint(), e);
            }
        }
    }

    @Override
    public void close() {
        ender.shutdown();
        try {
            if (!ender.awaitTermination(5, TimeUnit.SECONDS)) {
                LOG.warn("credentials: a write takes too long");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            try {
                records.close();
            } catch (IOException e) {
                LOG.warn("credentials did not close cleanly", e);
            }
        }
    }
}
