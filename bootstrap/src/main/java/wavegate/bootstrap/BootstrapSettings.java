package wavegate.bootstrap;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import wavegate.bootstrap.account.Rule;
import wavegate.bootstrap.account.Terms;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.shard.Shard;
import wavegate.bootstrap.shard.ShardRing;
import wavegate.config.LimitSettings;

/**
 * Where the bootstrap server listens, for whom, and which servers it sends devices to.
 *
 * @param coap without security; off unless configured
 * @param shards LwM2M servers of the fleet
 * @param rules accounts for devices with a factory credential, in the order in which they are tried
 * @param overrides endpoint to name of a shard; those set over the API outrank them
 * @param accounts devices with keys of their own, taken over at the start
 * @param process what a bootstrap server needs that runs by itself
 */
public record BootstrapSettings(
        Listener coap,
        Listener coaps,
        Limits limits,
        List<ShardAccess> shards,
        List<Rule> rules,
        Map<String, String> overrides,
        List<BootstrapAccount> accounts,
        OwnProcess process) {
    /** Port 0 takes any free one. */
    public record Listener(boolean enabled, String host, int port) {
        public Listener {
            if (port < 0 || port > 65535) {
                throw new IllegalArgumentException("port: " + port + " (expected: 0..65535)");
            }
        }
    }

    /**
     * Bounds of the work devices may cause.
     *
     * @param sessionsPerMinute sessions that may begin in a minute, in all
     * @param sessionsPerDevice the same for one device
     * @param openSessions sessions that may be open at a time
     * @param answer how long a device may take for one answer
     * @param session how long a session may take
     * @param grace how long a device's earlier credential stays good if it never uses the new one
     */
    public record Limits(
            int sessionsPerMinute,
            int sessionsPerDevice,
            int openSessions,
            Duration answer,
            Duration session,
            Duration grace) {
        public static final Limits DEFAULT =
                new Limits(3_000, 6, 2_000, Duration.ofSeconds(60), Duration.ofMinutes(5), Duration.ofDays(30));

        public Limits {
            require(sessionsPerMinute >= 1, "sessions-per-minute", sessionsPerMinute);
            require(sessionsPerDevice >= 1, "sessions-per-device", sessionsPerDevice);
            require(openSessions >= 1, "open-sessions", openSessions);
            require(answer.toMillis() >= 100, "answer", answer);
            require(session.compareTo(answer) >= 0, "session", session);
            require(!grace.isNegative(), "grace", grace);
        }

        private static void require(boolean holds, String name, Object value) {
            if (!holds) {
                throw new IllegalArgumentException("limits." + name + ": " + value
                        + " (expected: counts of 1 or more, answer 100ms or more, session no shorter than answer)");
            }
        }
    }

    /**
     * A shard and how its server is spoken to.
     *
     * @param api address of its management API; empty if it runs in this process
     * @param token file with a token of role admin for that API
     * @param authority PEM file of certificate authorities that alone may vouch for that API; empty: those of the Java runtime
     * @param serverKey PEM file with its public key or certificate, which devices check it by; needed for RPK and X.509
     * @param tenant whose certificates its devices show, for X.509
     * @param oscoreUri how devices reach it by OSCORE; empty if it does not speak it
     */
    public record ShardAccess(
            Shard shard,
            String api,
            Optional<Path> token,
            Optional<Path> authority,
            Optional<Path> serverKey,
            String tenant,
            String oscoreUri) {
        public static ShardAccess inProcess(Shard shard) {
            return inProcess(shard, "");
        }

        public static ShardAccess inProcess(Shard shard, String oscoreUri) {
            return new ShardAccess(shard, "", Optional.empty(), Optional.empty(), Optional.empty(), "", oscoreUri);
        }
    }

    /**
     * What a bootstrap server by itself has of its own; inside a server, that server's is taken.
     *
     * @param dataDir accounts and, sealed, credentials
     * @param keyFile what they are sealed with; outside the data directory, empty for a file beside it
     * @param datagrams what its sockets take before they shed load
     */
    public record OwnProcess(Path dataDir, String keyFile, LimitSettings datagrams, Trust trust) {
        public static final OwnProcess DEFAULT =
                new OwnProcess(Path.of("bootstrap-data"), "", LimitSettings.DEFAULT, Trust.DEFAULT);

        /**
         * Public keys and certificates.
         *
         * @param privateKey PEM file of the server's EC key; empty: made at the first start and kept sealed
         * @param certificate PEM file of its chain; empty: self-signed. Both or none
         * @param tenants folder with {@code NAME.pem} and {@code NAME.crl} of each tenant; relative to the data directory
         * @param maxLife longest validity of a device's certificate where its tenant has no CRL
         */
        public record Trust(String privateKey, String certificate, Path tenants, Duration maxLife) {
            public static final Trust DEFAULT = new Trust("", "", Path.of("tenants"), Duration.ofDays(30));

            public Trust {
                if (privateKey.isEmpty() != certificate.isEmpty()) {
                    throw new IllegalArgumentException("coaps.certificate: \"" + certificate
                            + "\" (expected: a file where private-key is one, else nothing)");
                }
                if (maxLife.isNegative() || maxLife.isZero()) {
                    throw new IllegalArgumentException(
                            "coaps.max-life: " + maxLife + " (expected: a duration above zero, like 720h)");
                }
            }
        }
    }

    public static final Listener COAP = new Listener(false, "127.0.0.1", 5783);
    public static final Listener COAPS = new Listener(true, "127.0.0.1", 5784);
    public static final BootstrapSettings DEFAULT = new BootstrapSettings(COAP, COAPS, List.of());

    public BootstrapSettings {
        shards = List.copyOf(shards);
        rules = List.copyOf(rules);
        overrides = Map.copyOf(overrides);
        accounts = List.copyOf(accounts);
        List<String> faults = faults(coap, coaps, shards, rules, overrides, accounts);
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n  ", faults));
        }
    }

    /** Without shards or rules. */
    public BootstrapSettings(Listener coap, Listener coaps, List<BootstrapAccount> accounts) {
        this(coap, coaps, Limits.DEFAULT, List.of(), List.of(), Map.of(), accounts, OwnProcess.DEFAULT);
    }

    /** The same with other shards. */
    public BootstrapSettings withShards(List<ShardAccess> others) {
        return new BootstrapSettings(coap, coaps, limits, others, rules, overrides, accounts, process);
    }

    public ShardRing ring() {
        return ShardRing.of(shards.stream().map(ShardAccess::shard).toList());
    }

    private static List<String> faults(
            Listener coap,
            Listener coaps,
            List<ShardAccess> shards,
            List<Rule> rules,
            Map<String, String> overrides,
            List<BootstrapAccount> accounts) {
        List<String> faults = new ArrayList<>();
        if (!coap.enabled() && !coaps.enabled()) {
            faults.add("bootstrap: coap and coaps are off (expected: at least one on)");
        }
        Map<String, ShardAccess> byName = new LinkedHashMap<>();
        for (ShardAccess access : shards) {
            if (byName.put(access.shard().name(), access) != null) {
                faults.add("shard: " + access.shard().name() + " occurs twice");
            }
        }
        for (Rule rule : rules) {
            for (Terms.Place place : rule.terms().servers()) {
                if (!place.shard().isEmpty() && !byName.containsKey(place.shard())) {
                    faults.add("rule " + rule.name() + ": no shard " + place.shard());
                }
            }
        }
        overrides.forEach((endpoint, shard) -> {
            if (!byName.containsKey(shard)) {
                faults.add("override of " + endpoint + ": no shard " + shard);
            }
        });
        Map<String, String> endpoints = new LinkedHashMap<>();
        Map<String, String> identities = new LinkedHashMap<>();
        for (BootstrapAccount account : accounts) {
            if (endpoints.put(account.endpoint(), "") != null) {
                faults.add("endpoint: " + account.endpoint() + " occurs twice");
            }
            Optional<String> shown = account.proof().flatMap(BootstrapSettings::shown);
            if (shown.isPresent() && identities.put(shown.get(), account.endpoint()) != null) {
                faults.add("bootstrap-identity of " + account.endpoint()
                        + " belongs to another device too (expected: one device for each identity or public key)");
            }
            if (account.byRule() && rules.stream().noneMatch(rule -> rule.fits(account.endpoint()))) {
                faults.add("server-uri of " + account.endpoint() + ": none (expected: one, or a rule that fits it)");
            }
        }
        return faults;
    }

    /** What may be one device's alone; a tenant has many. */
    private static Optional<String> shown(Credential proof) {
        if (proof instanceof Credential.Psk psk) {
            return Optional.of("psk " + psk.identity());
        }
        return proof instanceof Credential.Rpk rpk
                ? Optional.of("rpk " + Credential.Rpk.fingerprint(rpk.key()))
                : Optional.empty();
    }
}
