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

/** Brings operators' orders to the rollout thread, from any other. */
final class LoopOperations implements Operations {
    private final RolloutLoop loop;
    private final Orders orders;
    private final Published published;
    private final Fence fence;
    private final Optional<AuditLine> line;

    /** @param line of the audit, for each order */
    LoopOperations(RolloutLoop loop, Orders orders, Published published, Fence fence, Optional<AuditLine> line) {
        this.loop = loop;
        this.orders = orders;
        this.published = published;
        this.fence = fence;
        this.line = line;
    }

    @Override
    public CompletableFuture<FirmwarePackage> addPackage(FirmwarePackage checked, String by) {
        return loop.order(line, () -> orders.addPackage(checked, by));
    }

    @Override
    public CompletableFuture<FirmwarePackage> revokePackage(PackageId id, String by) {
        return loop.order(line, () -> orders.revokePackage(id, by));
    }

    @Override
    public CompletableFuture<FirmwarePackage> addDelta(PackageId from, PackageId to, Delta delta, String by) {
        return loop.order(line, () -> orders.addDelta(from, to, delta, by));
    }

    @Override
    public CompletableFuture<Device> removeDevice(Endpoint endpoint, String by) {
        return loop.order(line, () -> orders.remove(endpoint, by));
    }

    @Override
    public CompletableFuture<SavedFilter> saveFilter(SavedFilter filter, String by) {
        return loop.order(line, () -> orders.saveFilter(filter, by));
    }

    @Override
    public CompletableFuture<Void> removeFilter(String name, String by) {
        return loop.order(line, () -> {
                    orders.removeFilter(name, by);
                    return Boolean.TRUE;
                })
                .thenApply(done -> null);
    }

    @Override
    public CompletableFuture<RetryReceipt> retry(CampaignId id, RetryOrder order, String by) {
        return loop.order(line, () -> orders.retry(id, order, by));
    }

    @Override
    public CompletableFuture<Update> cancelUpdate(UpdateId id, String by) {
        return loop.order(line, () -> orders.cancelUpdate(id));
    }

    @Override
    public CompletableFuture<Device> label(Endpoint endpoint, Labels labels, String by) {
        return loop.order(line, () -> orders.label(endpoint, labels));
    }

    @Override
    public CompletableFuture<Device> wake(Endpoint endpoint) {
        return loop.order(line, () -> orders.wake(endpoint));
    }

    @Override
    public CompletableFuture<Device> bootstrap(Endpoint endpoint) {
        return loop.order(line, () -> orders.bootstrap(endpoint));
    }

    @Override
    public CompletableFuture<Preview> preview(CampaignSpec spec) {
        return orderLater(() -> orders.previews().preview(spec));
    }

    @Override
    public CompletableFuture<Campaign> create(CampaignId id, CampaignSpec spec, String by) {
        return loop.order(line, () -> orders.create(id, spec, by));
    }

    @Override
    public CompletableFuture<Campaign> start(CampaignId id, String by) {
        return orderLater(() -> orders.start(id, line, by));
    }

    @Override
    public CompletableFuture<Campaign> edit(CampaignId id, CampaignSpec spec, String by) {
        return loop.order(line, () -> orders.reviews().edit(id, spec, by));
    }

    @Override
    public CompletableFuture<Campaign> submit(CampaignId id, String by) {
        return loop.order(line, () -> orders.reviews().submit(id, by));
    }

    @Override
    public CompletableFuture<Campaign> approve(CampaignId id, String reason, String by, boolean admin) {
        return loop.order(line, () -> orders.reviews().approve(id, reason, by, admin));
    }

    @Override
    public CompletableFuture<Campaign> reject(CampaignId id, String reason, String by) {
        return loop.order(line, () -> orders.reviews().reject(id, reason, by));
    }

    @Override
    public CompletableFuture<Campaign> rollBack(CampaignId id, Optional<PackageId> wanted, String reason, String by) {
        return loop.order(line, () -> orders.rollBack(id, wanted, reason, by));
    }

    @Override
    public CompletableFuture<Campaign> pause(CampaignId id, String reason, String by) {
        return loop.order(line, () -> orders.pause(id, reason, by));
    }

    @Override
    public CompletableFuture<Campaign> resume(CampaignId id, String by) {
        return loop.order(line, () -> orders.resume(id, by));
    }

    @Override
    public CompletableFuture<Campaign> abort(CampaignId id, String reason, String by) {
        return loop.order(line, () -> orders.abort(id, reason, by));
    }

    @Override
    public CompletableFuture<Campaign> decide(CampaignId id, int wave, Verdict verdict, String reason, String by) {
        return loop.order(line, () -> orders.decide(id, wave, verdict, reason, by));
    }

    @Override
    public CompletableFuture<Campaign> ifStill(
            CampaignId id, Predicate<Campaign> expected, Supplier<CompletableFuture<Campaign>> order) {
        return orderLater(() -> {
            orders.expect(id, expected);
            return loop.within(order);
        });
    }

    @Override
    public CompletableFuture<KillReceipt> kill(KillScope scope, String reason, String by) {
        Fence.Raised raised = fence.raise(scope);
        return loop.order(line, () -> orders.kill(scope, reason, by, raised)).thenCompose(receipt -> receipt);
    }

    @Override
    public CompletableFuture<Void> lift(String killSwitchId, String reason, String by) {
        return loop.order(line, () -> {
                    orders.lift(killSwitchId, reason, by);
                    return Boolean.TRUE;
                })
                .thenApply(done -> null);
    }

    @Override
    public Operations audited(AuditLine ordered) {
        return new LoopOperations(loop, orders, published, fence, Optional.of(ordered));
    }

    @Override
    public Optional<CampaignStatus> status(CampaignId id) {
        return published.status(id);
    }

    /** For what answers later than the turn it is ordered in; the line goes with the turn that carries it out. */
    private <T> CompletableFuture<T> orderLater(Supplier<CompletableFuture<T>> what) {
        return loop.order(Optional.empty(), what).thenCompose(inner -> inner);
    }
}
