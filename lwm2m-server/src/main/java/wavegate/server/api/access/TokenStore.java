package wavegate.server.api.access;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.config.Secret;
import wavegate.firmware.pkg.Sha256;

/**
 * The tokens of this server, {@code wg_ID_SECRET}. A token is shown when it is made and kept as its digest alone. Checking reads memory; a
 * change is on the disk when it returns.
 */
public final class TokenStore {
    /** More than anyone can keep track of. */
    public static final int MOST = 1000;

    private static final Logger LOG = LoggerFactory.getLogger(TokenStore.class);
    private static final Pattern SHAPE = Pattern.compile("wg_([a-z2-7]{8})_[A-Za-z0-9_-]{43}");
    private static final String ID_LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
    private static final Duration FORGET_AFTER = Duration.ofDays(90);
    private static final Caller CONFIGURED = new Caller("token:configured", Role.ADMIN, Instant.MAX);

    private final TokenFile file;
    private final Optional<byte[]> configured;
    private final InstantSource clock;
    private final RandomGenerator random;
    private volatile Map<String, TokenEntry> tokens;

    /** A token that was just made. {@code secret} is the whole of it and is not recoverable afterwards. */
    public record Made(TokenEntry entry, String secret) {
        @Override
        public String toString() {
            return entry.toString();
        }
    }

    private TokenStore(
            TokenFile file,
            Optional<byte[]> configured,
            InstantSource clock,
            RandomGenerator random,
            Map<String, TokenEntry> tokens) {
        this.file = file;
        this.configured = configured;
        this.clock = clock;
        this.random = random;
        this.tokens = tokens;
    }

    /**
     * The tokens in a file. Where there is neither a file nor a configured token, a first admin token is made.
     *
     * @param configured a token of the settings, an admin's, beside those in the file; it is not written down
     * @param announce told the first token, once
     * @throws IOException if the file cannot be read or written, or holds something else
     */
    public static TokenStore open(
            Path file, Secret configured, InstantSource clock, RandomGenerator random, Consumer<String> announce)
            throws IOException {
        TokenFile tokenFile = new TokenFile(file);
        Map<String, TokenEntry> tokens = new TreeMap<>();
        if (tokenFile.exists()) {
            tokenFile.read().forEach(token -> tokens.put(token.id(), token));
        }
        TokenStore store = new TokenStore(
                tokenFile,
                configured.isSet() ? Optional.of(digestOf(configured.value())) : Optional.empty(),
                clock,
                random,
                tokens);
        if (!tokenFile.exists() && !configured.isSet()) {
            announce.accept(store.create("first", Role.ADMIN, Instant.MAX).secret());
        }
        return store;
    }

    /** Whose token this is. Takes the same time for every token of a known id, whatever its secret. */
    Checked check(String offered) {
        byte[] digest = digestOf(offered);
        if (configured.isPresent() && MessageDigest.isEqual(configured.get(), digest)) {
            return Checked.admitted(CONFIGURED);
        }
        Matcher shape = SHAPE.matcher(offered);
        TokenEntry entry = shape.matches() ? tokens.get(shape.group(1)) : null;
        if (entry == null) {
            return Checked.refused("token: not one of this server (expected: one it has given out)");
        }
        Instant now = clock.instant();
        boolean current = MessageDigest.isEqual(entry.digest().bytes(), digest);
        boolean previous = entry.previous()
                .filter(before -> now.isBefore(before.until()))
                .filter(before -> MessageDigest.isEqual(before.digest().bytes(), digest))
                .isPresent();
        if (!current && !previous) {
            return Checked.refused("token: not one of this server (expected: one it has given out)");
        }
        if (!entry.valid(now)) {
            return Checked.refused(
                    now.isBefore(entry.revoked())
                            ? "token: expired at " + entry.expires() + " (expected: one that has not)"
                            : "token: revoked (expected: one that is not)");
        }
        return Checked.admitted(new Caller("token:" + entry.id(), entry.role(), entry.expires()));
    }

    /** Whether a caller who was admitted would still be. */
    boolean stillGood(Caller caller) {
        if (!caller.actor().startsWith("token:") || caller.equals(CONFIGURED)) {
            return true;
        }
        TokenEntry entry = tokens.get(caller.actor().substring("token:".length()));
        return entry != null && entry.valid(clock.instant());
    }

    /** All there are, ended ones of the last 90 days too, by id. */
    public List<TokenEntry> list() {
        return List.copyOf(tokens.values());
    }

    public Optional<TokenEntry> find(String id) {
        return Optional.ofNullable(tokens.get(id));
    }

    /**
     * @param expires {@link Instant#MAX} for never
     * @throws IllegalArgumentException if the name is none, or there are too many tokens
     */
    public synchronized Made create(String name, Role role, Instant expires) throws IOException {
        Map<String, TokenEntry> next = copy();
        if (next.size() >= MOST) {
            throw new IllegalArgumentException("tokens: " + next.size() + " (expected: fewer than " + MOST + ")");
        }
        String id = freshId(next);
        String secret = secret(id);
        Instant now = clock.instant();
        TokenEntry made =
                new TokenEntry(id, name, role, shaOf(secret), now, now, expires, Optional.empty(), Instant.MAX);
        next.put(id, made);
        keep(next);
        LOG.info("token made id={} role={} name=\"{}\"", id, role.label(), name);
        return new Made(made, secret);
    }

    /**
     * Gives a token another secret.
     *
     * @param grace how long the old one is still taken; zero for not at all
     * @return empty if there is no valid token of this id
     */
    public synchronized Optional<Made> rotate(String id, Duration grace) throws IOException {
        Instant now = clock.instant();
        Optional<TokenEntry> known = find(id).filter(entry -> entry.valid(now));
        if (known.isEmpty()) {
            return Optional.empty();
        }
        String secret = secret(id);
        TokenEntry rotated = known.get().rotated(shaOf(secret), now, now.plus(grace));
        Map<String, TokenEntry> next = copy();
        next.put(id, rotated);
        keep(next);
        LOG.info("token rotated id={} grace={}s", id, grace.toSeconds());
        return Optional.of(new Made(rotated, secret));
    }

    /** Ends a token at once. Revoking one that has ended changes nothing. Empty if there never was one of this id. */
    public synchronized Optional<TokenEntry> revoke(String id) throws IOException {
        Optional<TokenEntry> known = find(id);
        Instant now = clock.instant();
        if (known.isEmpty() || !known.get().valid(now)) {
            return known;
        }
        TokenEntry revoked = known.get().revoked(now);
        Map<String, TokenEntry> next = copy();
        next.put(id, revoked);
        keep(next);
        LOG.info("token revoked id={}", id);
        return Optional.of(revoked);
    }

    /** Whether a token is the only one left that may give out tokens. */
    public synchronized boolean lastAdmin(String id) {
        Instant now = clock.instant();
        return configured.isEmpty()
                && find(id).filter(entry -> entry.role() == Role.ADMIN && entry.valid(now))
                        .isPresent()
                && tokens.values().stream()
                                .filter(entry -> entry.role() == Role.ADMIN && entry.valid(now))
                                .count()
                        == 1;
    }

    private Map<String, TokenEntry> copy() {
        Map<String, TokenEntry> copy = new TreeMap<>(tokens);
        Instant forgotten = clock.instant().minus(FORGET_AFTER);
        copy.values().removeIf(entry -> !entry.valid(forgotten) && !entry.valid(clock.instant()));
        return copy;
    }

    private void keep(Map<String, TokenEntry> next) throws IOException {
        file.write(next.values());
        tokens = next;
    }

    private String freshId(Map<String, TokenEntry> taken) {
        StringBuilder id = new StringBuilder();
        do {
            id.setLength(0);
            for (int i = 0; i < 8; i++) {
                id.append(ID_LETTERS.charAt(random.nextInt(ID_LETTERS.length())));
            }
        } while (taken.containsKey(id.toString()));
        return id.toString();
    }

    private String secret(String id) {
        byte[] bits = new byte[32];
        random.nextBytes(bits);
        return "wg_" + id + "_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    }

    private static Sha256 shaOf(String token) {
        return Sha256.ofDigest(digestOf(token));
    }

    private static byte[] digestOf(String token) {
        return Sha256.newDigest().digest(token.getBytes(StandardCharsets.UTF_8));
    }
}
