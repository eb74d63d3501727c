package wavegate.firmware.campaign;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.gate.GateDecision;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.gate.Verdict;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.UpdatePolicy;

/** Words for the tests of the campaign's table: campaigns of three waves of 10, 20 and 70 devices, counters and verdicts. */
final class CampaignFixture {
    static final Instant NOW = Instant.parse("2030-05-01T12:00:00Z");
    static final GatePolicy GATE = GatePolicy.DEFAULT;
    static final WavePlan PLAN = WavePlan.DEFAULT;
    static final Sha256 MEMBERS = Sha256.of(new byte[] {4, 5, 6});
    private static final int[] SIZES = {10, 20, 70};
    private static final Instant LONG_AGO = NOW.minus(Duration.ofDays(2));

    private CampaignFixture() {}

    static CampaignSpec spec(boolean guardrailKills) {
        GatePolicy g = GATE;
        GatePolicy gate = new GatePolicy(
                g.preWindow(),
                g.soak(),
                g.soakMax(),
                g.settle(),
                g.coverage(),
                g.maxRatio(),
                g.crashAlpha(),
                g.driftAlpha(),
                g.laterAlpha(),
                g.minDrift(),
                g.looks(),
                g.minPerArm(),
                g.maxFailureShare(),
                g.maxLostShare(),
                guardrailKills);
        return new CampaignSpec(
                "Spring release",
                new PackageId("00112233445566ff"),
                DeviceFilter.ALL,
                PLAN,
                gate,
                UpdatePolicy.DEFAULT,
                0.01,
                100,
                7);
    }

    static List<Wave> planned() {
        List<Wave> waves = new ArrayList<>();
        for (int i = 0; i < SIZES.length; i++) {
            waves.add(Wave.pending(i, SIZES[i], 9, NOW));
        }
        return waves;
    }

    /** Counters of waves nobody of which was reserved. */
    static List<WaveCounts> untouched() {
        return new ArrayList<>(List.of(
                WaveCounts.untouched(SIZES[0]), WaveCounts.untouched(SIZES[1]), WaveCounts.untouched(SIZES[2])));
    }

    /** The same with one wave replaced. */
    static List<WaveCounts> counts(int wave, WaveCounts counts) {
        List<WaveCounts> all = untouched();
        all.set(wave, counts);
        return all;
    }

    /** Counters of one wave: {@code open} updates of which {@code verifying} are in VERIFY_POST, the rest of what is reserved has succeeded. */
    static WaveCounts wave(int index, int notReserved, int open, int verifying) {
        int ended = SIZES[index] - notReserved - open;
        return new WaveCounts(
                SIZES[index], notReserved, open, verifying, open - verifying, ended, ended, 0, 0, 0, 0, 0, 0);
    }

    static List<WaveCounts> allSucceeded() {
        return List.of(wave(0, 0, 0, 0), wave(1, 0, 0, 0), wave(2, 0, 0, 0));
    }

    static GateDecision decision(int wave, Verdict verdict, boolean guardrail, int looksUsed) {
        return new GateDecision(42, wave, NOW, verdict, guardrail, "says " + verdict, looksUsed, List.of());
    }

    static CampaignEvent judged(int wave, Verdict verdict) {
        return new CampaignEvent.Judged(decision(wave, verdict, false, 0));
    }

    static CampaignEvent judgedByGuardrail(int wave) {
        return new CampaignEvent.Judged(decision(wave, Verdict.FAIL, true, 0));
    }

    static Given campaign(CampaignPhase phase) {
        return new Given(phase);
    }

    /** A campaign started two days ago. Its phases began then, too. */
    static final class Given {
        private final CampaignPhase phase;
        private final List<Wave> waves = planned();
        private boolean guardrailKills;
        private CampaignTerms terms = CampaignTerms.NONE;
        private Review review = Review.NONE;
        private Instant startedAt = LONG_AGO;

        private Given(CampaignPhase phase) {
            this.phase = phase;
            waves.replaceAll(wave -> wave.to(wave.phase(), LONG_AGO, ""));
        }

        Given startedAt(Instant at) {
            startedAt = at;
            return this;
        }

        Given wave(int index, WavePhase in) {
            return wave(index, in, LONG_AGO);
        }

        Given wave(int index, WavePhase in, Instant since) {
            waves.set(index, waves.get(index).to(in, since, ""));
            return this;
        }

        /** The waves before have passed; this one soaks from and until the given times. */
        Given soaking(int index, Instant from, Instant until) {
            passedBefore(index);
            waves.set(index, waves.get(index).soaking(from, until));
            return this;
        }

        /** Held after it had soaked. */
        Given heldAgain(int index) {
            return wave(index, WavePhase.HELD);
        }

        Given passedBefore(int index) {
            for (int i = 0; i < index; i++) {
                wave(i, WavePhase.PASSED);
            }
            return this;
        }

        Given whoseGuardrailsKill() {
            guardrailKills = true;
            return this;
        }

        Given under(CampaignTerms given) {
            terms = given;
            return this;
        }

        Given from(Instant start) {
            return scheduled(
                    new Schedule(Optional.of(start), Optional.empty(), List.of(), Schedule.REGION, Duration.ZERO));
        }

        Given until(Instant end) {
            return scheduled(
                    new Schedule(Optional.empty(), Optional.of(end), List.of(), Schedule.REGION, Duration.ZERO));
        }

        Given scheduled(Schedule schedule) {
            terms = new CampaignTerms(Optional.of(schedule), Optional.empty(), Optional.empty(), false, false, 0);
            return this;
        }

        Given reviewed(Review given) {
            review = given;
            return this;
        }

        Campaign build() {
            Campaign draft = Campaign.draft(
                            new CampaignId("spring"), spec(guardrailKills).under(terms), LONG_AGO)
                    .reviewedAs(review);
            if (phase == CampaignPhase.DRAFT || phase == CampaignPhase.PENDING_APPROVAL) {
                return draft.to(phase, "", LONG_AGO);
            }
            return draft.started(MEMBERS, waves, startedAt).to(phase, "as given", LONG_AGO);
        }
    }
}
