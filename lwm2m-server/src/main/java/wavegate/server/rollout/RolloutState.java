package wavegate.server.rollout;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.KillReceipt;
import wavegate.firmware.campaign.KillSwitch;
import wavegate.firmware.campaign.Membership;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.SavedFilter;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.Delta;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateMachine;
import wavegate.firmware.update.UpdatePhase;

/**
 * All that is decided from, in memory: the fold of the ledger's facts. {@link #apply} is the only way it changes, at run time and at replay
 * alike, so a restart ends in the same state. Rollout thread only, but for {@link #packages}.
 */
final class RolloutState implements Packages {
    private final Function<Sha256, Membership> memberships;
    private final SharedValues shared = new SharedValues();
    /** Read by those that plan, too. */
    private final ConcurrentHashMap<Endpoint, Device> devices = new ConcurrentHashMap<>();

    private final ConcurrentHashMap<PackageId, FirmwarePackage> packages = new ConcurrentHashMap<>();
    /** By package, the versions of those that {@link Manifest#precedes follow} it. */
    private final Map<PackageId, Set<FirmwareVersion>> laterReleases = new HashMap<>();

    private final Map<PackageId, Set<FirmwareVersion>> guardedReleases = new HashMap<>();

    private final Map<CampaignId, CampaignRun> runs = new LinkedHashMap<>();
    private boolean replaying;
    /** Of campaigns that are about to start. */
    private final Map<CampaignId, CampaignRun.Members> prepared = new HashMap<>();

    private final Map<Endpoint, Update> open = new HashMap<>();
    private final Map<Endpoint, Set<Sha256>> closed = new HashMap<>();
    private final Map<String, SavedFilter> filters = new TreeMap<>();
    private final Map<String, KillSwitch> killSwitches = new LinkedHashMap<>();
    private final Map<String, KillReceipt> receipts = new LinkedHashMap<>();

    /** @param memberships reads a stored membership file */
    RolloutState(Function<Sha256, Membership> memberships) {
        this.memberships = memberships;
    }

    void apply(Fact fact) {
        if (fact instanceof Fact.UpdateChanged changed) {
            apply(changed.update());
        } else if (fact instanceof Fact.DeviceChanged changed) {
            devices.compute(
                    changed.device().endpoint(),
                    (endpoint, before) ->
                            shared.share(changed.device(), before == null ? endpoint : before.endpoint()));
        } else if (fact instanceof Fact.EvidenceNoted noted) {
            named(noted.campaign()).wave(noted.wave()).book.restore(noted.evidence());
        } else if (fact instanceof Fact.CampaignChanged changed) {
            CampaignRun run = runs.computeIfAbsent(changed.campaign().id(), id -> new CampaignRun(changed.campaign()));
            run.campaign(changed.campaign());
            changed.campaign()
                    .membership()
                    .filter(digest -> !run.hasMembership())
                    .ifPresent(digest -> {
                        run.members(members(changed.campaign(), digest));
                        if (replaying) {
                            run.dissolveLines();
                        }
                    });
        } else if (fact instanceof Fact.GateJudged judged) {
            named(judged.campaign()).lastGate(judged.decision());
        } else if (fact instanceof Fact.UpdateAnnotated note) {
            named(note.update().campaign())
                    .wave(note.wave())
                    .reverted
                    .add(note.update().endpoint());
        } else if (fact instanceof Fact.PackageChanged changed) {
            packages.put(changed.firmwarePackage().id(), changed.firmwarePackage());
            laterReleases.clear();
            guardedReleases.clear();
        } else if (fact instanceof Fact.MembersJoined joined) {
            CampaignRun run = named(joined.campaign());
            joined.members().forEach(endpoint -> run.join(joined.wave(), sharedName(endpoint)));
        } else if (fact instanceof Fact.DeviceRemoved removed) {
            remove(removed.endpoint());
        } else if (fact instanceof Fact.ArtifactReopened reopened) {
            closed.getOrDefault(reopened.endpoint(), new HashSet<>()).remove(reopened.artifact());
        } else if (fact instanceof Fact.FilterSaved saved) {
            filters.put(saved.filter().name(), saved.filter());
        } else if (fact instanceof Fact.FilterRemoved removed) {
            filters.remove(removed.name());
        } else if (fact instanceof Fact.KillSwitchRaised raised) {
            killSwitches.put(raised.killSwitch().id(), raised.killSwitch());
        } else if (fact instanceof Fact.KillSwitchReported reported) {
            receipts.put(reported.receipt().killSwitch().id(), reported.receipt());
        } else if (fact instanceof Fact.KillSwitchLifted lifted) {
            killSwitches.remove(lifted.killSwitchId());
        }
    }

    private Endpoint sharedName(Endpoint endpoint) {
        Device known = devices.get(endpoint);
        return known == null ? endpoint : known.endpoint();
    }

    private void remove(Endpoint endpoint) {
        devices.remove(endpoint);
        closed.remove(endpoint);
        for (CampaignRun run : runs.values()) {
            if (run.hasMembership() && run.campaign().phase().isOpen()) {
                run.remove(endpoint);
            }
        }
    }

    private CampaignRun.Members members(Campaign campaign, Sha256 digest) {
        CampaignRun.Members made = prepared.remove(campaign.id());
        return made != null
                ? made
                : CampaignRun.Members.of(
                        SharedValues.share(memberships.apply(digest), devices),
                        campaign.spec().gate());
    }

    /** Facts of the past follow, up to {@link #replayed}. */
    void replaying() {
        replaying = true;
    }

    void replayed() {
        replaying = false;
        runs.values().forEach(CampaignRun::formLines);
    }

    /** What follows from the membership that the next fact of this campaign names, so that taking it in takes no time. */
    void prepared(CampaignId id, CampaignRun.Members members) {
        prepared.put(id, members);
    }

    /** Not needed, or not any more. */
    void dropPrepared(CampaignId id) {
        prepared.remove(id);
    }

    private void apply(Update update) {
        named(update.campaign()).apply(update);
        if (update.isFinal()) {
            // Another campaign may have the device by now: a row that was declined never was the open one.
            open.computeIfPresent(
                    update.endpoint(), (endpoint, known) -> known.id().equals(update.id()) ? null : known);
            if (UpdateMachine.closesArtifact(update)) {
                closed.computeIfAbsent(update.endpoint(), endpoint -> new HashSet<>(2))
                        .add(artifactOf(update));
            }
        } else {
            open.put(update.endpoint(), update);
        }
    }

    private CampaignRun named(CampaignId id) {
        CampaignRun run = runs.get(id);
        if (run == null) {
            throw new LedgerFailure("a record names campaign " + id + " (expected: one recorded before it)");
        }
        return run;
    }

    private Sha256 artifactOf(Update update) {
        FirmwarePackage firmwarePackage = packages.get(update.packageId());
        if (firmwarePackage == null) {
            throw new LedgerFailure("update " + update.id() + " names package " + update.packageId()
                    + " (expected: one recorded before it)");
        }
        return firmwarePackage.manifest().sha256();
    }

    Optional<Device> device(Endpoint endpoint) {
        return Optional.ofNullable(devices.get(endpoint));
    }

    /** Any thread may go through them; it sees each as it is when it comes by. */
    Map<Endpoint, Device> devices() {
        return devices;
    }

    @Override
    public Optional<FirmwarePackage> find(PackageId id) {
        return Optional.ofNullable(packages.get(id));
    }

    Collection<FirmwarePackage> packages() {
        return packages.values();
    }

    /** Versions of packages of the same name with a higher security counter: who runs one refuses this package for good. */
    Set<FirmwareVersion> guardedReleases(FirmwarePackage firmwarePackage) {
        long own = firmwarePackage.securityCounter().orElse(0L);
        return guardedReleases.computeIfAbsent(firmwarePackage.id(), id -> packages.values().stream()
                .filter(each ->
                        each.manifest().name().equals(firmwarePackage.manifest().name()))
                .filter(each -> each.securityCounter().orElse(0L) > own)
                .map(each -> each.manifest().version())
                .filter(version -> !version.equals(firmwarePackage.manifest().version()))
                .collect(Collectors.toUnmodifiableSet()));
    }

    /** Versions a device shows that runs a later release than this one. */
    Set<FirmwareVersion> laterReleases(FirmwarePackage firmwarePackage) {
        return laterReleases.computeIfAbsent(firmwarePackage.id(), id -> packages.values().stream()
                .map(FirmwarePackage::manifest)
                .filter(firmwarePackage.manifest()::precedes)
                .map(Manifest::version)
                .filter(version -> !version.equals(firmwarePackage.manifest().version()))
                .collect(Collectors.toUnmodifiableSet()));
    }

    /**
     * The deltas to a package that a device can take: it is tagged {@code delta:bsdiff}, or its kind of client takes them, and the version it starts from is one image and no other,
     * as far as the packages of that name tell. A version is all a device shows.
     */
    List<Delta> deltasFor(Endpoint endpoint, Set<Delta.Format> ofClient, FirmwarePackage to) {
        if (to.deltas().isEmpty()) {
            return List.of();
        }
        Set<String> tags = device(endpoint)
                .<Set<String>>map(device -> device.labels().tags())
                .orElse(Set.of());
        return to.deltas().stream()
                .filter(delta -> ofClient.contains(delta.format())
                        || tags.contains("delta:" + delta.format().label()))
                .filter(delta -> packages.values().stream()
                        .map(FirmwarePackage::manifest)
                        .filter(manifest -> manifest.name().equals(to.manifest().name())
                                && manifest.version().equals(delta.from()))
                        .allMatch(manifest -> manifest.sha256().equals(delta.fromSha256())))
                .toList();
    }

    Optional<CampaignRun> run(CampaignId id) {
        return Optional.ofNullable(runs.get(id));
    }

    Iterable<CampaignRun> runs() {
        return runs.values();
    }

    Optional<Update> openUpdate(Endpoint endpoint) {
        return Optional.ofNullable(open.get(endpoint));
    }

    List<Update> openUpdatesIn(UpdatePhase phase) {
        return open.values().stream().filter(update -> update.phase() == phase).toList();
    }

    Optional<SavedFilter> filter(String name) {
        return Optional.ofNullable(filters.get(name));
    }

    int filterCount() {
        return filters.size();
    }

    Iterable<Update> openUpdates() {
        return open.values();
    }

    boolean isClosed(Endpoint endpoint, Sha256 artifact) {
        return closed.getOrDefault(endpoint, Set.of()).contains(artifact);
    }

    Map<String, KillSwitch> killSwitches() {
        return killSwitches;
    }

    Optional<KillReceipt> receipt(String killSwitchId) {
        return Optional.ofNullable(receipts.get(killSwitchId));
    }
}
