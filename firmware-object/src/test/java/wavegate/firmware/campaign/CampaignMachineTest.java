package wavegate.firmware.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static wavegate.firmware.campaign.CampaignFixture.GATE;
import static wavegate.firmware.campaign.CampaignFixture.MEMBERS;
import static wavegate.firmware.campaign.CampaignFixture.NOW;
import static wavegate.firmware.campaign.CampaignFixture.PLAN;
import static wavegate.firmware.campaign.CampaignFixture.allSucceeded;
import static wavegate.firmware.campaign.CampaignFixture.campaign;
import static wavegate.firmware.campaign.CampaignFixture.counts;
import static wavegate.firmware.campaign.CampaignFixture.decision;
import static wavegate.firmware.campaign.CampaignFixture.judged;
import static wavegate.firmware.campaign.CampaignFixture.judgedByGuardrail;
import static wavegate.firmware.campaign.CampaignFixture.planned;
import static wavegate.firmware.campaign.CampaignFixture.untouched;
import static wavegate.firmware.campaign.CampaignFixture.wave;
import static wavegate.firmware.campaign.CampaignPhase.ABORTED;
import static wavegate.firmware.campaign.CampaignPhase.ABORTING;
import static wavegate.firmware.campaign.CampaignPhase.COMPLETED;
import static wavegate.firmware.campaign.CampaignPhase.COMPLETED_WITH_FAILURES;
import static wavegate.firmware.campaign.CampaignPhase.DRAFT;
import static wavegate.firmware.campaign.CampaignPhase.PAUSED;
import static wavegate.firmware.campaign.CampaignPhase.RUNNING;
import static wavegate.firmware.campaign.CampaignPhase.SCHEDULED;
import static wavegate.firmware.campaign.WavePhase.CANCELLED;
import static wavegate.firmware.campaign.WavePhase.DISPATCHING;
import static wavegate.firmware.campaign.WavePhase.FAILED;
import static wavegate.firmware.campaign.WavePhase.HELD;
import static wavegate.firmware.campaign.WavePhase.PASSED;
import static wavegate.firmware.campaign.WavePhase.PENDING;
import static wavegate.firmware.campaign.WavePhase.SETTLING;
import static wavegate.firmware.campaign.WavePhase.SOAKING;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
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
import wavegate.firmware.campaign.CampaignStep.Action;
import wavegate.firmware.gate.Verdict;

class CampaignMachineTest {
    private static final Set<String> TAKEN = new TreeSet<>();
    private static final Duration MOMENT = Duration.ofSeconds(1);
    private static final Instant JUST_NOW = NOW.minus(MOMENT);
    private static final Instant SOON = NOW.plus(MOMENT);

    @AfterAll
    static void every_row_is_taken() {
        assertThat(CampaignMachine.rows())
                .as("rows of the table that no test takes")
                .filteredOn(row -> !TAKEN.contains(row.id()))
                .extracting(row -> row.id() + " " + row.from() + " " + row.on().getSimpleName() + " " + row.when())
                .isEmpty();
    }

    private static Taken on(CampaignFixture.Given given, CampaignEvent event, List<WaveCounts> counts) {
        Campaign before = given.build();
        CampaignStep step = CampaignMachine.next(before, event, counts, NOW);
        TAKEN.add(step.row());
        return new Taken(before, step);
    }

    private static Taken on(CampaignFixture.Given given, CampaignEvent event) {
        return on(given, event, untouched());
    }

    private record Taken(Campaign before, CampaignStep step) {
        Taken takes(String row) {
            assertThat(step.row()).isEqualTo(row);
            return this;
        }

        Taken leadsTo(CampaignPhase phase, WavePhase... waves) {
            assertThat(step.next().phase()).isEqualTo(phase);
            assertThat(step.next().waves()).extracting(Wave::phase).containsExactly(waves);
            return this;
        }

        Taken because(String reason) {
            assertThat(step.next().reason()).isEqualTo(reason);
            return this;
        }

        Taken asking(Action... actions) {
            assertThat(step.actions()).containsExactlyInAnyOrder(actions);
            return this;
        }

        void isIgnored() {
            assertThat(step).isEqualTo(new CampaignStep(before, Set.of(), ""));
        }

        Wave wave(int index) {
            return step.next().waves().get(index);
        }
    }

    @Test
    void a_started_draft_is_scheduled_with_its_membership() {
        Taken started = on(campaign(DRAFT), new Started(MEMBERS, planned()), List.of())
                .takes("K1")
                .leadsTo(SCHEDULED, PENDING, PENDING, PENDING)
                .asking();

        assertThat(started.step().next().membership()).contains(MEMBERS);
        assertThat(started.step().next().startedAt()).isEqualTo(NOW);
    }

    @Test
    void the_canary_opens_when_the_pre_window_is_over_and_not_before() {
        on(campaign(SCHEDULED).startedAt(NOW.minus(GATE.preWindow())), new Looked())
                .takes("K2")
                .leadsTo(RUNNING, DISPATCHING, PENDING, PENDING)
                .asking();
        on(campaign(SCHEDULED).startedAt(NOW.minus(GATE.preWindow()).plus(MOMENT)), new Looked())
                .isIgnored();
    }

    @Test
    void a_wave_settles_once_every_member_is_reserved() {
        on(campaign(RUNNING).wave(0, DISPATCHING, JUST_NOW), new Looked(), counts(0, wave(0, 0, 10, 0)))
                .takes("K3")
                .leadsTo(RUNNING, SETTLING, PENDING, PENDING);
        on(campaign(RUNNING).wave(0, DISPATCHING, JUST_NOW), new Looked(), counts(0, wave(0, 1, 9, 0)))
                .isIgnored();
    }

    @Test
    void devices_that_cannot_be_reached_do_not_stall_a_wave() {
        Taken settling = on(
                        campaign(RUNNING).wave(0, DISPATCHING, NOW.minus(PLAN.fillDeadline())),
                        new Looked(),
                        counts(0, wave(0, 3, 7, 0)))
                .takes("K4")
                .leadsTo(RUNNING, SETTLING, PENDING, PENDING);

        assertThat(settling.wave(0).reason()).isEqualTo("3 stragglers not reached yet");
        assertThat(settling.wave(0).phaseSince()).isEqualTo(NOW);
    }

    @Test
    void a_wave_that_reaches_nobody_is_held() {
        on(campaign(RUNNING).wave(0, DISPATCHING), new Looked())
                .takes("K5")
                .leadsTo(PAUSED, HELD, PENDING, PENDING)
                .because("no device of the wave could be reached")
                .asking();
    }

    @Test
    void a_wave_soaks_once_its_quorum_has_settled() {
        Taken soaking = on(campaign(RUNNING).wave(0, SETTLING, JUST_NOW), new Looked(), counts(0, wave(0, 0, 6, 5)))
                .takes("K6")
                .leadsTo(RUNNING, SOAKING, PENDING, PENDING);

        assertThat(soaking.wave(0).soakFrom()).isEqualTo(NOW);
        assertThat(soaking.wave(0).soakUntil())
                .isEqualTo(NOW.plus(GATE.settle()).plus(GATE.soak()));
        on(campaign(RUNNING).wave(0, SETTLING, JUST_NOW), new Looked(), counts(0, wave(0, 0, 6, 4)))
                .isIgnored();
    }

    @Test
    void a_wave_that_settles_too_slowly_soaks_with_what_it_has() {
        on(campaign(RUNNING).wave(0, SETTLING), new Looked(), counts(0, wave(0, 9, 1, 1)))
                .takes("K7")
                .leadsTo(RUNNING, SOAKING, PENDING, PENDING);
    }

    @Test
    void a_wave_of_which_nobody_settles_is_held() {
        on(campaign(RUNNING).wave(0, SETTLING), new Looked(), counts(0, wave(0, 0, 10, 0)))
                .takes("K8")
                .leadsTo(PAUSED, HELD, PENDING, PENDING)
                .because("no device of the wave settled in time")
                .asking();
    }

    @Test
    void a_campaign_completes_once_every_wave_has_passed_and_every_update_ended() {
        Taken done = on(campaign(RUNNING).passedBefore(3), new Looked(), allSucceeded())
                .takes("K9")
                .leadsTo(COMPLETED, PASSED, PASSED, PASSED);

        assertThat(done.step().next().endedAt()).isEqualTo(NOW);
        on(
                        campaign(RUNNING).passedBefore(3),
                        new Looked(),
                        List.of(wave(0, 0, 1, 1), wave(1, 0, 0, 0), wave(2, 0, 0, 0)))
                .isIgnored();
        on(campaign(RUNNING).passedBefore(2), new Looked(), allSucceeded()).isIgnored();
    }

    @Test
    void a_campaign_that_failed_or_missed_devices_says_so() {
        WaveCounts failed = new WaveCounts(10, 0, 0, 0, 0, 10, 9, 1, 0, 0, 0, 0, 0);
        WaveCounts lost = new WaveCounts(10, 0, 0, 0, 0, 10, 9, 0, 1, 0, 0, 0, 0);
        WaveCounts cancelled = new WaveCounts(10, 0, 0, 0, 0, 10, 9, 0, 0, 0, 1, 0, 0);
        for (WaveCounts canary : List.of(failed, lost, cancelled, wave(0, 2, 0, 0))) {
            on(campaign(RUNNING).passedBefore(3), new Looked(), List.of(canary, wave(1, 0, 0, 0), wave(2, 0, 0, 0)))
                    .takes("K9")
                    .leadsTo(COMPLETED_WITH_FAILURES, PASSED, PASSED, PASSED);
        }
    }

    @Test
    void skipped_devices_are_nobodys_fault() {
        WaveCounts skipped = new WaveCounts(10, 0, 0, 0, 0, 10, 9, 0, 0, 1, 0, 0, 0);
        on(campaign(RUNNING).passedBefore(3), new Looked(), List.of(skipped, wave(1, 0, 0, 0), wave(2, 0, 0, 0)))
                .takes("K9")
                .leadsTo(COMPLETED, PASSED, PASSED, PASSED);
    }

    @Test
    void stragglers_are_given_a_fill_deadline_after_the_last_wave() {
        on(
                        campaign(RUNNING).passedBefore(2).wave(2, PASSED, JUST_NOW),
                        new Looked(),
                        List.of(wave(0, 2, 0, 0), wave(1, 0, 0, 0), wave(2, 0, 0, 0)))
                .isIgnored();
    }

    @Test
    void a_guardrail_holds_in_every_phase_of_the_wave() {
        for (WavePhase phase : new WavePhase[] {DISPATCHING, SETTLING, SOAKING}) {
            for (CampaignPhase live : new CampaignPhase[] {RUNNING, PAUSED}) {
                on(campaign(live).wave(0, phase), judgedByGuardrail(0))
                        .takes("J1")
                        .leadsTo(PAUSED, HELD, PENDING, PENDING)
                        .because("says FAIL")
                        .asking();
            }
        }
    }

    @Test
    void a_guardrail_does_not_hold_twice() {
        on(campaign(PAUSED).wave(0, HELD), judgedByGuardrail(0)).isIgnored();
    }

    @Test
    void a_failed_gate_kills_also_while_paused_and_also_a_held_wave() {
        on(campaign(RUNNING).passedBefore(1).wave(1, SOAKING), judged(1, Verdict.FAIL))
                .takes("J2")
                .leadsTo(PAUSED, PASSED, FAILED, PENDING)
                .because("says FAIL")
                .asking(Action.RAISE_KILL_SWITCH);
        on(campaign(PAUSED).wave(0, SOAKING), judged(0, Verdict.FAIL))
                .takes("J2")
                .leadsTo(PAUSED, FAILED, PENDING, PENDING)
                .asking(Action.RAISE_KILL_SWITCH);
        on(campaign(PAUSED).wave(0, HELD), judged(0, Verdict.FAIL))
                .takes("J2")
                .leadsTo(PAUSED, FAILED, PENDING, PENDING)
                .asking(Action.RAISE_KILL_SWITCH);
    }

    @Test
    void a_guardrail_kills_where_the_campaign_chose_so() {
        on(campaign(RUNNING).whoseGuardrailsKill().wave(0, DISPATCHING), judgedByGuardrail(0))
                .takes("J2")
                .leadsTo(PAUSED, FAILED, PENDING, PENDING)
                .asking(Action.RAISE_KILL_SWITCH);
    }

    @Test
    void a_pass_opens_the_next_wave() {
        on(campaign(RUNNING).wave(0, SOAKING), judged(0, Verdict.PASS))
                .takes("J3")
                .leadsTo(RUNNING, PASSED, DISPATCHING, PENDING)
                .asking();
    }

    @Test
    void a_pass_of_the_last_wave_opens_nothing() {
        on(campaign(RUNNING).passedBefore(2).wave(2, SOAKING), judged(2, Verdict.PASS))
                .takes("J3")
                .leadsTo(RUNNING, PASSED, PASSED, PASSED);
    }

    @Test
    void a_pass_counts_only_for_the_wave_that_soaks() {
        for (WavePhase phase : new WavePhase[] {DISPATCHING, SETTLING}) {
            on(campaign(RUNNING).wave(0, phase), judged(0, Verdict.PASS)).isIgnored();
        }
        on(campaign(RUNNING).passedBefore(1).wave(1, SOAKING), judged(0, Verdict.PASS))
                .isIgnored();
        on(campaign(RUNNING).passedBefore(1).wave(1, SOAKING), judged(0, Verdict.FAIL))
                .isIgnored();
        on(campaign(RUNNING).wave(0, SOAKING), judged(1, Verdict.PASS)).isIgnored();
    }

    @Test
    void a_paused_campaign_does_not_advance_on_a_pass() {
        on(campaign(PAUSED).wave(0, SOAKING), judged(0, Verdict.PASS)).isIgnored();
    }

    @Test
    void a_wave_still_inconclusive_at_its_limit_is_held() {
        Taken held = on(
                        campaign(RUNNING).soaking(0, NOW.minus(GATE.soakMax()), JUST_NOW),
                        new Judged(decision(0, Verdict.INCONCLUSIVE, false, 4)))
                .takes("J4")
                .leadsTo(PAUSED, HELD, PENDING, PENDING)
                .because("says INCONCLUSIVE")
                .asking();

        assertThat(held.wave(0).looksUsed()).isEqualTo(4);
    }

    @Test
    void an_inconclusive_soak_is_extended_by_a_quarter() {
        Taken extended = on(
                        campaign(RUNNING).soaking(0, NOW.minus(GATE.soak()), NOW),
                        new Judged(decision(0, Verdict.INCONCLUSIVE, false, 3)))
                .takes("J5")
                .leadsTo(RUNNING, SOAKING, PENDING, PENDING)
                .asking();

        assertThat(extended.wave(0).soakUntil()).isEqualTo(NOW.plus(GATE.soak().dividedBy(4)));
        assertThat(extended.wave(0).soakFrom()).isEqualTo(NOW.minus(GATE.soak()));
        assertThat(extended.wave(0).looksUsed()).isEqualTo(3);
        assertThat(extended.wave(0).reason()).isEqualTo("says INCONCLUSIVE");
    }

    @Test
    void an_extension_stops_at_the_limit() {
        Instant from = NOW.minus(GATE.soakMax()).plus(MOMENT);
        Taken extended = on(campaign(RUNNING).soaking(0, from, JUST_NOW), judged(0, Verdict.INCONCLUSIVE))
                .takes("J5");

        assertThat(extended.wave(0).soakUntil()).isEqualTo(SOON);
    }

    @Test
    void a_look_is_spent_before_the_soak_is_over() {
        Taken looked = on(
                        campaign(PAUSED).soaking(0, JUST_NOW, SOON),
                        new Judged(decision(0, Verdict.INCONCLUSIVE, false, 1)))
                .takes("J6")
                .leadsTo(PAUSED, SOAKING, PENDING, PENDING);

        assertThat(looked.wave(0).looksUsed()).isEqualTo(1);
        assertThat(looked.wave(0).soakUntil()).isEqualTo(SOON);
        on(campaign(RUNNING).soaking(0, JUST_NOW, SOON), judged(0, Verdict.INCONCLUSIVE))
                .isIgnored();
    }

    @Test
    void the_pre_window_does_not_count_what_nobody_watched() {
        for (CampaignPhase phase : new CampaignPhase[] {SCHEDULED, PAUSED}) {
            Taken delayed = on(campaign(phase).startedAt(JUST_NOW), new WasUnwatched(Duration.ofHours(5)))
                    .takes("T1")
                    .leadsTo(phase, PENDING, PENDING, PENDING);

            assertThat(delayed.step().next().startedAt()).isEqualTo(JUST_NOW.plus(Duration.ofHours(5)));
        }
    }

    @Test
    void a_wave_does_not_count_what_nobody_watched() {
        Taken delayed = on(campaign(RUNNING).soaking(1, JUST_NOW, SOON), new WasUnwatched(Duration.ofHours(5)))
                .takes("T2")
                .leadsTo(RUNNING, PASSED, SOAKING, PENDING);

        assertThat(delayed.wave(1).soakUntil()).isEqualTo(SOON.plus(Duration.ofHours(5)));
        assertThat(delayed.wave(1).phaseSince()).isEqualTo(JUST_NOW.plus(Duration.ofHours(5)));
        assertThat(on(campaign(RUNNING).wave(0, DISPATCHING), new WasUnwatched(Duration.ofHours(5)))
                        .takes("T2")
                        .wave(0)
                        .soakUntil())
                .isEqualTo(Instant.MAX);
    }

    @Test
    void an_operator_pauses_a_campaign_and_gives_a_reason() {
        on(campaign(RUNNING).wave(0, DISPATCHING), new PauseAsked("storm"))
                .takes("O1")
                .leadsTo(PAUSED, DISPATCHING, PENDING, PENDING)
                .because("storm")
                .asking();
        on(campaign(SCHEDULED), new PauseAsked("storm")).takes("O1").leadsTo(PAUSED, PENDING, PENDING, PENDING);
    }

    @Test
    void a_campaign_paused_before_its_canary_goes_back_to_its_pre_window() {
        on(campaign(PAUSED), new ResumeAsked())
                .takes("O2")
                .leadsTo(SCHEDULED, PENDING, PENDING, PENDING)
                .because("")
                .asking();
    }

    @Test
    void a_resumed_campaign_goes_on_where_it_was() {
        on(campaign(PAUSED).passedBefore(1).wave(1, SETTLING), new ResumeAsked())
                .takes("O3")
                .leadsTo(RUNNING, PASSED, SETTLING, PENDING)
                .because("")
                .asking(Action.RELEASE_HELD);
    }

    @Test
    void a_held_or_failed_wave_cannot_be_resumed_over() {
        on(campaign(PAUSED).wave(0, HELD), new ResumeAsked()).isIgnored();
        on(campaign(PAUSED).wave(0, FAILED), new ResumeAsked()).isIgnored();
    }

    @Test
    void an_aborted_draft_is_over_at_once() {
        on(campaign(DRAFT), new AbortAsked("typo"))
                .takes("O4")
                .leadsTo(ABORTED)
                .because("typo")
                .asking();
    }

    @Test
    void an_abort_cancels_what_has_not_ended_and_calls_updates_off() {
        on(campaign(RUNNING).passedBefore(1).wave(1, SOAKING), new AbortAsked("enough"))
                .takes("O5")
                .leadsTo(ABORTING, PASSED, CANCELLED, CANCELLED)
                .because("enough")
                .asking(Action.CANCEL_UPDATES);
        on(campaign(PAUSED).wave(0, FAILED), new AbortAsked("enough"))
                .takes("O5")
                .leadsTo(ABORTING, FAILED, CANCELLED, CANCELLED);
        on(campaign(SCHEDULED), new AbortAsked("enough"))
                .takes("O5")
                .leadsTo(ABORTING, CANCELLED, CANCELLED, CANCELLED);
    }

    @Test
    void an_abort_is_over_once_no_update_is_open() {
        on(campaign(ABORTING).wave(0, CANCELLED), new Looked(), counts(0, wave(0, 9, 0, 0)))
                .takes("O6")
                .leadsTo(ABORTED, CANCELLED, PENDING, PENDING)
                .because("as given");
        on(campaign(ABORTING).wave(0, CANCELLED), new Looked(), counts(0, wave(0, 9, 1, 0)))
                .isIgnored();
    }

    @Test
    void a_human_lets_a_held_wave_through() {
        on(campaign(PAUSED).wave(0, HELD), new Decided(0, Verdict.PASS, "looked at it"))
                .takes("O7")
                .leadsTo(RUNNING, PASSED, DISPATCHING, PENDING)
                .because("")
                .asking(Action.RELEASE_HELD);
        on(campaign(PAUSED).passedBefore(2).wave(2, HELD), new Decided(2, Verdict.PASS, "looked at it"))
                .takes("O7")
                .leadsTo(RUNNING, PASSED, PASSED, PASSED);
    }

    @Test
    void a_human_stops_a_held_wave() {
        on(campaign(PAUSED).wave(0, HELD), new Decided(0, Verdict.FAIL, "too hot"))
                .takes("O8")
                .leadsTo(PAUSED, FAILED, PENDING, PENDING)
                .because("too hot")
                .asking(Action.RAISE_KILL_SWITCH);
    }

    @Test
    void a_human_decides_nothing_but_the_wave_that_is_held() {
        on(campaign(PAUSED).wave(0, HELD), new Decided(0, Verdict.INCONCLUSIVE, "?"))
                .isIgnored();
        on(campaign(PAUSED).wave(0, HELD), new Decided(1, Verdict.PASS, "wrong wave"))
                .isIgnored();
        on(campaign(PAUSED).wave(0, SOAKING), new Decided(0, Verdict.PASS, "impatient"))
                .isIgnored();
        on(campaign(RUNNING).wave(0, SOAKING), new Decided(0, Verdict.PASS, "impatient"))
                .isIgnored();
    }

    @Test
    void a_kill_switch_pauses_a_campaign() {
        on(campaign(RUNNING).wave(0, DISPATCHING), new Killed("recall"))
                .takes("O9")
                .leadsTo(PAUSED, DISPATCHING, PENDING, PENDING)
                .because("recall")
                .asking();
        on(campaign(SCHEDULED), new Killed("recall")).takes("O9").leadsTo(PAUSED, PENDING, PENDING, PENDING);
        on(campaign(PAUSED).wave(0, HELD), new Killed("recall")).isIgnored();
    }
}
