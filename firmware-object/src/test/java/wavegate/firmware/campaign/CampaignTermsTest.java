package wavegate.firmware.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static wavegate.firmware.campaign.CampaignFixture.MEMBERS;
import static wavegate.firmware.campaign.CampaignFixture.NOW;
import static wavegate.firmware.campaign.CampaignFixture.allSucceeded;
import static wavegate.firmware.campaign.CampaignFixture.campaign;
import static wavegate.firmware.campaign.CampaignFixture.counts;
import static wavegate.firmware.campaign.CampaignFixture.judged;
import static wavegate.firmware.campaign.CampaignFixture.planned;
import static wavegate.firmware.campaign.CampaignFixture.spec;
import static wavegate.firmware.campaign.CampaignFixture.untouched;
import static wavegate.firmware.campaign.CampaignFixture.wave;
import static wavegate.firmware.campaign.CampaignPhase.ABORTED;
import static wavegate.firmware.campaign.CampaignPhase.ABORTING;
import static wavegate.firmware.campaign.CampaignPhase.COMPLETED;
import static wavegate.firmware.campaign.CampaignPhase.COMPLETED_WITH_FAILURES;
import static wavegate.firmware.campaign.CampaignPhase.DRAFT;
import static wavegate.firmware.campaign.CampaignPhase.ENDING;
import static wavegate.firmware.campaign.CampaignPhase.PAUSED;
import static wavegate.firmware.campaign.CampaignPhase.PENDING_APPROVAL;
import static wavegate.firmware.campaign.CampaignPhase.ROLLED_BACK;
import static wavegate.firmware.campaign.CampaignPhase.ROLLING_BACK;
import static wavegate.firmware.campaign.CampaignPhase.RUNNING;
import static wavegate.firmware.campaign.CampaignPhase.SCHEDULED;
import static wavegate.firmware.campaign.WavePhase.CANCELLED;
import static wavegate.firmware.campaign.WavePhase.DISPATCHING;
import static wavegate.firmware.campaign.WavePhase.FAILED;
import static wavegate.firmware.campaign.WavePhase.PASSED;
import static wavegate.firmware.campaign.WavePhase.PENDING;
import static wavegate.firmware.campaign.WavePhase.SOAKING;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import wavegate.firmware.campaign.CampaignEvent.AbortAsked;
import wavegate.firmware.campaign.CampaignEvent.Approved;
import wavegate.firmware.campaign.CampaignEvent.Edited;
import wavegate.firmware.campaign.CampaignEvent.Killed;
import wavegate.firmware.campaign.CampaignEvent.Looked;
import wavegate.firmware.campaign.CampaignEvent.Rejected;
import wavegate.firmware.campaign.CampaignEvent.RollbackAsked;
import wavegate.firmware.campaign.CampaignEvent.RollbackEnded;
import wavegate.firmware.campaign.CampaignEvent.Started;
import wavegate.firmware.campaign.CampaignEvent.Submitted;
import wavegate.firmware.campaign.CampaignRowRecorder.Taken;
import wavegate.firmware.campaign.CampaignStep.Action;
import wavegate.firmware.gate.Verdict;

/** A campaign waits for approval, keeps to its schedule, and is taken back. */
class CampaignTermsTest {
    @RegisterExtension
    static final CampaignRowRecorder ROWS = new CampaignRowRecorder("AEG");

    private static final Instant JUST_NOW = NOW.minusSeconds(1);
    private static final Instant SOON = NOW.plusSeconds(1);
    private static final Review ASKED = Review.writtenBy("ann").submit("sam", 2);

    @Test
    void a_draft_that_is_submitted_waits_for_approval() {
        Taken submitted = ROWS.on(campaign(DRAFT).reviewed(Review.writtenBy("ann")), new Submitted("sam", 2), List.of())
                .takes("A2")
                .leadsTo(PENDING_APPROVAL)
                .asking();

        assertThat(submitted.step().next().review()).isEqualTo(new Review(List.of("ann"), "sam", 2, List.of()));
    }

    @Test
    void an_approval_is_kept_with_who_gave_it_and_why() {
        Taken approved = ROWS.on(
                        campaign(PENDING_APPROVAL).reviewed(ASKED), new Approved("zoe", "seen it run"), List.of())
                .takes("A3")
                .leadsTo(PENDING_APPROVAL);

        assertThat(approved.step().next().review().approvals())
                .containsExactly(new Review.Approval("zoe", "seen it run", NOW));
        assertThat(approved.step().next().review().enough()).isFalse();
    }

    @Test
    void nobody_approves_what_they_wrote_or_submitted_or_have_approved_already() {
        for (String who : new String[] {"ann", "sam", "zoe"}) {
            ROWS.on(
                            campaign(PENDING_APPROVAL).reviewed(ASKED.approved("zoe", "fine", JUST_NOW)),
                            new Approved(who, "again"),
                            List.of())
                    .isIgnored();
        }
    }

    @Test
    void a_rejected_campaign_is_a_draft_again_and_says_why() {
        Taken rejected = ROWS.on(
                        campaign(PENDING_APPROVAL).reviewed(ASKED.approved("zoe", "fine", JUST_NOW)),
                        new Rejected("bob", "wrong region"),
                        List.of())
                .takes("A4")
                .leadsTo(DRAFT)
                .because("rejected by bob: wrong region");

        assertThat(rejected.step().next().review().approvals()).isEmpty();
    }

    @Test
    void an_edit_voids_every_approval_and_makes_the_editor_an_author() {
        CampaignSpec other = spec(true);
        Taken edited = ROWS.on(
                        campaign(PENDING_APPROVAL).reviewed(ASKED.approved("zoe", "fine", JUST_NOW)),
                        new Edited(other, "zoe"),
                        List.of())
                .takes("A1")
                .leadsTo(DRAFT);

        assertThat(edited.step().next().spec()).isEqualTo(other);
        assertThat(edited.step().next().review()).isEqualTo(new Review(List.of("ann", "zoe"), "", 0, List.of()));
        ROWS.on(campaign(SCHEDULED), new Edited(other, "zoe"), List.of()).isIgnored();
    }

    @Test
    void a_campaign_starts_only_when_as_many_have_agreed_as_must() {
        Started started = new Started(MEMBERS, planned(), 1);
        ROWS.on(campaign(DRAFT), started, List.of()).isIgnored();
        ROWS.on(campaign(PENDING_APPROVAL).reviewed(ASKED.approved("zoe", "fine", JUST_NOW)), started, List.of())
                .isIgnored();
        ROWS.on(
                        campaign(PENDING_APPROVAL)
                                .reviewed(
                                        ASKED.approved("zoe", "fine", JUST_NOW).approved("bob", "so do I", JUST_NOW)),
                        started,
                        List.of())
                .takes("K1")
                .leadsTo(SCHEDULED, PENDING, PENDING, PENDING);
    }

    @Test
    void a_campaign_that_waits_for_approval_may_be_aborted() {
        ROWS.on(campaign(PENDING_APPROVAL).reviewed(ASKED), new AbortAsked("not wanted"), List.of())
                .takes("O4")
                .leadsTo(ABORTED);
    }

    @Test
    void no_device_is_touched_before_the_start_time() {
        ROWS.on(campaign(SCHEDULED).from(SOON), new Looked()).isIgnored();
        ROWS.on(campaign(SCHEDULED).from(NOW), new Looked())
                .takes("K2")
                .leadsTo(RUNNING, DISPATCHING, PENDING, PENDING);
    }

    @Test
    void what_has_begun_when_the_deadline_passes_comes_to_its_end_and_nothing_else_begins() {
        ROWS.on(campaign(RUNNING).wave(0, DISPATCHING, JUST_NOW).until(SOON), new Looked(), counts(0, wave(0, 4, 6, 2)))
                .isIgnored();
        ROWS.on(campaign(RUNNING).wave(0, DISPATCHING, JUST_NOW).until(NOW), new Looked(), counts(0, wave(0, 4, 6, 2)))
                .takes("E1")
                .leadsTo(ENDING, DISPATCHING, CANCELLED, CANCELLED)
                .because("deadline passed")
                .asking(Action.CANCEL_UNBEGUN);
        ROWS.on(campaign(ENDING).wave(0, DISPATCHING, JUST_NOW).until(NOW), new Looked(), counts(0, wave(0, 4, 6, 2)))
                .isIgnored();
        ROWS.on(campaign(ENDING).wave(0, DISPATCHING, JUST_NOW).until(NOW), new Looked(), counts(0, wave(0, 4, 0, 0)))
                .takes("E3")
                .leadsTo(COMPLETED_WITH_FAILURES, CANCELLED, CANCELLED, CANCELLED);
    }

    @Test
    void a_campaign_that_is_done_at_its_deadline_is_complete() {
        ROWS.on(campaign(RUNNING).passedBefore(3).until(NOW), new Looked(), allSucceeded())
                .takes("K9")
                .leadsTo(COMPLETED, PASSED, PASSED, PASSED);
    }

    @Test
    void a_campaign_that_stands_still_at_its_deadline_is_called_off() {
        for (CampaignPhase phase : new CampaignPhase[] {SCHEDULED, PAUSED}) {
            ROWS.on(campaign(phase).until(NOW), new Looked())
                    .takes("E2")
                    .leadsTo(ABORTING, CANCELLED, CANCELLED, CANCELLED)
                    .because("deadline passed; it was " + phase + ": as given")
                    .asking(Action.CANCEL_UPDATES);
        }
    }

    @Test
    void the_gate_still_kills_after_the_deadline_but_opens_no_wave() {
        ROWS.on(campaign(ENDING).soaking(1, JUST_NOW, SOON).until(NOW), judged(1, Verdict.PASS))
                .isIgnored();
        ROWS.on(campaign(ENDING).soaking(1, JUST_NOW, SOON).until(NOW), judged(1, Verdict.FAIL))
                .takes("J2")
                .leadsTo(PAUSED, PASSED, FAILED, PENDING)
                .asking(Action.RAISE_KILL_SWITCH);
        ROWS.on(campaign(ENDING).soaking(1, JUST_NOW, SOON).until(NOW), new Killed("all stop"))
                .takes("O9")
                .leadsTo(PAUSED, PASSED, SOAKING, PENDING);
    }

    @Test
    void a_wave_is_not_given_up_before_a_whole_window_was_open() {
        Schedule sundays = new Schedule(
                Optional.empty(),
                Optional.empty(),
                List.of(WeeklyWindow.of(List.of("sun"), "02:00", "04:00")),
                "UTC",
                Duration.ZERO);
        // Wednesday; the first whole window since ends on Sunday the 5th at 4.
        Instant monday = Instant.parse("2030-04-29T00:00:00Z");
        Instant sunday = Instant.parse("2030-05-05T04:00:00Z");
        Campaign waiting = campaign(RUNNING)
                .wave(0, DISPATCHING, monday)
                .scheduled(sundays)
                .build();

        assertThat(CampaignMachine.next(waiting, new Looked(), untouched(), NOW).ignored())
                .isTrue();
        assertThat(CampaignMachine.next(waiting, new Looked(), untouched(), sunday.minusMillis(1))
                        .ignored())
                .isTrue();
        assertThat(CampaignMachine.next(waiting, new Looked(), untouched(), sunday)
                        .row())
                .isEqualTo("K5");
    }

    @Test
    void what_a_campaign_updated_is_taken_back_by_another() {
        for (CampaignPhase phase : new CampaignPhase[] {RUNNING, PAUSED, ENDING, COMPLETED, ABORTED}) {
            ROWS.on(campaign(phase).passedBefore(2).wave(2, DISPATCHING), new RollbackAsked("bricks"), allSucceeded())
                    .takes("G1")
                    .leadsTo(ROLLING_BACK, PASSED, PASSED, CANCELLED)
                    .because("bricks")
                    .asking(Action.CANCEL_UPDATES);
        }
        ROWS.on(campaign(PAUSED), new RollbackAsked("bricks")).isIgnored();
        ROWS.on(campaign(ABORTING).passedBefore(3), new RollbackAsked("bricks"), allSucceeded())
                .isIgnored();
    }

    @Test
    void a_rollback_ends_as_its_campaign_does() {
        ROWS.on(campaign(ROLLING_BACK).passedBefore(3), new RollbackEnded(true, "by spring-rollback"), allSucceeded())
                .takes("G2")
                .leadsTo(ROLLED_BACK, PASSED, PASSED, PASSED)
                .because("by spring-rollback");
        ROWS.on(campaign(ROLLING_BACK).passedBefore(3), new RollbackEnded(false, "aborted"), allSucceeded())
                .takes("G3")
                .leadsTo(COMPLETED_WITH_FAILURES, PASSED, PASSED, PASSED);
    }

    @Test
    void a_gate_that_fails_begins_the_rollback_where_the_campaign_wants_it() {
        CampaignTerms rollsBack =
                new CampaignTerms(Optional.empty(), Optional.empty(), Optional.empty(), false, true, 0);
        Campaign given =
                campaign(RUNNING).soaking(1, JUST_NOW, SOON).under(rollsBack).build();

        assertThat(CampaignMachine.next(given, judged(1, Verdict.FAIL), untouched(), NOW)
                        .actions())
                .containsExactlyInAnyOrder(Action.RAISE_KILL_SWITCH, Action.ROLL_BACK);
    }

    @Test
    void a_fence_is_up_before_anything_is_taken_back() {
        Set<Action> any = new LinkedHashSet<>(
                List.of(Action.ROLL_BACK, Action.CANCEL_UNBEGUN, Action.RELEASE_HELD, Action.RAISE_KILL_SWITCH));

        assertThat(new CampaignStep(campaign(RUNNING).build(), any, "J2").actions())
                .containsExactly(
                        Action.RAISE_KILL_SWITCH, Action.RELEASE_HELD, Action.CANCEL_UNBEGUN, Action.ROLL_BACK);
    }

    @Test
    void terms_that_contradict_each_other_are_refused() {
        assertThatThrownBy(() -> new CampaignTerms(Optional.empty(), Optional.empty(), Optional.empty(), true, true, 0))
                .hasMessageContaining("self-test with a rollback");
        assertThatThrownBy(
                        () -> new CampaignTerms(Optional.empty(), Optional.empty(), Optional.empty(), false, false, 11))
                .hasMessage("approvals: 11 (expected: 0 to 10)");
    }
}
