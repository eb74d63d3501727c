package wavegate.firmware.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static wavegate.firmware.campaign.CampaignFixture.MEMBERS;
import static wavegate.firmware.campaign.CampaignFixture.NOW;
import static wavegate.firmware.campaign.CampaignFixture.campaign;
import static wavegate.firmware.campaign.CampaignFixture.decision;
import static wavegate.firmware.campaign.CampaignFixture.planned;
import static wavegate.firmware.campaign.CampaignFixture.spec;
import static wavegate.firmware.campaign.CampaignFixture.untouched;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import wavegate.firmware.campaign.CampaignEvent.AbortAsked;
import wavegate.firmware.campaign.CampaignEvent.Decided;
import wavegate.firmware.campaign.CampaignEvent.Judged;
import wavegate.firmware.campaign.CampaignEvent.Killed;
import wavegate.firmware.campaign.CampaignEvent.Looked;
import wavegate.firmware.campaign.CampaignEvent.PauseAsked;
import wavegate.firmware.campaign.CampaignEvent.ResumeAsked;
import wavegate.firmware.campaign.CampaignEvent.Started;
import wavegate.firmware.campaign.CampaignEvent.WasUnwatched;
import wavegate.firmware.gate.Verdict;
import wavegate.firmware.update.CampaignId;

/** What holds for the campaign's table as a whole, over random runs of events. */
class CampaignPropertiesTest {
    private static final int SEEDS = 400;
    private static final int EVENTS = 120;

    @Test
    void a_wave_opens_only_after_a_pass_of_the_one_before() {
        int opened = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            Walk walk = new Walk(seed);
            for (int i = 0; i < EVENTS; i++) {
                CampaignEvent event = walk.event();
                Campaign before = walk.campaign;
                Campaign after = walk.take(event).next();
                for (int k = 1; k < after.waves().size() && before.waves().size() > k; k++) {
                    if (before.waves().get(k).phase() == WavePhase.PENDING
                            && after.waves().get(k).phase() == WavePhase.DISPATCHING) {
                        opened++;
                        assertThat(passes(event, k - 1))
                                .as("seed " + seed + ": " + event)
                                .isTrue();
                        assertThat(after.waves().subList(0, k))
                                .as("seed " + seed)
                                .allMatch(wave -> wave.phase() == WavePhase.PASSED);
                    }
                }
            }
        }
        assertThat(opened).as("the walks open later waves").isGreaterThan(SEEDS / 10);
    }

    @Test
    void a_paused_campaign_opens_and_passes_no_wave_unless_a_human_says_so() {
        int seen = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            Walk walk = new Walk(seed);
            for (int i = 0; i < EVENTS; i++) {
                CampaignEvent event = walk.event();
                Campaign before = walk.campaign;
                Campaign after = walk.take(event).next();
                if (before.phase() == CampaignPhase.PAUSED && !(event instanceof Decided)) {
                    seen++;
                    assertThat(opens(before, after))
                            .as("seed " + seed + ": " + event)
                            .isFalse();
                    assertThat(passed(after)).as("seed " + seed + ": " + event).isEqualTo(passed(before));
                    if (!(event instanceof ResumeAsked) && !(event instanceof AbortAsked)) {
                        assertThat(after.phase()).as("seed " + seed).isEqualTo(CampaignPhase.PAUSED);
                    }
                }
            }
        }
        assertThat(seen).as("the walks pause").isGreaterThan(SEEDS);
    }

    @Test
    void at_most_one_wave_is_open_and_a_running_campaign_holds_none_held_or_failed() {
        for (int seed = 0; seed < SEEDS; seed++) {
            Walk walk = new Walk(seed);
            for (int i = 0; i < EVENTS; i++) {
                Campaign after = walk.take(walk.event()).next();
                long open = after.waves().stream()
                        .filter(wave -> wave.phase() != WavePhase.PENDING
                                && !wave.phase().isFinal())
                        .count();
                assertThat(open).as("seed " + seed).isLessThanOrEqualTo(1);
                if (after.phase() == CampaignPhase.RUNNING) {
                    assertThat(after.waves())
                            .as("seed " + seed)
                            .noneMatch(wave -> wave.phase() == WavePhase.HELD || wave.phase() == WavePhase.FAILED);
                }
            }
        }
    }

    @Test
    void a_failed_wave_is_never_followed_by_another() {
        int failed = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            Walk walk = new Walk(seed);
            for (int i = 0; i < EVENTS; i++) {
                Campaign before = walk.campaign;
                Campaign after = walk.take(walk.event()).next();
                if (before.waves().stream().anyMatch(wave -> wave.phase() == WavePhase.FAILED)) {
                    failed++;
                    assertThat(opens(before, after)).as("seed " + seed).isFalse();
                }
            }
        }
        assertThat(failed).as("the walks fail waves").isGreaterThan(SEEDS / 10);
    }

    @Test
    void an_ended_campaign_stays_as_it_is() {
        for (CampaignPhase phase : CampaignPhase.values()) {
            if (!phase.isFinal()) {
                continue;
            }
            Campaign ended = campaign(phase).passedBefore(3).build();
            for (CampaignEvent event : everyEvent()) {
                assertThat(CampaignMachine.next(ended, event, untouched(), NOW))
                        .isEqualTo(new CampaignStep(ended, Set.of(), ""));
            }
        }
    }

    @Test
    void no_event_opens_a_wave_of_a_draft_or_of_an_aborting_campaign() {
        for (CampaignEvent event : everyEvent()) {
            Campaign aborting = campaign(CampaignPhase.ABORTING)
                    .wave(0, WavePhase.CANCELLED)
                    .build();
            assertThat(opens(
                            aborting,
                            CampaignMachine.next(aborting, event, untouched(), NOW)
                                    .next()))
                    .isFalse();
            Campaign started = CampaignMachine.next(
                            campaign(CampaignPhase.DRAFT).build(), event, List.of(), NOW)
                    .next();
            assertThat(started.waves()).allMatch(wave -> wave.phase() == WavePhase.PENDING);
        }
    }

    private static boolean passes(CampaignEvent event, int wave) {
        boolean byGate = event instanceof Judged judged
                && judged.decision().verdict() == Verdict.PASS
                && judged.decision().wave() == wave;
        boolean byHuman =
                event instanceof Decided decided && decided.verdict() == Verdict.PASS && decided.wave() == wave;
        return byGate || byHuman;
    }

    private static boolean opens(Campaign before, Campaign after) {
        return after.waves().stream()
                .filter(wave -> wave.phase() != WavePhase.PENDING && wave.phase() != WavePhase.CANCELLED)
                .anyMatch(wave -> before.waves().size() <= wave.index()
                        || before.waves().get(wave.index()).phase() == WavePhase.PENDING);
    }

    private static int passed(Campaign campaign) {
        return (int) campaign.waves().stream()
                .filter(wave -> wave.phase() == WavePhase.PASSED)
                .count();
    }

    private static List<CampaignEvent> everyEvent() {
        List<CampaignEvent> events = new ArrayList<>(List.of(
                new Started(MEMBERS, planned()),
                new Looked(),
                new PauseAsked("storm"),
                new ResumeAsked(),
                new AbortAsked("enough"),
                new Killed("recall"),
                new WasUnwatched(Duration.ofHours(1))));
        for (int wave = 0; wave < 3; wave++) {
            for (Verdict verdict : Verdict.values()) {
                events.add(new Judged(decision(wave, verdict, false, 1)));
                events.add(new Judged(decision(wave, verdict, true, 1)));
                events.add(new Decided(wave, verdict, "decided"));
            }
        }
        return events;
    }

    /** A run of events from a seed. Time goes on by up to half a day with each; counters only move forward. */
    private static final class Walk {
        private static final List<CampaignEvent> EVERY_EVENT = everyEvent();
        private final Random random;
        private final List<WaveCounts> counts = untouched();
        private Campaign campaign;
        private Instant now = NOW;

        Walk(long seed) {
            random = new Random(seed);
            campaign = Campaign.draft(new CampaignId("spring"), spec(random.nextBoolean()), NOW);
        }

        CampaignEvent event() {
            int open = campaign.openWave().map(Wave::index).orElse(0);
            return switch (random.nextInt(12)) {
                case 0, 1, 2, 3, 4 -> new Looked();
                case 5, 6 -> new Judged(decision(open, Verdict.PASS, false, random.nextInt(5)));
                case 7 -> new Judged(decision(open, Verdict.INCONCLUSIVE, false, random.nextInt(5)));
                case 8 -> new Started(MEMBERS, planned());
                case 9 -> new ResumeAsked();
                case 10 -> new Decided(open, random.nextInt(4) > 0 ? Verdict.PASS : Verdict.FAIL, "decided");
                default -> {
                    CampaignEvent any = EVERY_EVENT.get(random.nextInt(EVERY_EVENT.size()));
                    yield any instanceof AbortAsked && random.nextInt(4) > 0 ? new Looked() : any;
                }
            };
        }

        CampaignStep take(CampaignEvent event) {
            now = now.plus(Duration.ofMinutes(random.nextInt(12 * 60)));
            campaign.openWave().ifPresent(wave -> move(wave.index()));
            CampaignStep step = CampaignMachine.next(campaign, event, counts, now);
            campaign = step.next();
            return step;
        }

        private void move(int index) {
            WaveCounts old = counts.get(index);
            int reserved = random.nextInt(old.notReserved() + 1);
            int endedNow = random.nextInt(old.open() + reserved + 1);
            int open = old.open() + reserved - endedNow;
            int verifying = open == 0 ? 0 : random.nextInt(open + 1);
            counts.set(
                    index,
                    new WaveCounts(
                            old.size(),
                            old.notReserved() - reserved,
                            open,
                            verifying,
                            open - verifying,
                            old.ended() + endedNow,
                            old.succeeded() + endedNow,
                            0,
                            0,
                            0,
                            0,
                            0,
                            0));
        }
    }
}
