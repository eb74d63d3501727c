package wavegate.server.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static wavegate.server.rollout.ForgedRollout.FIRST;
import static wavegate.server.rollout.ForgedRollout.OTHER;
import static wavegate.server.rollout.ForgedRollout.PERSON;
import static wavegate.server.rollout.ForgedRollout.with;

import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.CampaignTerms;
import wavegate.firmware.campaign.KillReceipt;
import wavegate.firmware.campaign.KillSwitch;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.event.Fact;
import wavegate.firmware.gate.Arm;
import wavegate.firmware.gate.GateDecision;
import wavegate.firmware.gate.MemberEvidence;
import wavegate.firmware.gate.MetricDecision;
import wavegate.firmware.gate.UpdateCounts;
import wavegate.firmware.gate.Verdict;
import wavegate.firmware.gate.WaveEvidence;
import wavegate.firmware.update.Intent;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdatePhase;

/** Each invariant, broken on purpose: the simulation's checker says so, and the server's own watch counts it. */
class InvariantsTest {
    private final ForgedRollout rollout = new ForgedRollout();

    private void bothFind(int invariant) {
        assertThat(rollout.broken).as("checker").contains(invariant);
        assertThat(rollout.counted()).as("watch").contains(invariant);
    }

    @Test
    void a_sound_rollout_breaks_nothing() {
        rollout.running();
        Update update = rollout.checking(rollout.reserve(FIRST, 0, 0));
        Update moving = rollout.move(update, UpdatePhase.DOWNLOADING, UpdateDetail.PULL, Intent.PULL, "C11");
        rollout.dispatch(moving);
        rollout.look();

        assertThat(rollout.broken).isEmpty();
        assertThat(rollout.counted()).isEmpty();
        assertThat(rollout.watch.takeStops()).isEmpty();
    }

    @Test
    void invariant_1_two_campaigns_update_one_device() {
        rollout.running().otherRunning();
        rollout.reserve(FIRST, 0, 0);
        rollout.reserve(OTHER, 0, 0);
        bothFind(1);
    }

    @Test
    void invariant_2_a_paused_campaign_reserves() {
        rollout.running();
        rollout.human(new Fact.CampaignChanged(
                rollout.now(), with(rollout.campaign(FIRST), CampaignPhase.PAUSED), "O1", PERSON));
        rollout.reserve(FIRST, 0, 0);
        bothFind(2);
    }

    @Test
    void invariant_2_a_device_is_reserved_under_a_kill_switch() {
        rollout.running();
        rollout.kill();
        rollout.reserve(FIRST, 0, 0);
        bothFind(2);
    }

    @Test
    void invariant_2_a_device_is_reserved_or_told_to_execute_outside_the_windows() {
        rollout.running();
        Update update = rollout.reserve(FIRST, 0, 0);
        Campaign campaign = rollout.campaign(FIRST);
        CampaignTerms days = SeededSpecs.terms(2);
        assertThat(days.schedule().contains(rollout.now(), ZoneOffset.UTC)).isFalse();
        rollout.changed(with(campaign, campaign.spec().under(days)), "K3", "server");
        assertThat(rollout.broken).isEmpty();

        rollout.checked(() -> rollout.checker.dispatches().executes(update.id(), rollout.now()));
        assertThat(rollout.broken).containsExactly(2);
        rollout.broken.clear();
        rollout.reserve(FIRST, 1, 0);
        assertThat(rollout.broken).containsExactly(2);
    }

    @Test
    void invariant_3_something_leaves_under_a_kill_switch() {
        rollout.running();
        Update update = rollout.checking(rollout.reserve(FIRST, 0, 0));
        KillSwitch kill = rollout.kill();
        rollout.fact(new Fact.KillSwitchReported(
                rollout.now(), new KillReceipt(kill, kill.raisedAt(), Optional.empty(), rollout.now(), 0, 0)));
        rollout.dispatch(rollout.move(update, UpdatePhase.DOWNLOADING, UpdateDetail.PULL, Intent.PULL, "C11"));
        bothFind(3);
    }

    @Test
    void invariant_4_a_receipt_is_given_while_an_update_goes_on() {
        rollout.running();
        rollout.checking(rollout.reserve(FIRST, 0, 0));
        KillSwitch kill = rollout.kill();
        rollout.fact(new Fact.KillSwitchReported(
                rollout.now(), new KillReceipt(kill, kill.raisedAt(), Optional.empty(), rollout.now(), 0, 1)));
        bothFind(4);
    }

    @Test
    void invariant_4_a_device_that_may_be_applying_is_called_off() {
        rollout.running();
        Update update = rollout.checking(rollout.reserve(FIRST, 0, 0));
        Update applying = rollout.move(update, UpdatePhase.UPDATING, UpdateDetail.APPLYING, Intent.EXECUTE, "U1");
        rollout.move(applying, UpdatePhase.CANCELLED, UpdateDetail.KILLED, Intent.EXECUTE, "X2");
        bothFind(4);
    }

    @Test
    void a_device_that_is_removed_while_it_applies_breaks_nothing() {
        rollout.running();
        Update update = rollout.checking(rollout.reserve(FIRST, 0, 0));
        Update applying = rollout.move(update, UpdatePhase.UPDATING, UpdateDetail.APPLYING, Intent.EXECUTE, "U1");
        rollout.move(applying, UpdatePhase.CANCELLED, UpdateDetail.REMOVED, Intent.EXECUTE, "X4");

        assertThat(rollout.broken).isEmpty();
        assertThat(rollout.counted()).isEmpty();
    }

    @Test
    void invariant_5_an_execute_is_repeated_without_a_read() {
        rollout.running();
        Update update = rollout.checking(rollout.reserve(FIRST, 0, 0));
        rollout.dispatch(update);
        rollout.dispatch(update);
        bothFind(5);
    }

    @Test
    void invariant_5_a_device_applies_one_download_twice_or_a_foreign_one() {
        rollout.checked(() -> rollout.checker.dispatches().applied(ForgedRollout.device(0), "a#1", 2));
        assertThat(rollout.broken).containsExactly(5);
        rollout.broken.clear();
        rollout.checked(() -> rollout.checker.dispatches().applied(ForgedRollout.device(0), "foreign", 1));
        assertThat(rollout.broken).containsExactly(5);
    }

    @Test
    void invariant_5_a_success_is_not_true() {
        rollout.running();
        rollout.move(rollout.reserve(FIRST, 0, 0), UpdatePhase.SUCCESS, UpdateDetail.HEALTHY, Intent.EXECUTE, "F4");
        assertThat(rollout.broken).containsExactly(5);
    }

    @Test
    void invariant_5_the_state_forgets_a_device() {
        rollout.running();
        rollout.reserve(FIRST, 0, 0);
        rollout.checked(() -> rollout.checker.atEnd(new ForgedRollout().state));
        assertThat(rollout.broken).containsExactly(5);
    }

    @Test
    void invariant_5_a_fact_is_missing() {
        Fact late = new Fact.KillSwitchLifted(rollout.now(), "k-1", "", "server");
        rollout.checked(() -> rollout.checker.fact(new Recorded(1000, late, new byte[0])));
        assertThat(rollout.broken).containsExactly(5);
    }

    @Test
    void invariant_6_a_counter_is_one_too_high() {
        rollout.running();
        rollout.reserve(FIRST, 0, 0);
        rollout.state.run(FIRST).orElseThrow().wave(0).phases.merge(UpdatePhase.IDLE, 1, Integer::sum);
        rollout.look();
        bothFind(6);
    }

    @Test
    void invariant_6_two_counters_are_wrong_and_their_sum_is_right() {
        rollout.running();
        rollout.reserve(FIRST, 0, 0);
        CampaignRun.WaveRun wave = rollout.state.run(FIRST).orElseThrow().wave(0);
        wave.phases.merge(UpdatePhase.IDLE, -1, Integer::sum);
        wave.phases.merge(UpdatePhase.SUCCESS, 1, Integer::sum);
        rollout.look();
        bothFind(6);
    }

    @Test
    void invariant_7_a_stranger_is_reserved() {
        rollout.running();
        rollout.reserve(FIRST, 12, 0);
        bothFind(7);
    }

    @Test
    void invariant_7_the_members_become_others() {
        rollout.running();
        Campaign campaign = rollout.campaign(FIRST);
        rollout.changed(
                with(campaign, campaign.phase(), Optional.of(ForgedRollout.OTHER_MEMBERS), campaign.waves()),
                "K3",
                "server");
        bothFind(7);
    }

    @Test
    void invariant_8_the_second_wave_begins_before_the_first_has_passed() {
        rollout.running();
        rollout.reserve(FIRST, 10, 1);
        bothFind(8);
    }

    @Test
    void invariant_8_a_wave_passes_by_nobody() {
        rollout.running();
        rollout.changed(with(rollout.campaign(FIRST), rollout.wave(0, WavePhase.PASSED, 10)), "K6", "server");
        bothFind(8);
        assertThat(rollout.watch.takeStops())
                .containsExactly(Map.entry(
                        Optional.of(FIRST), "invariant 8 violated: pass-before-next-wave wave=0 passed-by=server"));
    }

    @Test
    void invariant_9_another_campaign_updates_a_control_device() {
        rollout.running().otherRunning();
        rollout.reserve(OTHER, 13, 0);
        bothFind(9);
    }

    private GateDecision decision(WaveEvidence evidence, Verdict coverage) {
        MetricDecision metric = new MetricDecision("coverage", coverage, "", Map.of());
        return new GateDecision(evidence.sequence(), 0, rollout.now(), Verdict.PASS, false, "", 0, List.of(metric));
    }

    private WaveEvidence evidence(List<MemberEvidence> canary) {
        return new WaveEvidence(
                1,
                0,
                rollout.now(),
                rollout.now().minusSeconds(9),
                rollout.now().minusSeconds(1),
                0,
                new UpdateCounts(10, 10, 10, 10, 0, 0, 0, 0),
                canary,
                List.of());
    }

    @Test
    void invariant_10_a_pass_rests_on_a_metric_that_is_inconclusive() {
        rollout.running();
        WaveEvidence evidence = evidence(List.of());
        rollout.fact(new Fact.GateJudged(rollout.now(), FIRST, evidence, decision(evidence, Verdict.INCONCLUSIVE)));
        bothFind(10);
    }

    @Test
    void invariant_10_a_pass_rests_on_devices_that_say_nothing() {
        rollout.running();
        WaveEvidence evidence = evidence(List.of(MemberEvidence.joining(ForgedRollout.device(0), Arm.CANARY)));
        rollout.fact(new Fact.GateJudged(rollout.now(), FIRST, evidence, decision(evidence, Verdict.PASS)));
        assertThat(rollout.broken).containsExactly(10);
    }

    @Test
    void invariant_11_an_update_leaves_its_end() {
        rollout.running();
        Update failed =
                rollout.move(rollout.reserve(FIRST, 0, 0), UpdatePhase.FAILED, UpdateDetail.STUCK, Intent.NONE, "R2");
        rollout.checking(failed);
        bothFind(11);
    }

    @Test
    void invariant_11_a_wave_leaves_its_end() {
        rollout.running();
        Wave failed = rollout.wave(0, WavePhase.FAILED, 10);
        rollout.changed(with(rollout.campaign(FIRST), failed), "J2", "gate");
        rollout.changed(with(rollout.campaign(FIRST), rollout.wave(0, WavePhase.DISPATCHING, 10)), "K2", "server");
        bothFind(11);
    }

    @Test
    void invariant_12_a_soak_is_shortened() {
        rollout.running();
        Wave soaking = rollout.wave(0, WavePhase.SOAKING, 10);
        rollout.changed(with(rollout.campaign(FIRST), soaking), "K6", "server");
        Wave shorter =
                new Wave(0, WavePhase.SOAKING, 10, 0, soaking.phaseSince(), soaking.soakFrom(), rollout.now(), 0, "");
        rollout.changed(with(rollout.campaign(FIRST), shorter), "J5", "gate");
        bothFind(12);
    }

    @Test
    void invariant_12_a_wave_passes_before_it_was_watched_long_enough() {
        rollout.running();
        rollout.changed(with(rollout.campaign(FIRST), rollout.wave(0, WavePhase.SOAKING, 10)), "K6", "server");
        long at = rollout.now().toEpochMilli();
        WaveEvidence evidence = evidence(List.of(new MemberEvidence(
                ForgedRollout.device(0), Arm.CANARY, at, Double.NaN, at, 0, 0, 0, at, 1, at, at, 1)));
        rollout.fact(new Fact.GateJudged(rollout.now(), FIRST, evidence, decision(evidence, Verdict.PASS)));
        rollout.changed(with(rollout.campaign(FIRST), rollout.wave(0, WavePhase.PASSED, 10)), "J3", "gate");
        bothFind(12);
    }

    @Test
    void invariant_13_a_revoked_package_is_back() {
        rollout.human(new Fact.PackageChanged(rollout.now(), rollout.release.asRevoked(), PERSON));
        rollout.human(new Fact.PackageChanged(rollout.now(), rollout.release, PERSON));
        bothFind(13);
    }

    @Test
    void invariant_14_more_move_than_may() {
        rollout.running();
        for (int i = 0; i < 9; i++) {
            rollout.checking(rollout.reserve(FIRST, i, 0));
        }
        rollout.look();
        bothFind(14);
    }

    @Test
    void invariant_15_somebody_pauses_and_the_audit_does_not_know() {
        rollout.running();
        rollout.changed(with(rollout.campaign(FIRST), CampaignPhase.PAUSED), "O1", PERSON);
        bothFind(15);
    }

    @Test
    void a_stop_is_asked_for_where_firmware_may_go_astray_and_not_where_only_a_sum_is_wrong() {
        rollout.running();
        rollout.reserve(FIRST, 0, 0);
        rollout.state.run(FIRST).orElseThrow().wave(0).phases.merge(UpdatePhase.IDLE, 1, Integer::sum);
        rollout.look();

        assertThat(rollout.counted()).containsExactly(6);
        assertThat(rollout.watch.takeStops()).isEmpty();
    }
}
