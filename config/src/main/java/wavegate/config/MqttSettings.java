package wavegate.config;

import java.net.URI;
import java.time.Duration;

/**
 * Health reports by MQTT 5.
 *
 * @param uri of the broker, like {@code mqtts://broker.example:8883}; mqtt only to loopback; empty: none
 * @param ca PEM file of the authorities that may vouch for the broker; empty: those Java knows
 * @param user empty: none
 * @param passwordFile file with the password, read at each connection; empty: none
 * @param clientId by which the broker keeps what came while this server was away
 * @param topic reports come to {@code TOPIC/telemetry} and {@code TOPIC/telemetry/ENDPOINT}
 * @param backoffMax longest time between two attempts to connect; the first comes after a second, each next one after twice as long
 */
public record MqttSettings(
        String uri, String ca, String user, String passwordFile, String clientId, String topic, Duration backoffMax) {
    public static final MqttSettings OFF =
            new MqttSettings("", "", "", "", "wavegate", "wavegate", Duration.ofMinutes(1));

    public MqttSettings {
        new Checks()
                .that(
                        uri.isBlank() || isUsable(uri),
                        "uri",
                        uri,
                        "empty, or like mqtts://broker.example:8883, without user and password; mqtt only to loopback")
                .that(!user.isBlank() || passwordFile.isBlank(), "user", user, "a name, since password-file is set")
                .that(clientId.matches("[A-Za-z0-9._-]{1,64}"), "client-id", clientId, "1 to 64 of A-Z a-z 0-9 . _ -")
                .that(
                        topic.matches("[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*") && topic.length() <= 128,
                        "topic",
                        topic,
                        "levels like site/wavegate, at most 128 characters")
                .that(backoffMax.toMillis() >= 1000, "backoff-max", backoffMax, "1s or more")
                .done();
    }

    public boolean enabled() {
        return !uri.isBlank();
    }

    public boolean encrypted() {
        return uri.startsWith("mqtts:");
    }

    private static boolean isUsable(String uri) {
        try {
            URI parsed = URI.create(uri);
            String host = parsed.getHost();
            boolean scheme = "mqtts".equals(parsed.getScheme())
                    || ("mqtt".equals(parsed.getScheme()) && host != null && HttpSettings.isLoopback(host));
            return scheme
                    && host != null
                    && parsed.getPort() > 0
                    && parsed.getRawUserInfo() == null
                    && parsed.getRawPath().isEmpty();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
