package wavegate.server.rollout;

import static wavegate.server.rollout.FifteenInvariants.require;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.Membership;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.event.Fact;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.gate.MemberEvidence;
import wavegate.firmware.gate.Verdict;
import wavegate.firmware.gate.WaveEvidence;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.update.CampaignId;

/** What is to hold of campaigns, their waves, gates and packages, and of who moved them, judged from the facts in the order of the ledger. */
final class InvariantsOfCampaigns {
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

    private final ToldSoFar told;
    private final LongSupplier watched;
    private final Map<WaveKey, Long> soakingSince = new HashMap<>();
    private final Map<CampaignId, Long> scheduledSince = new HashMap<>();
    private Optional<Fact.GateJudged> judged = Optional.empty();
    private Optional<Fact.Audited> audited = Optional.empty();
    private int gaps;

    /** @param watched for how many milliseconds in all there was a server */
    InvariantsOfCampaigns(ToldSoFar told, LongSupplier watched) {
        this.told = told;
        this.watched = watched;
    }

    void fact(Recorded recorded) {
        Fact fact = recorded.fact();
        invariant15EveryHumanActionIsAudited(fact);
        if (fact instanceof Fact.CampaignChanged changed) {
            campaign(changed);
        } else if (fact instanceof Fact.GateJudged gate) {
            if (gate.decision().verdict() == Verdict.PASS) {
                invariant10NoPassOnMissingOrStaleData(gate, recorded.sequence());
            }
            judged = Optional.of(gate);
        } else if (fact instanceof Fact.PackageChanged changed) {
            invariant13PackagesStayAndRevocationIsForGood(changed.firmwarePackage());
        } else if (fact instanceof Fact.MembersJoined more) {
            invariant7OnlyTheLastWaveTakesDevicesLate(more);
        }
    }

    private void campaign(Fact.CampaignChanged changed) {
        Campaign now = changed.campaign();
        @Nullable Campaign before = told.campaigns.get(now.id());
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
    }

    private void invariant7MembershipIsFixed(Campaign before, Campaign now) {
        require(
                7,
                before.membership().isEmpty() || before.membership().equals(now.membership()),
                now.id() + " has changed its members after it had started");
        Membership membership = told.members.get(now.id());
        if (membership != null && !told.joined.contains(now.id())) {
            for (Wave wave : now.waves()) {
                require(
                        7,
                        membership.waves().get(wave.index()).members().size() == wave.size(),
                        now.id() + " wave " + wave.index() + " has another size than its members");
            }
        }
    }

    private void invariant7OnlyTheLastWaveTakesDevicesLate(Fact.MembersJoined more) {
        Membership before = Objects.requireNonNull(told.members.get(more.campaign()));
        require(
                7,
                more.wave() == before.waves().size() - 1,
                more.campaign() + " took devices late, and not into its last wave");
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

    private void invariant10NoPassOnMissingOrStaleData(Fact.GateJudged gate, long sequence) {
        WaveEvidence evidence = gate.evidence();
        GatePolicy policy = told.campaign(gate.campaign()).spec().gate();
        String what = gate.campaign() + " wave " + evidence.wave() + " PASS ";
        require(10, gate.decision().sequence() == evidence.sequence(), what + "on other evidence than its own");
        require(10, evidence.sequence() <= sequence, what + "on evidence that is not in the ledger");
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
        boolean started = before.phase() == CampaignPhase.DRAFT || before.phase() == CampaignPhase.PENDING_APPROVAL;
        if (started && now.phase() == CampaignPhase.SCHEDULED) {
            scheduledSince.put(now.id(), watched.getAsLong());
        }
        boolean begins = before.phase() == CampaignPhase.SCHEDULED && now.phase() == CampaignPhase.RUNNING;
        // A way back does not wait: its devices were watched by the campaign that it takes back.
        if (begins && now.spec().terms().rollbackOf().isEmpty()) {
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
        @Nullable FirmwarePackage before = told.packages.get(now.id());
        require(
                13,
                before == null || (before.manifest().equals(now.manifest()) && (now.revoked() || !before.revoked())),
                "package " + now.id() + " became another, or is revoked no more");
    }

    private void invariant13PackageInUseIsKnown(Campaign campaign) {
        require(
                13,
                told.packages.containsKey(campaign.spec().packageId()),
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
                    && told.kills.values().stream().anyMatch(kill -> kill.by().equals(changed.by()));
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
}
