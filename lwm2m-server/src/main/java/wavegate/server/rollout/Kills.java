package wavegate.server.rollout;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import wavegate.firmware.campaign.CampaignEvent;
import wavegate.firmware.campaign.KillReceipt;
import wavegate.firmware.campaign.KillScope;
import wavegate.firmware.campaign.KillSwitch;
import wavegate.firmware.event.Fact;
import wavegate.firmware.update.DispatchScope;
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
        engine.turn().made("kill-switches/" + kill.id());
        engine.turn().record(new Fact.KillSwitchRaised(raised.at(), kill));
        engine.commit();
        return callOff(kill, raised.lastDispatchAt());
    }

    /** Finishes what a crash cut short: a kill switch that is in the ledger without its receipt. */
    void resume() {
        for (KillSwitch kill : List.copyOf(engine.state().killSwitches().values())) {
            if (engine.state().receipt(kill.id()).isEmpty()) {
                callOff(kill, Optional.empty());
            }
        }
    }

    private KillReceipt callOff(KillSwitch kill, Optional<Instant> lastDispatchAt) {
        Instant acknowledged = engine.turn().now();
        int cancelled = 0;
        int leftAlone = 0;
        for (Update update : inScope(kill.scope())) {
            engine.signal(update.endpoint(), new UpdateSignal.CancelAsked(UpdateDetail.KILLED));
            if (engine.state().openUpdate(update.endpoint()).isEmpty()) {
                cancelled++;
            } else {
                leftAlone++;
            }
        }
        for (CampaignRun run : engine.state().runs()) {
            DispatchScope anywhere =
                    new DispatchScope(run.campaign().id(), run.campaign().spec().packageId(), "");
            if (kill.scope().kind() != KillScope.Kind.REGION && kill.scope().covers(anywhere)) {
                engine.campaignEvent(run, new CampaignEvent.Killed("kill switch: " + kill.reason()), kill.by());
            }
        }
        KillReceipt receipt =
                new KillReceipt(kill, kill.raisedAt(), lastDispatchAt, acknowledged, cancelled, leftAlone);
        engine.turn().record(new Fact.KillSwitchReported(acknowledged, receipt));
        return receipt;
    }

    private List<Update> inScope(KillScope scope) {
        List<Update> inScope = new ArrayList<>();
        for (Update update : engine.state().openUpdates()) {
            if (scope.covers(update.scope())) {
                inScope.add(update);
            }
        }
        inScope.sort(Comparator.comparing(Update::id));
        return inScope;
    }
}
