package wavegate.config;

import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Tokens (JWT) of an identity provider, beside those of this server.
 *
 * @param issuer value of {@code iss}; empty: such tokens are not taken
 * @param audience what must be in {@code aud}
 * @param keys the provider's key set (JWKS): an https URL, or a file; http only to loopback
 * @param refresh how often the key set is fetched
 * @param leeway by how much clocks may differ
 * @param algorithms those that are taken, with commas between; of RS256, ES256 and EdDSA
 * @param roleClaim claim that holds one or several texts; dots lead into objects
 * @param roles what those texts mean here: {@code wavegate-admins=admin,everyone=viewer}
 */
public record OidcSettings(
        String issuer,
        String audience,
        String keys,
        Duration refresh,
        Duration leeway,
        String algorithms,
        String roleClaim,
        String roles) {
    private static final Set<String> ALGORITHMS = Set.of("RS256", "ES256", "EdDSA");
    private static final Set<String> ROLES = Set.of("viewer", "operator", "approver", "admin");

    public static final OidcSettings OFF = new OidcSettings(
            "", "", "", Duration.ofMinutes(10), Duration.ofSeconds(30), "RS256,ES256,EdDSA", "roles", "");

    public OidcSettings {
        boolean on = !issuer.isBlank();
        new Checks()
                .that(!on || !audience.isBlank(), "audience", audience, "what must be in aud, since issuer is set")
                .that(!on || keysAreUsable(keys), "keys", keys, "an https URL without user and password, or a file")
                .that(refresh.toSeconds() >= 1, "refresh", refresh, "1s or more")
                .that(
                        !leeway.isNegative() && leeway.compareTo(Duration.ofMinutes(5)) <= 0,
                        "leeway",
                        leeway,
                        "0s to 5m")
                .that(
                        !list(algorithms).isEmpty() && ALGORITHMS.containsAll(list(algorithms)),
                        "algorithms",
                        algorithms,
                        "some of RS256, ES256, EdDSA")
                .notBlank("role-claim", roleClaim)
                .that(
                        rolesAreUsable(roles) && !(on && roles.isBlank()),
                        "roles",
                        roles,
                        "like my-admins=admin,everyone=viewer")
                .done();
    }

    public boolean enabled() {
        return !issuer.isBlank();
    }

    public Set<String> algorithmNames() {
        return list(algorithms);
    }

    /** The role by the text of the claim. */
    public Map<String, String> roleOf() {
        Map<String, String> map = new LinkedHashMap<>();
        for (String pair : list(roles)) {
            int sign = pair.lastIndexOf('=');
            map.put(pair.substring(0, sign).strip(), pair.substring(sign + 1).strip());
        }
        return map;
    }

    /** Whether the keys are fetched, rather than read from a file. */
    public boolean keysAreFetched() {
        return keys.contains("://");
    }

    private static boolean keysAreUsable(String keys) {
        if (!keys.contains("://")) {
            return !keys.isBlank();
        }
        try {
            URI uri = URI.create(keys);
            boolean safe = "https".equals(uri.getScheme())
                    || ("http".equals(uri.getScheme())
                            && uri.getHost() != null
                            && HttpSettings.isLoopback(uri.getHost()));
            return safe && uri.getHost() != null && uri.getRawUserInfo() == null && uri.getRawFragment() == null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean rolesAreUsable(String roles) {
        return list(roles).stream().allMatch(pair -> {
            int sign = pair.lastIndexOf('=');
            return sign > 0 && ROLES.contains(pair.substring(sign + 1).strip());
        });
    }

    private static Set<String> list(String text) {
        Set<String> items = new LinkedHashSet<>();
        Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .forEach(items::add);
        return items;
    }
}
