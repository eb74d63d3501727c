package wavegate.bootstrap.account;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import wavegate.bootstrap.account.Account.Served;
import wavegate.bootstrap.account.Terms.KeyKind;
import wavegate.bootstrap.account.Terms.Place;

/** Accounts as JSON: in the journal, in the API, and, read only, in {@code bootstrap.yaml}. Keys are kebab-case everywhere. */
public final class AccountJson {
    /** Keys of {@link #terms}. */
    public static final Set<String> TERMS = Set.of("keys", "servers", "lifetime", "binding", "single-use", "plain");

    private static final Set<String> PLACE = Set.of("short-server-id", "shard", "uri", "owns");

    private AccountJson() {}

    public static ObjectNode write(Account account) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("endpoint", account.endpoint());
        terms(json, account.terms());
        ObjectNode labels = json.putObject("labels");
        account.labels().forEach(labels::put);
        json.put("origin", account.origin());
        account.last().ifPresent(last -> {
            ObjectNode served = json.putObject("last");
            served.put("at", last.at().toString());
            last.servers().forEach(served.putArray("servers")::add);
        });
        return json;
    }

    private static void terms(ObjectNode json, Terms terms) {
        json.put("keys", terms.keys().name().toLowerCase(Locale.ROOT));
        ArrayNode servers = json.putArray("servers");
        for (Place place : terms.servers()) {
            ObjectNode server = servers.addObject();
            server.put("short-server-id", place.shortServerId());
            server.put("shard", place.shard());
            server.put("uri", place.uri());
            place.owns().forEach(server.putArray("owns")::add);
        }
        json.put("lifetime", terms.lifetimeSeconds());
        json.put("binding", terms.binding());
        json.put("single-use", terms.singleUse());
        json.put("plain", terms.plain());
    }

    static Account read(JsonNode json) {
        Optional<Served> last = Optional.empty();
        if (json.has("last")) {
            List<String> servers = new ArrayList<>();
            json.at("/last/servers").forEach(server -> servers.add(server.asText()));
            last = Optional.of(new Served(Instant.parse(json.at("/last/at").asText()), servers));
        }
        return new Account(
                json.path("endpoint").asText(),
                terms(json, Terms.DEFAULT),
                labels(json.path("labels")),
                json.path("origin").asText(),
                last);
    }

    /** What is absent is as in {@code defaults}. Keys that belong to no terms are left to the caller. @throws IllegalArgumentException naming the first fault */
    public static Terms terms(JsonNode json, Terms defaults) {
        List<Place> servers = new ArrayList<>();
        int next = 1;
        for (JsonNode server : json.path("servers")) {
            requireKnown(server, PLACE, "server");
            SortedSet<Integer> owns = new TreeSet<>();
            server.path("owns").forEach(object -> owns.add(whole(object, "owns")));
            servers.add(new Place(
                    server.has("short-server-id") ? whole(server.get("short-server-id"), "short-server-id") : next,
                    server.path("shard").asText(""),
                    server.path("uri").asText(""),
                    owns));
            next++;
        }
        return new Terms(
                json.has("keys") ? kind(json.get("keys").asText()) : defaults.keys(),
                servers.isEmpty() ? defaults.servers() : servers,
                json.has("lifetime") ? whole(json.get("lifetime"), "lifetime") : defaults.lifetimeSeconds(),
                json.path("binding").asText(defaults.binding()),
                truth(json, "single-use", defaults.singleUse()),
                truth(json, "plain", defaults.plain()));
    }

    public static SortedMap<String, String> labels(JsonNode json) {
        SortedMap<String, String> labels = new TreeMap<>();
        json.properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
        return labels;
    }

    /** @throws IllegalArgumentException naming the first key that is none of them */
    public static void requireKnown(JsonNode json, Set<String> known, String where) {
        for (Iterator<String> names = json.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!known.contains(name)) {
                throw new IllegalArgumentException(where + ": key " + name.replaceAll("[^A-Za-z0-9._-]", "?")
                        + " (expected: one of " + new TreeSet<>(known) + ")");
            }
        }
    }

    private static KeyKind kind(String text) {
        for (KeyKind kind : KeyKind.values()) {
            if (kind.name().equalsIgnoreCase(text)) {
                return kind;
            }
        }
        throw new IllegalArgumentException(
                "keys: " + text.replaceAll("[^A-Za-z0-9._-]", "?") + " (expected: psk, rpk, x509 or oscore)");
    }

    private static int whole(JsonNode node, String name) {
        if (!node.isIntegralNumber() || !node.canConvertToInt()) {
            throw new IllegalArgumentException(name + ": not a whole number (expected: one)");
        }
        return node.intValue();
    }

    private static boolean truth(JsonNode json, String name, boolean otherwise) {
        JsonNode node = json.path(name);
        if (!node.isMissingNode() && !node.isBoolean()) {
            throw new IllegalArgumentException(name + ": not a truth value (expected: true or false)");
        }
        return node.asBoolean(otherwise);
    }
}
