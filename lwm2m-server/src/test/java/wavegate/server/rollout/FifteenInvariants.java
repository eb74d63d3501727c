package wavegate.server.rollout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.KillReceipt;
import wavegate.firmware.campaign.KillSwitch;
import wavegate.firmware.campaign.Membership;
import wavegate.firmware.campaign.TransferBudget;
import wavegate.firmware.campaign.TransferBudget.Kind;
import wavegate.firmware.campaign.TransferBudget.Limit;
import wavegate.firmware.campaign.TransferBudget.Segment;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.event.Fact;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.gate.MemberEvidence;
import wavegate.firmware.gate.Verdict;
import wavegate.firmware.gate.WaveEvidence;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.DispatchScope;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdateMachine;
import wavegate.firmware.update.UpdatePhase;

/**
 * The fifteen invariants of a rollout, judged from outside: from the facts in the order of the ledger, from what left for devices, from what the devices
 * know to be true, and from the state in memory. It shares no rule with the code it watches; each method bears the number of its invariant.
 */
final class FifteenInvariants {
    /** An invariant did not hold. */
    static final class Broken extends AssertionError {
        private static final long serialVersionUID = 1;

        Broken(int number, String what) {
            super("invariant " + number + ": " + what);
        }
    }

    private record WaveKey(CampaignId campaign, int wave) {}

    /** What a person ordered when a campaign moved so. */
    private static final Map<String, Set<String>> ORDERED = Map.of(
            "created", Set.of("createCampaign"),
            "K1", Set.of("startCampaign"),
            "O1", Set.of("pauseCampaign", "revokePackage"),
            "O2", Set.of("resumeCampaign"),
            "O3", Set.of("resumeCampaign"),
            "O4", Set.of("abortCampaign"),
            "O5", Set.of("abortCampaign"),
            "O7", Set.of("decideGate"),
            "O8", Set.of("decideGate"),
            "O9", Set.of("raiseKillSwitch"));

    /** What one gap of the server may cost a clock: a tick, and the second in which it was made. */
    private static final Duration SLACK = SeededRollout.TICK.plusSeconds(2);

    private final Function<Sha256, Membership> memberships;
    private final LongSupplier watched;
    private final Function<Endpoint, Set<FirmwareVersion>> ran;
    private final TransferBudget.Rules budget;

    private final Map<CampaignId, Campaign> campaigns = new TreeMap<>();
    private final Map<CampaignId, Membership> members = new TreeMap<>();
    private final Set<CampaignId> joined = new HashSet<>();
    private final Map<UpdateId, Update> latest = new HashMap<>();
    private final Map<Endpoint, UpdateId> openOf = new HashMap<>();
    private final Map<String, KillSwitch> kills = new TreeMap<>();
    private final Map<PackageId, FirmwarePackage> packages = new HashMap<>();
    private final Map<Endpoint, Device> devices = new HashMap<>();
    private final Map<WaveKey, Long> soakingSince = new HashMap<>();
    private final Map<CampaignId, Long> scheduledSince = new HashMap<>();
    private final Set<UpdateId> dispatchedUnread = new HashSet<>();
    private Optional<Fact.GateJudged> judged = Optional.empty();
    private Optional<Fact.Audited> audited = Optional.empty();
    private long seen;
    private long looked = -1;
    private int gaps;

    /**
     * @param watched for how many milliseconds in all there was a server
     * @param ran which versions a device has run in truth
     */
    FifteenInvariants(
            Function<Sha256, Membership> memberships,
            LongSupplier watched,
            Function<Endpoint, Set<FirmwareVersion>> ran,
            TransferBudget.Rules budget) {
        this.memberships = memberships;
        this.watched = watched;
        this.ran = ran;
        this.budget = budget;
    }

    private static void require(int invariant, boolean holds, String what) {
        if (!holds) {
            throw new Broken(invariant, what);
        }
    }

    // ---- what is in the ledger

    void fact(Recorded recorded) {
        require(5, recorded.sequence() == seen + 1, "fact " + recorded.sequence() + " follows " + seen);
        seen = recorded.sequence();
        Fact fact = recorded.fact();
        invariant15EveryHumanActionIsAudited(fact);
        if (fact instanceof Fact.UpdateChanged changed) {
            update(changed.update(), changed.row());
        } else if (fact instanceof Fact.CampaignChanged changed) {
            campaign(changed);
        } else if (fact instanceof Fact.GateJudged gate) {
            if (gate.decision().verdict() == Verdict.PASS) {
                invariant10NoPassOnMissingOrStaleData(gate);
            }
            judged = Optional.of(gate);
        } else if (fact instanceof Fact.PackageChanged changed) {
            invariant13PackagesStayAndRevocationIsForGood(changed.firmwarePackage());
            packages.put(changed.firmwarePackage().id(), changed.firmwarePackage());
        } else if (fact instanceof Fact.DeviceChanged changed) {
            devices.put(changed.device().endpoint(), changed.device());
        } else if (fact instanceof Fact.MembersJoined more) {
            joins(more);
        } else if (fact instanceof Fact.UpdateAnnotated note) {
            Update update = latest.get(note.update());
            require(11, update != null && update.isFinal(), note.update() + " was annotated before its end");
        } else if (fact instanceof Fact.KillSwitchRaised raised) {
            kills.put(raised.killSwitch().id(), raised.killSwitch());
        } else if (fact instanceof Fact.KillSwitchReported reported) {
            invariant4ReceiptTellsTheTruth(reported.receipt());
        } else if (fact instanceof Fact.KillSwitchLifted lifted) {
            kills.remove(lifted.killSwitchId());
        }
    }

    private void update(Update update, String row) {
        @Nullable Update before = latest.get(update.id());
        // One that let another campaign go first begins anew; one that is declined is not begun.
        boolean begins = before == null || UpdateMachine.gaveWay(before);
        if (begins) {
            invariant7MembersStayWhereTheyAre(update);
        }
        if (begins && !update.isFinal()) {
            invariant2ReservedOnlyWhileItMay(update);
            invariant8NoWaveBeforeThePassBeforeIt(update);
            invariant9ControlIsLeftAlone(update);
        }
        if (before != null && !begins) {
            invariant11EndsAreFinal(before, update);
            invariant4ApplyingIsLeftAlone(before, update, row);
        }
        invariant1OneActiveUpdate(update);
        invariant5SuccessIsTrue(update);
        latest.put(update.id(), update);
        if (update.isFinal()) {
            openOf.remove(update.endpoint());
        } else {
            openOf.put(update.endpoint(), update.id());
        }
    }

    private void campaign(Fact.CampaignChanged changed) {
        Campaign now = changed.campaign();
        @Nullable Campaign before = campaigns.get(now.id());
        invariant13PackageInUseIsKnown(now);
        if (before != null) {
            invariant7MembershipIsFixed(before, now);
            invariant11CampaignsAndWavesEndOnce(before, now);
            for (int i = 0; i < before.waves().size(); i++) {
                Wave was = before.waves().get(i);
                Wave is = now.waves().get(i);
                invariant8WavesOpenOneAfterTheOther(now, is);
                if (was.phase() != WavePhase.PASSED && is.phase() == WavePhase.PASSED) {
                    invariant8PassedByAGateOrAPerson(changed, is);
                }
                invariant12SoakIsNeverShortened(now, was, is, changed.cause());
            }
            invariant12PreWindowIsWatched(before, now);
        }
        campaigns.put(now.id(), now);
        now.membership().ifPresent(digest -> members.computeIfAbsent(now.id(), id -> memberships.apply(digest)));
    }

    private void invariant1OneActiveUpdate(Update update) {
        @Nullable UpdateId open = openOf.get(update.endpoint());
        require(
                1,
                update.isFinal() || open == null || open.equals(update.id()),
                update.id() + " is active beside " + open);
    }

    private void invariant2ReservedOnlyWhileItMay(Update update) {
        Campaign campaign = known(update.campaign());
        require(
                2,
                campaign.phase() == CampaignPhase.RUNNING,
                update.id() + " was reserved while its campaign is " + campaign.phase());
        require(2, killOver(update.scope()).isEmpty(), update.id() + " was reserved under " + killOver(update.scope()));
        require(
                2,
                packages.containsKey(update.packageId())
                        && !packages.get(update.packageId()).revoked(),
                update.id() + " was reserved for a revoked package");
    }

    private Campaign known(CampaignId id) {
        return Objects.requireNonNull(campaigns.get(id), () -> "campaign " + id + " is not in the ledger");
    }

    private Optional<KillSwitch> killOver(DispatchScope scope) {
        return kills.values().stream()
                .filter(kill -> kill.scope().covers(scope))
                .findFirst();
    }

    private void invariant4ApplyingIsLeftAlone(Update before, Update update, String row) {
        boolean calledOff = before.phase().isApplying() && update.phase() == UpdatePhase.CANCELLED;
        // U2: the fence kept the Execute back. X4: the device was taken out of the fleet.
        require(
                4,
                !calledOff || row.equals("U2") || row.equals("X4"),
                update.id() + " was called off while it may be applying, by " + row);
    }

    private void invariant4ReceiptTellsTheTruth(KillReceipt receipt) {
        int left = 0;
        for (UpdateId id : openOf.values()) {
            Update update = Objects.requireNonNull(latest.get(id));
            if (receipt.killSwitch().scope().covers(update.scope())) {
                left++;
                require(
                        4,
                        update.phase().isApplying(),
                        update.id() + " is " + update.where() + " after the receipt of "
                                + receipt.killSwitch().scope());
            }
        }
        require(
                4,
                receipt.leftAlone() == left,
                "receipt says " + receipt.leftAlone() + " left alone, there are " + left);
    }

    private void invariant5SuccessIsTrue(Update update) {
        require(
                5,
                update.phase() != UpdatePhase.SUCCESS
                        || ran.apply(update.endpoint()).contains(update.target()),
                update.endpoint() + " is SUCCESS without ever having run " + update.target());
    }

    private void invariant7MembersStayWhereTheyAre(Update update) {
        Membership membership = members.get(update.campaign());
        require(
                7,
                membership != null
                        && update.wave() < membership.waves().size()
                        && membership.waves().get(update.wave()).members().contains(update.endpoint()),
                update.id() + " is no member of wave " + update.wave());
    }

    private void invariant7MembershipIsFixed(Campaign before, Campaign now) {
        require(
                7,
                before.membership().isEmpty() || before.membership().equals(now.membership()),
                now.id() + " has changed its members after it had started");
        Membership membership = members.get(now.id());
        if (membership != null && !joined.contains(now.id())) {
            for (Wave wave : now.waves()) {
                require(
                        7,
                        membership.waves().get(wave.index()).members().size() == wave.size(),
                        now.id() + " wave " + wave.index() + " has another size than its members");
            }
        }
    }

    private void joins(Fact.MembersJoined more) {
        joined.add(more.campaign());
        Membership before = Objects.requireNonNull(members.get(more.campaign()));
        require(
                7,
                more.wave() == before.waves().size() - 1,
                more.campaign() + " took devices late, and not into its last wave");
        List<Membership.WaveMembers> waves = new ArrayList<>(before.waves());
        Membership.WaveMembers last = waves.get(more.wave());
        List<Endpoint> all = new ArrayList<>(last.members());
        all.addAll(more.members());
        waves.set(more.wave(), new Membership.WaveMembers(all, last.control()));
        members.put(more.campaign(), new Membership(waves));
    }

    private void invariant8NoWaveBeforeThePassBeforeIt(Update update) {
        for (Wave wave : known(update.campaign()).waves()) {
            require(
                    8,
                    wave.index() >= update.wave() || wave.phase() == WavePhase.PASSED,
                    update.id() + " of wave " + update.wave() + " began while wave " + wave.index() + " is "
                            + wave.phase());
        }
    }

    private static void invariant8WavesOpenOneAfterTheOther(Campaign campaign, Wave wave) {
        boolean open = wave.phase() != WavePhase.PENDING && !wave.phase().isFinal();
        require(
                8,
                !open
                        || campaign.waves().stream()
                                .allMatch(other -> other.index() >= wave.index() || other.phase() == WavePhase.PASSED),
                campaign.id() + " wave " + wave.index() + " is open before every wave before it has passed");
    }

    private void invariant8PassedByAGateOrAPerson(Fact.CampaignChanged changed, Wave wave) {
        boolean byGate = changed.by().equals("gate")
                && judged.filter(gate ->
                                gate.campaign().equals(changed.campaign().id())
                                        && gate.decision().wave() == wave.index()
                                        && gate.decision().verdict() == Verdict.PASS)
                        .isPresent();
        boolean byPerson =
                changed.by().equals(SeededOperator.NAME) && !wave.reason().isBlank();
        require(
                8,
                byGate || byPerson,
                changed.campaign().id() + " wave " + wave.index() + " passed by " + changed.by()
                        + " without a PASS or a reason");
    }

    private void invariant9ControlIsLeftAlone(Update update) {
        members.forEach((id, membership) -> {
            for (Wave wave : known(id).waves()) {
                boolean undecided = known(id).phase().isOpen()
                        && wave.phase() != WavePhase.PENDING
                        && !wave.phase().isFinal();
                require(
                        9,
                        !undecided
                                || !membership
                                        .waves()
                                        .get(wave.index())
                                        .control()
                                        .contains(update.endpoint()),
                        update.id() + " was reserved while control of " + id + " wave " + wave.index());
            }
        });
    }

    private void invariant10NoPassOnMissingOrStaleData(Fact.GateJudged gate) {
        WaveEvidence evidence = gate.evidence();
        GatePolicy policy = known(gate.campaign()).spec().gate();
        String what = gate.campaign() + " wave " + evidence.wave() + " PASS ";
        require(10, gate.decision().sequence() == evidence.sequence(), what + "on other evidence than its own");
        require(10, evidence.sequence() <= seen, what + "on evidence that is not in the ledger");
        require(10, !evidence.now().isBefore(evidence.soakUntil()), what + "before the soak was over");
        require(
                10,
                gate.decision().metrics().stream().allMatch(metric -> metric.verdict() == Verdict.PASS),
                what + "with a metric that is not");
        long now = evidence.now().toEpochMilli();
        long old = now - policy.silentAfter().toMillis();
        long young = now - 2 * policy.settle().toMillis();
        long expected = evidence.canary().stream()
                .filter(row -> row.entered() && (row.atRisk() || row.indexAt() <= young))
                .count();
        long fresh = evidence.canary().stream()
                .filter(MemberEvidence::atRisk)
                .filter(row -> row.latestAt() >= old)
                .count();
        require(
                10,
                fresh > 0 && fresh >= policy.coverage() * expected,
                what + "with " + fresh + " of " + expected + " that report");
    }

    private static void invariant11EndsAreFinal(Update before, Update update) {
        boolean askedAgain = update.phase() == UpdatePhase.RETRY
                && update.detail() == UpdateDetail.ASKED
                && before.phase() != UpdatePhase.SUCCESS;
        require(
                11,
                !before.isFinal() || askedAgain,
                update.id() + " left its end " + before.where() + " for " + update.where());
        require(11, update.step() > before.step(), update.id() + " step " + before.step() + " -> " + update.step());
        require(
                11,
                update.wave() == before.wave() && update.packageId().equals(before.packageId()),
                update.id() + " is of another wave or package than it was");
    }

    private static void invariant11CampaignsAndWavesEndOnce(Campaign before, Campaign now) {
        require(
                11,
                !before.phase().isFinal() || before.phase() == now.phase() || now.phase() == CampaignPhase.ROLLING_BACK,
                now.id() + " left its end " + before.phase() + " for " + now.phase());
        for (Wave wave : before.waves()) {
            WavePhase after = now.waves().get(wave.index()).phase();
            require(
                    11,
                    !wave.phase().isFinal() || wave.phase() == after,
                    now.id() + " wave " + wave.index() + " left its end " + wave.phase() + " for " + after);
        }
    }

    /** By a clock that never jumps, and counting only time in which there was a server. */
    private void invariant12SoakIsNeverShortened(Campaign campaign, Wave was, Wave is, String cause) {
        WaveKey key = new WaveKey(campaign.id(), is.index());
        if (was.phase() != WavePhase.SOAKING && is.phase() == WavePhase.SOAKING) {
            soakingSince.put(key, watched.getAsLong());
        }
        require(
                12,
                was.phase() != WavePhase.SOAKING || !is.soakUntil().isBefore(was.soakUntil()),
                campaign.id() + " wave " + is.index() + " soaks until " + is.soakUntil() + ", not " + was.soakUntil());
        if (was.phase() == WavePhase.SOAKING && is.phase() == WavePhase.PASSED && cause.equals("J3")) {
            GatePolicy policy = campaign.spec().gate();
            atLeast(campaign, "soaked", soakingSince.get(key), policy.settle().plus(policy.soak()));
        }
    }

    private void invariant12PreWindowIsWatched(Campaign before, Campaign now) {
        if (before.phase() == CampaignPhase.DRAFT && now.phase() == CampaignPhase.SCHEDULED) {
            scheduledSince.put(now.id(), watched.getAsLong());
        }
        boolean begins = before.phase() == CampaignPhase.SCHEDULED && now.phase() == CampaignPhase.RUNNING;
        if (begins) {
            atLeast(
                    now,
                    "watched before",
                    scheduledSince.get(now.id()),
                    now.spec().gate().preWindow());
        }
    }

    /** Each gap may hide as much as a tick. */
    private void atLeast(Campaign campaign, String what, @Nullable Long since, Duration least) {
        long lasted = watched.getAsLong() - Objects.requireNonNull(since);
        long asked = least.minus(SLACK).minus(SLACK.multipliedBy(gaps)).toMillis();
        require(12, lasted >= asked, campaign.id() + " " + what + " for " + lasted + " ms (expected: " + least + ")");
    }

    /** The server was away. */
    void gap() {
        gaps++;
    }

    private void invariant13PackagesStayAndRevocationIsForGood(FirmwarePackage now) {
        @Nullable FirmwarePackage before = packages.get(now.id());
        require(
                13,
                before == null || (before.manifest().equals(now.manifest()) && (now.revoked() || !before.revoked())),
                "package " + now.id() + " became another, or is revoked no more");
    }

    private void invariant13PackageInUseIsKnown(Campaign campaign) {
        require(
                13,
                packages.containsKey(campaign.spec().packageId()),
                campaign.id() + " uses package " + campaign.spec().packageId() + ", which is not there");
    }

    /** Its line stands in the ledger before what it did, which tells what was before and what is after. */
    private void invariant15EveryHumanActionIsAudited(Fact fact) {
        if (fact instanceof Fact.Audited line) {
            audited = Optional.of(line);
            return;
        }
        by(fact).filter(SeededOperator.NAME::equals)
                .ifPresent(by -> require(
                        15,
                        audited.filter(line ->
                                        line.actor().equals(by) && orders(fact).contains(line.action()))
                                .isPresent(),
                        fact.getClass().getSimpleName() + " by " + by + " follows " + audited));
    }

    /** What a kill switch does to its campaigns has the line of the kill switch, over a crash too. */
    private Optional<String> by(Fact fact) {
        if (fact instanceof Fact.CampaignChanged changed) {
            boolean ofKill = changed.cause().equals("O9")
                    && kills.values().stream().anyMatch(kill -> kill.by().equals(changed.by()));
            return ORDERED.containsKey(changed.cause()) && !ofKill ? Optional.of(changed.by()) : Optional.empty();
        }
        if (fact instanceof Fact.PackageChanged changed) {
            return Optional.of(changed.by());
        }
        if (fact instanceof Fact.KillSwitchRaised raised) {
            return Optional.of(raised.killSwitch().by());
        }
        return fact instanceof Fact.KillSwitchLifted lifted ? Optional.of(lifted.by()) : Optional.empty();
    }

    /** Names of the orders that a fact can come of. */
    static Set<String> orders(Fact fact) {
        if (fact instanceof Fact.CampaignChanged changed) {
            return ORDERED.getOrDefault(changed.cause(), Set.of());
        }
        if (fact instanceof Fact.PackageChanged) {
            return Set.of("addPackage", "addDelta", "revokePackage");
        }
        return fact instanceof Fact.KillSwitchRaised ? Set.of("raiseKillSwitch") : Set.of("liftKillSwitch");
    }

    // ---- what leaves, and what devices know

    /** A Package URI, the first block of a push or an Execute leaves. */
    void dispatched(UpdateId update, DispatchScope scope) {
        invariant3NothingLeavesUnderAKillSwitch(scope);
        invariant5NothingIsSentAgainUnread(update);
    }

    /** A block leaves. */
    void served(DispatchScope scope) {
        invariant3NothingLeavesUnderAKillSwitch(scope);
    }

    /** The server was told what the device shows. */
    void read(UpdateId update) {
        dispatchedUnread.remove(update);
    }

    private void invariant3NothingLeavesUnderAKillSwitch(DispatchScope scope) {
        require(3, killOver(scope).isEmpty(), "a dispatch of " + scope + " under " + killOver(scope));
        require(
                3,
                !packages.get(scope.packageId()).revoked(),
                "a dispatch of package " + scope.packageId() + ", which is revoked");
    }

    private void invariant5NothingIsSentAgainUnread(UpdateId update) {
        require(5, dispatchedUnread.add(update), update + " was sent again before it was read");
        @Nullable Update row = latest.get(update);
        require(5, row != null && !row.isFinal(), update + " was sent, and is not open in the ledger");
    }

    /** What the boot stage of a device counts. */
    void applied(Endpoint endpoint, String image, int times) {
        require(5, times == 1, endpoint + " applied download " + image + " " + times + " times");
        require(5, !image.equals("foreign"), endpoint + " was told to apply an image that is not ours");
    }

    // ---- what is in memory

    void live(RolloutState state) {
        if (looked == seen) {
            return;
        }
        looked = seen;
        invariant1MemoryAgreesOnWhatIsOpen(state);
        invariant4NothingGoesOnUnderAKillSwitch(state);
        invariant6NobodyIsCountedTwiceOrNotAtAll(state);
        invariant14BudgetsHold(state);
    }

    private static void invariant1MemoryAgreesOnWhatIsOpen(RolloutState state) {
        Map<Endpoint, UpdateId> open = new HashMap<>();
        for (CampaignRun run : state.runs()) {
            for (Update update : run.updates()) {
                if (!update.isFinal()) {
                    @Nullable UpdateId other = open.put(update.endpoint(), update.id());
                    require(1, other == null, update.id() + " is open beside " + other);
                    require(
                            1,
                            state.openUpdate(update.endpoint())
                                    .filter(update::equals)
                                    .isPresent(),
                            update.id() + " is open and not known to be");
                }
            }
        }
    }

    private static void invariant4NothingGoesOnUnderAKillSwitch(RolloutState state) {
        for (Update update : state.openUpdates()) {
            boolean killed = state.killSwitches().values().stream()
                    .anyMatch(kill -> kill.scope().covers(update.scope()));
            require(
                    4,
                    !killed || !update.phase().isCancellable(),
                    update.id() + " goes on under a kill switch: " + update.where());
        }
    }

    private static void invariant6NobodyIsCountedTwiceOrNotAtAll(RolloutState state) {
        for (CampaignRun run : state.runs()) {
            Map<Integer, Map<UpdatePhase, Integer>> counted = new HashMap<>();
            for (Update update : run.updates()) {
                counted.computeIfAbsent(update.wave(), wave -> new EnumMap<>(UpdatePhase.class))
                        .merge(update.phase(), 1, Integer::sum);
            }
            for (int i = 0; i < run.waves().size(); i++) {
                CampaignRun.WaveRun wave = run.wave(i);
                String what = run.campaign().id() + " wave " + i + ": ";
                Map<UpdatePhase, Integer> derived = counted.getOrDefault(i, Map.of());
                for (UpdatePhase phase : UpdatePhase.values()) {
                    require(
                            6,
                            wave.in(phase) == derived.getOrDefault(phase, 0),
                            what + wave.in(phase) + " " + phase + " counted, there are " + derived.get(phase));
                }
                int reserved =
                        derived.values().stream().mapToInt(Integer::intValue).sum();
                int waiting = wave.unreserved.size()
                        + wave.unreachable.size()
                        + wave.passedOver.size()
                        + wave.later.size()
                        + wave.aside.values().stream()
                                .mapToInt(Collection::size)
                                .sum();
                require(
                        6,
                        reserved + waiting == wave.members.size(),
                        what + reserved + " reserved and " + waiting + " waiting of " + wave.members.size());
            }
        }
    }

    private void invariant14BudgetsHold(RolloutState state) {
        Map<Segment, Integer> moving = new HashMap<>();
        Map<CampaignId, Integer> ofCampaign = new HashMap<>();
        for (Update update : state.openUpdates()) {
            if (!UpdateMachine.takesBudget(update)) {
                continue;
            }
            Labels labels = Optional.ofNullable(devices.get(update.endpoint()))
                    .map(Device::labels)
                    .orElse(Labels.NONE);
            ofCampaign.merge(update.campaign(), 1, Integer::sum);
            moving.merge(Segment.ALL, 1, Integer::sum);
            moving.merge(new Segment(Kind.REGION, labels.region()), 1, Integer::sum);
            moving.merge(new Segment(Kind.CARRIER, labels.carrier()), 1, Integer::sum);
            labels.tags().stream()
                    .filter(tag -> tag.startsWith("cell:"))
                    .forEach(tag -> moving.merge(new Segment(Kind.CELL, tag), 1, Integer::sum));
        }
        ofCampaign.forEach((id, count) -> require(
                14,
                count <= known(id).spec().inFlight(),
                id + " moves " + count + " (expected: at most "
                        + known(id).spec().inFlight() + ")"));
        moving.forEach((segment, count) -> {
            int most = limit(segment).transfers();
            require(14, most == 0 || count <= most, segment + " moves " + count + " (expected: at most " + most + ")");
        });
    }

    private Limit limit(Segment segment) {
        return switch (segment.kind()) {
            case ALL -> budget.all();
            case CAMPAIGN -> Limit.NONE;
            case REGION -> budget.region();
            case CARRIER -> budget.carrier();
            case CELL -> budget.cell();
        };
    }

    // ---- at the end

    /** A state made anew from the ledger is the state that was: nobody was lost. */
    void atEnd(RolloutState state) {
        Map<UpdateId, Update> live = new TreeMap<>();
        for (CampaignRun run : state.runs()) {
            run.updates().forEach(update -> live.put(update.id(), update));
        }
        require(5, live.equals(new TreeMap<>(latest)), "state " + live + " against ledger " + latest);
    }
}
