package wavegate.server.cli;

import java.time.Duration;
import java.util.List;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.WavePlan;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.update.UpdatePolicy;
import wavegate.sim.device.DeviceSettings;
import wavegate.sim.scenario.Scenario;

/**
 * The numbers of a demonstration. Modules live {@code factor} times as fast as the clock, and every duration of the gate is divided by the
 * same factor; what travels over CoAP travels in real time.
 */
record DemoPlan(double factor) {
    static final Duration SOAK = Duration.ofHours(24);
    static final Duration PRE_WINDOW = Duration.ofHours(24);
    static final Duration TELEMETRY_PERIOD = Duration.ofHours(2);
    /** Two telemetry periods: settling, and VERIFY_POST. */
    static final Duration SETTLE = TELEMETRY_PERIOD.multipliedBy(2);

    static final double MAX_RATIO = 10;
    /** Share of healthy modules that crash for the first time in one soak. */
    static final double FIRST_CRASH_PER_SOAK = 0.10;

    Duration real(Duration simulated) {
        return Duration.ofMillis(Math.max(1, Math.round(simulated.toMillis() / factor)));
    }

    /** First crashes per device and simulated hour that make one in ten crash within a soak. */
    static double crashesPerHour() {
        return -Math.log(1 - FIRST_CRASH_PER_SOAK) / SOAK.toHours();
    }

    /** The scenario with health and habits in step with the gate: what its file says of faults and firmware stays. */
    Scenario scenario(Scenario scenario) {
        DeviceSettings.Timing t = scenario.timing();
        DeviceSettings.Timing timing = new DeviceSettings.Timing(
                t.lifetimeSeconds(),
                Duration.ofDays(365),
                TELEMETRY_PERIOD,
                Duration.ofHours(1),
                Duration.ofMinutes(10),
                t.retryAfter(),
                t.awake());
        DeviceSettings.Health h = scenario.health();
        DeviceSettings.Health health =
                new DeviceSettings.Health(crashesPerHour(), crashesPerHour(), h.energyMahPerHour(), h.energyNoise());
        return new Scenario(
                scenario.name(),
                scenario.description(),
                scenario.population(),
                timing,
                health,
                scenario.coap(),
                scenario.misfortune(),
                scenario.image());
    }

    CampaignSpec campaign(PackageId packageId, String region, int devices) {
        GatePolicy d = GatePolicy.DEFAULT;
        GatePolicy gate = new GatePolicy(
                real(PRE_WINDOW),
                real(SOAK),
                real(SOAK.multipliedBy(3)),
                real(SETTLE),
                d.coverage(),
                MAX_RATIO,
                d.crashAlpha(),
                d.driftAlpha(),
                d.laterAlpha(),
                d.minDrift(),
                d.looks(),
                d.minPerArm(),
                d.maxFailureShare(),
                d.maxLostShare(),
                d.guardrailKills());
        WavePlan w = WavePlan.DEFAULT;
        WavePlan waves = new WavePlan(
                region,
                w.canaryShare(),
                w.canaryMin(),
                w.canaryMaxShare(),
                List.of(0.05, 0.20, 0.50, 1.0),
                w.controlRatio(),
                w.controlMax(),
                w.quorum(),
                Duration.ofSeconds(60));
        UpdatePolicy update = new UpdatePolicy(
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                real(SETTLE),
                Duration.ofSeconds(60),
                Duration.ofSeconds(2),
                Duration.ofSeconds(1),
                Duration.ofSeconds(4),
                3,
                0,
                UpdatePolicy.DEFAULT.maxBoots(),
                UpdatePolicy.DeliveryChoice.PULL,
                false);
        // The rate the gate reckons with is per hour of the server's clock.
        double rate = crashesPerHour() * factor;
        int inFlight = Math.max(50, Math.min(400, devices / 5));
        return new CampaignSpec(
                "demonstration", packageId, DeviceFilter.ALL, waves, gate, update, rate, inFlight, 2026);
    }
}
