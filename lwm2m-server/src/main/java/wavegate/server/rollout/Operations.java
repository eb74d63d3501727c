package wavegate.server.rollout;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.KillReceipt;
import wavegate.firmware.campaign.KillScope;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.device.SavedFilter;
import wavegate.firmware.gate.Verdict;
import wavegate.firmware.pkg.Delta;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateId;

/**
 * What operators may order, from any thread. A future completes once the fact is in the ledger and the view, or with {@link OrderRefused}.
 * Every order is idempotent: asked twice, it answers twice and acts once. {@code by} names who orders, for the ledger.
 */
public interface Operations {
    /** Records a package whose signature was checked and whose artifact is stored. */
    CompletableFuture<FirmwarePackage> addPackage(FirmwarePackage checked, String by);

    /** A revoked package is never dispatched again; campaigns that use it pause. */
    CompletableFuture<FirmwarePackage> revokePackage(PackageId id, String by);

    /**
     * Records a delta that was checked and stored.
     *
     * @param from the package whose image it starts from: of the same name, and {@code to} not revoked, or the order is refused
     */
    CompletableFuture<FirmwarePackage> addDelta(PackageId from, PackageId to, Delta delta, String by);

    /** Takes a device out of the fleet: its open update ends, campaigns count it no more. One that registers again under the name is new. */
    CompletableFuture<Device> removeDevice(Endpoint endpoint, String by);

    CompletableFuture<SavedFilter> saveFilter(SavedFilter filter, String by);

    CompletableFuture<Void> removeFilter(String name, String by);

    /** Begins another attempt at ended updates of a RUNNING campaign, as far as the devices are free and their waves open. */
    CompletableFuture<RetryReceipt> retry(CampaignId id, RetryOrder order, String by);

    /** Calls off one update. One that has ended is left as it is; one whose device may be applying the image is refused. */
    CompletableFuture<Update> cancelUpdate(UpdateId id, String by);

    CompletableFuture<Device> label(Endpoint endpoint, Labels labels, String by);

    /** Asks a registered device for a Registration Update, by its trigger /1/x/8. Sent when this completes; whether it was heard shows in its session. */
    CompletableFuture<Device> wake(Endpoint endpoint);

    /** Asks a registered device to bootstrap again, by its trigger /1/x/9. Sent when this completes; whether it comes shows at the bootstrap server. */
    CompletableFuture<Device> bootstrap(Endpoint endpoint);

    /** Who would be updated, in which waves, and what the canary can see. Changes nothing. */
    CompletableFuture<Preview> preview(CampaignSpec spec);

    CompletableFuture<Campaign> create(CampaignId id, CampaignSpec spec, String by);

    /** Fixes the membership and begins with the pre-window. */
    CompletableFuture<Campaign> start(CampaignId id, String by);

    /** What a campaign asks for, written anew before it starts: it is a draft again, and every approval is void. */
    CompletableFuture<Campaign> edit(CampaignId id, CampaignSpec spec, String by);

    /** Asks others to agree to a draft. */
    CompletableFuture<Campaign> submit(CampaignId id, String by);

    /** @param admin whether {@code by} is one: campaigns of some classes are approved by admins only */
    CompletableFuture<Campaign> approve(CampaignId id, String reason, String by, boolean admin);

    /** Makes a submitted campaign a draft again. */
    CompletableFuture<Campaign> reject(CampaignId id, String reason, String by);

    /**
     * Takes back what a campaign updated: completes with the rollback campaign, which starts once no update of the first is open.
     *
     * @param wanted the package to go back to; empty: the release before
     */
    CompletableFuture<Campaign> rollBack(CampaignId id, Optional<PackageId> wanted, String reason, String by);

    CompletableFuture<Campaign> pause(CampaignId id, String reason, String by);

    CompletableFuture<Campaign> resume(CampaignId id, String by);

    CompletableFuture<Campaign> abort(CampaignId id, String reason, String by);

    /** A human decides a HELD wave: PASS or FAIL, or INCONCLUSIVE to watch it for another soak; with a reason. */
    CompletableFuture<Campaign> decide(CampaignId id, int wave, Verdict verdict, String reason, String by);

    /** The fence is up before this returns; the receipt follows once the kill switch is durable and its updates are called off. */
    CompletableFuture<KillReceipt> kill(KillScope scope, String reason, String by);

    CompletableFuture<Void> lift(String killSwitchId, String reason, String by);

    /**
     * Gives an order on a campaign only if that is as {@code expected} says when the order's turn has come; nothing comes between the two. Else
     * the future fails with {@link OrderRefused.Kind#CHANGED}.
     *
     * @param expected asked on the rollout thread
     * @param order calls one of the methods above, on the rollout thread
     */
    CompletableFuture<Campaign> ifStill(
            CampaignId id, Predicate<Campaign> expected, Supplier<CompletableFuture<Campaign>> order);

    /**
     * The same orders, each recorded as {@code line} says: an order that is carried out and its line are in one commit of the ledger, so that
     * neither is ever there without the other. A refused order leaves no line.
     */
    Operations audited(AuditLine line);

    /** Counters of a campaign as of the last committed turn; any thread, never blocks. */
    Optional<CampaignStatus> status(CampaignId id);
}
