package wavegate.server.cli;

import java.time.Duration;
import java.util.List;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.WavePlan;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.update.UpdatePolicy;
import wavegate.sim.LocalServer.CampaignOrder;

/**
 * The numbers of a simulated fleet's campaign, in step with the time that is left of its run: one wave, whose gate judges until the run ends and
 * opens no other.
 */
record SimCampaign(CampaignOrder order) {
    private static final double MAX_RATIO = 10;
    private static final int LEAST_IN_FLIGHT = 50;
    private static final int MOST_IN_FLIGHT = 400;
    /** The wave must not be through before the run is. */
    private static final double SOAK_SHARE = 0.9;

    CampaignSpec spec(PackageId packageId, int devices, long seed) {
        GatePolicy d = GatePolicy.DEFAULT;
        Duration settle = order.telemetryPeriod().multipliedBy(2);
        Duration soak = share(SOAK_SHARE);
        GatePolicy gate = new GatePolicy(
                order.telemetryPeriod(),
                soak,
                soak.multipliedBy(3),
                settle,
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
        // All of one region, but no more of the fleet than asked for.
        WavePlan waves = new WavePlan(
                "",
                1.0,
                w.canaryMin(),
                order.share(),
                List.of(1.0),
                w.controlRatio(),
                w.controlMax(),
                w.quorum(),
                order.left());
        UpdatePolicy update = new UpdatePolicy(
                Duration.ofMinutes(1),
                Duration.ofMinutes(1),
                Duration.ofSeconds(30),
                Duration.ofMinutes(2),
                Duration.ofMinutes(2),
                settle,
                Duration.ofMinutes(2),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(20),
                UpdatePolicy.DEFAULT.attempts(),
                0,
                UpdatePolicy.DEFAULT.maxBoots(),
                UpdatePolicy.DeliveryChoice.PULL,
                false);
        int inFlight = Math.max(LEAST_IN_FLIGHT, Math.min(MOST_IN_FLIGHT, devices / 50));
        double rate = Math.max(1e-6, order.crashesPerHour());
        return new CampaignSpec("simulation", packageId, DeviceFilter.ALL, waves, gate, update, rate, inFlight, seed);
    }

    private Duration share(double share) {
        return Duration.ofMillis(Math.max(1, Math.round(order.left().toMillis() * share)));
    }
}
