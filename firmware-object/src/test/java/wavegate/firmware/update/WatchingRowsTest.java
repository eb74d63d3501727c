package wavegate.firmware.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static wavegate.firmware.update.RowRecorder.tries;
import static wavegate.firmware.update.UpdateDetail.ABORTED;
import static wavegate.firmware.update.UpdateDetail.BOOT_LOOP;
import static wavegate.firmware.update.UpdateDetail.CONFIRMING;
import static wavegate.firmware.update.UpdateDetail.DEFERRED;
import static wavegate.firmware.update.UpdateDetail.FINAL_CHECK;
import static wavegate.firmware.update.UpdateDetail.HEALTHY;
import static wavegate.firmware.update.UpdateDetail.HELD;
import static wavegate.firmware.update.UpdateDetail.KILLED;
import static wavegate.firmware.update.UpdateDetail.PUSH;
import static wavegate.firmware.update.UpdateDetail.READING;
import static wavegate.firmware.update.UpdateDetail.RESERVED;
import static wavegate.firmware.update.UpdateDetail.REVERTED;
import static wavegate.firmware.update.UpdateDetail.SILENT;
import static wavegate.firmware.update.UpdateDetail.SOAKING;
import static wavegate.firmware.update.UpdateDetail.STALLED;
import static wavegate.firmware.update.UpdateDetail.UNEXPECTED_VERSION;
import static wavegate.firmware.update.UpdateDetail.UNHEALTHY;
import static wavegate.firmware.update.UpdateFixture.OTHER;
import static wavegate.firmware.update.UpdateFixture.POLICY;
import static wavegate.firmware.update.UpdateFixture.TARGET;
import static wavegate.firmware.update.UpdateFixture.context;
import static wavegate.firmware.update.UpdateFixture.device;
import static wavegate.firmware.update.UpdateFixture.update;
import static wavegate.firmware.update.UpdatePhase.CANCELLED;
import static wavegate.firmware.update.UpdatePhase.CHECKING;
import static wavegate.firmware.update.UpdatePhase.DOWNLOADING;
import static wavegate.firmware.update.UpdatePhase.FAILED;
import static wavegate.firmware.update.UpdatePhase.IDLE;
import static wavegate.firmware.update.UpdatePhase.LOST;
import static wavegate.firmware.update.UpdatePhase.PRE_UPDATING;
import static wavegate.firmware.update.UpdatePhase.RETRY;
import static wavegate.firmware.update.UpdatePhase.ROLLBACK;
import static wavegate.firmware.update.UpdatePhase.SUCCESS;
import static wavegate.firmware.update.UpdatePhase.UPDATING;
import static wavegate.firmware.update.UpdatePhase.VERIFYING;
import static wavegate.firmware.update.UpdatePhase.VERIFY_POST;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.update.UpdateSignal.CancelAsked;
import wavegate.firmware.update.UpdateSignal.DeadlinePassed;
import wavegate.firmware.update.UpdateSignal.DeviceSeen;
import wavegate.firmware.update.UpdateSignal.FoundUnhealthy;
import wavegate.firmware.update.UpdateSignal.Hint;
import wavegate.firmware.update.UpdateSignal.PollDue;

/** VERIFY_POST, RETRY, and what is called off. */
class WatchingRowsTest {
    @RegisterExtension
    static final RowRecorder ROWS = new RowRecorder("FRX");

    private static UpdateFixture.Given soaking() {
        return update().in(VERIFY_POST, SOAKING).meaning(Intent.EXECUTE).having(tries(0, 0, 1, 1, 0, 0));
    }

    private static UpdateFixture.Given finalCheck() {
        return update().in(VERIFY_POST, FINAL_CHECK).meaning(Intent.EXECUTE).having(tries(0, 0, 1, 1, 0, 0));
    }

    @Test
    void the_test_classes_answer_for_every_row_and_no_id_is_used_twice() {
        Set<String> ids = new HashSet<>();
        assertThat(UpdateTable.rows()).allSatisfy(row -> {
            assertThat(row.id()).matches("[BSICDVPUFRX][1-9][0-9]?");
            assertThat(ids.add(row.id())).as("first use of " + row.id()).isTrue();
        });
    }

    @Test
    void a_read_without_a_version_proves_nothing() {
        ROWS.on(finalCheck(), device().running(FirmwareVersion.UNKNOWN))
                .takes("F1")
                .stays()
                .asking();
    }

    @Test
    void the_old_version_back_is_a_rollback() {
        ROWS.on(soaking(), device().at(0, 1))
                .takes("F2")
                .leadsTo(ROLLBACK, REVERTED)
                .showing(1)
                .asking();
    }

    @Test
    void a_version_nobody_asked_for_is_a_failure() {
        ROWS.on(soaking(), device().running(OTHER))
                .takes("F3")
                .leadsTo(FAILED, UNEXPECTED_VERSION)
                .asking();
    }

    @Test
    void the_target_at_the_final_check_is_success() {
        ROWS.on(finalCheck(), device().at(0, 1).running(TARGET))
                .takes("F4")
                .leadsTo(SUCCESS, HEALTHY)
                .withoutDeadline()
                .showing(1)
                .asking();
    }

    @Test
    void success_takes_no_update_result_but_a_version_in_any_spelling() {
        ROWS.on(finalCheck(), device().at(0, 0).running(FirmwareVersion.of("V1.1.10")))
                .takes("F4")
                .leadsTo(SUCCESS, HEALTHY)
                .showing(0);
    }

    @Test
    void the_target_before_the_watch_is_over_is_not_yet_success() {
        ROWS.on(soaking(), device().at(0, 1).running(TARGET))
                .takes("F5")
                .stays()
                .asking();
    }

    @Test
    void a_device_that_boots_too_often_has_failed() {
        ROWS.on(soaking().having(tries(0, 0, 1, 1, 0, 3)), new DeviceSeen(true, true))
                .takes("F6")
                .leadsTo(FAILED, BOOT_LOOP)
                .withoutDeadline();
    }

    @Test
    void a_reboot_is_counted_and_read_and_does_not_lengthen_the_watch() {
        ROWS.on(soaking().having(tries(0, 0, 1, 1, 0, 2)), new DeviceSeen(true, true))
                .takes("F7")
                .leadsTo(VERIFY_POST, SOAKING)
                .keepingItsDeadline()
                .having(tries(0, 0, 1, 1, 0, 3))
                .asking("read");
    }

    @Test
    void a_registration_update_is_no_boot() {
        ROWS.on(soaking().having(tries(0, 0, 1, 1, 0, 3)), new DeviceSeen(false, false))
                .takes("F8")
                .stays()
                .asking("read");
    }

    @Test
    void a_device_found_ill_has_failed() {
        ROWS.on(soaking(), new FoundUnhealthy())
                .takes("F9")
                .leadsTo(FAILED, UNHEALTHY)
                .asking();
    }

    @Test
    void the_final_check_is_repeated_until_it_is_answered() {
        ROWS.on(finalCheck(), new PollDue()).takes("F10").stays().asking("read if awake");
        ROWS.on(soaking(), new PollDue()).isIgnored();
    }

    @Test
    void a_watch_that_is_over_ends_in_a_last_read() {
        ROWS.on(soaking(), new DeadlinePassed())
                .takes("F11")
                .leadsTo(VERIFY_POST, FINAL_CHECK)
                .within(POLICY.awaitReturn())
                .asking("read");
    }

    @Test
    void a_device_silent_at_the_final_check_is_lost() {
        ROWS.on(finalCheck(), new DeadlinePassed())
                .takes("F12")
                .leadsTo(LOST, SILENT)
                .withoutDeadline()
                .asking();
    }

    @Test
    void a_back_off_that_is_over_begins_a_fresh_attempt() {
        ROWS.on(
                        update().in(RETRY, STALLED)
                                .meaning(Intent.PULL)
                                .attempt(2)
                                .having(tries(2, 2, 2, 1, 1, 3)),
                        new DeadlinePassed())
                .takes("R1")
                .leadsTo(CHECKING, READING)
                .within(POLICY.checking())
                .attempt(3)
                .meaning(Intent.NONE)
                .having(tries(0, 0, 0, 0, 1, 0))
                .asking("read");
    }

    @Test
    void a_back_off_after_the_last_attempt_ends_with_its_reason() {
        ROWS.on(update().in(RETRY, STALLED).attempt(POLICY.attempts()), new DeadlinePassed())
                .takes("R2")
                .leadsTo(FAILED, STALLED)
                .withoutDeadline()
                .attempt(POLICY.attempts())
                .asking();
    }

    @Test
    void a_back_off_is_not_cut_short() {
        ROWS.on(update().in(RETRY, STALLED), new DeviceSeen(true, true)).isIgnored();
        ROWS.on(update().in(RETRY, STALLED), new Hint()).isIgnored();
        ROWS.on(update().in(RETRY, STALLED), device().at(2, 0)).isIgnored();
    }

    @Test
    void an_update_that_has_not_begun_is_called_off_at_once() {
        ROWS.on(update().in(IDLE, RESERVED), new CancelAsked(KILLED))
                .takes("X1")
                .leadsTo(CANCELLED, KILLED)
                .withoutDeadline()
                .asking();
        ROWS.on(update().in(RETRY, STALLED), new CancelAsked(ABORTED))
                .takes("X1")
                .leadsTo(CANCELLED, ABORTED)
                .withoutDeadline()
                .asking();
    }

    @Test
    void an_update_that_moves_is_called_off_and_its_device_cleared() {
        for (UpdateFixture.Given moving : new UpdateFixture.Given[] {
            update().in(CHECKING, READING),
            update().in(DOWNLOADING, PUSH).meaning(Intent.PUSH),
            update().in(VERIFYING, CONFIRMING).meaning(Intent.PULL),
            update().in(PRE_UPDATING, HELD).meaning(Intent.PULL),
            update().in(PRE_UPDATING, DEFERRED).meaning(Intent.EXECUTE)
        }) {
            ROWS.on(moving, new CancelAsked(KILLED))
                    .takes("X2")
                    .leadsTo(CANCELLED, KILLED)
                    .withoutDeadline()
                    .asking("cancel");
        }
    }

    @Test
    void a_component_is_cleared_by_a_cancel_only_where_it_has_been_found() {
        UpdateFixture.Given checking = update().in(CHECKING, READING);

        ROWS.on(checking, new CancelAsked(KILLED), context().forComponent("modem"))
                .takes("X2")
                .leadsTo(CANCELLED, KILLED)
                .asking();
        UpdateCommand cancel = ROWS.on(
                        checking.sawBefore(device().asComponent(1, false)),
                        new CancelAsked(KILLED),
                        context().forComponent("modem"))
                .asking("cancel")
                .step()
                .commands()
                .get(0);
        assertThat(((UpdateCommand.CancelDownload) cancel).slot())
                .isEqualTo(new FirmwareSlot(FirmwareSlot.ADVANCED, 1));
    }

    @Test
    void a_device_that_may_be_applying_is_left_alone_by_a_cancel() {
        for (UpdateDetail detail : UpdateDetail.values()) {
            ROWS.on(update().in(UPDATING, detail), new CancelAsked(KILLED)).isIgnored();
            ROWS.on(update().in(VERIFY_POST, detail), new CancelAsked(KILLED)).isIgnored();
        }
    }

    @Test
    void an_update_that_only_reads_goes_without_a_reset_when_another_campaign_has_the_device_next() {
        for (UpdateDetail why : new UpdateDetail[] {UpdateDetail.OUTRANKED, UpdateDetail.SUPERSEDED}) {
            ROWS.on(update().in(CHECKING, READING), new CancelAsked(why))
                    .takes("X3")
                    .leadsTo(CANCELLED, why)
                    .withoutDeadline()
                    .asking();
            ROWS.on(update().in(CHECKING, UpdateDetail.NORMALISING), new CancelAsked(why))
                    .takes("X2")
                    .asking("cancel");
        }
    }

    @Test
    void a_device_that_is_removed_is_watched_no_more_whatever_it_does() {
        for (UpdatePhase phase : new UpdatePhase[] {UPDATING, VERIFY_POST}) {
            ROWS.on(update().in(phase, UpdateDetail.APPLYING), new CancelAsked(UpdateDetail.REMOVED))
                    .takes("X4")
                    .leadsTo(CANCELLED, UpdateDetail.REMOVED)
                    .withoutDeadline()
                    .asking();
        }
    }

    @Test
    void a_human_begins_another_attempt_at_what_has_ended_even_where_none_remained() {
        Update failed = update().in(UpdatePhase.FAILED, STALLED).build();

        Update again = UpdateMachine.again(failed, UpdateFixture.NOW);

        assertThat(again.where()).isEqualTo("RETRY/asked");
        assertThat(again.deadline()).isEqualTo(UpdateFixture.NOW);
        assertThat(again.step()).isEqualTo(failed.step() + 1);
        assertThat(again.attempt()).isEqualTo(failed.attempt());
        assertThat(UpdateMachine.wantsBudget(again, new DeadlinePassed())).isTrue();
        UpdateStep begun =
                UpdateMachine.next(again, new DeadlinePassed(), context().build());
        assertThat(begun.row()).isEqualTo("R1");
        assertThat(begun.next().attempt()).isEqualTo(failed.attempt() + 1);
        assertThatThrownBy(() -> UpdateMachine.again(
                        update().in(UpdatePhase.SUCCESS, UpdateDetail.HEALTHY).build(), UpdateFixture.NOW))
                .hasMessageContaining("expected: an end other than SUCCESS");
    }

    @Test
    void an_update_that_gave_way_begins_afresh_in_the_same_attempt() {
        Update gave = ROWS.on(update().in(RETRY, STALLED), new CancelAsked(UpdateDetail.OUTRANKED))
                .next();

        assertThat(UpdateMachine.gaveWay(gave)).isTrue();
        Update afresh = UpdateMachine.afresh(gave, UpdateFixture.NOW);
        assertThat(afresh.where()).isEqualTo("IDLE/reserved");
        assertThat(afresh.attempt()).isEqualTo(gave.attempt());
        assertThat(afresh.token()).isEqualTo(gave.token());
    }

    @Test
    void a_cancel_reaches_exactly_the_phases_that_say_so() {
        for (UpdatePhase phase : UpdatePhase.values()) {
            UpdateStep step = UpdateMachine.next(
                    update().in(phase, READING).build(),
                    new CancelAsked(ABORTED),
                    context().build());
            assertThat(!step.ignored()).as(phase.name()).isEqualTo(phase.isCancellable());
        }
    }
}
