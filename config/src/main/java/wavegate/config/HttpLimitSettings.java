package wavegate.config;

import java.time.Duration;

/**
 * What one client, and all together, may ask of the API.
 *
 * @param connections open at one time, half of them for one address; further ones are closed at once
 * @param requestsPerSecond of one token; twice that at once. Kill switches have an allowance of their own
 * @param anonymousPerSecond requests without a good token from one address; five times that at once
 * @param failuresPerMinute bad tokens from one address; further ones are refused unread
 * @param streams event streams open at one time
 * @param uploads packages taken at one time
 * @param uploadRate least bytes per second of an upload, on average, once it is 30s old
 * @param headersWithin how long the header of a first request may take
 * @param bodyWithin how long a body other than an upload may take
 * @param maxHeaders longest header of a request
 */
public record HttpLimitSettings(
        int connections,
        int requestsPerSecond,
        int anonymousPerSecond,
        int failuresPerMinute,
        int streams,
        int uploads,
        DataSize uploadRate,
        Duration headersWithin,
        Duration bodyWithin,
        DataSize maxHeaders) {
    public static final HttpLimitSettings DEFAULT = new HttpLimitSettings(
            1000,
            300,
            20,
            60,
            100,
            4,
            new DataSize(8 << 10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            new DataSize(16 << 10));

    public HttpLimitSettings {
        new Checks()
                .atLeast("connections", connections, 1)
                .atLeast("requests-per-second", requestsPerSecond, 1)
                .atLeast("anonymous-per-second", anonymousPerSecond, 1)
                .atLeast("failures-per-minute", failuresPerMinute, 1)
                .atLeast("streams", streams, 1)
                .that(uploads >= 1 && uploads <= 64, "uploads", uploads, "1 to 64")
                .that(uploadRate.bytes() >= 1, "upload-rate", uploadRate, "a size above zero, per second")
                .positive("headers-within", headersWithin)
                .positive("body-within", bodyWithin)
                .that(
                        maxHeaders.bytes() >= 1024 && maxHeaders.bytes() <= 1 << 20,
                        "max-headers",
                        maxHeaders,
                        "a size of 1KiB to 1MiB")
                .done();
    }
}
