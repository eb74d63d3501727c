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
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import wavegate.bootstrap.BootstrapSettings.Listener;

/**
 * Reads {@code bootstrap.yaml}:
 *
 * <pre>
 * coaps: {enabled: true, host: 127.0.0.1, port: 5784}
 * devices:
 *   - endpoint: pump-17
 *     bootstrap-identity: pump-17-bs
 *     bootstrap-key: 000102030405060708090a0b0c0d0e0f
 *     server-uri: coaps://fota.example:5684
 *     server-identity: pump-17
 *     server-key: 101112131415161718191a1b1c1d1e1f
 *     lifetime: 300
 *     binding: U
 * </pre>
 */
public final class BootstrapFile {
    private static final ObjectMapper YAML =
            new ObjectMapper(new YAMLFactory()).enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
    private static final Set<String> KEYS = Set.of("coap", "coaps", "devices");
    private static final Set<String> LISTENER_KEYS = Set.of("enabled", "host", "port");
    private static final Set<String> DEVICE_KEYS = Set.of(
            "endpoint",
            "bootstrap-identity",
            "bootstrap-key",
            "server-uri",
            "server-identity",
            "server-key",
            "lifetime",
            "binding");

    private BootstrapFile() {}

    /** @throws IOException if the file cannot be read, is open to others though it holds keys, or says what cannot stand; no message shows a key */
    public static BootstrapSettings read(Path file) throws IOException {
        BootstrapSettings settings;
        try {
            settings = parse(Files.readString(file));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
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

    /** @throws IllegalArgumentException naming the first fault */
    static BootstrapSettings parse(String yaml) {
        JsonNode root;
        try {
            root = YAML.readTree(yaml);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "line " + (e.getLocation() == null ? "?" : e.getLocation().getLineNr()) + ": not YAML");
        }
        requireKnown(root, KEYS, "");
        List<BootstrapAccount> accounts = new ArrayList<>();
        for (JsonNode device : root.path("devices")) {
            accounts.add(account(device));
        }
        return new BootstrapSettings(
                listener(root.path("coap"), BootstrapSettings.COAP),
                listener(root.path("coaps"), BootstrapSettings.COAPS),
                accounts);
    }

    private static Listener listener(JsonNode node, Listener defaults) {
        requireKnown(node, LISTENER_KEYS, "listener ");
        return new Listener(
                node.path("enabled").asBoolean(defaults.enabled()),
                node.path("host").asText(defaults.host()),
                node.path("port").asInt(defaults.port()));
    }

    private static BootstrapAccount account(JsonNode node) {
        requireKnown(node, DEVICE_KEYS, "device ");
        String endpoint = node.path("endpoint").asText("");
        return new BootstrapAccount(
                endpoint,
                node.path("bootstrap-identity").asText(""),
                key(node, endpoint, "bootstrap-key"),
                node.path("server-uri").asText(""),
                node.path("server-identity").asText(""),
                key(node, endpoint, "server-key"),
                node.path("lifetime").asLong(86_400),
                node.path("binding").asText("U"));
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

    private static void requireKnown(JsonNode node, Set<String> known, String where) {
        for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!known.contains(name)) {
                throw new IllegalArgumentException(where + "key: " + name + " (expected: one of "
                        + known.stream().sorted().toList() + ")");
            }
        }
    }
}
