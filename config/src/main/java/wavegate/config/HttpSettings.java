package wavegate.config;

import java.time.Duration;

/**
 * The management API and the page.
 *
 * @param maxBody longest JSON body
 * @param answerWithin how long an order may wait for the ledger before it is answered 504
 * @param eventInterval how often campaign counters are looked at for the event stream; at least 250ms
 */
public record HttpSettings(String host, int port, DataSize maxBody, Duration answerWithin, Duration eventInterval) {
    public static final HttpSettings DEFAULT =
            new HttpSettings("127.0.0.1", 8080, DataSize.ofMiB(1), Duration.ofSeconds(30), Duration.ofMillis(250));

    public HttpSettings {
        new Checks()
                .notBlank("host", host)
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
}
