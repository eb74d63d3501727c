package wavegate.config;

import java.time.Duration;

/**
 * How devices are spoken to, and how images travel.
 *
 * @param ackTimeout how long the first acknowledgement of a message is waited for before it goes out again, 100 ms to a minute; doubles with each
 *     of four repetitions
 * @param allowClear whether a device that is registered with DTLS may be sent to coap or http, and plain http be reached from beyond this machine
 * @param http images over HTTP
 * @param https images over HTTPS, with the certificate and key of {@code http.tls}
 */
public record DeliveryOptions(
        Duration ackTimeout,
        boolean allowClear,
        PullListenerSettings http,
        PullListenerSettings https,
        BudgetSettings budget) {
    public static final DeliveryOptions DEFAULT = new DeliveryOptions(
            Duration.ofSeconds(2),
            false,
            PullListenerSettings.off(8081),
            PullListenerSettings.off(8443),
            BudgetSettings.DEFAULT);

    public DeliveryOptions {
        new Checks()
                .that(
                        ackTimeout.toMillis() >= 100 && ackTimeout.compareTo(Duration.ofMinutes(1)) <= 0,
                        "ack-timeout",
                        Durations.format(ackTimeout),
                        "100ms..1m")
                .that(
                        !http.enabled() || allowClear || HttpSettings.isLoopback(http.host()),
                        "http.host",
                        http.host(),
                        "an address of loopback; beyond it delivery.allow-clear: true, or delivery.https")
                .that(
                        http.publicUri().isEmpty() || http.publicUri().startsWith("http:"),
                        "http.public-uri",
                        http.publicUri(),
                        "http://")
                .that(
                        isReachable(http),
                        "http.public-uri",
                        http.publicUri(),
                        "not empty, since it listens at " + http.host())
                .that(
                        isReachable(https),
                        "https.public-uri",
                        https.publicUri(),
                        "not empty, since it listens at " + https.host())
                .that(
                        https.publicUri().isEmpty() || https.publicUri().startsWith("https:"),
                        "https.public-uri",
                        https.publicUri(),
                        "https://")
                .done();
    }

    private static boolean isReachable(PullListenerSettings listener) {
        return !listener.enabled() || !listener.publicUri().isEmpty() || !HttpSettings.isEveryHost(listener.host());
    }
}
