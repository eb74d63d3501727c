package wavegate.config;

/**
 * The CoAP endpoint without security (NoSec). {@code port} 0 takes any free one.
 *
 * @param enabled every device is believed, so it is off unless configured
 * @param allowBeyondLoopback whether {@code host} may be an address that others can reach
 */
public record CoapSettings(boolean enabled, String host, int port, boolean allowBeyondLoopback) {
    public static final CoapSettings NOSEC = new CoapSettings(false, "127.0.0.1", 5683, false);

    public CoapSettings {
        new Checks()
                .notBlank("host", host)
                .port("port", port)
                .that(
                        !enabled || allowBeyondLoopback || isLoopback(host),
                        "host",
                        host,
                        "a loopback address, since without security every sender is believed; or allow-beyond-loopback: true")
                .done();
    }

    private static boolean isLoopback(String host) {
        return host.equals("localhost") || host.equals("::1") || host.matches("127(\\.\\d{1,3}){3}");
    }
}
