package wavegate.bootstrap;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the bootstrap server listens, and for whom.
 *
 * @param coap without security; off unless configured
 */
public record BootstrapSettings(Listener coap, Listener coaps, List<BootstrapAccount> accounts) {
    /** Port 0 takes any free one. */
    public record Listener(boolean enabled, String host, int port) {
        public Listener {
            if (port < 0 || port > 65535) {
                throw new IllegalArgumentException("port: " + port + " (expected: 0..65535)");
            }
        }
    }

    public static final Listener COAP = new Listener(false, "127.0.0.1", 5783);
    public static final Listener COAPS = new Listener(true, "127.0.0.1", 5784);

    public BootstrapSettings {
        accounts = List.copyOf(accounts);
        if (!coap.enabled() && !coaps.enabled()) {
            throw new IllegalArgumentException("bootstrap: coap and coaps are off (expected: at least one on)");
        }
        Map<String, String> endpoints = new LinkedHashMap<>();
        Map<String, String> identities = new LinkedHashMap<>();
        for (BootstrapAccount account : accounts) {
            if (endpoints.put(account.endpoint(), "") != null) {
                throw new IllegalArgumentException("endpoint: " + account.endpoint() + " occurs twice");
            }
            if (!account.bootstrapIdentity().isEmpty()
                    && identities.put(account.bootstrapIdentity(), account.endpoint()) != null) {
                throw new IllegalArgumentException("bootstrap-identity of " + account.endpoint()
                        + " belongs to another device too (expected: one device for each identity)");
            }
        }
    }
}
