package wavegate.config;

import java.time.Duration;

/**
 * The management API and the page.
 *
 * @param allowPlainBeyondLoopback whether an address beyond loopback may be listened at without TLS, where tokens can be read on the way
 * @param maxBody longest JSON body
 * @param answerWithin how long an order may wait for the ledger before it is answered 504
 * @param eventInterval how often campaign counters are looked at for the event stream; at least 250ms
 */
public record HttpSettings(
        String host,
        int port,
        boolean allowPlainBeyondLoopback,
        DataSize maxBody,
        Duration answerWithin,
        Duration eventInterval,
        TlsSettings tls,
        OidcSettings oidc,
        HttpLimitSettings limits) {
    public static final HttpSettings DEFAULT = new HttpSettings(
            "127.0.0.1",
            8080,
            false,
            DataSize.ofMiB(1),
            Duration.ofSeconds(30),
            Duration.ofMillis(250),
            TlsSettings.OFF,
            OidcSettings.OFF,
            HttpLimitSettings.DEFAULT);

    public HttpSettings {
        new Checks()
                .notBlank("host", host)
                .that(
                        isLoopback(host) || tls.enabled() || allowPlainBeyondLoopback,
                        "host",
                        host,
                        "an address of loopback; beyond it http.tls.certificate and http.tls.key, or"
                                + " http.allow-plain-beyond-loopback: true")
                .port("port", port)
                .that(
                        maxBody.bytes() >= 1024 && maxBody.bytes() <= 1 << 30,
                        "max-body",
                        maxBody,
                        "a size of 1KiB to 1GiB")
                .positive("answer-within", answerWithin)
                .that(eventInterval.toMillis() >= 250, "event-interval", eventInterval, "250ms or more")
                .done();
    }

    /** Whether a socket bound to this host listens at every address, so that it says nothing of where it is reached, judged by its text alone. */
    public static boolean isEveryHost(String host) {
        return host.matches("0(\\.0){0,3}|\\[?[0:]*:[0:]*]?");
    }

    /** Whether what is said to this host stays on this machine, judged by its text alone. */
    static boolean isLoopback(String host) {
        return host.matches("(?i)localhost|127(\\.\\d{1,3}){3}|\\[?(::1|0:0:0:0:0:0:0:1)]?");
    }

    /** The same at another address. */
    public HttpSettings at(String otherHost, int otherPort) {
        return new HttpSettings(
                otherHost,
                otherPort,
                allowPlainBeyondLoopback,
                maxBody,
                answerWithin,
                eventInterval,
                tls,
                oidc,
                limits);
    }

    public HttpSettings withMaxBody(DataSize size) {
        return new HttpSettings(
                host, port, allowPlainBeyondLoopback, size, answerWithin, eventInterval, tls, oidc, limits);
    }

    public HttpSettings answeringWithin(Duration time) {
        return new HttpSettings(host, port, allowPlainBeyondLoopback, maxBody, time, eventInterval, tls, oidc, limits);
    }

    public HttpSettings with(TlsSettings other) {
        return new HttpSettings(
                host, port, allowPlainBeyondLoopback, maxBody, answerWithin, eventInterval, other, oidc, limits);
    }

    public HttpSettings with(OidcSettings other) {
        return new HttpSettings(
                host, port, allowPlainBeyondLoopback, maxBody, answerWithin, eventInterval, tls, other, limits);
    }

    public HttpSettings with(HttpLimitSettings other) {
        return new HttpSettings(
                host, port, allowPlainBeyondLoopback, maxBody, answerWithin, eventInterval, tls, oidc, other);
    }
}
