package wavegate.firmware.update;

import static org.assertj.core.api.Assertions.assertThat;
import static wavegate.firmware.update.RowRecorder.tries;
import static wavegate.firmware.update.UpdateDetail.ALREADY_THERE;
import static wavegate.firmware.update.UpdateDetail.CANCELLED_BY_OTHER;
import static wavegate.firmware.update.UpdateDetail.CONFIRMING;
import static wavegate.firmware.update.UpdateDetail.CONNECTION_LOST;
import static wavegate.firmware.update.UpdateDetail.HELD;
import static wavegate.firmware.update.UpdateDetail.IMAGE_LOST;
import static wavegate.firmware.update.UpdateDetail.INTEGRITY;
import static wavegate.firmware.update.UpdateDetail.INVALID_URI;
import static wavegate.firmware.update.UpdateDetail.NOT_ENOUGH_FLASH;
import static wavegate.firmware.update.UpdateDetail.NO_ANSWER;
import static wavegate.firmware.update.UpdateDetail.OUT_OF_RAM;
import static wavegate.firmware.update.UpdateDetail.PULL;
import static wavegate.firmware.update.UpdateDetail.PUSH;
import static wavegate.firmware.update.UpdateDetail.READY;
import static wavegate.firmware.update.UpdateDetail.SOAKING;
import static wavegate.firmware.update.UpdateDetail.STALLED;
import static wavegate.firmware.update.UpdateDetail.STUCK;
import static wavegate.firmware.update.UpdateDetail.UNKNOWN_RESULT;
import static wavegate.firmware.update.UpdateDetail.UNSUPPORTED_PACKAGE;
import static wavegate.firmware.update.UpdateDetail.UNSUPPORTED_PROTOCOL;
import static wavegate.firmware.update.UpdateDetail.UPDATE_FAILED;
import static wavegate.firmware.update.UpdateDetail.WAITING_FOR_DEVICE;
import static wavegate.firmware.update.UpdateFixture.POLICY;
import static wavegate.firmware.update.UpdateFixture.TARGET;
import static wavegate.firmware.update.UpdateFixture.context;
import static wavegate.firmware.update.UpdateFixture.device;
import static wavegate.firmware.update.UpdateFixture.update;
import static wavegate.firmware.update.UpdatePhase.DOWNLOADING;
import static wavegate.firmware.update.UpdatePhase.FAILED;
import static wavegate.firmware.update.UpdatePhase.PRE_UPDATING;
import static wavegate.firmware.update.UpdatePhase.RETRY;
import static wavegate.firmware.update.UpdatePhase.SKIPPED;
import static wavegate.firmware.update.UpdatePhase.VERIFYING;
import static wavegate.firmware.update.UpdatePhase.VERIFY_POST;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import wavegate.firmware.object.DeliveryMethod;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.update.UpdateSignal.DeadlinePassed;
import wavegate.firmware.update.UpdateSignal.DeviceSeen;
import wavegate.firmware.update.UpdateSignal.Hint;
import wavegate.firmware.update.UpdateSignal.LinkFailed;
import wavegate.firmware.update.UpdateSignal.PackageAccepted;
import wavegate.firmware.update.UpdateSignal.PollDue;
import wavegate.firmware.update.UpdateSignal.Refused;
import wavegate.firmware.update.UpdateSignal.UriAccepted;

class DownloadingRowsTest {
    @RegisterExtension
    static final RowRecorder ROWS = new RowRecorder("DV");

    private static UpdateFixture.Given pushing() {
        return update().in(DOWNLOADING, PUSH).meaning(Intent.PUSH).having(tries(0, 0, 1, 0, 0, 0));
    }

    private static UpdateFixture.Given pulling() {
        return update().in(DOWNLOADING, PULL).meaning(Intent.PULL).having(tries(0, 0, 1, 0, 0, 0));
    }

    private static UpdateFixture.Given waiting(Intent intent) {
        return update().in(DOWNLOADING, WAITING_FOR_DEVICE).meaning(intent).having(tries(0, 0, 1, 0, 0, 0));
    }

    private static UpdateFixture.Given confirming() {
        return update().in(VERIFYING, CONFIRMING).meaning(Intent.PULL).having(tries(0, 0, 1, 0, 0, 0));
    }

    @Test
    void a_push_accepted_to_the_last_block_is_confirmed_by_a_read() {
        ROWS.on(pushing(), new PackageAccepted())
                .takes("D1")
                .leadsTo(VERIFYING, CONFIRMING)
                .within(POLICY.verifying())
                .asking("read");
    }

    @Test
    void an_accepted_uri_says_nothing_yet() {
        ROWS.on(pulling(), new UriAccepted()).takes("D2").stays().asking();
    }

    @Test
    void a_device_another_server_brought_to_the_target_is_skipped() {
        ROWS.on(pulling(), device().at(0, 1).running(TARGET))
                .takes("D3")
                .leadsTo(SKIPPED, ALREADY_THERE)
                .showing(1)
                .asking();
    }

    @Test
    void a_downloaded_image_is_confirmed_by_a_second_read() {
        ROWS.on(pulling(), device().at(2, 0))
                .takes("D4")
                .leadsTo(VERIFYING, CONFIRMING)
                .within(POLICY.verifying())
                .asking("read");
    }

    @Test
    void a_pull_that_runs_goes_on_under_its_deadline() {
        ROWS.on(pulling(), device().at(1, 0)).takes("D5").stays().asking();
    }

    @Test
    void a_pull_found_running_again_gets_a_new_stall_deadline() {
        ROWS.on(waiting(Intent.PULL), device().at(1, 0))
                .takes("D5")
                .leadsTo(DOWNLOADING, PULL)
                .within(POLICY.downloadStall())
                .asking();
    }

    @Test
    void a_broken_push_starts_over_at_its_first_block_once() {
        for (int state : new int[] {0, 1}) {
            ROWS.on(waiting(Intent.PUSH), device().at(state, 0))
                    .takes("D6")
                    .leadsTo(DOWNLOADING, PUSH)
                    .within(POLICY.downloadStall())
                    .having(tries(0, 0, 2, 0, 0, 0))
                    .asking("push");
        }
    }

    @Test
    void a_push_that_broke_twice_is_retried_later() {
        ROWS.on(waiting(Intent.PUSH).having(tries(0, 0, 2, 0, 0, 0)), device().at(1, 0))
                .takes("D7")
                .leadsTo(RETRY, IMAGE_LOST)
                .within(POLICY.backoff())
                .asking();
    }

    @Test
    void a_download_the_device_lost_is_retried_later() {
        ROWS.on(pulling().having(tries(1, 0, 1, 0, 0, 0)), device().at(0, 0))
                .takes("D7")
                .leadsTo(RETRY, IMAGE_LOST)
                .within(POLICY.backoff())
                .showing(0)
                .asking();
    }

    @Test
    void a_pull_whose_user_is_still_thinking_is_not_lost() {
        ROWS.on(pulling(), device().at(0, 0), context().beforeAnyBlock())
                .takes("D22")
                .stays()
                .asking();
    }

    @Test
    void a_uri_that_nobody_answered_is_written_once_more_unless_it_is_there() {
        ROWS.on(waiting(Intent.PULL), device().at(0, 0), context().beforeAnyBlock())
                .takes("D25")
                .leadsTo(DOWNLOADING, PULL)
                .within(POLICY.downloadStall())
                .having(tries(0, 0, 2, 0, 0, 0))
                .asking("write uri");
        ROWS.on(
                        waiting(Intent.PULL),
                        device().at(0, 0).holding("coap://fota.example/fw/" + UpdateFixture.TOKEN, ""),
                        context().beforeAnyBlock())
                .takes("D24")
                .leadsTo(DOWNLOADING, PULL)
                .asking();
        ROWS.on(
                        waiting(Intent.PULL).having(tries(0, 0, 2, 0, 0, 0)),
                        device().at(0, 0),
                        context().beforeAnyBlock())
                .takes("D7")
                .leadsTo(RETRY, IMAGE_LOST);
    }

    @Test
    void an_answer_that_may_be_older_than_the_blocks_is_asked_for_again() {
        Update asked = ROWS.on(pulling(), device().at(0, 0))
                .takes("D26")
                .leadsTo(DOWNLOADING, PULL)
                .keepingItsDeadline()
                .having(tries(1, 0, 1, 0, 0, 0))
                .asking("read")
                .next();
        ROWS.on(asked, device().at(1, 0).read(), context()).takes("D5").stays();
        ROWS.on(asked, device().at(0, 0).read(), context()).takes("D7").leadsTo(RETRY, IMAGE_LOST);
    }

    @Test
    void a_client_that_forgets_at_a_boot_is_asked_whether_it_has_forgotten_its_uri() {
        Update heard = ROWS.on(
                        pulling(),
                        new DeviceSeen(true, true),
                        context().of(UpdateFixture.client("zephyr")).beforeAnyBlock())
                .takes("D23")
                .leadsTo(DOWNLOADING, WAITING_FOR_DEVICE)
                .keepingItsDeadline()
                .asking("observe", "read")
                .next();
        ROWS.on(heard, device().at(0, 0).read(), context().beforeAnyBlock())
                .takes("D25")
                .asking("write uri");
    }

    @Test
    void after_a_pull_nobody_began_the_next_attempt_pushes() {
        Update given = ROWS.on(pulling(), new DeadlinePassed(), context().beforeAnyBlock())
                .takes("D17")
                .leadsTo(RETRY, STALLED)
                .meaning(Intent.PUSH)
                .next();
        Update again = ROWS.on(given, new DeadlinePassed(), context())
                .takes("R1")
                .meaning(Intent.PUSH)
                .next();
        ROWS.on(again, device().at(0, 0).read(), context()).takes("C12").leadsTo(DOWNLOADING, PUSH);
        ROWS.on(
                        again,
                        device().at(0, 0)
                                .by(DeliveryMethod.PULL, UpdateProtocol.COAP)
                                .read(),
                        context())
                .takes("C11")
                .leadsTo(DOWNLOADING, PULL);
    }

    @Test
    void a_pull_that_stands_still_a_second_time_is_pushed_the_next() {
        ROWS.on(pulling(), new DeadlinePassed()).takes("D17").meaning(Intent.PULL);
        ROWS.on(pulling().attempt(2), new DeadlinePassed()).takes("D17").meaning(Intent.PUSH);
        ROWS.on(pulling(), device().at(0, 4)).takes("D8").meaning(Intent.PULL);
        ROWS.on(pulling(), device().at(0, 4), context().beforeAnyBlock())
                .takes("D8")
                .leadsTo(RETRY, CONNECTION_LOST)
                .meaning(Intent.PUSH);
        ROWS.on(pulling(), device().at(0, 3), context().beforeAnyBlock())
                .takes("D8")
                .meaning(Intent.PULL);
    }

    @Test
    void a_failed_download_that_may_pass_is_retried_later() {
        Map.of(3, OUT_OF_RAM, 4, CONNECTION_LOST, 5, INTEGRITY)
                .forEach((result, why) -> ROWS.on(pulling(), device().at(0, result))
                        .takes("D8")
                        .leadsTo(RETRY, why)
                        .within(POLICY.backoff())
                        .showing(result)
                        .asking());
    }

    @Test
    void a_second_integrity_failure_ends_the_update() {
        ROWS.on(pulling().attempt(2).having(tries(0, 0, 1, 0, 1, 0)), device().at(0, 5))
                .takes("D8")
                .leadsTo(FAILED, INTEGRITY)
                .withoutDeadline()
                .having(tries(0, 0, 1, 0, 2, 0))
                .showing(5);
    }

    @Test
    void a_first_integrity_failure_is_counted_over_the_attempts() {
        ROWS.on(pulling(), device().at(0, 5)).takes("D8").having(tries(0, 0, 1, 0, 1, 0));
    }

    @Test
    void a_failed_download_that_will_not_pass_ends_the_update() {
        Map.of(
                        1, UNKNOWN_RESULT,
                        2, NOT_ENOUGH_FLASH,
                        6, UNSUPPORTED_PACKAGE,
                        7, INVALID_URI,
                        8, UPDATE_FAILED,
                        10, CANCELLED_BY_OTHER,
                        77, UNKNOWN_RESULT,
                        100, UNKNOWN_RESULT,
                        -66, UNKNOWN_RESULT)
                .forEach((result, why) -> ROWS.on(pulling(), device().at(0, result))
                        .takes("D8")
                        .leadsTo(FAILED, why)
                        .withoutDeadline()
                        .showing(result)
                        .asking());
    }

    @Test
    void a_state_that_does_not_belong_to_a_download_is_retried_later() {
        for (UpdateFixture.Shown odd : new UpdateFixture.Shown[] {
            device().at(2, 8), device().at(3, 0), device().at(78, 0), device().at(-66, 77)
        }) {
            ROWS.on(pulling(), odd).takes("D9").leadsTo(RETRY, STUCK).asking();
        }
    }

    @Test
    void a_refused_write_is_judged_by_a_read() {
        ROWS.on(pushing(), new Refused(413))
                .takes("D10")
                .leadsTo(DOWNLOADING, UpdateDetail.REFUSED)
                .within(POLICY.downloadStall())
                .asking("read");
    }

    @Test
    void a_uri_that_was_refused_without_a_result_says_so() {
        ROWS.on(pulling().in(DOWNLOADING, UpdateDetail.REFUSED), device().at(0, 0))
                .takes("D19")
                .leadsTo(RETRY, UpdateDetail.REFUSED)
                .asking();
        ROWS.on(pulling().in(DOWNLOADING, UpdateDetail.REFUSED), device().at(0, 7))
                .takes("D8")
                .leadsTo(FAILED, INVALID_URI);
    }

    @Test
    void a_scheme_the_device_does_not_know_gives_way_to_a_push() {
        ROWS.on(pulling(), device().at(0, 9))
                .takes("D21")
                .leadsTo(DOWNLOADING, PUSH)
                .meaning(Intent.PUSH)
                .having(tries(0, 0, 2, 0, 0, 0))
                .asking("push");
        ROWS.on(pulling().in(DOWNLOADING, UpdateDetail.REFUSED), device().at(0, 9))
                .takes("D21");
        ROWS.on(pulling(), device().at(0, 9).by(DeliveryMethod.PULL, UpdateProtocol.COAP))
                .takes("D8")
                .leadsTo(FAILED, UNSUPPORTED_PROTOCOL);
        ROWS.on(pushing(), device().at(0, 9)).takes("D8").leadsTo(FAILED, UNSUPPORTED_PROTOCOL);
    }

    @Test
    void a_result_that_lay_there_before_is_not_taken_for_ours() {
        UpdateFixture.Given given = pulling().sawBefore(device().at(0, 7).changedAt(UpdateFixture.NOW));
        Update kept = ROWS.on(given, device().at(0, 7).changedAt(UpdateFixture.NOW))
                .takes("D20")
                .leadsTo(DOWNLOADING, PULL)
                .keepingItsDeadline()
                .showing(7)
                .asking()
                .next();
        ROWS.on(kept, device().at(0, 7).changedAt(UpdateFixture.NOW).read(), context())
                .takes("D20")
                .stays()
                .asking();
        ROWS.on(given, device().at(0, 7).changedAt(UpdateFixture.NOW.plusSeconds(5)))
                .takes("D8")
                .leadsTo(FAILED, INVALID_URI);
        ROWS.on(pulling().sawBefore(device().at(0, 7)), device().at(0, 7)).takes("D20");
        ROWS.on(pulling().sawBefore(device().at(0, 7)), device().at(0, 6)).takes("D8");
        ROWS.on(pulling().sawBefore(device().at(0, 0)), device().at(0, 7)).takes("D8");
    }

    @Test
    void a_like_result_after_a_download_was_seen_to_go_on_is_a_new_one() {
        Update going = ROWS.on(pulling().sawBefore(device().at(0, 7)), device().at(1, 0))
                .takes("D5")
                .next();

        assertThat(ROWS.on(going, device().at(0, 7).read(), context())
                        .takes("D8")
                        .next()
                        .phase())
                .isEqualTo(FAILED);
    }

    @Test
    void somebody_else_at_the_object_ends_the_attempt() {
        ROWS.on(pulling().sawBefore(device()), device().at(1, 0).holding("coap://them/other", ""))
                .takes("D18")
                .leadsTo(RETRY, UpdateDetail.CONFLICT)
                .asking();
        ROWS.on(
                        pulling().sawBefore(device().holding("coap://left/over", "")),
                        device().at(1, 0).holding("coap://left/over", ""))
                .takes("D5");
        ROWS.on(pulling().sawBefore(device()), device().at(1, 0).holding("coap://us/fw/" + UpdateFixture.TOKEN, ""))
                .takes("D5");
        ROWS.on(confirming().sawBefore(device()), device().at(2, 0).holding("coap://them/other", ""))
                .takes("V12")
                .leadsTo(RETRY, UpdateDetail.CONFLICT)
                .asking();
    }

    @Test
    void a_client_that_never_shows_a_push_but_downloads_is_in_other_hands() {
        ROWS.on(pushing().sawBefore(device()), device().at(1, 0), context().of(UpdateFixture.client("anjay")))
                .takes("D18")
                .leadsTo(RETRY, UpdateDetail.CONFLICT);
        ROWS.on(pushing().sawBefore(device()), device().at(1, 0), context().of(UpdateFixture.client("zephyr")))
                .takes("D6");
    }

    @Test
    void a_device_that_begins_by_itself_while_verifying_is_followed() {
        ROWS.on(confirming(), device().at(3, 0))
                .takes("V13")
                .leadsTo(UpdatePhase.PRE_UPDATING, UpdateDetail.READY)
                .asking("read");
    }

    @Test
    void a_device_that_sleeps_while_verifying_is_waited_for() {
        ROWS.on(confirming(), new LinkFailed(LinkFailed.Why.ASLEEP))
                .takes("V14")
                .leadsTo(UpdatePhase.VERIFYING, WAITING_FOR_DEVICE)
                .within(POLICY.awaitReturn())
                .asking();
    }

    @Test
    void a_device_that_sleeps_again_before_each_read_of_its_image_is_not_waited_for_any_longer() {
        UpdateFixture.Given waiting = update().in(UpdatePhase.VERIFYING, WAITING_FOR_DEVICE);

        ROWS.on(waiting, new DeviceSeen(false, false)).takes("V8").stays().asking("read");
        ROWS.on(waiting, new LinkFailed(LinkFailed.Why.ASLEEP)).isIgnored();
        ROWS.on(waiting, new DeadlinePassed()).takes("V11").leadsTo(RETRY, UpdateDetail.NO_ANSWER);
    }

    @Test
    void what_state_2_showed_is_kept_to_know_the_image_by() {
        Update inert =
                ROWS.on(confirming(), device().at(2, 0).holding("", "1.1.10")).next();

        assertThat(inert.sighting()).hasValueSatisfying(seen -> {
            assertThat(seen.state()).isEqualTo(2);
            assertThat(seen.packageVersion()).isEqualTo("1.1.10");
        });
    }

    @Test
    void a_fenced_dispatch_waits_for_its_cancel() {
        ROWS.on(pushing(), new LinkFailed(LinkFailed.Why.FENCED))
                .takes("D11")
                .stays()
                .asking();
    }

    @Test
    void a_broken_link_waits_for_the_device() {
        ROWS.on(pushing(), new LinkFailed(LinkFailed.Why.TIMEOUT))
                .takes("D12")
                .leadsTo(DOWNLOADING, WAITING_FOR_DEVICE)
                .within(POLICY.downloadStall())
                .asking();
    }

    @Test
    void a_read_that_fails_while_waiting_does_not_lengthen_the_wait() {
        ROWS.on(waiting(Intent.PULL), new LinkFailed(LinkFailed.Why.TIMEOUT)).isIgnored();
    }

    @Test
    void a_new_registration_is_observed_and_read() {
        ROWS.on(pulling(), new DeviceSeen(true, true)).takes("D13").stays().asking("observe", "read");
    }

    @Test
    void a_device_waited_for_is_read_when_it_is_heard() {
        ROWS.on(waiting(Intent.PUSH), new DeviceSeen(false, false))
                .takes("D14")
                .stays()
                .asking("read");
        ROWS.on(pushing(), new DeviceSeen(false, false)).isIgnored();
    }

    @Test
    void a_notification_in_a_pull_is_a_hint_to_read() {
        ROWS.on(pulling(), new Hint()).takes("D15").stays().asking("read");
        ROWS.on(pushing(), new Hint()).isIgnored();
    }

    @Test
    void a_download_is_looked_at_from_time_to_time_but_not_in_the_way_of_a_push() {
        ROWS.on(pulling(), new PollDue()).takes("D16").stays().asking("read if awake");
        ROWS.on(waiting(Intent.PUSH), new PollDue()).takes("D16").stays().asking("read if awake");
        ROWS.on(pushing(), new PollDue()).isIgnored();
    }

    @Test
    void a_client_that_cannot_clear_its_result_fails_for_it_again_where_nothing_else_is_seen() {
        UpdateFixture.Shown same = device().at(0, 3);
        for (int attempt : new int[] {1, 2}) {
            Update kept = ROWS.on(pulling().attempt(attempt).sawBefore(same), same)
                    .takes("D20")
                    .next();
            ROWS.on(kept, new DeadlinePassed(), context())
                    .takes("D17")
                    .leadsTo(RETRY, attempt == 1 ? STALLED : UpdateDetail.OUT_OF_RAM);
        }
    }

    @Test
    void a_download_without_a_block_for_too_long_is_retried_later() {
        ROWS.on(pulling(), new DeadlinePassed())
                .takes("D17")
                .leadsTo(RETRY, STALLED)
                .within(POLICY.backoff())
                .asking();
    }

    @Test
    void a_confirmed_image_is_read_once_more_where_execute_is_allowed() {
        ROWS.on(confirming(), device().at(2, 0))
                .takes("V1")
                .leadsTo(PRE_UPDATING, READY)
                .within(POLICY.awaitReturn())
                .asking("read");
    }

    @Test
    void a_confirmed_image_is_held_where_execute_is_not_allowed() {
        ROWS.on(confirming(), device().at(2, 0), context().holding())
                .takes("V1")
                .leadsTo(PRE_UPDATING, HELD)
                .withoutDeadline()
                .asking();
    }

    @Test
    void an_image_that_applied_by_itself_is_watched_like_any_other() {
        ROWS.on(confirming(), device().at(0, 1).running(TARGET))
                .takes("V2")
                .leadsTo(VERIFY_POST, SOAKING)
                .within(POLICY.verifyFor())
                .showing(1)
                .asking();
    }

    @Test
    void a_device_still_checking_the_image_is_given_time() {
        Update seen = ROWS.on(confirming(), device().at(1, 0))
                .takes("V3")
                .leadsTo(VERIFYING, CONFIRMING)
                .keepingItsDeadline()
                .asking()
                .next();

        ROWS.on(seen, device().at(1, 0).read(), context()).takes("V3").stays().asking();
        ROWS.on(seen, device().at(2, 0).read(), context()).takes("V1");
    }

    @Test
    void a_device_that_answers_but_never_leaves_state_1_is_stuck() {
        Update seen = ROWS.on(confirming(), device().at(1, 0)).next();

        ROWS.on(seen, new DeadlinePassed(), context()).takes("V11").leadsTo(RETRY, UpdateDetail.STUCK);
    }

    @Test
    void an_image_lost_while_verifying_is_retried_later() {
        ROWS.on(confirming(), device().at(0, 0))
                .takes("V4")
                .leadsTo(RETRY, IMAGE_LOST)
                .asking();
    }

    @Test
    void an_image_that_fails_its_check_is_delivered_once_more() {
        ROWS.on(confirming(), device().at(0, 5))
                .takes("V5")
                .leadsTo(RETRY, INTEGRITY)
                .having(tries(0, 0, 1, 0, 1, 0))
                .showing(5);
        ROWS.on(confirming().having(tries(0, 0, 1, 0, 1, 0)), device().at(0, 5))
                .takes("V5")
                .leadsTo(FAILED, INTEGRITY);
        ROWS.on(confirming(), device().at(0, 6)).takes("V5").leadsTo(FAILED, UNSUPPORTED_PACKAGE);
        ROWS.on(confirming(), device().at(0, 100)).takes("V5").leadsTo(FAILED, UNKNOWN_RESULT);
    }

    @Test
    void a_state_that_does_not_belong_to_verifying_is_retried_later() {
        for (UpdateFixture.Shown odd : new UpdateFixture.Shown[] {
            device().at(2, 8), device().at(2, 77), device().at(78, 0), device().at(-66, -66)
        }) {
            ROWS.on(confirming(), odd).takes("V6").leadsTo(RETRY, STUCK).asking();
        }
    }

    @Test
    void a_new_registration_while_verifying_is_observed_and_read() {
        ROWS.on(confirming(), new DeviceSeen(true, false)).takes("V7").stays().asking("observe", "read");
    }

    @Test
    void whatever_is_heard_while_verifying_leads_to_a_read() {
        ROWS.on(confirming(), new DeviceSeen(false, false)).takes("V8").stays().asking("read");
        ROWS.on(confirming(), new Hint()).takes("V9").stays().asking("read");
        ROWS.on(confirming(), new PollDue()).takes("V10").stays().asking("read if awake");
    }

    @Test
    void verifying_that_takes_too_long_is_retried_later() {
        ROWS.on(confirming(), new DeadlinePassed())
                .takes("V11")
                .leadsTo(RETRY, NO_ANSWER)
                .within(POLICY.backoff())
                .asking();
    }

    @Test
    void a_lost_read_while_verifying_is_left_to_the_watchdog() {
        ROWS.on(confirming(), new LinkFailed(LinkFailed.Why.TIMEOUT)).isIgnored();
        assertThat(UpdateMachine.polled(confirming().build())).isTrue();
    }
}
