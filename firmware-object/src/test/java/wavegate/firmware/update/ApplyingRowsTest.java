package wavegate.firmware.update;

import static wavegate.firmware.update.RowRecorder.tries;
import static wavegate.firmware.update.UpdateDetail.APPLYING;
import static wavegate.firmware.update.UpdateDetail.AWAITING_RETURN;
import static wavegate.firmware.update.UpdateDetail.CANCELLED_BY_OTHER;
import static wavegate.firmware.update.UpdateDetail.DEFERRED;
import static wavegate.firmware.update.UpdateDetail.EXECUTE_REFUSED;
import static wavegate.firmware.update.UpdateDetail.EXECUTING;
import static wavegate.firmware.update.UpdateDetail.HELD;
import static wavegate.firmware.update.UpdateDetail.INTEGRITY;
import static wavegate.firmware.update.UpdateDetail.KILLED;
import static wavegate.firmware.update.UpdateDetail.READY;
import static wavegate.firmware.update.UpdateDetail.RECHECKING_VERSION;
import static wavegate.firmware.update.UpdateDetail.REFUSED;
import static wavegate.firmware.update.UpdateDetail.REVERTED;
import static wavegate.firmware.update.UpdateDetail.SILENT;
import static wavegate.firmware.update.UpdateDetail.SOAKING;
import static wavegate.firmware.update.UpdateDetail.SUCCESS_WITHOUT_VERSION;
import static wavegate.firmware.update.UpdateDetail.UNEXPECTED_VERSION;
import static wavegate.firmware.update.UpdateDetail.UNKNOWN_RESULT;
import static wavegate.firmware.update.UpdateDetail.UPDATE_FAILED;
import static wavegate.firmware.update.UpdateFixture.OTHER;
import static wavegate.firmware.update.UpdateFixture.POLICY;
import static wavegate.firmware.update.UpdateFixture.TARGET;
import static wavegate.firmware.update.UpdateFixture.context;
import static wavegate.firmware.update.UpdateFixture.device;
import static wavegate.firmware.update.UpdateFixture.update;
import static wavegate.firmware.update.UpdatePhase.CANCELLED;
import static wavegate.firmware.update.UpdatePhase.FAILED;
import static wavegate.firmware.update.UpdatePhase.LOST;
import static wavegate.firmware.update.UpdatePhase.PRE_UPDATING;
import static wavegate.firmware.update.UpdatePhase.ROLLBACK;
import static wavegate.firmware.update.UpdatePhase.UPDATING;
import static wavegate.firmware.update.UpdatePhase.VERIFY_POST;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.object.FirmwareUpdateObject;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.update.UpdateSignal.DeadlinePassed;
import wavegate.firmware.update.UpdateSignal.DeviceSeen;
import wavegate.firmware.update.UpdateSignal.ExecuteAccepted;
import wavegate.firmware.update.UpdateSignal.Hint;
import wavegate.firmware.update.UpdateSignal.LinkFailed;
import wavegate.firmware.update.UpdateSignal.PollDue;
import wavegate.firmware.update.UpdateSignal.Refused;

/** UPDATING: Execute is out. */
class ApplyingRowsTest {
    @RegisterExtension
    static final RowRecorder ROWS = new RowRecorder("U");

    private static UpdateFixture.Given in(UpdateDetail detail) {
        return update().in(UPDATING, detail).meaning(Intent.EXECUTE).having(tries(0, 0, 1, 1, 0, 0));
    }

    private static UpdateFixture.Given rechecked() {
        return in(RECHECKING_VERSION).having(tries(1, 0, 1, 1, 0, 0));
    }

    @Test
    void an_accepted_execute_gives_the_device_its_time() {
        ROWS.on(in(EXECUTING), new ExecuteAccepted())
                .takes("U1")
                .leadsTo(UPDATING, APPLYING)
                .within(POLICY.applying())
                .asking();
        ROWS.on(in(APPLYING), new ExecuteAccepted()).isIgnored();
    }

    @Test
    void an_execute_stopped_by_the_fence_calls_the_update_off() {
        ROWS.on(in(EXECUTING), new LinkFailed(LinkFailed.Why.FENCED))
                .takes("U2")
                .leadsTo(CANCELLED, KILLED)
                .withoutDeadline()
                .asking("reset by empty-uri");
    }

    @Test
    void silence_after_execute_is_normal_and_waited_out() {
        for (UpdateDetail detail : new UpdateDetail[] {EXECUTING, APPLYING, RECHECKING_VERSION}) {
            ROWS.on(in(detail), new LinkFailed(LinkFailed.Why.TIMEOUT))
                    .takes("U3")
                    .leadsTo(UPDATING, AWAITING_RETURN)
                    .within(POLICY.awaitReturn())
                    .asking();
        }
    }

    @Test
    void an_execute_that_met_a_sleeping_device_was_never_sent_and_does_not_count() {
        ROWS.on(in(EXECUTING).having(tries(0, 0, 1, 1, 0, 0)), new LinkFailed(LinkFailed.Why.ASLEEP))
                .takes("U27")
                .leadsTo(UpdatePhase.PRE_UPDATING, UpdateDetail.READY)
                .within(POLICY.awaitReturn())
                .having(tries(0, 0, 1, 0, 0, 0))
                .asking();
    }

    @Test
    void silence_while_its_return_is_awaited_does_not_lengthen_the_wait() {
        ROWS.on(in(AWAITING_RETURN), new LinkFailed(LinkFailed.Why.TIMEOUT)).isIgnored();
    }

    @Test
    void a_refused_execute_is_judged_by_a_read() {
        ROWS.on(in(EXECUTING), new Refused(405))
                .takes("U4")
                .leadsTo(UPDATING, REFUSED)
                .keepingItsDeadline()
                .asking("read");
        ROWS.on(in(APPLYING), new Refused(500)).takes("U32").stays().asking("read");
    }

    @Test
    void an_image_that_was_gone_before_execute_was_not_reverted() {
        ROWS.on(in(REFUSED), device().at(0, 0))
                .takes("U31")
                .leadsTo(FAILED, EXECUTE_REFUSED)
                .showing(0)
                .asking();
        ROWS.on(in(REFUSED), device().at(0, 0).running(TARGET)).takes("U7");
        ROWS.on(in(REFUSED), device().at(3, 0)).takes("U6").leadsTo(UPDATING, APPLYING);
    }

    @Test
    void without_a_version_there_is_no_evidence() {
        ROWS.on(in(APPLYING), device().at(0, 1).running(FirmwareVersion.UNKNOWN))
                .takes("U5")
                .stays()
                .asking();
    }

    @Test
    void a_device_that_applies_is_left_alone() {
        ROWS.on(in(APPLYING), device().at(3, 0)).takes("U6").stays().asking();
        ROWS.on(in(AWAITING_RETURN), device().at(3, 0))
                .takes("U6")
                .leadsTo(UPDATING, APPLYING)
                .within(POLICY.applying())
                .asking();
    }

    @Test
    void the_target_read_back_starts_the_watch() {
        for (int result : new int[] {0, 1}) {
            ROWS.on(in(AWAITING_RETURN), device().at(0, result).running(TARGET))
                    .takes("U7")
                    .leadsTo(VERIFY_POST, SOAKING)
                    .within(POLICY.verifyFor())
                    .showing(result)
                    .asking();
        }
    }

    @Test
    void a_device_that_runs_the_target_is_never_executed_again() {
        for (int result : new int[] {0, 11}) {
            ROWS.on(in(EXECUTING), device().at(2, result).running(TARGET))
                    .takes("U7")
                    .leadsTo(VERIFY_POST, SOAKING)
                    .asking();
        }
    }

    @Test
    void a_failure_reported_by_the_new_version_is_a_failure_and_no_rollback() {
        ROWS.on(in(APPLYING), device().at(0, 8).running(TARGET))
                .takes("U8")
                .leadsTo(FAILED, UPDATE_FAILED)
                .showing(8);
        ROWS.on(in(APPLYING), device().at(2, 8).running(TARGET)).takes("U8").leadsTo(FAILED, UPDATE_FAILED);
        ROWS.on(in(APPLYING), device().at(0, 77).running(TARGET)).takes("U8").leadsTo(FAILED, UNKNOWN_RESULT);
    }

    @Test
    void a_version_nobody_asked_for_is_a_failure() {
        ROWS.on(in(APPLYING), device().at(0, 1).running(OTHER))
                .takes("U9")
                .leadsTo(FAILED, UNEXPECTED_VERSION)
                .showing(1)
                .asking();
    }

    @Test
    void a_version_that_only_contains_the_target_is_not_the_target() {
        ROWS.on(in(APPLYING), device().at(0, 1).running(FirmwareVersion.of("1.1.100")))
                .takes("U9")
                .leadsTo(FAILED, UNEXPECTED_VERSION);
    }

    @Test
    void a_deferral_waits_inert() {
        ROWS.on(in(EXECUTING), device().at(2, 11))
                .takes("U10")
                .leadsTo(PRE_UPDATING, DEFERRED)
                .within(POLICY.deferral())
                .meaning(Intent.EXECUTE)
                .asking();
    }

    @Test
    void an_execute_that_was_taken_is_given_its_time_though_nothing_shows() {
        for (int executes : new int[] {1, 2}) {
            ROWS.on(in(APPLYING).having(tries(0, 0, 1, executes, 0, 0)), device().at(2, 0))
                    .takes("U30")
                    .stays()
                    .asking();
        }
        ROWS.on(in(AWAITING_RETURN), device().at(2, 0)).takes("U11");
    }

    @Test
    void an_execute_without_effect_may_be_repeated_once_after_another_read() {
        ROWS.on(in(EXECUTING), device().at(2, 0))
                .takes("U11")
                .leadsTo(PRE_UPDATING, READY)
                .meaning(Intent.EXECUTE)
                .asking("read");
        ROWS.on(in(EXECUTING), device().at(2, 0), context().holding())
                .takes("U11")
                .leadsTo(PRE_UPDATING, HELD)
                .asking();
    }

    @Test
    void a_component_that_needs_another_one_fails_and_is_no_rollback() {
        ROWS.on(in(APPLYING), device().at(2, 13))
                .takes("U28")
                .leadsTo(FAILED, UpdateDetail.DEPENDENCY)
                .asking("reset by empty-uri");
        ROWS.on(in(APPLYING), device().at(0, 13)).takes("U19").leadsTo(FAILED, UpdateDetail.DEPENDENCY);
    }

    @Test
    void another_image_in_the_place_of_ours_is_not_executed_again() {
        ROWS.on(
                        in(EXECUTING).sawBefore(device().at(2, 0).holding("", "1.1.10")),
                        device().at(2, 0).holding("", "9.9"))
                .takes("U29")
                .leadsTo(FAILED, UpdateDetail.CONFLICT)
                .asking();
    }

    @Test
    void a_device_that_starts_a_deferred_update_itself_is_given_its_period_and_time_to_apply() {
        ROWS.on(in(APPLYING), device().at(2, 11), context().of(UpdateFixture.client("modem")))
                .takes("U10")
                .within(POLICY.deferral().plus(POLICY.applying()));
        ROWS.on(in(APPLYING), device().at(2, 11).ofVersion("1.1", FirmwareUpdateObject.MAXIMUM_DEFER_PERIOD))
                .takes("U10")
                .within(POLICY.deferral().plus(POLICY.applying()));
    }

    @Test
    void the_package_version_of_an_image_that_waits_proves_nothing() {
        UpdateFixture.Around byPackage = context().of(UpdateFixture.provenBy(ClientProfile.VersionSource.PKG_VERSION));
        UpdateFixture.Shown waiting = device().at(2, 11).holding("", TARGET.text());

        ROWS.on(in(APPLYING), waiting, byPackage).takes("U10").leadsTo(PRE_UPDATING, DEFERRED);
        ROWS.on(in(EXECUTING), device().at(2, 0).holding("", TARGET.text()), byPackage)
                .takes("U11");
        ROWS.on(in(APPLYING), device().at(0, 1).holding("", TARGET.text()), byPackage)
                .takes("U7")
                .leadsTo(VERIFY_POST, SOAKING);
    }

    @Test
    void a_second_deferral_is_given_time_to_apply_whoever_ends_it() {
        ROWS.on(in(EXECUTING).having(tries(0, 0, 1, 2, 0, 0)), device().at(2, 11))
                .takes("U10")
                .leadsTo(PRE_UPDATING, DEFERRED)
                .within(POLICY.deferral().plus(POLICY.applying()));
    }

    @Test
    void what_a_return_tells_of_the_client_is_said() {
        org.assertj.core.api.Assertions.assertThat(
                        ROWS.on(in(APPLYING), device().at(0, 0).running(TARGET))
                                .step()
                                .shown())
                .contains(wavegate.firmware.device.ClientBehaviour.RESULT_LOST);
        org.assertj.core.api.Assertions.assertThat(
                        ROWS.on(in(APPLYING), device().at(2, 8)).step().shown())
                .contains(wavegate.firmware.device.ClientBehaviour.FAILURE_KEEPS_IMAGE);
        org.assertj.core.api.Assertions.assertThat(
                        ROWS.on(in(APPLYING), device().at(0, 1).running(TARGET))
                                .step()
                                .shown())
                .isEmpty();
    }

    @Test
    void a_second_execute_without_effect_ends_the_update_and_clears_the_device() {
        ROWS.on(in(EXECUTING).having(tries(0, 0, 1, 2, 0, 0)), device().at(2, 0))
                .takes("U12")
                .leadsTo(FAILED, EXECUTE_REFUSED)
                .asking("reset by empty-uri");
    }

    @Test
    void a_failed_image_still_on_the_device_is_a_rollback_and_is_cleared() {
        ROWS.on(in(APPLYING), device().at(2, 8))
                .takes("U13")
                .leadsTo(ROLLBACK, UPDATE_FAILED)
                .showing(8)
                .asking("reset by empty-uri");
        ROWS.on(in(APPLYING), device().at(2, 77)).takes("U13").leadsTo(ROLLBACK, UNKNOWN_RESULT);
    }

    @Test
    void a_failure_with_the_old_version_back_is_a_rollback() {
        ROWS.on(in(AWAITING_RETURN), device().at(0, 8))
                .takes("U14")
                .leadsTo(ROLLBACK, UPDATE_FAILED)
                .showing(8)
                .asking();
        ROWS.on(in(AWAITING_RETURN), device().at(0, 5))
                .takes("U14")
                .leadsTo(ROLLBACK, INTEGRITY)
                .showing(5)
                .asking();
    }

    @Test
    void the_old_version_without_a_failure_is_read_again_before_it_counts() {
        for (int result : new int[] {0, 1}) {
            ROWS.on(in(APPLYING).having(tries(2, 0, 1, 1, 0, 0)), device().at(0, result))
                    .takes("U15")
                    .leadsTo(UPDATING, RECHECKING_VERSION)
                    .within(POLICY.poll())
                    .having(tries(0, 0, 1, 1, 0, 0))
                    .asking();
        }
    }

    @Test
    void a_read_before_the_recheck_is_due_decides_nothing() {
        ROWS.on(in(RECHECKING_VERSION), device().at(0, 0)).takes("U16").stays().asking();
        ROWS.on(in(RECHECKING_VERSION), device().at(0, 1)).takes("U16").stays().asking();
    }

    @Test
    void success_that_no_version_proves_is_a_failure() {
        ROWS.on(rechecked(), device().at(0, 1))
                .takes("U17")
                .leadsTo(FAILED, SUCCESS_WITHOUT_VERSION)
                .showing(1)
                .asking();
    }

    @Test
    void an_old_version_that_stays_is_a_revert() {
        ROWS.on(rechecked(), device().at(0, 0))
                .takes("U18")
                .leadsTo(ROLLBACK, REVERTED)
                .showing(0)
                .asking();
    }

    @Test
    void any_other_failure_with_the_old_version_is_a_failure() {
        ROWS.on(in(APPLYING), device().at(0, 10))
                .takes("U19")
                .leadsTo(FAILED, CANCELLED_BY_OTHER)
                .showing(10);
        for (int result : new int[] {77, 100, -66, 11}) {
            ROWS.on(in(APPLYING), device().at(0, result))
                    .takes("U19")
                    .leadsTo(FAILED, UNKNOWN_RESULT)
                    .showing(result);
        }
    }

    @Test
    void a_rebooted_device_is_observed_and_read() {
        ROWS.on(in(AWAITING_RETURN), new DeviceSeen(true, true))
                .takes("U20")
                .stays()
                .asking("observe", "read");
    }

    @Test
    void whatever_is_heard_while_applying_leads_to_a_read() {
        ROWS.on(in(AWAITING_RETURN), new DeviceSeen(false, false))
                .takes("U21")
                .stays()
                .asking("read");
        ROWS.on(in(APPLYING), new Hint()).takes("U22").stays().asking("read");
        ROWS.on(in(APPLYING), new PollDue()).takes("U23").stays().asking("read if awake");
        ROWS.on(in(RECHECKING_VERSION), new PollDue()).isIgnored();
    }

    @Test
    void the_version_is_read_again_when_the_recheck_is_due() {
        ROWS.on(in(RECHECKING_VERSION), new DeadlinePassed())
                .takes("U24")
                .leadsTo(UPDATING, RECHECKING_VERSION)
                .within(POLICY.applying())
                .having(tries(1, 0, 1, 1, 0, 0))
                .asking("read");
    }

    @Test
    void a_device_that_is_late_is_called_and_waited_for() {
        for (UpdateFixture.Given late : new UpdateFixture.Given[] {in(EXECUTING), in(APPLYING), rechecked()}) {
            ROWS.on(late, new DeadlinePassed())
                    .takes("U25")
                    .leadsTo(UPDATING, AWAITING_RETURN)
                    .within(POLICY.awaitReturn())
                    .asking("read");
        }
    }

    @Test
    void a_device_that_never_returns_is_lost() {
        ROWS.on(in(AWAITING_RETURN), new DeadlinePassed())
                .takes("U26")
                .leadsTo(LOST, SILENT)
                .withoutDeadline()
                .asking();
    }

    @Test
    void an_unknown_state_after_execute_decides_nothing_until_the_deadline_does() {
        for (int state : new int[] {78, -66, 1}) {
            ROWS.on(in(AWAITING_RETURN), device().at(state, 0)).isIgnored();
            ROWS.on(in(APPLYING), device().at(state, 77)).isIgnored();
        }
        ROWS.on(in(APPLYING), new DeadlinePassed()).takes("U25");
        ROWS.on(in(AWAITING_RETURN), new DeadlinePassed()).takes("U26");
    }
}
