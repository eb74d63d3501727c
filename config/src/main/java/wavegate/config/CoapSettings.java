package wavegate.config;

/**
 * A CoAP endpoint for LwM2M. {@code port} 0 takes any free one.
 *
 * @param enabled for {@code coap} this is NoSec: every device is believed, so it is off unless configured
 */
public record CoapSettings(boolean enabled, String host, int port) {
    public static final CoapSettings NOSEC = new CoapSettings(false, "127.0.0.1", 5683);
    public static final CoapSettings SECURE = new CoapSettings(true, "127.0.0.1", 5684);

    public CoapSettings {
        new Checks().notBlank("host", host).port("port", port).done();
    }
}
