package wavegate.config;

import java.time.Duration;

/**
 * What a gate asks for, where a campaign does not say.
 *
 * @param preWindow how long energy is watched before a device is updated
 * @param soak how long a wave is watched once it has settled
 * @param soakMax how long an inconclusive wave may be watched in all before it is HELD
 * @param settle how long a device is left out of both arms after its return
 * @param coverage share of updated devices that must have reported
 * @param maxRatio worst crash ratio that must be ruled out
 * @param crashAlpha false-stop probability of the crash test at the canary
 * @param driftAlpha false-stop probability of the battery test at the canary
 * @param laterAlpha the same for each, in later waves
 * @param minDrift smallest rise in energy use that counts: 0.15 is 15 %
 * @param looks planned looks of the battery test
 * @param minPerArm fewest devices per arm for the battery test
 * @param maxFailureShare guardrail on failed and rolled-back updates
 * @param maxLostShare guardrail on lost devices
 * @param guardrailKills whether a guardrail kills instead of holding
 */
public record GateSettings(
        Duration preWindow,
        Duration soak,
        Duration soakMax,
        Duration settle,
        double coverage,
        double maxRatio,
        double crashAlpha,
        double driftAlpha,
        double laterAlpha,
        double minDrift,
        int looks,
        int minPerArm,
        double maxFailureShare,
        double maxLostShare,
        boolean guardrailKills) {
    public static final GateSettings DEFAULT = new GateSettings(
            Duration.ofHours(24),
            Duration.ofHours(24),
            Duration.ofHours(72),
            Duration.ofMinutes(30),
            0.9,
            3,
            0.01,
            0.01,
            0.002,
            0.15,
            4,
            15,
            0.05,
            0.01,
            false);

    public GateSettings {
        new Checks()
                .positive("pre-window", preWindow)
                .positive("soak", soak)
                .that(soakMax.compareTo(soak) >= 0, "soak-max", soakMax, "at least the soak, " + Durations.format(soak))
                .positive("settle", settle)
                .share("coverage", coverage)
                .within("max-ratio", maxRatio, 1.0001, 1000)
                .within("crash-alpha", crashAlpha, 1e-9, 0.5)
                .within("drift-alpha", driftAlpha, 1e-9, 0.5)
                .within("later-alpha", laterAlpha, 1e-9, 0.5)
                .within("min-drift", minDrift, 0, 100)
                .within("looks", looks, 1, 100)
                .within("min-per-arm", minPerArm, 2, 1_000_000)
                .share("max-failure-share", maxFailureShare)
                .share("max-lost-share", maxLostShare)
                .done();
    }
}
