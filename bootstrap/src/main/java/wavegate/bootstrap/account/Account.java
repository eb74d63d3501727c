package wavegate.bootstrap.account;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A device that may bootstrap.
 *
 * @param endpoint endpoint client name, 1 to 64 of letters, digits, {@code : . _ -}
 * @param labels for people and filters; at most 16
 * @param origin who made it: {@code file}, {@code api} or {@code rule NAME}
 * @param last the last session that ended well
 */
public record Account(
        String endpoint, Terms terms, SortedMap<String, String> labels, String origin, Optional<Served> last) {
    /**
     * A session that ended well.
     *
     * @param servers addresses the device was given, each with the name of its shard in front: {@code eu-1=coaps://...}
     */
    public record Served(Instant at, List<String> servers) {
        public Served {
            servers = List.copyOf(servers);
        }
    }

    private static final int MOST_LABELS = 16;

    public Account {
        Terms.require(isEndpoint(endpoint), "endpoint", shown(endpoint), "1 to 64 of A-Z a-z 0-9 : . _ -");
        Terms.require(labels.size() <= MOST_LABELS, "labels", labels.size() + "", "at most " + MOST_LABELS);
        labels.forEach((name, value) -> Terms.require(
                name.matches("[A-Za-z0-9._-]{1,32}") && value.matches("[\\x20-\\x7e]{0,64}"),
                "label",
                shown(name),
                "a name of 1 to 32 of A-Z a-z 0-9 . _ -, a value of at most 64 printable characters"));
        labels = new TreeMap<>(labels);
    }

    public static Account of(String endpoint, Terms terms, String origin) {
        return new Account(endpoint, terms, new TreeMap<>(), origin, Optional.empty());
    }

    /** Whether a text may be an endpoint client name. */
    public static boolean isEndpoint(String text) {
        return text.length() <= 64 && text.matches("[A-Za-z0-9:._-]{1,64}");
    }

    public Account served(Served session) {
        return new Account(endpoint, terms, labels, origin, Optional.of(session));
    }

    private static String shown(String text) {
        StringBuilder shown = new StringBuilder("\"");
        text.codePoints().limit(64).forEach(c -> shown.appendCodePoint(c < 0x20 || c >= 0x7f ? '?' : c));
        return shown.append('"').toString();
    }
}
