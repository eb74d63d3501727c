package wavegate.server.rollout;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignEvent;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.KillReceipt;
import wavegate.firmware.campaign.KillScope;
import wavegate.firmware.campaign.KillSwitch;
import wavegate.firmware.campaign.Plan;
import wavegate.firmware.campaign.Surroundings;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePlanner;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.device.SavedFilter;
import wavegate.firmware.event.Fact;
import wavegate.firmware.gate.Verdict;
import wavegate.firmware.pkg.Delta;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.DispatchScope;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdateSignal;
import wavegate.server.rollout.OrderRefused.Kind;

/** Carries out operators' orders. Rollout thread only; an order that cannot be carried out throws {@link OrderRefused} and changes nothing. */
final class Orders {
    private static final int MOST_FILTERS = 1000;

    private final RolloutEngine engine;

    Orders(RolloutEngine engine) {
        this.engine = engine;
    }

    FirmwarePackage addPackage(FirmwarePackage checked, String by) {
        Optional<FirmwarePackage> known = engine.state().find(checked.id());
        if (known.isPresent()) {
            return known.get();
        }
        for (FirmwarePackage each : engine.state().packages()) {
            if (checked.manifest().precedes(each.manifest())) {
                throw new OrderRefused(
                        Kind.CONFLICT,
                        "sequence-too-low",
                        "package \"%s\" sequence: %d (expected: at least %d, that of package %s)"
                                .formatted(
                                        checked.manifest().name(),
                                        checked.manifest().sequence(),
                                        each.manifest().sequence(),
                                        each.id()));
            }
        }
        for (FirmwarePackage each : engine.state().packages()) {
            refuseLowerCounter(checked, each);
        }
        engine.turn().record(new Fact.PackageChanged(engine.turn().now(), checked, by));
        return checked;
    }

    /** A device keeps the highest security counter it has run, and refuses an image below it for good. */
    private static void refuseLowerCounter(FirmwarePackage checked, FirmwarePackage known) {
        long before = known.securityCounter().orElse(0L);
        long now = checked.securityCounter().orElse(0L);
        if (known.manifest().name().equals(checked.manifest().name()) && now < before) {
            throw new OrderRefused(
                    Kind.CONFLICT,
                    "security-counter-too-low",
                    "package \"%s\" security counter: %d (expected: at least %d, that of package %s)"
                            .formatted(checked.manifest().name(), now, before, known.id()));
        }
    }

    /** Revokes what has expired since it was let in. */
    void revokeExpired() {
        Instant now = engine.turn().now();
        List<PackageId> expired = engine.state().packages().stream()
                .filter(each -> !each.revoked() && each.manifest().expired(now))
                .map(FirmwarePackage::id)
                .toList();
        expired.forEach(id -> revokePackage(id, "wavegate: expired"));
    }

    FirmwarePackage revokePackage(PackageId id, String by) {
        FirmwarePackage firmwarePackage = packageOf(id);
        if (firmwarePackage.revoked()) {
            return firmwarePackage;
        }
        engine.turn().record(new Fact.PackageChanged(engine.turn().now(), firmwarePackage.asRevoked(), by));
        for (CampaignRun run : engine.state().runs()) {
            if (run.campaign().spec().packageId().equals(id)) {
                engine.campaignEvent(run, new CampaignEvent.PauseAsked("package " + id + " revoked"), by);
            }
        }
        engine.kills().revoked(id);
        return firmwarePackage.asRevoked();
    }

    FirmwarePackage addDelta(PackageId from, PackageId to, Delta delta, String by) {
        FirmwarePackage source = packageOf(from);
        FirmwarePackage target = packageOf(to);
        if (!target.manifest().components().isEmpty()
                || !source.manifest().name().equals(target.manifest().name())
                || source.manifest().sha256().equals(target.manifest().sha256())) {
            throw new OrderRefused(
                    Kind.CONFLICT,
                    "not-a-delta",
                    "delta from package %s \"%s\" to package %s \"%s\" (expected: another image of the same name)"
                            .formatted(
                                    from,
                                    source.manifest().name(),
                                    to,
                                    target.manifest().name()));
        }
        if (target.revoked()) {
            throw new OrderRefused(Kind.CONFLICT, "package-revoked", "package " + to + " is revoked");
        }
        if (target.deltas().contains(delta)) {
            return target;
        }
        FirmwarePackage grown = target.with(delta);
        engine.turn().record(new Fact.PackageChanged(engine.turn().now(), grown, by));
        return grown;
    }

    private Device deviceOf(Endpoint endpoint) {
        return engine.state()
                .device(endpoint)
                .orElseThrow(() -> new OrderRefused(
                        Kind.NOT_FOUND, "unknown-device", "device \"" + endpoint + "\" has never registered"));
    }

    Device wake(Endpoint endpoint) {
        Device device = registered(endpoint);
        engine.turn().afterCommit(() -> engine.link().wake(endpoint));
        return device;
    }

    Device bootstrap(Endpoint endpoint) {
        Device device = registered(endpoint);
        engine.turn().afterCommit(() -> engine.link().bootstrap(endpoint));
        return device;
    }

    private Device registered(Endpoint endpoint) {
        Device device = deviceOf(endpoint);
        if (!engine.isReachable(endpoint)) {
            throw new OrderRefused(
                    Kind.CONFLICT,
                    "not-registered",
                    "device \"" + endpoint + "\" is not registered now: nobody to ask");
        }
        return device;
    }

    Device label(Endpoint endpoint, Labels labels) {
        Device device = deviceOf(endpoint);
        if (device.operatorLabels().equals(labels)) {
            return device;
        }
        Device labelled = device.withOperatorLabels(labels);
        engine.turn().record(new Fact.DeviceChanged(engine.turn().now(), labelled));
        engine.joiners().saw(endpoint);
        engine.coexistence().freed(endpoint);
        boolean otherClient = !device.operatorLabels().clientProfile().equals(labels.clientProfile());
        if (otherClient && engine.isReachable(endpoint)) {
            // Where its version is read may be another place now.
            engine.turn().afterCommit(() -> engine.link().readDevice(endpoint, true));
        }
        return labelled;
    }

    /** Takes a device out of the fleet; its open update ends, whatever it does. */
    Device remove(Endpoint endpoint, String by) {
        Device device = deviceOf(endpoint);
        engine.signal(endpoint, new UpdateSignal.CancelAsked(UpdateDetail.REMOVED));
        engine.turn().record(new Fact.DeviceRemoved(engine.turn().now(), endpoint, by));
        engine.forget(endpoint);
        engine.openRuns().forEach(engine::touch);
        return device;
    }

    SavedFilter saveFilter(SavedFilter filter, String by) {
        Optional<SavedFilter> known = engine.state().filter(filter.name());
        if (known.isPresent() && known.get().equals(filter)) {
            return filter;
        }
        if (known.isEmpty() && engine.state().filterCount() >= MOST_FILTERS) {
            throw new OrderRefused(
                    Kind.CONFLICT,
                    "too-many-filters",
                    "saved filters: " + MOST_FILTERS + " already (remove one first)");
        }
        engine.turn().record(new Fact.FilterSaved(engine.turn().now(), filter, by));
        return filter;
    }

    void removeFilter(String name, String by) {
        if (engine.state().filter(name).isEmpty()) {
            throw new OrderRefused(Kind.NOT_FOUND, "unknown-filter", "filter \"" + name + "\" does not exist");
        }
        engine.turn().record(new Fact.FilterRemoved(engine.turn().now(), name, by));
    }

    RetryReceipt retry(CampaignId id, RetryOrder order, String by) {
        CampaignRun run = runOf(id);
        if (run.campaign().phase() != CampaignPhase.RUNNING) {
            throw conflict(run, "retry");
        }
        return new Retries(engine).retry(run, order, by);
    }

    Update cancelUpdate(UpdateId id) {
        CampaignRun run = runOf(id.campaign());
        Update update = run.update(id.endpoint())
                .orElseThrow(() ->
                        new OrderRefused(Kind.NOT_FOUND, "unknown-update", "update \"" + id + "\" does not exist"));
        return new Retries(engine).cancel(run, update);
    }

    Campaign create(CampaignId id, CampaignSpec spec, String by) {
        FirmwarePackage firmwarePackage = packageOf(spec.packageId());
        Optional<CampaignRun> known = engine.state().run(id);
        if (known.isPresent()) {
            if (known.get().campaign().spec().equals(spec)) {
                return known.get().campaign();
            }
            throw new OrderRefused(
                    Kind.CONFLICT, "campaign-exists", "campaign \"" + id + "\" exists with another specification");
        }
        if (firmwarePackage.revoked()) {
            throw new OrderRefused(Kind.CONFLICT, "package-revoked", "package " + spec.packageId() + " is revoked");
        }
        spec.selection().supersedes().ifPresent(this::runOf);
        Campaign campaign = Campaign.draft(id, spec, by, engine.turn().now());
        engine.turn().record(new Fact.CampaignChanged(engine.turn().now(), campaign, "created", by));
        engine.touch(runOf(id));
        return campaign;
    }

    /** Plans off the rollout thread, over a copy of the fleet: a device that changes meanwhile is in it as it was or as it is. */
    CompletableFuture<Plan> plan(CampaignSpec spec, Optional<CampaignId> self) {
        FirmwarePackage firmwarePackage = packageOf(spec.packageId());
        Supplier<Collection<Device>> fleet = spec.terms()
                .rollbackOf()
                .<Supplier<Collection<Device>>>map(parent -> {
                    List<Device> updated = engine.rollbacks().devicesOf(parent);
                    return () -> updated;
                })
                .orElseGet(() -> {
                    Collection<Device> devices = engine.state().devices().values();
                    return () -> List.copyOf(devices);
                });
        Surroundings surroundings = engine.coexistence().around(spec, self);
        CompletableFuture<Plan> planned = new CompletableFuture<>();
        engine.parts().worker().execute(() -> {
            try {
                planned.complete(WavePlanner.plan(fleet.get(), firmwarePackage, spec, surroundings));
            } catch (IllegalArgumentException e) {
                planned.completeExceptionally(
                        new OrderRefused(Kind.INVALID, "no-plan", String.valueOf(e.getMessage())));
            } catch (RuntimeException e) {
                planned.completeExceptionally(e);
            }
        });
        return planned;
    }

    /** First half of a start: plan and store the membership, then come back with {@link #started}, and the line of the audit. */
    CompletableFuture<Campaign> start(CampaignId id, Optional<AuditLine> line, String by) {
        CampaignRun run = runOf(id);
        CampaignPhase phase = run.campaign().phase();
        if (phase != CampaignPhase.DRAFT && phase != CampaignPhase.PENDING_APPROVAL) {
            if (run.campaign().phase().isFinal()) {
                throw conflict(run, "start");
            }
            engine.turn().begin(line);
            return CompletableFuture.completedFuture(run.campaign());
        }
        reviews().expectEnough(run.campaign());
        FirmwarePackage firmwarePackage = packageOf(run.campaign().spec().packageId());
        if (firmwarePackage.revoked()) {
            throw new OrderRefused(Kind.CONFLICT, "package-revoked", "package " + firmwarePackage.id() + " is revoked");
        }
        CompletableFuture<Campaign> answer = new CompletableFuture<>();
        CampaignSpec spec = run.campaign().spec();
        plan(spec, Optional.of(id)).whenComplete((plan, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(failure);
                return;
            }
            try {
                engine.parts().packageCheck().recheck(firmwarePackage);
                Sha256 membership = new MembershipFiles(engine.parts().artifacts()).write(plan.membership());
                CampaignRun.Members members = CampaignRun.Members.of(plan.membership(), spec.gate());
                engine.parts()
                        .back()
                        .accept(() -> complete(answer, line, () -> {
                            engine.state().prepared(id, members);
                            try {
                                return started(id, spec, plan, membership, by);
                            } finally {
                                engine.state().dropPrepared(id);
                            }
                        }));
            } catch (IOException e) {
                answer.completeExceptionally(new OrderRefused(
                        Kind.CONFLICT, "package-not-sound", "package " + firmwarePackage.id() + ": " + e.getMessage()));
            }
        });
        return answer;
    }

    private Campaign started(CampaignId id, CampaignSpec planned, Plan plan, Sha256 membership, String by) {
        CampaignRun run = runOf(id);
        expect(id, campaign -> campaign.spec().equals(planned));
        Instant now = engine.turn().now();
        List<Wave> waves = new ArrayList<>();
        for (int i = 0; i < plan.membership().waves().size(); i++) {
            var wave = plan.membership().waves().get(i);
            waves.add(Wave.pending(i, wave.members().size(), wave.control().size(), now));
        }
        int needed = reviews().needed(run.campaign().spec());
        if (!engine.campaignEvent(run, new CampaignEvent.Started(membership, waves, needed), by)) {
            reviews().expectEnough(run.campaign());
        }
        return run.campaign();
    }

    /**
     * Completes an answer after the turn it belongs to is committed.
     *
     * @param line of the audit, in the same commit
     */
    <T> void complete(CompletableFuture<T> answer, Optional<AuditLine> line, Supplier<T> order) {
        engine.turn().begin(line);
        try {
            T value = order.get();
            engine.turn().carriedOut();
            engine.turn().afterCommit(() -> answer.complete(value));
        } catch (OrderRefused | IllegalArgumentException e) {
            engine.turn().refused();
            answer.completeExceptionally(e);
        }
    }

    void expect(CampaignId id, Predicate<Campaign> expected) {
        if (!expected.test(runOf(id).campaign())) {
            throw new OrderRefused(
                    Kind.CHANGED,
                    "changed-meanwhile",
                    "campaign \"" + id + "\" is no longer as it was seen (read it again)");
        }
    }

    Previews previews() {
        return new Previews(engine, this);
    }

    Reviews reviews() {
        return new Reviews(engine);
    }

    Campaign rollBack(CampaignId id, Optional<PackageId> wanted, String reason, String by) {
        Campaign child = engine.rollbacks().begin(runOf(id), wanted, reason, by);
        engine.turn().made("campaigns/" + child.id());
        return child;
    }

    Campaign pause(CampaignId id, String reason, String by) {
        CampaignRun run = runOf(id);
        if (run.campaign().phase() != CampaignPhase.PAUSED
                && !engine.campaignEvent(run, new CampaignEvent.PauseAsked(reason), by)) {
            throw conflict(run, "pause");
        }
        return run.campaign();
    }

    Campaign resume(CampaignId id, String by) {
        CampaignRun run = runOf(id);
        boolean running = run.campaign().phase() == CampaignPhase.RUNNING
                || run.campaign().phase() == CampaignPhase.SCHEDULED;
        if (!running && packageOf(run.campaign().spec().packageId()).revoked()) {
            throw new OrderRefused(
                    Kind.CONFLICT, "package-revoked", "campaign \"" + id + "\" cannot resume: its package is revoked");
        }
        Optional<KillSwitch> kill = killOver(run);
        if (!running && kill.isPresent()) {
            throw new OrderRefused(
                    Kind.CONFLICT,
                    "kill-switch-up",
                    "campaign \"" + id + "\" cannot resume: kill switch "
                            + kill.get().id() + " (" + kill.get().scope() + ") is in force (lift it first)");
        }
        if (!running && !engine.campaignEvent(run, new CampaignEvent.ResumeAsked(), by)) {
            throw conflict(run, "resume");
        }
        return run.campaign();
    }

    private Optional<KillSwitch> killOver(CampaignRun run) {
        return engine.state().killSwitches().values().stream()
                .filter(kill -> kill.scope().kind() != KillScope.Kind.REGION)
                .filter(kill -> kill.scope()
                        .covers(new DispatchScope(
                                run.campaign().id(), run.campaign().spec().packageId(), "")))
                .findFirst();
    }

    Campaign abort(CampaignId id, String reason, String by) {
        CampaignRun run = runOf(id);
        boolean already = run.campaign().phase() == CampaignPhase.ABORTED
                || run.campaign().phase() == CampaignPhase.ABORTING;
        if (!already && !engine.campaignEvent(run, new CampaignEvent.AbortAsked(reason), by)) {
            throw conflict(run, "abort");
        }
        return run.campaign();
    }

    Campaign decide(CampaignId id, int wave, Verdict verdict, String reason, String by) {
        CampaignRun run = runOf(id);
        if (!engine.campaignEvent(run, new CampaignEvent.Decided(wave, verdict, reason), by)) {
            throw new OrderRefused(
                    Kind.CONFLICT,
                    "wave-not-held",
                    "campaign \"" + id + "\" wave " + wave + " is not HELD in a paused campaign: nothing to decide");
        }
        engine.dispatcher().lookAgain();
        return run.campaign();
    }

    /** @return the receipt, once all in scope are called off */
    CompletableFuture<KillReceipt> kill(KillScope scope, String reason, String by, Fence.Raised raised) {
        Optional<KillSwitch> inForce = engine.state().killSwitches().values().stream()
                .filter(kill -> kill.scope().equals(scope))
                .findFirst();
        if (inForce.isPresent()) {
            engine.turn().made("kill-switches/" + inForce.get().id());
            engine.parts().fence().lower(scope);
            return engine.kills().receipt(inForce.get());
        }
        return engine.kills().raise(scope, reason, by, raised);
    }

    void lift(String killSwitchId, String reason, String by) {
        KillSwitch kill = engine.state().killSwitches().get(killSwitchId);
        if (kill == null) {
            if (engine.state().receipt(killSwitchId).isPresent()) {
                return;
            }
            throw new OrderRefused(
                    Kind.NOT_FOUND, "unknown-kill-switch", "kill switch \"" + killSwitchId + "\" does not exist");
        }
        engine.turn().record(new Fact.KillSwitchLifted(engine.turn().now(), killSwitchId, reason, by));
        engine.turn().afterCommit(() -> engine.parts().fence().lower(kill.scope()));
        engine.turn().afterCommit(() -> engine.parts().back().accept(() -> engine.dispatcher()
                .lookAgain()));
    }

    void audit(String actor, String action, String subject, String outcome, Map<String, String> details) {
        engine.turn().record(Fact.Audited.cut(engine.turn().now(), actor, action, subject, outcome, details));
    }

    private CampaignRun runOf(CampaignId id) {
        return engine.state()
                .run(id)
                .orElseThrow(() ->
                        new OrderRefused(Kind.NOT_FOUND, "unknown-campaign", "campaign \"" + id + "\" does not exist"));
    }

    private FirmwarePackage packageOf(PackageId id) {
        return engine.state()
                .find(id)
                .orElseThrow(() ->
                        new OrderRefused(Kind.NOT_FOUND, "unknown-package", "package \"" + id + "\" does not exist"));
    }

    private static OrderRefused conflict(CampaignRun run, String what) {
        Campaign campaign = run.campaign();
        return new OrderRefused(
                Kind.CONFLICT,
                "wrong-phase",
                "campaign \"" + campaign.id() + "\" is " + campaign.phase()
                        + (campaign.reason().isEmpty() ? "" : " (" + campaign.reason() + ")") + ": cannot " + what);
    }
}
