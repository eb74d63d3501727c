package wavegate.server.rollout;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignEvent;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.Surroundings;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.ReleaseClass;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdateMachine;
import wavegate.firmware.update.UpdatePhase;
import wavegate.firmware.update.UpdateSignal;

/**
 * Several campaigns on one device. The one of higher priority goes first, as long as nothing of the other has gone to the device; a device that
 * is under way or compared in an open wave is left to that wave; a newer release of the same firmware takes the place of the older one.
 * Rollout thread only.
 */
final class Coexistence {
    private final RolloutEngine engine;

    Coexistence(RolloutEngine engine) {
        this.engine = engine;
    }

    /** Where a campaign says nothing: a security patch before a fix, a fix before the variant of a carrier, that before a feature. */
    static int defaultPriority(Optional<ReleaseClass> releaseClass) {
        return releaseClass
                .map(each -> switch (each) {
                    case SECURITY_PATCH -> 800;
                    case FIX -> 600;
                    case CARRIER_VARIANT -> 500;
                    case FEATURE -> 400;
                })
                .orElse(500);
    }

    private int priority(CampaignRun run) {
        return priority(run.campaign().spec());
    }

    private int priority(CampaignSpec spec) {
        return spec.selection()
                .priority()
                .orElseGet(() -> defaultPriority(engine.state()
                        .find(spec.packageId())
                        .flatMap(found -> found.manifest().handling().releaseClass())));
    }

    /** Whether the first goes before the second: by priority, of equals the one that started first. */
    boolean outranks(CampaignRun first, CampaignRun second) {
        int order = Integer.compare(priority(first), priority(second));
        if (order == 0) {
            order = second.campaign().startedAt().compareTo(first.campaign().startedAt());
        }
        return order == 0 ? first.campaign().id().compareTo(second.campaign().id()) < 0 : order > 0;
    }

    /** Who would begin with a device of both, if the first started now. */
    Preview.Winner winner(CampaignSpec draft, CampaignRun other) {
        if (named(draft, other) || precedes(other, draft)) {
            return Preview.Winner.SUPERSEDES;
        }
        Optional<Manifest> mine = manifest(draft);
        if (mine.isPresent()
                && manifest(other.campaign().spec())
                        .filter(theirs -> mine.get().componentNames().equals(theirs.componentNames())
                                && mine.get().precedes(theirs))
                        .isPresent()) {
            return Preview.Winner.SUPERSEDED;
        }
        return priority(draft) > priority(other) ? Preview.Winner.THIS : Preview.Winner.THE_OTHER;
    }

    static boolean livesOn(CampaignRun run) {
        return switch (run.campaign().phase()) {
            case SCHEDULED, RUNNING, PAUSED -> true;
            case DRAFT,
                    PENDING_APPROVAL,
                    ENDING,
                    ABORTING,
                    COMPLETED,
                    COMPLETED_WITH_FAILURES,
                    ABORTED,
                    ROLLING_BACK,
                    ROLLED_BACK -> false;
        };
    }

    /** A campaign that takes the place of this one on the device; empty if there is none. */
    Optional<CampaignRun> supersederOf(CampaignRun run, Endpoint endpoint) {
        for (CampaignRun other : engine.state().runs()) {
            if (other != run && livesOn(other) && supersedes(other, run, endpoint)) {
                return Optional.of(other);
            }
        }
        return Optional.empty();
    }

    private boolean supersedes(CampaignRun newer, CampaignRun older, Endpoint endpoint) {
        return named(newer.campaign().spec(), older)
                || (precedes(older, newer.campaign().spec()) && newer.isMember(endpoint));
    }

    private static boolean named(CampaignSpec newer, CampaignRun older) {
        return newer.selection()
                .supersedes()
                .filter(older.campaign().id()::equals)
                .isPresent();
    }

    private boolean precedes(CampaignRun older, CampaignSpec newer) {
        Optional<Manifest> before = manifest(older.campaign().spec());
        Optional<Manifest> after = manifest(newer);
        // What goes back to an older release on purpose is not overtaken by a newer one by itself.
        return before.isPresent()
                && after.isPresent()
                && !older.campaign().spec().update().allowOlder()
                && before.get().componentNames().equals(after.get().componentNames())
                && before.get().precedes(after.get());
    }

    private Optional<Manifest> manifest(CampaignSpec spec) {
        return engine.state().find(spec.packageId()).map(FirmwarePackage::manifest);
    }

    /** Whether another campaign keeps this one from beginning on the device now. */
    boolean keptBack(CampaignRun run, Endpoint endpoint) {
        for (CampaignRun other : engine.state().runs()) {
            if (!other.campaign().phase().isOpen()) {
                continue;
            }
            if (other.holdsAsControl(endpoint)) {
                return true;
            }
            if (other != run
                    && ((isWatched(other, endpoint) && !supersedes(run, other, endpoint))
                            || (outranks(other, run) && wants(other, endpoint)))) {
                return true;
            }
        }
        return waitsForVersion(run, endpoint);
    }

    /** Whether another campaign than the update's compares the device with others now, un-updated. */
    boolean comparedElsewhere(Update update) {
        for (CampaignRun other : engine.state().runs()) {
            if (other.campaign().phase().isOpen()
                    && !other.campaign().id().equals(update.campaign())
                    && other.holdsAsControl(update.endpoint())) {
                return true;
            }
        }
        return false;
    }

    /** Whether the device was touched in the wave that is judged now. */
    private static boolean isWatched(CampaignRun run, Endpoint endpoint) {
        Optional<Wave> open = run.campaign().openWave();
        return open.isPresent()
                && run.update(endpoint)
                        .filter(update -> update.wave() == open.get().index() && wasTouched(update))
                        .isPresent();
    }

    private static boolean wasTouched(Update update) {
        return !UpdateMachine.beforeDelivery(update)
                && update.phase() != UpdatePhase.SKIPPED
                && update.phase() != UpdatePhase.CANCELLED;
    }

    private boolean wants(CampaignRun run, Endpoint endpoint) {
        Optional<Integer> wave = run.waitingIn(endpoint);
        return wave.isPresent()
                && Dispatcher.dispatches(run, wave.get())
                && supersederOf(run, endpoint).isEmpty()
                && !engine.state()
                        .find(run.campaign().spec().packageId())
                        .map(FirmwarePackage::revoked)
                        .orElse(true)
                && !waitsForVersion(run, endpoint);
    }

    /** Whether the device runs what the package cannot be installed from, and another campaign is about to change that. */
    boolean waitsForVersion(CampaignRun run, Endpoint endpoint) {
        Optional<Manifest> manifest = manifest(run.campaign().spec());
        Optional<Device> device = engine.state().device(endpoint);
        if (manifest.isEmpty()
                || device.isEmpty()
                || manifest.get().requirements().admits(device.get().firmware())) {
            return false;
        }
        for (CampaignRun other : engine.state().runs()) {
            if (other != run && brings(other, manifest.get()) && isStillToCome(other, endpoint)) {
                return true;
            }
        }
        return false;
    }

    private boolean brings(CampaignRun run, Manifest next) {
        return livesOn(run)
                && manifest(run.campaign().spec())
                        .filter(manifest -> next.requirements().admits(manifest.version()))
                        .isPresent();
    }

    private boolean isStillToCome(CampaignRun run, Endpoint endpoint) {
        boolean waits = run.waitingIn(endpoint).isPresent()
                && supersederOf(run, endpoint).isEmpty();
        return waits || run.update(endpoint).filter(update -> !update.isFinal()).isPresent();
    }

    /** Whether the device has no open update, or one that makes way for this campaign. */
    boolean isFree(CampaignRun run, Endpoint endpoint) {
        Optional<Update> open = engine.state().openUpdate(endpoint);
        return open.isEmpty() || wayGiven(run, open.get()).isPresent();
    }

    /** Calls off the update that makes way. Afterwards the device is free, if {@link #isFree} said so. */
    void makeWay(CampaignRun run, Endpoint endpoint) {
        engine.state()
                .openUpdate(endpoint)
                .flatMap(open -> wayGiven(run, open))
                .ifPresent(why -> engine.signal(endpoint, new UpdateSignal.CancelAsked(why)));
    }

    private Optional<UpdateDetail> wayGiven(CampaignRun run, Update open) {
        Optional<CampaignRun> other = engine.state().run(open.campaign()).filter(owner -> owner != run);
        if (other.isEmpty() || !UpdateMachine.beforeDelivery(open)) {
            return Optional.empty();
        }
        if (supersedes(run, other.get(), open.endpoint())) {
            return Optional.of(UpdateDetail.SUPERSEDED);
        }
        return outranks(run, other.get()) ? Optional.of(UpdateDetail.OUTRANKED) : Optional.empty();
    }

    /** A campaign has started: older ones do not begin any more what it will bring. */
    void started(CampaignRun run) {
        for (CampaignRun other : engine.state().runs()) {
            if (other == run || !livesOn(other)) {
                continue;
            }
            for (Update update : engine.openUpdatesOf(other)) {
                if (UpdateMachine.beforeDelivery(update) && supersedes(run, other, update.endpoint())) {
                    engine.signal(update.endpoint(), new UpdateSignal.CancelAsked(UpdateDetail.SUPERSEDED));
                }
            }
        }
    }

    /** A wave has opened: those it is compared with are touched by nobody until it is judged. What has been executed before is past help. */
    void waveOpened(CampaignRun run, int index) {
        for (Endpoint endpoint : run.wave(index).control) {
            Optional<Update> open = engine.state().openUpdate(endpoint);
            if (open.isPresent()
                    && !open.get().campaign().equals(run.campaign().id())
                    && UpdateMachine.beforeDelivery(open.get())) {
                engine.signal(endpoint, new UpdateSignal.CancelAsked(UpdateDetail.OUTRANKED));
            }
        }
    }

    /** Ends a campaign of which nothing is left but what others have taken over. */
    void endIfSuperseded(CampaignRun run) {
        if (!livesOn(run) || !run.hasMembership() || run.openUpdates() > 0) {
            return;
        }
        Optional<CampaignId> by = Optional.empty();
        for (CampaignRun other : engine.state().runs()) {
            if (other != run
                    && livesOn(other)
                    && (named(other.campaign().spec(), run)
                            || precedes(run, other.campaign().spec()))) {
                by = Optional.of(other.campaign().id());
            }
        }
        if (by.isEmpty() || !(run.waits() || run.lostToOthers())) {
            return;
        }
        boolean allTaken =
                run.everyWaiting(endpoint -> supersederOf(run, endpoint).isPresent());
        if (allTaken) {
            engine.campaignEvent(run, new CampaignEvent.Superseded("superseded by campaign " + by.get()), "server");
        }
    }

    /** What a plan must know of the other campaigns. A copy, for the thread that plans. */
    Surroundings around(CampaignSpec spec, Optional<CampaignId> self) {
        Set<Endpoint> bound = new HashSet<>();
        Set<Endpoint> onItsWay = new HashSet<>();
        Optional<Manifest> manifest = manifest(spec);
        for (CampaignRun other : engine.state().runs()) {
            Campaign campaign = other.campaign();
            if (!campaign.phase().isOpen() || self.filter(campaign.id()::equals).isPresent()) {
                continue;
            }
            collectBound(other, named(spec, other) || precedes(other, spec), bound);
            if (manifest.isPresent() && brings(other, manifest.get())) {
                other.members().stream()
                        .filter(endpoint -> isStillToCome(other, endpoint))
                        .forEach(onItsWay::add);
            }
        }
        return new Surroundings(
                engine.selection(spec),
                device -> bound.contains(device.endpoint()),
                device -> onItsWay.contains(device.endpoint()),
                guarded(spec));
    }

    /** What a device may run that refuses the campaign's package for good. */
    Set<FirmwareVersion> guarded(CampaignSpec spec) {
        return engine.state()
                .find(spec.packageId())
                .map(engine.state()::guardedReleases)
                .orElse(Set.of());
    }

    private static void collectBound(CampaignRun run, boolean superseded, Set<Endpoint> bound) {
        for (Wave wave : run.campaign().waves()) {
            boolean open = wave.phase() != WavePhase.PENDING && !wave.phase().isFinal();
            if (open) {
                bound.addAll(run.wave(wave.index()).controlSet);
            }
        }
        Optional<Wave> open = run.campaign().openWave();
        for (Update update : run.updates()) {
            boolean judged = !superseded && open.isPresent() && open.get().index() == update.wave();
            if (wasTouched(update) && (judged || !update.isFinal())) {
                bound.add(update.endpoint());
            }
        }
    }

    /** The device is free: campaigns that were kept back from it look again. */
    void freed(Endpoint endpoint) {
        for (CampaignRun run : engine.openRuns()) {
            run.waitingIn(endpoint).ifPresent(wave -> run.wave(wave).lookAgain(endpoint));
        }
    }
}
