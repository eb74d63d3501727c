package wavegate.server.loopback;

import java.time.Duration;
import java.util.List;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.WavePlan;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.update.UpdatePolicy;
import wavegate.firmware.update.UpdatePolicy.DeliveryChoice;
import wavegate.sim.device.DeviceProfile;
import wavegate.sim.device.DeviceSettings;
import wavegate.sim.scenario.Scenario;
import wavegate.sim.scenario.Weighted;

/**
 * A campaign and a fleet in step with each other, days of gate in seconds. Healthy modules crash often enough for the crash test to have its
 * power on a small canary, and alpha is so small that chance does not stop a healthy run.
 */
record Trial(Duration telemetry, Duration soak, double firstCrashPerSoak) {
    static final double FACTOR = 1000;
    static final Trial QUICK = new Trial(Duration.ofMillis(500), Duration.ofSeconds(4), 0.3);

    private double crashesPerRealHour() {
        return -Math.log(1 - firstCrashPerSoak)
                / soak.toMillis()
                * Duration.ofHours(1).toMillis();
    }

    /** The same, with devices that say every few seconds that they are there, so that those that sleep are heard. */
    static Scenario restless(Scenario s) {
        DeviceSettings.Timing t = s.timing();
        return s.withTiming(new DeviceSettings.Timing(
                t.lifetimeSeconds(),
                simulated(Duration.ofSeconds(4)),
                t.telemetryPeriod(),
                t.applyDelay(),
                t.bootTime(),
                t.retryAfter(),
                t.awake()));
    }

    private static Duration simulated(Duration real) {
        return Duration.ofMillis(Math.round(real.toMillis() * FACTOR));
    }

    private Duration settle() {
        return telemetry.multipliedBy(2);
    }

    /** The scenario's misfortunes and firmware with this trial's habits and health. */
    Scenario scenario(String name, DeviceProfile... profiles) {
        return scenario(Scenario.named(name), DeviceSettings.Coap.STANDARD, Duration.ofSeconds(1), profiles);
    }

    Scenario scenario(Scenario s, DeviceSettings.Coap coap, Duration retryAfter, DeviceProfile... profiles) {
        double crashes = crashesPerRealHour() / FACTOR;
        List<Weighted<DeviceProfile>> mix = profiles.length == 0
                ? s.population().profiles()
                : java.util.Arrays.stream(profiles)
                        .map(profile -> new Weighted<>(profile, 1))
                        .toList();
        return new Scenario(
                s.name(),
                s.description(),
                new Scenario.Population(s.population().regions(), s.population().models(), mix),
                new DeviceSettings.Timing(
                        s.timing().lifetimeSeconds(),
                        Duration.ofDays(365),
                        simulated(telemetry),
                        simulated(Duration.ofMillis(200)),
                        simulated(Duration.ofMillis(100)),
                        simulated(retryAfter),
                        simulated(Duration.ofSeconds(2))),
                new DeviceSettings.Health(
                        crashes,
                        crashes,
                        s.health().energyMahPerHour(),
                        s.health().energyNoise()),
                coap,
                s.misfortune(),
                s.image());
    }

    GatePolicy gate() {
        GatePolicy d = GatePolicy.DEFAULT;
        return new GatePolicy(
                soak.dividedBy(2),
                soak,
                soak.multipliedBy(5),
                settle(),
                0.8,
                10,
                1e-4,
                1e-4,
                1e-4,
                d.minDrift(),
                d.looks(),
                d.minPerArm(),
                d.maxFailureShare(),
                d.maxLostShare(),
                false);
    }

    UpdatePolicy update(DeliveryChoice delivery) {
        return new UpdatePolicy(
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(15),
                Duration.ofSeconds(30),
                settle(),
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                Duration.ofMillis(500),
                Duration.ofSeconds(4),
                3,
                0,
                5,
                delivery,
                false);
    }

    CampaignSpec campaign(PackageId image, int canaries, List<Double> shares, int inFlight, DeliveryChoice delivery) {
        WavePlan waves = new WavePlan("north", 0.01, canaries, 0.25, shares, 9, 5000, 0.9, Duration.ofSeconds(30));
        return new CampaignSpec(
                "trial",
                image,
                DeviceFilter.ALL,
                waves,
                gate(),
                update(delivery),
                crashesPerRealHour(),
                inFlight,
                2026);
    }
}
