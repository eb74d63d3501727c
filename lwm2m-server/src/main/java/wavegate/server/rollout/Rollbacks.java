package wavegate.server.rollout;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignEvent;
import wavegate.firmware.campaign.CampaignMachine;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.CampaignTerms;
import wavegate.firmware.campaign.DispatchRate;
import wavegate.firmware.campaign.Schedule;
import wavegate.firmware.campaign.Selection;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdatePhase;
import wavegate.server.rollout.OrderRefused.Kind;

/**
 * Takes back what a campaign updated: by a campaign of its own, with an older package, for exactly the devices that ended in SUCCESS and still run what
 * they were given. It is made at once and starts when no update of the first is open any more. Rollout thread only.
 */
final class Rollbacks {
    private static final Logger LOG = LoggerFactory.getLogger(Rollbacks.class);
    private static final DispatchRate RATE = DispatchRate.constant(600);
    private static final int MOST_TRIES = 9;
    private static final int LONGEST_ID = 64;

    private final RolloutEngine engine;
    private final Orders orders;
    private final Set<CampaignId> starting = new HashSet<>();

    Rollbacks(RolloutEngine engine) {
        this.engine = engine;
        this.orders = new Orders(engine);
    }

    /**
     * @param wanted the package to go back to; empty: the release before, of the same name
     * @return the rollback campaign
     */
    Campaign begin(CampaignRun parent, Optional<PackageId> wanted, String reason, String by) {
        Campaign of = parent.campaign();
        Optional<CampaignRun> known = childOf(of.id());
        if (known.isPresent()
                && (of.phase() == CampaignPhase.ROLLING_BACK || of.phase() == CampaignPhase.ROLLED_BACK)) {
            return known.get().campaign();
        }
        FirmwarePackage from = engine.state().find(of.spec().packageId()).orElseThrow();
        FirmwarePackage target = wanted.map(id -> find(id)).orElseGet(() -> releaseBefore(from));
        check(from, target);
        CampaignId id = freshId(of.id());
        CampaignEvent asked = new CampaignEvent.RollbackAsked(reason);
        if (CampaignMachine.next(of, asked, parent.counts(), engine.turn().now())
                .ignored()) {
            throw new OrderRefused(
                    Kind.CONFLICT,
                    "nothing-to-roll-back",
                    "campaign \"" + of.id() + "\" is " + of.phase()
                            + " and has updated no device, or is not at rest: cannot roll back");
        }
        Campaign child = Campaign.draft(id, spec(of, target), by, engine.turn().now());
        engine.turn().record(new Fact.CampaignChanged(engine.turn().now(), child, "rollback of " + of.id(), by));
        engine.touch(engine.state().run(id).orElseThrow());
        // After it, since a turn that calls off many may be torn by a crash: none is rolling back without what it waits
        // for.
        engine.campaignEvent(parent, asked, by);
        return child;
    }

    /** The gate's own rollback; what stands in its way is left to a human. */
    void beginByGate(CampaignRun parent) {
        try {
            Campaign child = begin(
                    parent,
                    Optional.empty(),
                    "gate failed: " + parent.campaign().reason(),
                    "gate");
            LOG.info("rollback campaign={} by={} id={}", parent.campaign().id(), "gate", child.id());
        } catch (OrderRefused e) {
            LOG.warn("rollback campaign={} refused: {}", parent.campaign().id(), e.getMessage());
        }
    }

    private FirmwarePackage find(PackageId id) {
        return engine.state()
                .find(id)
                .orElseThrow(() ->
                        new OrderRefused(Kind.NOT_FOUND, "unknown-package", "package \"" + id + "\" does not exist"));
    }

    private FirmwarePackage releaseBefore(FirmwarePackage from) {
        return engine.state().packages().stream()
                .filter(each -> each.manifest().precedes(from.manifest()))
                .filter(each -> !each.revoked() && sameFirmware(each, from))
                .max(Comparator.comparingLong(each -> each.manifest().sequence()))
                .orElseThrow(() -> new OrderRefused(
                        Kind.CONFLICT,
                        "no-older-package",
                        "package " + from.id() + " \"" + from.manifest().name()
                                + "\": no earlier release is here (upload one, or name a package)"));
    }

    private static boolean sameFirmware(FirmwarePackage one, FirmwarePackage other) {
        return one.manifest().name().equals(other.manifest().name())
                && one.manifest().componentNames().equals(other.manifest().componentNames());
    }

    private void check(FirmwarePackage from, FirmwarePackage target) {
        Manifest manifest = target.manifest();
        if (target.revoked()) {
            throw new OrderRefused(Kind.CONFLICT, "package-revoked", "package " + target.id() + " is revoked");
        }
        if (!sameFirmware(from, target)
                || manifest.version().equals(from.manifest().version())) {
            throw new OrderRefused(
                    Kind.CONFLICT,
                    "not-a-way-back",
                    "package %s \"%s\" %s (expected: another version of \"%s\" than %s)"
                            .formatted(
                                    target.id(),
                                    manifest.name(),
                                    manifest.version(),
                                    from.manifest().name(),
                                    from.manifest().version()));
        }
        long kept = from.securityCounter().orElse(0L);
        long offered = target.securityCounter().orElse(0L);
        if (offered < kept) {
            throw new OrderRefused(
                    Kind.CONFLICT,
                    "security-counter-forbids",
                    ("package %s has security counter %d: devices that ran counter %d refuse it for good. Downgrade by upgrading: release the"
                                    + " older content again with a sequence above %d and security counter %d, and name that package%s")
                            .formatted(
                                    target.id(),
                                    offered,
                                    kept,
                                    from.manifest().sequence(),
                                    kept,
                                    laterPackages(from, kept)));
        }
    }

    private String laterPackages(FirmwarePackage from, long counter) {
        List<String> later = engine.state().packages().stream()
                .filter(each -> from.manifest().precedes(each.manifest()) && sameFirmware(each, from))
                .filter(each -> !each.revoked() && each.securityCounter().orElse(0L) >= counter)
                .map(each -> each.id() + " (" + each.manifest().version() + ")")
                .sorted()
                .limit(5)
                .toList();
        return later.isEmpty() ? "" : "; here are " + String.join(", ", later);
    }

    private CampaignId freshId(CampaignId parent) {
        for (int i = 1; i <= MOST_TRIES; i++) {
            String suffix = i == 1 ? "-rollback" : "-rollback-" + i;
            String head = parent.value();
            CampaignId id =
                    new CampaignId(head.substring(0, Math.min(head.length(), LONGEST_ID - suffix.length())) + suffix);
            if (engine.state().run(id).isEmpty()) {
                return id;
            }
        }
        throw new OrderRefused(
                Kind.CONFLICT, "campaign-exists", "campaign \"" + parent + "\" was rolled back too often");
    }

    private static CampaignSpec spec(Campaign parent, FirmwarePackage target) {
        CampaignSpec of = parent.spec();
        CampaignTerms terms = of.terms();
        Schedule windows = new Schedule(
                Optional.empty(),
                Optional.empty(),
                terms.schedule().windows(),
                terms.schedule().zone(),
                terms.schedule().jitter());
        return new CampaignSpec(
                        "rollback of " + parent.id(),
                        target.id(),
                        DeviceFilter.ALL,
                        of.waves(),
                        of.gate(),
                        of.update().allowingOlder(),
                        of.expectedCrashRate(),
                        of.inFlight(),
                        of.seed(),
                        of.ownBudget(),
                        Optional.of(new Selection(
                                Optional.empty(), false, Optional.of(Selection.HIGHEST_PRIORITY), Optional.empty())),
                        Optional.empty())
                .under(new CampaignTerms(
                        Optional.of(windows),
                        Optional.of(terms.rate().orElse(RATE)),
                        Optional.of(parent.id()),
                        false,
                        false,
                        0));
    }

    private Optional<CampaignRun> childOf(CampaignId parent) {
        return StreamSupport.stream(engine.state().runs().spliterator(), false)
                .filter(run -> run.campaign().spec().terms().rollbackOf().equals(Optional.of(parent)))
                .reduce((earlier, later) -> later);
    }

    /** Devices a rollback campaign is for: they ended in SUCCESS and run what they were given. */
    List<Device> devicesOf(CampaignId parent) {
        CampaignRun of = engine.state().run(parent).orElseThrow();
        return StreamSupport.stream(of.updates().spliterator(), false)
                .filter(update -> update.phase() == UpdatePhase.SUCCESS)
                .flatMap(
                        update -> engine
                                .state()
                                .device(update.endpoint())
                                .filter(device -> device.firmware().equals(update.target()))
                                .stream())
                .toList();
    }

    /** Whether a rollback campaign has touched this device after the campaign that updated it. */
    boolean tookBack(CampaignRun parent, Update update) {
        return parent.campaign().phase() == CampaignPhase.ROLLING_BACK
                || parent.campaign().phase() == CampaignPhase.ROLLED_BACK
                || childOf(parent.campaign().id())
                        .flatMap(child -> child.update(update.endpoint()))
                        .isPresent();
    }

    /** Goes on with a campaign that is being rolled back. */
    void look(CampaignRun parent) {
        if (parent.campaign().phase() != CampaignPhase.ROLLING_BACK) {
            return;
        }
        CampaignRun child = childOf(parent.campaign().id()).orElseThrow();
        CampaignId id = child.campaign().id();
        if (child.campaign().phase().isFinal()) {
            boolean done = child.campaign().phase() != CampaignPhase.ABORTED;
            engine.campaignEvent(
                    parent,
                    new CampaignEvent.RollbackEnded(
                            done,
                            "rollback campaign " + id + " " + child.campaign().phase()),
                    "server");
        } else if (child.campaign().phase() == CampaignPhase.DRAFT
                && engine.openUpdatesOf(parent).isEmpty()
                && starting.add(id)) {
            start(parent, id);
        }
    }

    private void start(CampaignRun parent, CampaignId id) {
        try {
            orders.start(id, Optional.empty(), "server")
                    .whenComplete((started, failure) ->
                            engine.parts().back().accept(() -> begun(parent, id, Optional.ofNullable(failure))));
        } catch (OrderRefused e) {
            begun(parent, id, Optional.of(e));
        }
    }

    private void begun(CampaignRun parent, CampaignId child, Optional<Throwable> failure) {
        failure.ifPresent(why -> {
            LOG.warn(
                    "rollback campaign={} id={} cannot start: {}",
                    parent.campaign().id(),
                    child,
                    why.getMessage());
            engine.campaignEvent(
                    engine.state().run(child).orElseThrow(),
                    new CampaignEvent.AbortAsked("cannot start: " + why.getMessage()),
                    "server");
        });
        starting.remove(child);
    }
}
