package wavegate.server.rollout;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.KillScope;
import wavegate.firmware.campaign.KillSwitch;
import wavegate.firmware.campaign.Membership;
import wavegate.firmware.campaign.TransferBudget;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Intent;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateCommand;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdatePhase;

/**
 * A rollout made of facts that a test writes by hand, with both checkers watching: {@link FifteenInvariants} of the simulation and {@link InvariantWatch} of the
 * server. It begins sound, with its first wave dispatching; what comes next may be a lie.
 */
final class ForgedRollout {
    static final CampaignId FIRST = new CampaignId("first");
    static final CampaignId OTHER = new CampaignId("other");
    static final String PERSON = "token:operator";
    private static final Sha256 MEMBERS = Sha256.of(new byte[] {1});
    static final Sha256 OTHER_MEMBERS = Sha256.of(new byte[] {2});
    private static final FirmwareVersion TARGET = FirmwareVersion.of("1.1.0");

    final RolloutState state = new RolloutState(ForgedRollout::membership);
    private final Tallies tallies = new Tallies();
    final InvariantWatch watch = new InvariantWatch(state, tallies);
    final FifteenInvariants checker = new FifteenInvariants(
            ForgedRollout::membership, () -> 0L, endpoint -> new TreeSet<>(), TransferBudget.Rules.UNLIMITED);
    /** Numbers of the invariants that the simulation's checker found broken. */
    final Set<Integer> broken = new HashSet<>();

    final FirmwarePackage release = new FirmwarePackage(
            SeededRollout.TARGET_PACKAGE,
            new Manifest("fw", TARGET, "Acme", "M1", "rev-a", 1000, Sha256.of(new byte[] {3}), 1),
            "key",
            Instant.EPOCH,
            false);
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private long sequence;
    private boolean ordered;

    ForgedRollout() {
        human(new Fact.PackageChanged(now(), release, PERSON));
        for (CampaignId id : List.of(FIRST, OTHER)) {
            Campaign draft = Campaign.draft(id, SeededSpecs.spec(), now());
            human(new Fact.CampaignChanged(now(), draft, "created", PERSON));
        }
    }

    /** Ten devices, then five more, of which two are control of the first ten. The other campaign is for all of them at once. */
    private static Membership membership(Sha256 digest) {
        return digest.equals(OTHER_MEMBERS)
                ? new Membership(List.of(new Membership.WaveMembers(devices(0, 15), List.of())))
                : new Membership(List.of(
                        new Membership.WaveMembers(devices(0, 10), devices(13, 15)),
                        new Membership.WaveMembers(devices(10, 15), List.of())));
    }

    private static List<Endpoint> devices(int from, int to) {
        return IntStream.range(from, to).mapToObj(ForgedRollout::device).toList();
    }

    static Endpoint device(int number) {
        return new Endpoint("d-" + number);
    }

    Instant now() {
        return now;
    }

    /** As it stands when its first wave dispatches. */
    ForgedRollout running() {
        running(FIRST, MEMBERS, wave(0, WavePhase.DISPATCHING, 10), wave(1, WavePhase.PENDING, 5));
        return this;
    }

    ForgedRollout otherRunning() {
        running(OTHER, OTHER_MEMBERS, wave(0, WavePhase.DISPATCHING, 15));
        return this;
    }

    private void running(CampaignId id, Sha256 members, Wave... waves) {
        Campaign draft = campaign(id);
        // The pre-window is not what these tests are about: it is watched by a clock that stands.
        human(new Fact.CampaignChanged(
                now(), with(draft, CampaignPhase.RUNNING, Optional.of(members), List.of(waves)), "K1", PERSON));
    }

    Campaign campaign(CampaignId id) {
        return state.run(id).orElseThrow().campaign();
    }

    Wave wave(int index, WavePhase phase, int size) {
        Instant until = phase == WavePhase.SOAKING ? now.plus(Duration.ofHours(3)) : Instant.MAX;
        return new Wave(index, phase, size, 0, now, until.equals(Instant.MAX) ? Instant.MAX : now, until, 0, "");
    }

    static Campaign with(Campaign campaign, CampaignSpec spec) {
        return new Campaign(
                campaign.id(),
                spec,
                campaign.phase(),
                campaign.reason(),
                campaign.membership(),
                campaign.waves(),
                campaign.createdAt(),
                campaign.startedAt(),
                campaign.endedAt());
    }

    static Campaign with(Campaign campaign, CampaignPhase phase, Optional<Sha256> members, List<Wave> waves) {
        return new Campaign(
                campaign.id(),
                campaign.spec(),
                phase,
                "",
                members,
                waves,
                campaign.createdAt(),
                campaign.startedAt(),
                campaign.endedAt());
    }

    static Campaign with(Campaign campaign, CampaignPhase phase) {
        return with(campaign, phase, campaign.membership(), campaign.waves());
    }

    static Campaign with(Campaign campaign, Wave wave) {
        List<Wave> waves = new ArrayList<>(campaign.waves());
        waves.set(wave.index(), wave);
        return with(campaign, campaign.phase(), campaign.membership(), waves);
    }

    /** By a person whose order is in the audit. */
    void human(Fact fact) {
        String action = InvariantsOfCampaigns.orders(fact).iterator().next();
        fact(Fact.Audited.cut(now(), PERSON, action, "", "done", Map.of()));
        ordered = true;
        fact(fact);
    }

    void fact(Fact fact) {
        watch.before(fact, ordered);
        ordered = false;
        state.apply(fact);
        sequence++;
        now = now.plusSeconds(1);
        checked(() -> checker.fact(new Recorded(sequence, fact, new byte[0])));
    }

    void changed(Campaign campaign, String cause, String by) {
        fact(new Fact.CampaignChanged(now(), campaign, cause, by));
    }

    /** Both look at what is in memory. */
    void look() {
        checked(() -> checker.live(state));
        ArrayList<CampaignRun> runs = new ArrayList<>();
        state.runs().forEach(runs::add);
        for (int i = 0; i < 4; i++) {
            watch.look(runs);
        }
    }

    void checked(Runnable look) {
        try {
            look.run();
        } catch (FifteenInvariants.Broken found) {
            String message = String.valueOf(found.getMessage());
            broken.add(Integer.parseInt(message.substring("invariant ".length(), message.indexOf(':'))));
        }
    }

    Update reserve(CampaignId id, int device, int wave) {
        Update update = Update.reserved(
                new UpdateId(id, device(device)),
                wave,
                SeededRollout.TARGET_PACKAGE,
                "",
                "0123456789abcdef",
                TARGET,
                now());
        fact(new Fact.UpdateChanged(now(), update, "reserved"));
        return update;
    }

    Update move(Update update, UpdatePhase phase, UpdateDetail detail, Intent intent, String row) {
        Update next = new Update(
                update.id(),
                update.wave(),
                update.packageId(),
                update.region(),
                update.token(),
                update.target(),
                update.from(),
                phase,
                detail,
                intent,
                update.attempt(),
                update.step() + 1,
                update.tries(),
                update.lastResult(),
                now(),
                Instant.MAX,
                update.payload(),
                update.note(),
                update.sighting());
        fact(new Fact.UpdateChanged(now(), next, row));
        return next;
    }

    Update checking(Update update) {
        return move(update, UpdatePhase.CHECKING, UpdateDetail.READING, Intent.NONE, "I1");
    }

    KillSwitch kill() {
        KillSwitch kill = new KillSwitch("k-1", new KillScope(KillScope.Kind.ALL, ""), "test", PERSON, now());
        human(new Fact.KillSwitchRaised(now(), kill));
        return kill;
    }

    void dispatch(Update update) {
        UpdateCommand.ExecuteUpdate command =
                new UpdateCommand.ExecuteUpdate(update.id(), update.step(), update.scope());
        watch.sends(command);
        checked(() -> checker.dispatches().dispatched(update.id(), update.scope()));
    }

    /** The invariants the server's watch counts as violated. */
    Set<Integer> counted() {
        Map<Invariant, Long> all = new EnumMap<>(Invariant.class);
        all.putAll(new TreeMap<>(tallies.violations()));
        Set<Integer> numbers = new HashSet<>();
        all.forEach((invariant, times) -> {
            if (times > 0) {
                numbers.add(invariant.number());
            }
        });
        return numbers;
    }
}
