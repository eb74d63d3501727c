package wavegate.config;

/**
 * The CoAP endpoint that takes OSCORE and nothing else. {@code port} 0 takes any free one.
 *
 * @param enabled off unless configured, since few devices speak it and the library calls its support experimental
 */
public record OscoreSettings(boolean enabled, String host, int port) {
    public static final OscoreSettings DEFAULT = new OscoreSettings(false, "127.0.0.1", 5685);

    public OscoreSettings {
        new Checks().notBlank("host", host).port("port", port).done();
    }
}
