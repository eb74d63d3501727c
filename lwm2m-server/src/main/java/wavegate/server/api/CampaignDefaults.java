package wavegate.server.api;

import java.util.Map;
import java.util.Optional;
import wavegate.config.ClassRuleSettings;
import wavegate.config.ClassSettings;
import wavegate.config.GateSettings;
import wavegate.config.RolloutSettings;
import wavegate.config.Settings;
import wavegate.config.UpdateSettings;
import wavegate.config.WaveSettings;
import wavegate.firmware.campaign.WavePlan;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.pkg.ReleaseClass;
import wavegate.firmware.update.UpdatePolicy;
import wavegate.server.rollout.CampaignRules;

/** What a campaign is given where its author says nothing. */
public record CampaignDefaults(
        WavePlan waves,
        GatePolicy gate,
        UpdatePolicy update,
        double expectedCrashRate,
        int inFlight,
        CampaignRules rules) {
    public static final CampaignDefaults STANDARD = from(Settings.DEFAULT);

    public static CampaignDefaults from(Settings settings) {
        RolloutSettings rollout = settings.rollout();
        return new CampaignDefaults(
                waves(settings.waves()),
                gate(settings.gate()),
                update(settings.update()),
                rollout.expectedCrashRate(),
                rollout.inFlight(),
                rules(settings));
    }

    /** What a gate asks for by default, for a package of that class. */
    GatePolicy gateFor(Optional<ReleaseClass> releaseClass) {
        CampaignRules.ClassRule rule = rules.of(releaseClass);
        GatePolicy g = gate;
        return new GatePolicy(
                g.preWindow(),
                rule.soak(g.soak()),
                g.soakMax(),
                g.settle(),
                g.coverage(),
                g.maxRatio(),
                g.crashAlpha(),
                g.driftAlpha(),
                g.laterAlpha(),
                g.minDrift(),
                g.looks(),
                g.minPerArm(),
                g.maxFailureShare(),
                g.maxLostShare(),
                g.guardrailKills(),
                g.metrics());
    }

    /** What classes of packages ask, and where regions are. */
    public static CampaignRules rules(Settings settings) {
        ClassSettings c = settings.classes();
        return new CampaignRules(
                Map.of(
                        ReleaseClass.SECURITY_PATCH,
                        rule(c.securityPatch()),
                        ReleaseClass.FIX,
                        rule(c.fix()),
                        ReleaseClass.FEATURE,
                        rule(c.feature()),
                        ReleaseClass.CARRIER_VARIANT,
                        rule(c.carrierVariant())),
                rule(c.other()),
                settings.schedule().byRegion());
    }

    private static CampaignRules.ClassRule rule(ClassRuleSettings s) {
        return new CampaignRules.ClassRule(
                s.maxSoak(), s.approvals(), s.approver() == ClassRuleSettings.Approver.ADMIN);
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
