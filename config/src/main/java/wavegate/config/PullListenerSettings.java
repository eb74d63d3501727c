package wavegate.config;

/**
 * A socket that hands out images over HTTP/1.1, and nothing else.
 *
 * @param publicUri how devices reach it, like {@code https://fota.example}; empty: the address it listens on, which then has to be one
 * @param connections open at one time
 */
public record PullListenerSettings(boolean enabled, String host, int port, String publicUri, int connections) {
    static PullListenerSettings off(int port) {
        return new PullListenerSettings(false, "127.0.0.1", port, "", 2000);
    }

    public PullListenerSettings {
        new Checks()
                .notBlank("host", host)
                .port("port", port)
                .that(
                        publicUri.isEmpty() || publicUri.matches("https?://[A-Za-z0-9.\\-\\[\\]:]{1,180}"),
                        "public-uri",
                        publicUri,
                        "empty, or like https://host:8443, at most 180 characters")
                .atLeast("connections", connections, 1)
                .done();
    }
}
