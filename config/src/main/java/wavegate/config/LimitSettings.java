package wavegate.config;

import java.time.Duration;

/**
 * What the CoAP sockets take before they shed load. A source is an IPv4 /24 or an IPv6 /48. A stranger is a sender without a registration or a
 * DTLS session here; strangers are shed first.
 *
 * @param sourceRate datagrams a second from the strangers of one source
 * @param sourceBurst how many of them at once
 * @param strangerRate datagrams a second from all strangers
 * @param strangerBurst how many of them at once
 * @param knownRate datagrams a second from the devices of one source that are known
 * @param sourceHellos DTLS ClientHellos a second from one source
 * @param hellos DTLS ClientHellos a second in all
 * @param handshakes DTLS handshakes under way in all; the oldest gives way
 * @param sourceHandshakes DTLS handshakes under way with one source
 * @param backlog datagrams that may wait for a thread; strangers are shed at this length, everybody at four times as many
 * @param remembered requests of strangers remembered to recognise repetitions; of known devices as many again, with DTLS four times as many
 * @param bodies block-wise requests under way in all
 * @param deviceBodies block-wise requests under way with one device
 * @param body longest request body in bytes, in one piece or in blocks
 * @param registrations most registrations at a time
 * @param sourceRegistrations most registrations without DTLS from one source
 * @param newNamesPerMinute devices without DTLS that were never here before, taken in a minute; as many at once
 * @param sourceNewNamesPerMinute the same of one source
 * @param crowdedNewNamesPerMinute the same of all while load is shed; a tenth of it at once
 * @param links most links in one registration
 * @param minLifetime shortest lifetime a device may register with
 * @param maxLifetime longest lifetime a device may register with
 */
public record LimitSettings(
        int sourceRate,
        int sourceBurst,
        int strangerRate,
        int strangerBurst,
        int knownRate,
        int sourceHellos,
        int hellos,
        int handshakes,
        int sourceHandshakes,
        int backlog,
        int remembered,
        int bodies,
        int deviceBodies,
        int body,
        int registrations,
        int sourceRegistrations,
        int newNamesPerMinute,
        int sourceNewNamesPerMinute,
        int crowdedNewNamesPerMinute,
        int links,
        Duration minLifetime,
        Duration maxLifetime) {
    public static final LimitSettings DEFAULT = new LimitSettings(
            2_000,
            8_000,
            10_000,
            40_000,
            20_000,
            200,
            4_000,
            4_096,
            512,
            16_384,
            8_192,
            512,
            2,
            16_384,
            150_000,
            512,
            60_000,
            512,
            600,
            64,
            Duration.ofSeconds(60),
            Duration.ofDays(7));

    public LimitSettings {
        new Checks()
                .atLeast("source-rate", sourceRate, 1)
                .atLeast("source-burst", sourceBurst, 1)
                .atLeast("stranger-rate", strangerRate, 1)
                .atLeast("stranger-burst", strangerBurst, 1)
                .atLeast("known-rate", knownRate, 1)
                .atLeast("source-hellos", sourceHellos, 1)
                .atLeast("hellos", hellos, 1)
                .atLeast("handshakes", handshakes, 1)
                .atLeast("source-handshakes", sourceHandshakes, 1)
                .atLeast("backlog", backlog, 16)
                .atLeast("remembered", remembered, 16)
                .atLeast("bodies", bodies, 1)
                .atLeast("device-bodies", deviceBodies, 1)
                .that(body >= 1024 && body <= 1 << 20, "body", body, "1024 to 1048576 bytes")
                .atLeast("registrations", registrations, 1)
                .atLeast("source-registrations", sourceRegistrations, 1)
                .atLeast("new-names-per-minute", newNamesPerMinute, 1)
                .atLeast("source-new-names-per-minute", sourceNewNamesPerMinute, 1)
                .atLeast("crowded-new-names-per-minute", crowdedNewNamesPerMinute, 1)
                .atLeast("links", links, 1)
                .that(minLifetime.toSeconds() >= 1, "min-lifetime", minLifetime, "1s or more")
                .that(maxLifetime.compareTo(minLifetime) >= 0, "max-lifetime", maxLifetime, "not below min-lifetime")
                .done();
    }

    public LimitSettings withLifetimes(Duration min, Duration max) {
        return new LimitSettings(
                sourceRate,
                sourceBurst,
                strangerRate,
                strangerBurst,
                knownRate,
                sourceHellos,
                hellos,
                handshakes,
                sourceHandshakes,
                backlog,
                remembered,
                bodies,
                deviceBodies,
                body,
                registrations,
                sourceRegistrations,
                newNamesPerMinute,
                sourceNewNamesPerMinute,
                crowdedNewNamesPerMinute,
                links,
                min,
                max);
    }
}
