package wavegate.server.rollout;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdateMachine;
import wavegate.firmware.update.UpdatePhase;
import wavegate.firmware.update.UpdateSignal;
import wavegate.server.rollout.OrderRefused.Kind;

/** New attempts at updates that have ended, and updates called off one by one, because an operator asks for it. Rollout thread only. */
final class Retries {
    private final RolloutEngine engine;

    Retries(RolloutEngine engine) {
        this.engine = engine;
    }

    RetryReceipt retry(CampaignRun run, RetryOrder order, String by) {
        FirmwarePackage firmwarePackage = engine.state()
                .find(run.campaign().spec().packageId())
                .filter(found -> !found.revoked())
                .orElseThrow(() -> new OrderRefused(
                        Kind.CONFLICT,
                        "package-revoked",
                        "package " + run.campaign().spec().packageId() + " is revoked"));
        List<Update> chosen = new ArrayList<>();
        int more = 0;
        for (Update update : run.updates()) {
            if (order.chooses(update)) {
                if (chosen.size() < RetryOrder.MOST) {
                    chosen.add(update);
                } else {
                    more++;
                }
            }
        }
        SortedMap<String, Integer> left = new TreeMap<>();
        int retried = 0;
        for (Update update : chosen) {
            Optional<String> why = keptFrom(run, update, firmwarePackage, order.force());
            if (why.isPresent()) {
                left.merge(why.get(), 1, Integer::sum);
            } else {
                begin(run, update, firmwarePackage, order, by);
                retried++;
            }
        }
        return new RetryReceipt(retried, left, more);
    }

    private void begin(CampaignRun run, Update ended, FirmwarePackage firmwarePackage, RetryOrder order, String by) {
        var now = engine.turn().now();
        var artifact = firmwarePackage.manifest().sha256();
        if (engine.state().isClosed(ended.endpoint(), artifact)) {
            engine.turn().record(new Fact.ArtifactReopened(now, ended.endpoint(), artifact, order.reason(), by));
        }
        Update again = UpdateMachine.again(ended, now);
        engine.turn().record(new Fact.UpdateChanged(now, again, "retry asked"));
        engine.changed(run, again);
        engine.updates().schedule(again);
    }

    /** Why there can be no new attempt now; the labels are counted in the receipt. */
    private Optional<String> keptFrom(CampaignRun run, Update update, FirmwarePackage firmwarePackage, boolean force) {
        if (engine.state().device(update.endpoint()).isEmpty()) {
            return Optional.of("removed");
        }
        if (engine.state().openUpdate(update.endpoint()).isPresent()) {
            return Optional.of("busy");
        }
        if (!engine.dispatcher().mayApply(run, update) || engine.coexistence().keptBack(run, update.endpoint())) {
            return Optional.of("held");
        }
        if (engine.coexistence().supersederOf(run, update.endpoint()).isPresent()) {
            return Optional.of("superseded");
        }
        boolean closed = engine.state()
                .isClosed(update.endpoint(), firmwarePackage.manifest().sha256());
        return closed && !force ? Optional.of("artifact-closed") : Optional.empty();
    }

    Update cancel(CampaignRun run, Update update) {
        if (update.isFinal()) {
            return update;
        }
        engine.signal(update.endpoint(), new UpdateSignal.CancelAsked(UpdateDetail.ABORTED));
        Update after = run.update(update.endpoint()).orElse(update);
        if (after.phase() != UpdatePhase.CANCELLED) {
            throw new OrderRefused(
                    Kind.CONFLICT,
                    "applying",
                    "update " + update.id() + " is " + update.where() + ": the device may be applying the image");
        }
        return after;
    }
}
