package wavegate.server.api;

import wavegate.config.GateSettings;
import wavegate.config.RolloutSettings;
import wavegate.config.Settings;
import wavegate.config.UpdateSettings;
import wavegate.config.WaveSettings;
import wavegate.firmware.campaign.WavePlan;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.update.UpdatePolicy;

/** What a campaign is given where its author says nothing. */
public record CampaignDefaults(
        WavePlan waves, GatePolicy gate, UpdatePolicy update, double expectedCrashRate, int inFlight) {
    public static final CampaignDefaults STANDARD = from(Settings.DEFAULT);

    public static CampaignDefaults from(Settings settings) {
        RolloutSettings rollout = settings.rollout();
        return new CampaignDefaults(
                waves(settings.waves()),
                gate(settings.gate()),
                update(settings.update()),
                rollout.expectedCrashRate(),
                rollout.inFlight());
    }

    private static WavePlan waves(WaveSettings s) {
        return new WavePlan(
                s.canaryRegion(),
                s.canaryShare(),
                s.canaryMin(),
                s.canaryMaxShare(),
                s.shares(),
                s.controlRatio(),
                s.controlMax(),
                s.quorum(),
                s.fillDeadline());
    }

    private static GatePolicy gate(GateSettings s) {
        return new GatePolicy(
                s.preWindow(),
                s.soak(),
                s.soakMax(),
                s.settle(),
                s.coverage(),
                s.maxRatio(),
                s.crashAlpha(),
                s.driftAlpha(),
                s.laterAlpha(),
                s.minDrift(),
                s.looks(),
                s.minPerArm(),
                s.maxFailureShare(),
                s.maxLostShare(),
                s.guardrailKills());
    }

    private static UpdatePolicy update(UpdateSettings s) {
        return new UpdatePolicy(
                s.checking(),
                s.downloadStall(),
                s.verifying(),
                s.applying(),
                s.awaitReturn(),
                s.verifyFor(),
                s.deferral(),
                s.poll(),
                s.backoff(),
                s.backoffMax(),
                s.attempts(),
                s.minBatteryPercent(),
                s.maxBoots(),
                switch (s.delivery()) {
                    case PULL -> UpdatePolicy.DeliveryChoice.PULL;
                    case PUSH -> UpdatePolicy.DeliveryChoice.PUSH;
                },
                false,
                s.allowReboot());
    }
}
