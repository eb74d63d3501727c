package wavegate.bootstrap;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import wavegate.bootstrap.BootstrapSettings.Limits;
import wavegate.bootstrap.BootstrapSettings.Listener;
import wavegate.bootstrap.BootstrapSettings.OwnProcess;
import wavegate.bootstrap.BootstrapSettings.ShardAccess;
import wavegate.bootstrap.account.AccountJson;
import wavegate.bootstrap.account.Rule;
import wavegate.bootstrap.account.Terms;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.shard.Shard;
import wavegate.config.CoapSettings;
import wavegate.config.Durations;
import wavegate.config.LimitSettings;

/**
 * Reads {@code bootstrap.yaml}:
 *
 * <pre>
 * coaps: {enabled: true, host: 127.0.0.1, port: 5784}
 * limits: {sessions-per-minute: 3000}
 * shards:
 *   - {name: eu-1, uri: "coaps://eu-1.example:5684", api: "https://eu-1.example:8080", token-file: eu-1.token}
 * rules:
 *   - {name: factory, match: "pump-*", lifetime: 300, single-use: true}
 * overrides: {pump-17: eu-1}
 * devices:
 *   - endpoint: pump-18
 *     bootstrap-identity: pump-18-bs
 *     bootstrap-key: 000102030405060708090a0b0c0d0e0f
 *     server-uri: coaps://fota.example:5684
 *     server-identity: pump-18
 *     server-key: 101112131415161718191a1b1c1d1e1f
 *   - endpoint: pump-19                  # without a server: the rule says the rest
 *     bootstrap-identity: pump-19-bs
 *     bootstrap-key: 202122232425262728292a2b2c2d2e2f
 * </pre>
 *
 * All faults are gathered, and none shows a key.
 */
public final class BootstrapFile {
    private static final ObjectMapper YAML =
            new ObjectMapper(new YAMLFactory()).enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
    private static final Set<String> KEYS =
            Set.of("coap", "coaps", "data-dir", "key-file", "limits", "shards", "rules", "overrides", "devices");
    private static final Set<String> COAP_KEYS = Set.of("enabled", "host", "port", "allow-beyond-loopback");
    private static final Set<String> COAPS_KEYS =
            Set.of("enabled", "host", "port", "private-key", "certificate", "tenants", "max-life");
    private static final Set<String> LIMIT_KEYS =
            Set.of("sessions-per-minute", "sessions-per-device", "open-sessions", "answer", "session", "grace");
    private static final Set<String> DATAGRAM_KEYS = Set.of(
            "source-rate",
            "source-burst",
            "stranger-rate",
            "stranger-burst",
            "known-rate",
            "source-hellos",
            "hellos",
            "handshakes",
            "source-handshakes",
            "backlog",
            "remembered");
    private static final Set<String> SHARD_KEYS =
            Set.of("name", "uri", "weight", "api", "token-file", "ca-file", "server-key", "tenant", "oscore-uri");
    private static final Set<String> DEVICE_KEYS = Set.of(
            "endpoint",
            "bootstrap-identity",
            "bootstrap-key",
            "bootstrap-public-key",
            "bootstrap-tenant",
            "server-uri",
            "server-identity",
            "server-key",
            "lifetime",
            "binding");

    /** What a device without a server of its own has from its rule. */
    private static final List<String> OF_SERVER = List.of("server-identity", "server-key", "lifetime", "binding");

    private final List<String> faults = new ArrayList<>();

    private BootstrapFile() {}

    /** @throws IOException if the file cannot be read, is open to others though it holds keys, or says what cannot stand: every fault on a line */
    public static BootstrapSettings read(Path file) throws IOException {
        BootstrapSettings settings;
        try {
            settings = parse(Files.readString(file));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ":\n  " + e.getMessage(), e);
        }
        if (!settings.accounts().isEmpty()
                && file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
            if (!PosixFilePermissions.fromString("rw-------").containsAll(mode)) {
                throw new IOException(file + ": mode " + PosixFilePermissions.toString(mode)
                        + " (expected: rw------- , since it holds keys; chmod 600)");
            }
        }
        return settings;
    }

    /** @throws IllegalArgumentException with all faults, each on a line */
    static BootstrapSettings parse(String yaml) {
        try {
            return new BootstrapFile().settings(YAML.readTree(yaml));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "line " + (e.getLocation() == null ? "?" : e.getLocation().getLineNr()) + ": not YAML");
        }
    }

    private BootstrapSettings settings(JsonNode root) {
        known(root, KEYS, "file");
        Listener coap = or(BootstrapSettings.COAP, () -> guarded(root));
        Listener coaps =
                or(BootstrapSettings.COAPS, () -> listener("coaps", COAPS_KEYS, root, BootstrapSettings.COAPS));
        Limits limits = or(Limits.DEFAULT, () -> limits(root.path("limits")));
        List<ShardAccess> shards = each(root.path("shards"), this::shard);
        List<Rule> rules = each(root.path("rules"), this::rule);
        Map<String, String> overrides = new TreeMap<>();
        root.path("overrides")
                .properties()
                .forEach(entry -> overrides.put(entry.getKey(), entry.getValue().asText()));
        List<BootstrapAccount> accounts = each(root.path("devices"), this::account);
        OwnProcess process = new OwnProcess(
                Path.of(root.path("data-dir")
                        .asText(OwnProcess.DEFAULT.dataDir().toString())),
                root.path("key-file").asText(""),
                or(LimitSettings.DEFAULT, () -> datagrams(root.path("limits"))),
                or(OwnProcess.Trust.DEFAULT, () -> trust(root.path("coaps"))));
        BootstrapSettings settings = or(
                BootstrapSettings.DEFAULT,
                () -> new BootstrapSettings(coap, coaps, limits, shards, rules, overrides, accounts, process));
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n  ", faults));
        }
        return settings;
    }

    private interface Reader<T> {
        T read(JsonNode node);
    }

    private <T> List<T> each(JsonNode list, Reader<T> reader) {
        List<T> read = new ArrayList<>();
        for (JsonNode node : list) {
            try {
                read.add(reader.read(node));
            } catch (IllegalArgumentException e) {
                faults.add(e.getMessage());
            }
        }
        return read;
    }

    private <T> T or(T otherwise, Supplier<T> reader) {
        try {
            return reader.get();
        } catch (IllegalArgumentException e) {
            faults.add(e.getMessage());
            return otherwise;
        }
    }

    private void known(JsonNode node, Set<String> keys, String where) {
        or("", () -> {
            AccountJson.requireKnown(node, keys, where);
            return "";
        });
    }

    /** Without security a stranger is given keys, so beyond loopback that has to be said. */
    private Listener guarded(JsonNode root) {
        Listener coap = listener("coap", COAP_KEYS, root, BootstrapSettings.COAP);
        boolean beyond = root.path("coap").path("allow-beyond-loopback").asBoolean();
        try {
            CoapSettings unused = new CoapSettings(coap.enabled(), coap.host(), coap.port(), beyond);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("coap." + e.getMessage(), e);
        }
        return coap;
    }

    private Listener listener(String name, Set<String> keys, JsonNode root, Listener defaults) {
        JsonNode node = root.path(name);
        known(node, keys, name);
        return new Listener(
                node.path("enabled").asBoolean(defaults.enabled()),
                node.path("host").asText(defaults.host()),
                node.path("port").asInt(defaults.port()));
    }

    private static OwnProcess.Trust trust(JsonNode node) {
        OwnProcess.Trust d = OwnProcess.Trust.DEFAULT;
        return new OwnProcess.Trust(
                node.path("private-key").asText(d.privateKey()),
                node.path("certificate").asText(d.certificate()),
                Path.of(node.path("tenants").asText(d.tenants().toString())),
                duration(node, "max-life", d.maxLife()));
    }

    private static LimitSettings datagrams(JsonNode node) {
        LimitSettings d = LimitSettings.DEFAULT;
        try {
            return datagrams(node, d);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("limits: " + e.getMessage(), e);
        }
    }

    private static LimitSettings datagrams(JsonNode node, LimitSettings d) {
        return new LimitSettings(
                count(node, "source-rate", d.sourceRate()),
                count(node, "source-burst", d.sourceBurst()),
                count(node, "stranger-rate", d.strangerRate()),
                count(node, "stranger-burst", d.strangerBurst()),
                count(node, "known-rate", d.knownRate()),
                count(node, "source-hellos", d.sourceHellos()),
                count(node, "hellos", d.hellos()),
                count(node, "handshakes", d.handshakes()),
                count(node, "source-handshakes", d.sourceHandshakes()),
                count(node, "backlog", d.backlog()),
                count(node, "remembered", d.remembered()),
                d.bodies(),
                d.deviceBodies(),
                d.body(),
                d.registrations(),
                d.sourceRegistrations(),
                d.newNamesPerMinute(),
                d.sourceNewNamesPerMinute(),
                d.crowdedNewNamesPerMinute(),
                d.links(),
                d.minLifetime(),
                d.maxLifetime());
    }

    private static int count(JsonNode node, String name, int otherwise) {
        JsonNode value = node.path(name);
        if (!value.isMissingNode() && !value.canConvertToInt()) {
            throw new IllegalArgumentException(name + ": not a whole number (expected: one)");
        }
        return value.asInt(otherwise);
    }

    private Limits limits(JsonNode node) {
        Set<String> keys = new HashSet<>(LIMIT_KEYS);
        keys.addAll(DATAGRAM_KEYS);
        known(node, keys, "limits");
        Limits d = Limits.DEFAULT;
        return new Limits(
                node.path("sessions-per-minute").asInt(d.sessionsPerMinute()),
                node.path("sessions-per-device").asInt(d.sessionsPerDevice()),
                node.path("open-sessions").asInt(d.openSessions()),
                duration(node, "answer", d.answer()),
                duration(node, "session", d.session()),
                duration(node, "grace", d.grace()));
    }

    private static Duration duration(JsonNode node, String name, Duration otherwise) {
        return node.has(name) ? Durations.parse(node.get(name).asText()) : otherwise;
    }

    private ShardAccess shard(JsonNode node) {
        known(node, SHARD_KEYS, "shard");
        Shard shard = new Shard(
                node.path("name").asText(""),
                node.path("uri").asText(""),
                node.path("weight").asInt(1));
        String api = node.path("api").asText("");
        if (!api.isEmpty() && !HttpSink.isApi(api)) {
            throw new IllegalArgumentException("api of shard " + shard.name()
                    + ": not usable (expected: https://host:port, or http:// on this machine)");
        }
        if (!api.isEmpty() && !node.has("token-file")) {
            throw new IllegalArgumentException(
                    "token-file of shard " + shard.name() + ": none (expected: a file with a token for its api)");
        }
        String oscore = node.path("oscore-uri").asText("");
        if (!oscore.isEmpty()) {
            Shard.requireServerUri("oscore-uri of shard " + shard.name(), oscore);
            if (!oscore.startsWith("coap:")) {
                throw new IllegalArgumentException("oscore-uri of shard " + shard.name() + ": " + oscore
                        + " (expected: coap://host:port, protected by OSCORE instead of DTLS)");
            }
        }
        if (node.has("ca-file") && !api.startsWith("https:")) {
            throw new IllegalArgumentException(
                    "ca-file of shard " + shard.name() + ": without https (expected: an api of https://host:port)");
        }
        return new ShardAccess(
                shard,
                api,
                path(node, "token-file"),
                path(node, "ca-file"),
                path(node, "server-key"),
                node.path("tenant").asText(""),
                oscore);
    }

    private static Optional<Path> path(JsonNode node, String name) {
        return Optional.ofNullable(node.get(name)).map(JsonNode::asText).map(Path::of);
    }

    private Rule rule(JsonNode node) {
        Set<String> keys = new HashSet<>(AccountJson.TERMS);
        keys.addAll(Set.of("name", "match", "labels"));
        known(node, keys, "rule");
        String name = node.path("name").asText("");
        try {
            return new Rule(
                    name,
                    node.path("match").asText(""),
                    AccountJson.terms(node, Terms.DEFAULT),
                    AccountJson.labels(node.path("labels")));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "rule " + name.replaceAll("[^A-Za-z0-9._-]", "?") + ": " + e.getMessage());
        }
    }

    private BootstrapAccount account(JsonNode node) {
        known(node, DEVICE_KEYS, "device");
        String endpoint = node.path("endpoint").asText("");
        if (!node.has("server-uri")) {
            for (String ofServer : OF_SERVER) {
                if (node.has(ofServer)) {
                    throw new IllegalArgumentException(ofServer + " of " + endpoint
                            + ": without a server-uri (expected: both, or neither and a rule)");
                }
            }
        }
        return new BootstrapAccount(
                endpoint,
                proof(node, endpoint),
                node.path("server-uri").asText(""),
                node.path("server-identity").asText(""),
                key(node, endpoint, "server-key"),
                node.path("lifetime").asLong(Terms.DEFAULT_LIFETIME),
                node.path("binding").asText("U"));
    }

    private static Optional<Credential> proof(JsonNode node, String endpoint) {
        long kinds = Stream.of("bootstrap-identity", "bootstrap-public-key", "bootstrap-tenant")
                .filter(node::has)
                .count();
        if (kinds > 1) {
            throw new IllegalArgumentException(
                    "bootstrap-identity of " + endpoint
                            + ": beside another proof (expected: one of bootstrap-identity, bootstrap-public-key and bootstrap-tenant)");
        }
        if (node.has("bootstrap-tenant")) {
            return Optional.of(
                    new Credential.X509(endpoint, node.path("bootstrap-tenant").asText()));
        }
        if (node.has("bootstrap-public-key")) {
            Path file = Path.of(node.path("bootstrap-public-key").asText());
            try {
                return Optional.of(new Credential.Rpk(endpoint, ShardKeys.publicKey(file)));
            } catch (IOException e) {
                throw new IllegalArgumentException(
                        "bootstrap-public-key of " + endpoint + ": " + file
                                + " cannot be read (expected: PEM, EC on P-256)",
                        e);
            }
        }
        return BootstrapAccount.proof(
                endpoint, node.path("bootstrap-identity").asText(""), key(node, endpoint, "bootstrap-key"));
    }

    private static byte[] key(JsonNode node, String endpoint, String name) {
        // A key of digits alone is a number to YAML, and its leading zeros are gone.
        if (node.path(name).isNumber()) {
            throw new IllegalArgumentException(name + " of " + endpoint + ": a number (expected: hex in quotes)");
        }
        try {
            return HexFormat.of().parseHex(node.path(name).asText(""));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + " of " + endpoint + ": not hex (expected: two digits a byte)");
        }
    }
}
