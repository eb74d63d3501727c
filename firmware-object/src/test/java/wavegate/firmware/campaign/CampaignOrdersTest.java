package wavegate.firmware.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static wavegate.firmware.campaign.CampaignFixture.NOW;
import static wavegate.firmware.campaign.CampaignFixture.campaign;
import static wavegate.firmware.campaign.CampaignFixture.counts;
import static wavegate.firmware.campaign.CampaignFixture.wave;
import static wavegate.firmware.campaign.CampaignPhase.ABORTED;
import static wavegate.firmware.campaign.CampaignPhase.ABORTING;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import wavegate.firmware.campaign.CampaignEvent.AbortAsked;
import wavegate.firmware.campaign.CampaignEvent.Decided;
import wavegate.firmware.campaign.CampaignEvent.Killed;
import wavegate.firmware.campaign.CampaignEvent.Looked;
import wavegate.firmware.campaign.CampaignEvent.PauseAsked;
import wavegate.firmware.campaign.CampaignEvent.ResumeAsked;
import wavegate.firmware.campaign.CampaignEvent.WasUnwatched;
import wavegate.firmware.campaign.CampaignRowRecorder.Taken;
import wavegate.firmware.campaign.CampaignStep.Action;
import wavegate.firmware.gate.Verdict;

/** A campaign is told: operators, kill switches, and time in which nobody watched. */
class CampaignOrdersTest {
    @RegisterExtension
    static final CampaignRowRecorder ROWS = new CampaignRowRecorder("TOS");

    private static final Duration MOMENT = Duration.ofSeconds(1);
    private static final Instant JUST_NOW = NOW.minus(MOMENT);
    private static final Instant SOON = NOW.plus(MOMENT);

    @Test
    void the_pre_window_does_not_count_what_nobody_watched() {
        for (CampaignPhase phase : new CampaignPhase[] {SCHEDULED, PAUSED}) {
            Taken delayed = ROWS.on(campaign(phase).startedAt(JUST_NOW), new WasUnwatched(Duration.ofHours(5)))
                    .takes("T1")
                    .leadsTo(phase, PENDING, PENDING, PENDING);

            assertThat(delayed.step().next().startedAt()).isEqualTo(JUST_NOW.plus(Duration.ofHours(5)));
        }
    }

    @Test
    void a_wave_does_not_count_what_nobody_watched() {
        Taken delayed = ROWS.on(campaign(RUNNING).soaking(1, JUST_NOW, SOON), new WasUnwatched(Duration.ofHours(5)))
                .takes("T2")
                .leadsTo(RUNNING, PASSED, SOAKING, PENDING);

        assertThat(delayed.wave(1).soakUntil()).isEqualTo(SOON.plus(Duration.ofHours(5)));
        assertThat(delayed.wave(1).phaseSince()).isEqualTo(JUST_NOW.plus(Duration.ofHours(5)));
        assertThat(ROWS.on(campaign(RUNNING).wave(0, DISPATCHING), new WasUnwatched(Duration.ofHours(5)))
                        .takes("T2")
                        .wave(0)
                        .soakUntil())
                .isEqualTo(Instant.MAX);
    }

    @Test
    void a_campaign_whose_place_was_taken_ends_once_nothing_of_it_is_under_way() {
        ROWS.on(
                        campaign(RUNNING).wave(0, PASSED).wave(1, DISPATCHING),
                        new CampaignEvent.Superseded("superseded by campaign next"))
                .takes("S1")
                .leadsTo(ABORTED, PASSED, CANCELLED, CANCELLED)
                .because("superseded by campaign next")
                .asking();
        ROWS.on(
                        campaign(RUNNING).wave(0, PASSED).wave(1, DISPATCHING),
                        new CampaignEvent.Superseded("superseded"),
                        counts(1, wave(1, 5, 1, 0)))
                .isIgnored();
    }

    @Test
    void an_operator_pauses_a_campaign_and_gives_a_reason() {
        ROWS.on(campaign(RUNNING).wave(0, DISPATCHING), new PauseAsked("storm"))
                .takes("O1")
                .leadsTo(PAUSED, DISPATCHING, PENDING, PENDING)
                .because("storm")
                .asking();
        ROWS.on(campaign(SCHEDULED), new PauseAsked("storm")).takes("O1").leadsTo(PAUSED, PENDING, PENDING, PENDING);
    }

    @Test
    void a_campaign_paused_before_its_canary_goes_back_to_its_pre_window() {
        ROWS.on(campaign(PAUSED), new ResumeAsked())
                .takes("O2")
                .leadsTo(SCHEDULED, PENDING, PENDING, PENDING)
                .because("")
                .asking();
    }

    @Test
    void a_resumed_campaign_goes_on_where_it_was() {
        ROWS.on(campaign(PAUSED).passedBefore(1).wave(1, SETTLING), new ResumeAsked())
                .takes("O3")
                .leadsTo(RUNNING, PASSED, SETTLING, PENDING)
                .because("")
                .asking(Action.RELEASE_HELD);
    }

    @Test
    void a_held_or_failed_wave_cannot_be_resumed_over() {
        ROWS.on(campaign(PAUSED).wave(0, HELD), new ResumeAsked()).isIgnored();
        ROWS.on(campaign(PAUSED).wave(0, FAILED), new ResumeAsked()).isIgnored();
    }

    @Test
    void an_aborted_draft_is_over_at_once() {
        ROWS.on(campaign(DRAFT), new AbortAsked("typo"))
                .takes("O4")
                .leadsTo(ABORTED)
                .because("typo")
                .asking();
    }

    @Test
    void an_abort_cancels_what_has_not_ended_and_calls_updates_off() {
        ROWS.on(campaign(RUNNING).passedBefore(1).wave(1, SOAKING), new AbortAsked("enough"))
                .takes("O5")
                .leadsTo(ABORTING, PASSED, CANCELLED, CANCELLED)
                .because("enough")
                .asking(Action.CANCEL_UPDATES);
        ROWS.on(campaign(PAUSED).wave(0, FAILED), new AbortAsked("enough"))
                .takes("O5")
                .leadsTo(ABORTING, FAILED, CANCELLED, CANCELLED);
        ROWS.on(campaign(SCHEDULED), new AbortAsked("enough"))
                .takes("O5")
                .leadsTo(ABORTING, CANCELLED, CANCELLED, CANCELLED);
    }

    @Test
    void an_abort_is_over_once_no_update_is_open() {
        ROWS.on(campaign(ABORTING).wave(0, CANCELLED), new Looked(), counts(0, wave(0, 9, 0, 0)))
                .takes("O6")
                .leadsTo(ABORTED, CANCELLED, PENDING, PENDING)
                .because("as given");
        ROWS.on(campaign(ABORTING).wave(0, CANCELLED), new Looked(), counts(0, wave(0, 9, 1, 0)))
                .isIgnored();
    }

    @Test
    void a_human_lets_a_held_wave_through() {
        ROWS.on(campaign(PAUSED).wave(0, HELD), new Decided(0, Verdict.PASS, "looked at it"))
                .takes("O7")
                .leadsTo(RUNNING, PASSED, DISPATCHING, PENDING)
                .because("")
                .asking(Action.RELEASE_HELD);
        ROWS.on(campaign(PAUSED).passedBefore(2).wave(2, HELD), new Decided(2, Verdict.PASS, "looked at it"))
                .takes("O7")
                .leadsTo(RUNNING, PASSED, PASSED, PASSED);
    }

    @Test
    void a_human_stops_a_held_wave() {
        ROWS.on(campaign(PAUSED).wave(0, HELD), new Decided(0, Verdict.FAIL, "too hot"))
                .takes("O8")
                .leadsTo(PAUSED, FAILED, PENDING, PENDING)
                .because("too hot")
                .asking(Action.RAISE_KILL_SWITCH);
    }

    @Test
    void a_human_decides_nothing_but_the_wave_that_is_held() {
        ROWS.on(campaign(PAUSED).wave(0, HELD), new Decided(1, Verdict.PASS, "wrong wave"))
                .isIgnored();
        ROWS.on(campaign(PAUSED).wave(0, SOAKING), new Decided(0, Verdict.PASS, "impatient"))
                .isIgnored();
        ROWS.on(campaign(RUNNING).wave(0, SOAKING), new Decided(0, Verdict.PASS, "impatient"))
                .isIgnored();
    }

    @Test
    void a_kill_switch_pauses_a_campaign() {
        ROWS.on(campaign(RUNNING).wave(0, DISPATCHING), new Killed("recall"))
                .takes("O9")
                .leadsTo(PAUSED, DISPATCHING, PENDING, PENDING)
                .because("recall")
                .asking();
        ROWS.on(campaign(SCHEDULED), new Killed("recall")).takes("O9").leadsTo(PAUSED, PENDING, PENDING, PENDING);
        ROWS.on(campaign(PAUSED).wave(0, HELD), new Killed("recall")).isIgnored();
    }
}
