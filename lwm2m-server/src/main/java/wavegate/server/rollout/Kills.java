package wavegate.server.rollout;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import wavegate.firmware.campaign.CampaignEvent;
import wavegate.firmware.campaign.KillReceipt;
import wavegate.firmware.campaign.KillScope;
import wavegate.firmware.campaign.KillSwitch;
import wavegate.firmware.event.Fact;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdateSignal;

/**
 * What follows once a fence is up: the fact goes to the ledger in a commit of its own, then the updates in scope are called off, those applying
 * are counted and left alone. Rollout thread only.
 */
final class Kills {
    private final RolloutEngine engine;

    Kills(RolloutEngine engine) {
        this.engine = engine;
    }

    /** @return the receipt, which is in the ledger once the turn is committed */
    KillReceipt raise(KillScope scope, String reason, String by, Fence.Raised raised) {
        byte[] id = new byte[6];
        engine.parts().random().nextBytes(id);
        KillSwitch kill = new KillSwitch(HexFormat.of().formatHex(id), scope, reason, by, raised.at());
        engine.turn().record(new Fact.KillSwitchRaised(raised.at(), kill));
        engine.commit();
        Instant acknowledged = engine.turn().now();
        int cancelled = 0;
        int leftAlone = 0;
        List<Update> inScope = new ArrayList<>();
        engine.state().openUpdates().forEach(update -> {
            if (scope.covers(update.scope())) {
                inScope.add(update);
            }
        });
        inScope.sort(java.util.Comparator.comparing(Update::id));
        for (Update update : inScope) {
            engine.signal(update.endpoint(), new UpdateSignal.CancelAsked(UpdateDetail.KILLED));
            if (engine.state().openUpdate(update.endpoint()).isEmpty()) {
                cancelled++;
            } else {
                leftAlone++;
            }
        }
        for (CampaignRun run : engine.state().runs()) {
            boolean whole = scope.kind() != KillScope.Kind.REGION
                    && scope.covers(new wavegate.firmware.update.DispatchScope(
                            run.campaign().id(), run.campaign().spec().packageId(), ""));
            if (whole) {
                engine.campaignEvent(run, new CampaignEvent.Killed("kill switch: " + reason), by);
            }
        }
        KillReceipt receipt =
                new KillReceipt(kill, raised.at(), raised.lastDispatchAt(), acknowledged, cancelled, leftAlone);
        engine.turn().record(new Fact.KillSwitchReported(acknowledged, receipt));
        return receipt;
    }
}
