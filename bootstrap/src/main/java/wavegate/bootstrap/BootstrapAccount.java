package wavegate.bootstrap;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import wavegate.bootstrap.credential.Credential;

/**
 * What one device is given, and what it must prove first.
 *
 * @param endpoint endpoint client name, 1 to 64 of letters, digits, {@code : . _ -}
 * @param proof what it bootstraps with, of this very endpoint; empty: it comes without security
 * @param serverUri its LwM2M server, {@code coap://} or {@code coaps://}; empty: a rule says which, and only the proof is its own
 * @param serverIdentity PSK identity for that server; unused for {@code coap://}
 * @param lifetimeSeconds registration lifetime it is to ask for
 * @param binding letters of U T S N Q
 */
public record BootstrapAccount(
        String endpoint,
        Optional<Credential> proof,
        String serverUri,
        String serverIdentity,
        byte[] serverKey,
        long lifetimeSeconds,
        String binding) {
    public BootstrapAccount {
        require(endpoint.matches("[A-Za-z0-9:._-]{1,64}"), "endpoint", endpoint, "1 to 64 of A-Z a-z 0-9 : . _ -");
        require(
                lifetimeSeconds >= 1 && lifetimeSeconds <= Integer.MAX_VALUE,
                "lifetime of " + endpoint,
                lifetimeSeconds,
                "1 s or more");
        require(binding.matches("[UTSNQ]{1,5}"), "binding of " + endpoint, binding, "letters of U T S N Q");
        require(
                serverUri.isEmpty() || isServerUri(serverUri),
                "server-uri of " + endpoint,
                serverUri,
                "coap://host:port or coaps://host:port");
        require(
                !serverUri.isEmpty() || proof.isPresent(),
                "server-uri of " + endpoint,
                "none",
                "a server, or what it bootstraps with, by which a rule may give it one");
        if (serverUri.startsWith("coaps:")) {
            require(!serverIdentity.isEmpty(), "server-identity of " + endpoint, "", "a PSK identity for coaps");
            requireKey("server", endpoint, serverIdentity, serverKey);
        }
        serverKey = serverKey.clone();
    }

    /**
     * A device with a pre-shared key.
     *
     * @param bootstrapIdentity empty: it comes without security
     */
    public BootstrapAccount(
            String endpoint,
            String bootstrapIdentity,
            byte[] bootstrapKey,
            String serverUri,
            String serverIdentity,
            byte[] serverKey,
            long lifetimeSeconds,
            String binding) {
        this(
                endpoint,
                proof(endpoint, bootstrapIdentity, bootstrapKey),
                serverUri,
                serverIdentity,
                serverKey,
                lifetimeSeconds,
                binding);
    }

    static Optional<Credential> proof(String endpoint, String identity, byte[] key) {
        if (identity.isEmpty()) {
            return Optional.empty();
        }
        requireKey("bootstrap", endpoint, identity, key);
        return Optional.of(new Credential.Psk(endpoint, identity, key));
    }

    @Override
    public byte[] serverKey() {
        return serverKey.clone();
    }

    /** Whether it brings no more than its factory credential. */
    boolean byRule() {
        return serverUri.isEmpty();
    }

    boolean serverIsSecure() {
        return serverUri.startsWith("coaps:");
    }

    private static boolean isServerUri(String text) {
        try {
            URI uri = new URI(text);
            return ("coap".equals(uri.getScheme()) || "coaps".equals(uri.getScheme())) && uri.getHost() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** Says how long a key is, never what it is. */
    private static void requireKey(String which, String endpoint, String identity, byte[] key) {
        if (!identity.isEmpty()) {
            require(
                    key.length >= 8 && key.length <= 64,
                    which + "-key of " + endpoint,
                    key.length + " bytes",
                    "8 to 64 bytes in hex");
        }
    }

    private static void require(boolean holds, String what, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: " + expected + ")");
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BootstrapAccount that
                && endpoint.equals(that.endpoint)
                && proof.equals(that.proof)
                && serverUri.equals(that.serverUri)
                && serverIdentity.equals(that.serverIdentity)
                && Arrays.equals(serverKey, that.serverKey)
                && lifetimeSeconds == that.lifetimeSeconds
                && binding.equals(that.binding);
    }

    @Override
    public int hashCode() {
        return Objects.hash(endpoint, proof, serverUri);
    }

    @Override
    public String toString() {
        return "BootstrapAccount[endpoint=" + endpoint + ", serverUri=" + serverUri + "]";
    }
}
