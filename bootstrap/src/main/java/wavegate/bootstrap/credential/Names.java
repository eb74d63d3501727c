package wavegate.bootstrap.credential;

import java.util.regex.Pattern;

/** Names of endpoints and tenants. */
final class Names {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9:._-]{1,64}");

    private Names() {}

    static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    static void requireEndpoint(String endpoint) {
        if (!isName(endpoint)) {
            throw new IllegalArgumentException("endpoint: \""
                    + endpoint.substring(0, Math.min(80, endpoint.length())).replaceAll("[^\\x20-\\x7e]", "?")
                    + "\" (expected: 1 to 64 of A-Z a-z 0-9 : . _ -)");
        }
    }
}
