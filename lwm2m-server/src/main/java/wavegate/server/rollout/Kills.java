package wavegate.server.rollout;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import wavegate.firmware.campaign.CampaignEvent;
import wavegate.firmware.campaign.KillReceipt;
import wavegate.firmware.campaign.KillScope;
import wavegate.firmware.campaign.KillSwitch;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.update.DispatchScope;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdateSignal;

/**
 * What follows once a fence is up: the fact goes to the ledger in a commit of its own, then the updates in scope are called off, those applying
 * are counted and left alone. A hundred thousand of them take many turns, between which the loop does what else there is; a kill switch without
 * its receipt is one that is still calling off, also after a crash. Rollout thread only.
 */
final class Kills {
    /** Called off in one turn. */
    private static final int AT_ONCE = 100;

    private final RolloutEngine engine;
    private final Map<String, CompletableFuture<KillReceipt>> underWay = new HashMap<>();

    Kills(RolloutEngine engine) {
        this.engine = engine;
    }

    /** One kill switch on its way through the updates in its scope. */
    private final class CallingOff {
        private final KillSwitch kill;
        private final Optional<Instant> lastDispatchAt;
        private final Instant acknowledged = engine.turn().now();
        private final Deque<Update> left;
        private int cancelled;
        private int leftAlone;

        CallingOff(KillSwitch kill, Optional<Instant> lastDispatchAt) {
            this.kill = kill;
            this.lastDispatchAt = lastDispatchAt;
            this.left = new ArrayDeque<>(inScope(kill.scope()));
        }

        void go() {
            for (int i = 0; i < AT_ONCE && !left.isEmpty(); i++) {
                Update next = left.remove();
                // Since the turn before it may have ended, and the device have an update of another campaign.
                if (isOpen(next)) {
                    engine.signal(next.endpoint(), new UpdateSignal.CancelAsked(UpdateDetail.KILLED));
                    if (isOpen(next)) {
                        leftAlone++;
                    } else {
                        cancelled++;
                    }
                }
            }
            if (left.isEmpty()) {
                KillReceipt receipt =
                        new KillReceipt(kill, kill.raisedAt(), lastDispatchAt, acknowledged, cancelled, leftAlone);
                engine.turn().record(new Fact.KillSwitchReported(acknowledged, receipt));
                engine.turn().afterCommit(() -> done(receipt));
            } else {
                engine.parts().back().accept(this::go);
            }
        }

        private boolean isOpen(Update update) {
            return engine.state()
                    .openUpdate(update.endpoint())
                    .filter(open -> open.id().equals(update.id()))
                    .isPresent();
        }

        private void done(KillReceipt receipt) {
            CompletableFuture<KillReceipt> asked = underWay.remove(kill.id());
            if (asked != null) {
                asked.complete(receipt);
            }
        }
    }

    /** @return the receipt, once it is in the ledger */
    CompletableFuture<KillReceipt> raise(KillScope scope, String reason, String by, Fence.Raised raised) {
        byte[] id = new byte[6];
        engine.parts().random().nextBytes(id);
        KillSwitch kill = new KillSwitch(HexFormat.of().formatHex(id), scope, reason, by, raised.at());
        engine.turn().made("kill-switches/" + kill.id());
        engine.turn().record(new Fact.KillSwitchRaised(raised.at(), kill));
        engine.commit();
        CompletableFuture<KillReceipt> answer = new CompletableFuture<>();
        underWay.put(kill.id(), answer);
        callOff(kill, raised.lastDispatchAt());
        return answer;
    }

    /** The receipt of a kill switch that was raised before. */
    CompletableFuture<KillReceipt> receipt(KillSwitch kill) {
        return engine.state()
                .receipt(kill.id())
                .map(CompletableFuture::completedFuture)
                .orElseGet(() -> underWay.computeIfAbsent(kill.id(), id -> new CompletableFuture<>()));
    }

    /** Finishes what a crash cut short: a kill switch that is in the ledger without its receipt. */
    void resume() {
        for (KillSwitch kill : List.copyOf(engine.state().killSwitches().values())) {
            if (engine.state().receipt(kill.id()).isEmpty()) {
                callOff(kill, Optional.empty());
            }
        }
    }

    private void callOff(KillSwitch kill, Optional<Instant> lastDispatchAt) {
        CallingOff callingOff = new CallingOff(kill, lastDispatchAt);
        // First, so that nothing is judged or reserved between the turns.
        for (CampaignRun run : engine.state().runs()) {
            DispatchScope anywhere =
                    new DispatchScope(run.campaign().id(), run.campaign().spec().packageId(), "");
            if (kill.scope().kind() != KillScope.Kind.REGION && kill.scope().covers(anywhere)) {
                engine.campaignEvent(run, new CampaignEvent.Killed("kill switch: " + kill.reason()), kill.by());
            }
        }
        callingOff.go();
    }

    /**
     * A package was revoked: for those that still use it the fence is up for good, as if by a kill switch that nobody can lift, and their updates are called
     * off. Once at the revocation, and at every start.
     */
    void revoked(PackageId id) {
        KillScope scope = new KillScope(KillScope.Kind.PACKAGE, id.value());
        List<Update> open = inScope(scope);
        boolean used = !open.isEmpty();
        for (CampaignRun run : engine.state().runs()) {
            used |= run.campaign().spec().packageId().equals(id)
                    && !run.campaign().phase().isFinal();
        }
        if (used) {
            engine.parts().fence().raise(scope);
            open.forEach(
                    update -> engine.signal(update.endpoint(), new UpdateSignal.CancelAsked(UpdateDetail.REVOKED)));
        }
    }

    private List<Update> inScope(KillScope scope) {
        List<Update> inScope = new ArrayList<>();
        for (Update update : engine.state().openUpdates()) {
            if (scope.covers(update.scope())) {
                inScope.add(update);
            }
        }
        return inScope;
    }
}
