package wavegate.bootstrap.shard;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Set;

/**
 * One LwM2M server of the fleet, as devices reach it.
 *
 * @param name 1 to 64 of letters, digits, {@code . _ -}
 * @param uri {@code coaps://host:port}, or {@code coap://} in a laboratory; nothing behind the port
 * @param weight its share of the fleet relative to the others, 0..100; 0 takes only devices that are sent there by name
 */
public record Shard(String name, String uri, int weight) {
    private static final Set<String> SCHEMES = Set.of("coap", "coaps");

    public Shard {
        if (!name.matches("[A-Za-z0-9._-]{1,64}")) {
            throw new IllegalArgumentException("shard: " + quoted(name) + " (expected: 1 to 64 of A-Z a-z 0-9 . _ -)");
        }
        requireServerUri("uri of shard " + name, uri);
        if (weight < 0 || weight > 100) {
            throw new IllegalArgumentException("weight of shard " + name + ": " + weight + " (expected: 0..100)");
        }
    }

    /** Whether its devices need a credential. */
    public boolean secure() {
        return uri.startsWith("coaps:");
    }

    /** @throws IllegalArgumentException naming {@code what} unless the text is the address of an LwM2M server over UDP */
    public static void requireServerUri(String what, String text) {
        if (!isServerUri(text)) {
            throw new IllegalArgumentException(
                    what + ": " + quoted(text) + " (expected: coaps://host:port or coap://host:port)");
        }
    }

    private static boolean isServerUri(String text) {
        try {
            URI uri = new URI(text);
            return text.length() <= 255
                    && uri.getScheme() != null
                    && SCHEMES.contains(uri.getScheme())
                    && uri.getHost() != null
                    && uri.getUserInfo() == null
                    && uri.getPort() <= 65_535
                    && uri.getPort() != 0
                    && uri.getQuery() == null
                    && uri.getFragment() == null
                    && (uri.getPath().isEmpty() || uri.getPath().equals("/"));
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static String quoted(String text) {
        StringBuilder shown = new StringBuilder("\"");
        text.codePoints().limit(80).forEach(c -> shown.appendCodePoint(c < 0x20 || c >= 0x7f || c == '"' ? '?' : c));
        return shown.append('"').toString();
    }
}
