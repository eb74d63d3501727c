package wavegate.config;

import java.time.Duration;

/**
 * The rollout loop.
 *
 * @param inboxSize inputs that may wait; beyond that they are refused and counted
 * @param tick how often deadlines are looked at
 * @param gateInterval longest time between two judgings of an open wave
 * @param reserveChunk most devices reserved in one turn, so that a large wave does not hold up the loop
 * @param batch most inputs committed with one force of the ledger
 * @param inFlight updates between CHECKING and VERIFYING at one time, where a campaign does not say
 * @param expectedCrashRate crashes per device and hour of healthy firmware, where a campaign does not say
 */
public record RolloutSettings(
        int inboxSize,
        Duration tick,
        Duration gateInterval,
        int batch,
        int reserveChunk,
        int inFlight,
        double expectedCrashRate) {
    public static final RolloutSettings DEFAULT =
            new RolloutSettings(65_536, Duration.ofMillis(200), Duration.ofSeconds(60), 512, 256, 500, 0.001);

    public RolloutSettings {
        new Checks()
                .atLeast("inbox-size", inboxSize, 16)
                .positive("tick", tick)
                .positive("gate-interval", gateInterval)
                .atLeast("batch", batch, 1)
                .atLeast("reserve-chunk", reserveChunk, 1)
                .atLeast("in-flight", inFlight, 1)
                .within("expected-crash-rate", expectedCrashRate, 0, 999)
                .done();
    }
}
