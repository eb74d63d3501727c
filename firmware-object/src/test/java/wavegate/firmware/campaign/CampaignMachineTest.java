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
import static wavegate.firmware.campaign.CampaignFixture.wave;
import static wavegate.firmware.campaign.CampaignPhase.COMPLETED;
import static wavegate.firmware.campaign.CampaignPhase.COMPLETED_WITH_FAILURES;
import static wavegate.firmware.campaign.CampaignPhase.DRAFT;
import static wavegate.firmware.campaign.CampaignPhase.PAUSED;
import static wavegate.firmware.campaign.CampaignPhase.RUNNING;
import static wavegate.firmware.campaign.CampaignPhase.SCHEDULED;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import wavegate.firmware.campaign.CampaignEvent.Judged;
import wavegate.firmware.campaign.CampaignEvent.Looked;
import wavegate.firmware.campaign.CampaignEvent.Started;
import wavegate.firmware.campaign.CampaignRowRecorder.Taken;
import wavegate.firmware.campaign.CampaignStep.Action;
import wavegate.firmware.gate.Verdict;

/** A campaign goes on by itself: time, counters and verdicts. */
class CampaignMachineTest {
    @RegisterExtension
    static final CampaignRowRecorder ROWS = new CampaignRowRecorder("KJ");

    private static final Duration MOMENT = Duration.ofSeconds(1);
    private static final Instant JUST_NOW = NOW.minus(MOMENT);
    private static final Instant SOON = NOW.plus(MOMENT);

    @Test
    void the_test_classes_answer_for_every_row_and_no_id_is_used_twice() {
        assertThat(CampaignMachine.rows())
                .extracting(CampaignMachine.Row::id)
                .doesNotHaveDuplicates()
                .allMatch(id -> id.matches("[KJTOSAEG][1-9]"));
    }

    @Test
    void a_started_draft_is_scheduled_with_its_membership() {
        Taken started = ROWS.on(campaign(DRAFT), new Started(MEMBERS, planned()), List.of())
                .takes("K1")
                .leadsTo(SCHEDULED, PENDING, PENDING, PENDING)
                .asking();

        assertThat(started.step().next().membership()).contains(MEMBERS);
        assertThat(started.step().next().startedAt()).isEqualTo(NOW);
    }

    @Test
    void the_canary_opens_when_the_pre_window_is_over_and_not_before() {
        ROWS.on(campaign(SCHEDULED).startedAt(NOW.minus(GATE.preWindow())), new Looked())
                .takes("K2")
                .leadsTo(RUNNING, DISPATCHING, PENDING, PENDING)
                .asking();
        ROWS.on(campaign(SCHEDULED).startedAt(NOW.minus(GATE.preWindow()).plus(MOMENT)), new Looked())
                .isIgnored();
    }

    @Test
    void a_wave_settles_once_every_member_is_reserved() {
        ROWS.on(campaign(RUNNING).wave(0, DISPATCHING, JUST_NOW), new Looked(), counts(0, wave(0, 0, 10, 0)))
                .takes("K3")
                .leadsTo(RUNNING, SETTLING, PENDING, PENDING);
        ROWS.on(campaign(RUNNING).wave(0, DISPATCHING, JUST_NOW), new Looked(), counts(0, wave(0, 1, 9, 0)))
                .isIgnored();
    }

    @Test
    void devices_that_cannot_be_reached_do_not_stall_a_wave() {
        Taken settling = ROWS.on(
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
        ROWS.on(campaign(RUNNING).wave(0, DISPATCHING), new Looked())
                .takes("K5")
                .leadsTo(PAUSED, HELD, PENDING, PENDING)
                .because("no device of the wave could be reached")
                .asking();
    }

    @Test
    void a_wave_soaks_once_its_quorum_has_settled() {
        Taken soaking = ROWS.on(
                        campaign(RUNNING).wave(0, SETTLING, JUST_NOW), new Looked(), counts(0, wave(0, 0, 6, 5)))
                .takes("K6")
                .leadsTo(RUNNING, SOAKING, PENDING, PENDING);

        assertThat(soaking.wave(0).soakFrom()).isEqualTo(NOW);
        assertThat(soaking.wave(0).soakUntil())
                .isEqualTo(NOW.plus(GATE.settle()).plus(GATE.soak()));
        ROWS.on(campaign(RUNNING).wave(0, SETTLING, JUST_NOW), new Looked(), counts(0, wave(0, 0, 6, 4)))
                .isIgnored();
    }

    @Test
    void a_wave_that_settles_too_slowly_soaks_with_what_it_has() {
        ROWS.on(campaign(RUNNING).wave(0, SETTLING), new Looked(), counts(0, wave(0, 9, 1, 1)))
                .takes("K7")
                .leadsTo(RUNNING, SOAKING, PENDING, PENDING);
    }

    @Test
    void a_wave_of_which_nobody_settles_is_held() {
        ROWS.on(campaign(RUNNING).wave(0, SETTLING), new Looked(), counts(0, wave(0, 0, 10, 0)))
                .takes("K8")
                .leadsTo(PAUSED, HELD, PENDING, PENDING)
                .because("no device of the wave settled in time")
                .asking();
    }

    @Test
    void a_campaign_completes_once_every_wave_has_passed_and_every_update_ended() {
        Taken done = ROWS.on(campaign(RUNNING).passedBefore(3), new Looked(), allSucceeded())
                .takes("K9")
                .leadsTo(COMPLETED, PASSED, PASSED, PASSED);

        assertThat(done.step().next().endedAt()).isEqualTo(NOW);
        ROWS.on(
                        campaign(RUNNING).passedBefore(3),
                        new Looked(),
                        List.of(wave(0, 0, 1, 1), wave(1, 0, 0, 0), wave(2, 0, 0, 0)))
                .isIgnored();
        ROWS.on(campaign(RUNNING).passedBefore(2), new Looked(), allSucceeded()).isIgnored();
    }

    @Test
    void a_campaign_that_failed_or_missed_devices_says_so() {
        WaveCounts failed = new WaveCounts(10, 0, 0, 0, 0, 10, 9, 1, 0, 0, 0, 0, 0);
        WaveCounts lost = new WaveCounts(10, 0, 0, 0, 0, 10, 9, 0, 1, 0, 0, 0, 0);
        WaveCounts cancelled = new WaveCounts(10, 0, 0, 0, 0, 10, 9, 0, 0, 0, 1, 0, 0);
        for (WaveCounts canary : List.of(failed, lost, cancelled, wave(0, 2, 0, 0))) {
            ROWS.on(
                            campaign(RUNNING).passedBefore(3),
                            new Looked(),
                            List.of(canary, wave(1, 0, 0, 0), wave(2, 0, 0, 0)))
                    .takes("K9")
                    .leadsTo(COMPLETED_WITH_FAILURES, PASSED, PASSED, PASSED);
        }
    }

    @Test
    void skipped_devices_are_nobodys_fault() {
        WaveCounts skipped = new WaveCounts(10, 0, 0, 0, 0, 10, 9, 0, 0, 1, 0, 0, 0);
        ROWS.on(campaign(RUNNING).passedBefore(3), new Looked(), List.of(skipped, wave(1, 0, 0, 0), wave(2, 0, 0, 0)))
                .takes("K9")
                .leadsTo(COMPLETED, PASSED, PASSED, PASSED);
    }

    @Test
    void stragglers_are_given_a_fill_deadline_after_the_last_wave() {
        ROWS.on(
                        campaign(RUNNING).passedBefore(2).wave(2, PASSED, JUST_NOW),
                        new Looked(),
                        List.of(wave(0, 2, 0, 0), wave(1, 0, 0, 0), wave(2, 0, 0, 0)))
                .isIgnored();
    }

    @Test
    void a_guardrail_holds_in_every_phase_of_the_wave() {
        for (WavePhase phase : new WavePhase[] {DISPATCHING, SETTLING, SOAKING}) {
            for (CampaignPhase live : new CampaignPhase[] {RUNNING, PAUSED}) {
                ROWS.on(campaign(live).wave(0, phase), judgedByGuardrail(0))
                        .takes("J1")
                        .leadsTo(PAUSED, HELD, PENDING, PENDING)
                        .because("says FAIL")
                        .asking();
            }
        }
    }

    @Test
    void a_guardrail_does_not_hold_twice() {
        ROWS.on(campaign(PAUSED).wave(0, HELD), judgedByGuardrail(0)).isIgnored();
    }

    @Test
    void a_wave_that_passed_and_fails_late_stops_the_one_that_runs_now() {
        ROWS.on(campaign(RUNNING).passedBefore(1).wave(1, DISPATCHING), judged(0, Verdict.FAIL))
                .takes("J8")
                .leadsTo(PAUSED, PASSED, FAILED, PENDING)
                .because("wave 0, known late: says FAIL")
                .asking(Action.RAISE_KILL_SWITCH);
        ROWS.on(campaign(RUNNING).passedBefore(3), judged(2, Verdict.FAIL))
                .takes("J8")
                .leadsTo(PAUSED, PASSED, PASSED, PASSED)
                .asking(Action.RAISE_KILL_SWITCH);
        ROWS.on(campaign(RUNNING).passedBefore(1).wave(1, SOAKING), judgedByGuardrail(0))
                .takes("J7")
                .leadsTo(PAUSED, PASSED, HELD, PENDING)
                .because("wave 0, known late: says FAIL")
                .asking();
        ROWS.on(campaign(PAUSED).passedBefore(1).wave(1, FAILED), judged(0, Verdict.FAIL))
                .isIgnored();
        ROWS.on(campaign(RUNNING).passedBefore(1).wave(1, SOAKING), judged(0, Verdict.PASS))
                .isIgnored();
    }

    @Test
    void a_held_wave_is_watched_for_another_soak_if_a_human_asks() {
        ROWS.on(campaign(PAUSED).wave(0, HELD), new CampaignEvent.Decided(0, Verdict.INCONCLUSIVE, "one more night"))
                .takes("J9")
                .leadsTo(RUNNING, DISPATCHING, PENDING, PENDING)
                .asking(Action.RELEASE_HELD);
        ROWS.on(
                        campaign(PAUSED).soaking(0, JUST_NOW, NOW).heldAgain(0),
                        new CampaignEvent.Decided(0, Verdict.INCONCLUSIVE, "one more night"))
                .takes("J9")
                .leadsTo(RUNNING, SOAKING, PENDING, PENDING)
                .asking(Action.RELEASE_HELD);
    }

    @Test
    void a_failed_gate_kills_also_while_paused_and_also_a_held_wave() {
        ROWS.on(campaign(RUNNING).passedBefore(1).wave(1, SOAKING), judged(1, Verdict.FAIL))
                .takes("J2")
                .leadsTo(PAUSED, PASSED, FAILED, PENDING)
                .because("says FAIL")
                .asking(Action.RAISE_KILL_SWITCH);
        ROWS.on(campaign(PAUSED).wave(0, SOAKING), judged(0, Verdict.FAIL))
                .takes("J2")
                .leadsTo(PAUSED, FAILED, PENDING, PENDING)
                .asking(Action.RAISE_KILL_SWITCH);
        ROWS.on(campaign(PAUSED).wave(0, HELD), judged(0, Verdict.FAIL))
                .takes("J2")
                .leadsTo(PAUSED, FAILED, PENDING, PENDING)
                .asking(Action.RAISE_KILL_SWITCH);
    }

    @Test
    void a_guardrail_kills_where_the_campaign_chose_so() {
        ROWS.on(campaign(RUNNING).whoseGuardrailsKill().wave(0, DISPATCHING), judgedByGuardrail(0))
                .takes("J2")
                .leadsTo(PAUSED, FAILED, PENDING, PENDING)
                .asking(Action.RAISE_KILL_SWITCH);
    }

    @Test
    void a_pass_opens_the_next_wave() {
        ROWS.on(campaign(RUNNING).wave(0, SOAKING), judged(0, Verdict.PASS))
                .takes("J3")
                .leadsTo(RUNNING, PASSED, DISPATCHING, PENDING)
                .asking();
    }

    @Test
    void a_pass_of_the_last_wave_opens_nothing() {
        ROWS.on(campaign(RUNNING).passedBefore(2).wave(2, SOAKING), judged(2, Verdict.PASS))
                .takes("J3")
                .leadsTo(RUNNING, PASSED, PASSED, PASSED);
    }

    @Test
    void a_pass_counts_only_for_the_wave_that_soaks() {
        for (WavePhase phase : new WavePhase[] {DISPATCHING, SETTLING}) {
            ROWS.on(campaign(RUNNING).wave(0, phase), judged(0, Verdict.PASS)).isIgnored();
        }
        ROWS.on(campaign(RUNNING).passedBefore(1).wave(1, SOAKING), judged(0, Verdict.PASS))
                .isIgnored();
        ROWS.on(campaign(RUNNING).wave(0, SOAKING), judged(1, Verdict.PASS)).isIgnored();
    }

    @Test
    void a_paused_campaign_does_not_advance_on_a_pass() {
        ROWS.on(campaign(PAUSED).wave(0, SOAKING), judged(0, Verdict.PASS)).isIgnored();
    }

    @Test
    void a_wave_still_inconclusive_at_its_limit_is_held() {
        Taken held = ROWS.on(
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
        Taken extended = ROWS.on(
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
        Taken extended = ROWS.on(campaign(RUNNING).soaking(0, from, JUST_NOW), judged(0, Verdict.INCONCLUSIVE))
                .takes("J5");

        assertThat(extended.wave(0).soakUntil()).isEqualTo(SOON);
    }

    @Test
    void a_look_is_spent_before_the_soak_is_over() {
        Taken looked = ROWS.on(
                        campaign(PAUSED).soaking(0, JUST_NOW, SOON),
                        new Judged(decision(0, Verdict.INCONCLUSIVE, false, 1)))
                .takes("J6")
                .leadsTo(PAUSED, SOAKING, PENDING, PENDING);

        assertThat(looked.wave(0).looksUsed()).isEqualTo(1);
        assertThat(looked.wave(0).soakUntil()).isEqualTo(SOON);
        ROWS.on(campaign(RUNNING).soaking(0, JUST_NOW, SOON), judged(0, Verdict.INCONCLUSIVE))
                .isIgnored();
    }
}
