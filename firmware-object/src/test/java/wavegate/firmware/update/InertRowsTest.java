package wavegate.firmware.update;

import static org.assertj.core.api.Assertions.assertThat;
import static wavegate.firmware.update.RowRecorder.tries;
import static wavegate.firmware.update.UpdateDetail.APPLYING;
import static wavegate.firmware.update.UpdateDetail.DEFERRED;
import static wavegate.firmware.update.UpdateDetail.DEFERRED_TOO_LONG;
import static wavegate.firmware.update.UpdateDetail.EXECUTING;
import static wavegate.firmware.update.UpdateDetail.HELD;
import static wavegate.firmware.update.UpdateDetail.IMAGE_LOST;
import static wavegate.firmware.update.UpdateDetail.READY;
import static wavegate.firmware.update.UpdateDetail.SOAKING;
import static wavegate.firmware.update.UpdateFixture.POLICY;
import static wavegate.firmware.update.UpdateFixture.TARGET;
import static wavegate.firmware.update.UpdateFixture.context;
import static wavegate.firmware.update.UpdateFixture.device;
import static wavegate.firmware.update.UpdateFixture.update;
import static wavegate.firmware.update.UpdatePhase.FAILED;
import static wavegate.firmware.update.UpdatePhase.PRE_UPDATING;
import static wavegate.firmware.update.UpdatePhase.RETRY;
import static wavegate.firmware.update.UpdatePhase.UPDATING;
import static wavegate.firmware.update.UpdatePhase.VERIFY_POST;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import wavegate.firmware.update.UpdateSignal.ApplyAllowed;
import wavegate.firmware.update.UpdateSignal.DeadlinePassed;
import wavegate.firmware.update.UpdateSignal.DeviceSeen;
import wavegate.firmware.update.UpdateSignal.Hint;
import wavegate.firmware.update.UpdateSignal.LinkFailed;
import wavegate.firmware.update.UpdateSignal.PollDue;

/** PRE_UPDATING: the image lies inert on the device. */
class InertRowsTest {
    @RegisterExtension
    static final RowRecorder ROWS = new RowRecorder("P");

    private static UpdateFixture.Given ready() {
        return update().in(PRE_UPDATING, READY).meaning(Intent.PULL).having(tries(0, 0, 1, 0, 0, 0));
    }

    private static UpdateFixture.Given held() {
        return update().in(PRE_UPDATING, HELD).meaning(Intent.PUSH).having(tries(0, 0, 1, 0, 0, 0));
    }

    private static UpdateFixture.Given deferred() {
        return update().in(PRE_UPDATING, DEFERRED).meaning(Intent.EXECUTE).having(tries(0, 0, 1, 1, 0, 0));
    }

    /** A deferral has run out, and the device is looked at. */
    private static UpdateFixture.Given asked(int executes) {
        return ready().meaning(Intent.EXECUTE).having(tries(0, 0, 1, executes, 0, 0));
    }

    @Test
    void an_image_is_held_where_execute_is_no_longer_allowed() {
        ROWS.on(ready(), device().at(2, 0), context().holding())
                .takes("P1")
                .leadsTo(PRE_UPDATING, HELD)
                .withoutDeadline()
                .asking();
    }

    @Test
    void a_device_that_is_ready_but_never_heard_of_again_goes_back_to_a_retry() {
        ROWS.on(ready(), new DeadlinePassed()).takes("P17").leadsTo(RETRY, UpdateDetail.NO_ANSWER);
    }

    @Test
    void a_low_battery_puts_execute_off() {
        ROWS.on(ready(), device().at(2, 0).battery(29), context().needingBattery(30))
                .takes("P2")
                .stays()
                .asking();
        ROWS.on(ready(), device().at(2, 0).battery(30), context().needingBattery(30))
                .takes("P3");
        ROWS.on(ready(), device().at(2, 0).battery(-1), context().needingBattery(30))
                .takes("P3");
    }

    @Test
    void an_image_read_as_downloaded_is_executed_and_the_intent_is_kept() {
        ROWS.on(ready(), device().at(2, 0))
                .takes("P3")
                .leadsTo(UPDATING, EXECUTING)
                .within(POLICY.applying())
                .meaning(Intent.EXECUTE)
                .having(tries(0, 0, 1, 1, 0, 0))
                .asking("execute");
    }

    @Test
    void a_deferred_image_is_executed_when_it_may_be_asked_again() {
        ROWS.on(ready().meaning(Intent.EXECUTE).having(tries(0, 0, 1, 1, 0, 0)), device().at(2, 11))
                .takes("P3")
                .leadsTo(UPDATING, EXECUTING)
                .having(tries(0, 0, 1, 2, 0, 0))
                .asking("execute");
    }

    @Test
    void a_held_or_deferred_image_is_not_executed_by_a_read() {
        ROWS.on(held(), device().at(2, 0)).takes("P4").stays().asking();
        ROWS.on(deferred(), device().at(2, 11)).takes("P4").stays().asking();
    }

    @Test
    void a_device_that_began_by_itself_is_followed() {
        ROWS.on(held(), device().at(3, 0))
                .takes("P5")
                .leadsTo(UPDATING, APPLYING)
                .within(POLICY.applying())
                .meaning(Intent.EXECUTE)
                .asking();
    }

    @Test
    void a_device_that_applied_by_itself_is_watched_like_any_other() {
        ROWS.on(held(), device().at(0, 1).running(TARGET))
                .takes("P6")
                .leadsTo(VERIFY_POST, SOAKING)
                .within(POLICY.verifyFor())
                .showing(1)
                .asking();
    }

    @Test
    void an_image_that_is_gone_is_retried_later() {
        for (UpdateFixture.Shown gone : new UpdateFixture.Shown[] {
            device().at(0, 0), device().at(1, 0), device().at(0, 10), device().at(78, 0), device().at(-66, 100)
        }) {
            ROWS.on(ready(), gone)
                    .takes("P7")
                    .leadsTo(RETRY, IMAGE_LOST)
                    .within(POLICY.backoff())
                    .asking();
        }
    }

    @Test
    void an_image_that_failed_in_other_hands_is_not_executed() {
        for (int result : new int[] {1, 5, 8, 77, 100, -66}) {
            ROWS.on(ready(), device().at(2, result))
                    .takes("P7")
                    .leadsTo(RETRY, IMAGE_LOST)
                    .showing(result)
                    .asking();
        }
    }

    @Test
    void a_held_image_is_read_once_more_when_execute_is_allowed() {
        ROWS.on(held(), new ApplyAllowed())
                .takes("P8")
                .leadsTo(PRE_UPDATING, READY)
                .within(POLICY.awaitReturn())
                .asking("read");
        ROWS.on(ready(), new ApplyAllowed()).isIgnored();
        ROWS.on(deferred(), new ApplyAllowed()).isIgnored();
    }

    @Test
    void a_ready_device_with_a_new_registration_is_observed_and_read() {
        ROWS.on(ready(), new DeviceSeen(true, true)).takes("P9").stays().asking("observe", "read");
    }

    @Test
    void a_ready_device_that_is_heard_is_read() {
        ROWS.on(ready(), new DeviceSeen(false, false)).takes("P10").stays().asking("read");
    }

    @Test
    void a_deferring_device_that_is_heard_is_observed_and_read() {
        ROWS.on(deferred(), new DeviceSeen(false, false)).takes("P11").stays().asking("observe", "read");
    }

    @Test
    void a_ready_or_deferring_device_is_read_on_a_hint_and_from_time_to_time() {
        ROWS.on(ready(), new Hint()).takes("P12").stays().asking("read");
        ROWS.on(deferred(), new Hint()).takes("P12").stays().asking("read");
        ROWS.on(ready(), new PollDue()).takes("P13").stays().asking("read if awake");
        ROWS.on(deferred(), new PollDue()).takes("P13").stays().asking("read if awake");
    }

    @Test
    void a_held_device_is_left_in_peace() {
        ROWS.on(held(), new Hint()).isIgnored();
        ROWS.on(held(), new PollDue()).isIgnored();
        ROWS.on(held(), new DeviceSeen(true, true)).isIgnored();
        assertThat(UpdateMachine.polled(held().build())).isFalse();
    }

    @Test
    void a_held_device_that_forgets_its_image_at_a_boot_is_read_when_it_registers_anew() {
        ROWS.on(held(), new DeviceSeen(true, true), context().of(UpdateFixture.client("zephyr")))
                .takes("P19")
                .stays()
                .asking("read");
        ROWS.on(held(), new DeviceSeen(false, false), context().of(UpdateFixture.client("zephyr")))
                .isIgnored();
    }

    @Test
    void a_component_that_others_are_linked_to_is_applied_alone() {
        ROWS.on(ready(), device().at(2, 0).asComponent(1, true)).takes("P3").asking("execute with 0");
        ROWS.on(ready(), device().at(2, 0).asComponent(1, false)).takes("P3").asking("execute");
    }

    @Test
    void an_image_that_is_not_provably_ours_is_not_executed() {
        UpdateFixture.Shown ours = device().at(2, 0)
                .holding("coap://us/fw/" + UpdateFixture.TOKEN, "1.1.10")
                .changedAt(UpdateFixture.NOW);
        for (UpdateFixture.Shown now : new UpdateFixture.Shown[] {
            device().at(2, 0).holding("coap://them/other", "1.1.10"),
            device().at(2, 0).holding("", "6.6.6"),
            device().at(2, 0).holding("", "").changedAt(UpdateFixture.NOW.plusSeconds(1))
        }) {
            ROWS.on(ready().sawBefore(ours), now)
                    .takes("P18")
                    .leadsTo(RETRY, UpdateDetail.CONFLICT)
                    .asking();
        }
        ROWS.on(ready().sawBefore(ours), ours).takes("P3");
        ROWS.on(ready().sawBefore(ours), device().at(2, 0)).takes("P3");
    }

    @Test
    void after_execute_another_change_of_state_is_the_devices_own_and_a_failure_closes_the_image() {
        UpdateFixture.Given putOff = deferred()
                .sawBefore(device().at(2, 11).holding("", "1.1.10").changedAt(UpdateFixture.NOW.minusSeconds(60)));
        UpdateFixture.Shown failed = device().at(2, 8).holding("", "1.1.10").changedAt(UpdateFixture.NOW);

        Update judged = ROWS.on(putOff, failed).takes("P16").asking("read").next();
        Update ended = ROWS.on(judged, failed.read(), context())
                .takes("U13")
                .leadsTo(UpdatePhase.ROLLBACK, UpdateDetail.UPDATE_FAILED)
                .next();

        assertThat(UpdateMachine.closesArtifact(ended)).isTrue();
        ROWS.on(putOff, device().at(2, 8).holding("", "6.6.6").changedAt(UpdateFixture.NOW))
                .takes("P18");
    }

    @Test
    void a_deferral_that_runs_out_is_looked_at_before_anything_is_said_of_it() {
        for (int executes : new int[] {1, 2}) {
            ROWS.on(deferred().having(tries(0, 0, 1, executes, 0, 0)), new DeadlinePassed())
                    .takes("P14")
                    .leadsTo(PRE_UPDATING, READY)
                    .within(POLICY.awaitReturn())
                    .meaning(Intent.EXECUTE)
                    .asking("read");
        }
    }

    @Test
    void a_second_deferral_that_runs_out_ends_the_update_and_clears_the_device() {
        ROWS.on(asked(2), device().at(2, 11))
                .takes("P15")
                .leadsTo(FAILED, DEFERRED_TOO_LONG)
                .showing(11)
                .asking("reset by empty-uri");
        ROWS.on(asked(1), device().at(2, 11)).takes("P3").asking("execute");
    }

    @Test
    void a_device_that_starts_as_its_deferral_runs_out_is_followed() {
        for (int executes : new int[] {1, 2}) {
            ROWS.on(asked(executes), device().at(3, 0))
                    .takes("P5")
                    .leadsTo(UPDATING, APPLYING)
                    .asking();
            ROWS.on(asked(executes), device().at(0, 1).running(TARGET))
                    .takes("P16")
                    .asking("read");
        }
    }

    @Test
    void a_device_that_is_silent_after_its_deferral_may_be_applying_and_is_lost() {
        for (int executes : new int[] {1, 2}) {
            ROWS.on(asked(executes), new DeadlinePassed())
                    .takes("P20")
                    .leadsTo(UpdatePhase.LOST, UpdateDetail.SILENT)
                    .withoutDeadline()
                    .asking();
        }
    }

    @Test
    void a_device_that_slept_through_its_execute_is_not_lost_but_tried_again() {
        ROWS.on(ready().meaning(Intent.EXECUTE), new DeadlinePassed())
                .takes("P17")
                .leadsTo(RETRY, UpdateDetail.NO_ANSWER);
    }

    @Test
    void an_execute_that_had_an_effect_after_all_is_judged_and_not_repeated() {
        for (UpdateFixture.Shown applied : new UpdateFixture.Shown[] {
            device().at(0, 0),
            device().at(0, 1).running(TARGET),
            device().at(0, 5),
            device().at(0, 8),
            device().at(2, 8),
            device().at(2, -66)
        }) {
            ROWS.on(deferred(), applied)
                    .takes("P16")
                    .leadsTo(UPDATING, APPLYING)
                    .within(POLICY.applying())
                    .meaning(Intent.EXECUTE)
                    .having(tries(0, 0, 1, 1, 0, 0))
                    .asking("read");
            ROWS.on(ready().meaning(Intent.EXECUTE), applied).takes("P16").asking("read");
        }
    }

    @Test
    void a_deferred_update_that_reverts_ends_in_rollback_and_is_not_delivered_again() {
        Update judged = ROWS.on(deferred(), device().at(0, 8)).next();

        ROWS.on(judged, device().at(0, 8).read(), context())
                .takes("U14")
                .leadsTo(UpdatePhase.ROLLBACK, UpdateDetail.UPDATE_FAILED);
    }

    @Test
    void a_lost_read_before_execute_is_left_to_the_watchdog() {
        ROWS.on(ready(), new LinkFailed(LinkFailed.Why.TIMEOUT)).isIgnored();
        assertThat(UpdateMachine.polled(ready().build())).isTrue();
    }
}
