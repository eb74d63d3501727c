package wavegate.firmware.update;

import static org.assertj.core.api.Assertions.assertThat;
import static wavegate.firmware.update.RowRecorder.tries;
import static wavegate.firmware.update.UpdateDetail.ALREADY_THERE;
import static wavegate.firmware.update.UpdateDetail.ARTIFACT_CLOSED;
import static wavegate.firmware.update.UpdateDetail.FOREIGN_UPDATE;
import static wavegate.firmware.update.UpdateDetail.NORMALISING;
import static wavegate.firmware.update.UpdateDetail.NO_ANSWER;
import static wavegate.firmware.update.UpdateDetail.NO_DELIVERY_METHOD;
import static wavegate.firmware.update.UpdateDetail.NO_FIRMWARE_OBJECT;
import static wavegate.firmware.update.UpdateDetail.NO_VERSION_EVIDENCE;
import static wavegate.firmware.update.UpdateDetail.PULL;
import static wavegate.firmware.update.UpdateDetail.PUSH;
import static wavegate.firmware.update.UpdateDetail.READING;
import static wavegate.firmware.update.UpdateDetail.REFUSED;
import static wavegate.firmware.update.UpdateDetail.REJECTED;
import static wavegate.firmware.update.UpdateDetail.RESERVED;
import static wavegate.firmware.update.UpdateDetail.STUCK;
import static wavegate.firmware.update.UpdateDetail.SUPERSEDED;
import static wavegate.firmware.update.UpdateDetail.WAITING_FOR_DEVICE;
import static wavegate.firmware.update.UpdateFixture.OLD;
import static wavegate.firmware.update.UpdateFixture.OTHER;
import static wavegate.firmware.update.UpdateFixture.POLICY;
import static wavegate.firmware.update.UpdateFixture.TARGET;
import static wavegate.firmware.update.UpdateFixture.context;
import static wavegate.firmware.update.UpdateFixture.device;
import static wavegate.firmware.update.UpdateFixture.update;
import static wavegate.firmware.update.UpdatePhase.CHECKING;
import static wavegate.firmware.update.UpdatePhase.DOWNLOADING;
import static wavegate.firmware.update.UpdatePhase.IDLE;
import static wavegate.firmware.update.UpdatePhase.RETRY;
import static wavegate.firmware.update.UpdatePhase.SKIPPED;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import wavegate.firmware.device.ClientBehaviour;
import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.object.DeliveryMethod;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Handling;
import wavegate.firmware.pkg.Requirements;
import wavegate.firmware.pkg.Severity;
import wavegate.firmware.update.UpdateSignal.Begin;
import wavegate.firmware.update.UpdateSignal.DeadlinePassed;
import wavegate.firmware.update.UpdateSignal.DeviceSeen;
import wavegate.firmware.update.UpdateSignal.LinkFailed;
import wavegate.firmware.update.UpdateSignal.PollDue;
import wavegate.firmware.update.UpdateSignal.Refused;
import wavegate.firmware.update.UpdateSignal.ResetAnswered;

class CheckingRowsTest {
    @RegisterExtension
    static final RowRecorder ROWS = new RowRecorder("IC");

    private static UpdateFixture.Given reading() {
        return update().in(CHECKING, READING);
    }

    private static UpdateFixture.Given reset(int times) {
        return update().in(CHECKING, NORMALISING).having(tries(0, times, 0, 0, 0, 0));
    }

    @Test
    void a_reserved_device_is_read_when_its_wave_begins() {
        ROWS.on(update().in(IDLE, RESERVED), new Begin())
                .takes("I1")
                .leadsTo(CHECKING, READING)
                .within(POLICY.checking())
                .asking("read");
    }

    @Test
    void a_reserved_device_that_is_heard_is_read_at_once() {
        ROWS.on(update().in(IDLE, RESERVED), new DeviceSeen(false, false))
                .takes("I2")
                .leadsTo(CHECKING, READING)
                .within(POLICY.checking())
                .asking("read");
    }

    @Test
    void a_device_without_object_5_is_skipped() {
        ROWS.on(reading(), device().withoutObject5())
                .takes("C1")
                .leadsTo(SKIPPED, NO_FIRMWARE_OBJECT)
                .withoutDeadline()
                .asking();
    }

    @Test
    void a_device_that_cannot_show_its_version_is_skipped() {
        ROWS.on(reading(), device().running(FirmwareVersion.UNKNOWN))
                .takes("C2")
                .leadsTo(SKIPPED, NO_VERSION_EVIDENCE)
                .withoutDeadline()
                .asking();
    }

    @Test
    void a_device_that_runs_the_target_is_skipped_whatever_its_last_result() {
        ROWS.on(reading(), device().running(TARGET).at(0, 1))
                .takes("C3")
                .leadsTo(SKIPPED, ALREADY_THERE)
                .showing(1)
                .asking();
    }

    @Test
    void a_self_test_watches_what_runs_the_target_as_if_it_were_new_and_changes_nothing() {
        ROWS.on(reading(), device().running(TARGET).at(0, 0), context().selfTest())
                .takes("C25")
                .leadsTo(UpdatePhase.VERIFY_POST, UpdateDetail.SOAKING)
                .asking();
        ROWS.on(reading(), device().running(OLD), context().selfTest())
                .takes("C26")
                .leadsTo(SKIPPED, REJECTED)
                .asking();
    }

    @Test
    void a_target_spelled_otherwise_is_the_target() {
        ROWS.on(reading(), device().running(FirmwareVersion.of("v1.1.10.0")))
                .takes("C3")
                .leadsTo(SKIPPED, ALREADY_THERE);
    }

    @Test
    void a_version_that_is_a_prefix_of_the_target_is_not_the_target() {
        ROWS.on(reading(), device().running(FirmwareVersion.of("1.1.1")))
                .takes("C11")
                .leadsTo(DOWNLOADING, PULL);
        ROWS.on(reading(), device().running(FirmwareVersion.of("1.1.100")))
                .takes("C11")
                .leadsTo(DOWNLOADING, PULL);
    }

    @Test
    void a_device_the_package_was_not_made_for_is_rejected() {
        for (UpdateFixture.Shown stranger : new UpdateFixture.Shown[] {
            device().being("Other", "P100", "rev-b"),
            device().being("Acme", "P200", "rev-b"),
            device().being("Acme", "P100", "rev-a"),
            device().being("", "", "")
        }) {
            ROWS.on(reading(), stranger).takes("C4").leadsTo(SKIPPED, REJECTED).asking();
        }
    }

    @Test
    void a_package_that_names_no_model_goes_to_any() {
        ROWS.on(reading(), device().being("Acme", "anything", ""), context().packagedFor("Acme", "", ""))
                .takes("C11")
                .leadsTo(DOWNLOADING, PULL);
    }

    @Test
    void an_image_that_failed_here_for_good_is_not_tried_again() {
        ROWS.on(reading(), device(), context().closed())
                .takes("C5")
                .leadsTo(SKIPPED, ARTIFACT_CLOSED)
                .asking();
    }

    @Test
    void a_device_that_runs_a_later_release_is_not_taken_back_unless_that_is_asked_for() {
        ROWS.on(reading(), device(), context().afterWhichCame(OLD))
                .takes("C23")
                .leadsTo(SKIPPED, SUPERSEDED)
                .asking();
        ROWS.on(reading(), device(), context().afterWhichCame(OLD).allowingOlder())
                .takes("C11")
                .leadsTo(DOWNLOADING, PULL);
        ROWS.on(reading(), device(), context().afterWhichCame(FirmwareVersion.of("9")))
                .takes("C11")
                .leadsTo(DOWNLOADING, PULL);
    }

    @Test
    void a_device_whose_boot_stage_would_refuse_the_image_is_skipped_whatever_is_allowed() {
        Update skipped = ROWS.on(
                        reading(),
                        device(),
                        context().afterWhichCame(OLD).whoseCounterIsBelow(OLD).allowingOlder())
                .takes("C27")
                .leadsTo(SKIPPED, REJECTED)
                .asking()
                .next();
        assertThat(skipped.note()).hasValue("security counter lower than that of version 1.1.1, which the device runs");
        ROWS.on(reading(), device(), context().whoseCounterIsBelow(FirmwareVersion.of("9")))
                .takes("C11")
                .leadsTo(DOWNLOADING, PULL);
    }

    @Test
    void a_pull_only_device_that_speaks_no_scheme_of_ours_is_skipped() {
        ROWS.on(reading(), device().by(DeliveryMethod.PULL, UpdateProtocol.HTTPS))
                .takes("C6")
                .leadsTo(SKIPPED, NO_DELIVERY_METHOD)
                .asking();
    }

    @Test
    void an_update_that_another_server_runs_is_waited_for_and_not_written_to() {
        ROWS.on(reading(), device().at(3, 0))
                .takes("C7")
                .leadsTo(CHECKING, FOREIGN_UPDATE)
                .within(POLICY.applying())
                .asking();
    }

    @Test
    void a_foreign_update_to_our_very_target_is_waited_for_too() {
        ROWS.on(reading(), device().at(3, 0).running(TARGET)).takes("C7").leadsTo(CHECKING, FOREIGN_UPDATE);
    }

    @Test
    void a_foreign_update_seen_again_keeps_its_first_deadline() {
        ROWS.on(update().in(CHECKING, FOREIGN_UPDATE), device().at(3, 0))
                .takes("C7")
                .leadsTo(CHECKING, FOREIGN_UPDATE)
                .keepingItsDeadline()
                .asking();
    }

    @Test
    void a_foreign_image_is_reset_by_an_empty_uri_first_and_never_executed() {
        for (int result : new int[] {0, 8, 11, 77}) {
            ROWS.on(reading(), device().at(2, result))
                    .takes("C8")
                    .leadsTo(CHECKING, NORMALISING)
                    .within(POLICY.checking())
                    .having(tries(0, 2, 0, 0, 0, 0))
                    .asking("reset by empty-uri");
        }
    }

    @Test
    void an_image_that_outlives_the_empty_uri_is_reset_by_a_zero_byte() {
        ROWS.on(reset(2), device().at(2, 0))
                .takes("C8")
                .leadsTo(CHECKING, NORMALISING)
                .within(POLICY.checking())
                .having(tries(0, 3, 0, 0, 0, 0))
                .asking("reset by zero-byte");
    }

    @Test
    void a_foreign_download_or_an_old_result_is_reset_once() {
        for (UpdateFixture.Shown unclean :
                new UpdateFixture.Shown[] {device().at(1, 0), device().at(0, 5), device().at(0, -66)}) {
            ROWS.on(reading(), unclean)
                    .takes("C8")
                    .leadsTo(CHECKING, NORMALISING)
                    .within(POLICY.checking())
                    .having(tries(0, 2, 0, 0, 0, 0))
                    .asking("reset by empty-uri");
        }
    }

    @Test
    void a_clean_device_pulls_where_pull_is_wished() {
        Update next = ROWS.on(reading().from(FirmwareVersion.UNKNOWN), device().running(OTHER))
                .takes("C11")
                .leadsTo(DOWNLOADING, PULL)
                .within(POLICY.downloadStall())
                .meaning(Intent.PULL)
                .having(tries(0, 0, 1, 0, 0, 0))
                .asking("observe", "write uri")
                .next();

        Assertions.assertThat(next.from()).isEqualTo(OTHER);
    }

    @Test
    void a_pull_only_device_pulls_where_push_is_wished() {
        ROWS.on(
                        reading(),
                        device().by(DeliveryMethod.PULL, UpdateProtocol.COAP),
                        context().preferring(UpdatePolicy.DeliveryChoice.PUSH))
                .takes("C11")
                .leadsTo(DOWNLOADING, PULL)
                .asking("observe", "write uri");
    }

    @Test
    void a_result_that_no_reset_clears_does_not_stop_the_delivery() {
        ROWS.on(reset(2), device().at(0, 8)).takes("C11").leadsTo(DOWNLOADING, PULL);
    }

    @Test
    void a_clean_device_is_pushed_to_where_push_is_wished() {
        ROWS.on(
                        reading().having(tries(2, 0, 0, 0, 1, 0)),
                        device(),
                        context().preferring(UpdatePolicy.DeliveryChoice.PUSH))
                .takes("C12")
                .leadsTo(DOWNLOADING, PUSH)
                .within(POLICY.downloadStall())
                .meaning(Intent.PUSH)
                .having(tries(0, 0, 1, 0, 1, 0))
                .asking("observe", "push");
    }

    @Test
    void a_push_only_device_is_pushed_to_where_pull_is_wished() {
        ROWS.on(reading(), device().by(DeliveryMethod.PUSH, UpdateProtocol.COAP))
                .takes("C12")
                .leadsTo(DOWNLOADING, PUSH);
    }

    @Test
    void a_download_that_a_dead_push_left_behind_is_overwritten_by_a_new_one() {
        ROWS.on(reset(2), device().at(1, 0))
                .takes("C12")
                .leadsTo(DOWNLOADING, PUSH)
                .asking("observe", "push");
    }

    @Test
    void a_device_that_no_reset_frees_is_retried_later() {
        ROWS.on(reset(3), device().at(2, 0))
                .takes("C13")
                .leadsTo(RETRY, STUCK)
                .within(POLICY.backoff())
                .asking();
    }

    @Test
    void a_device_of_a_later_object_version_is_reset_by_cancel_first() {
        for (UpdateFixture.Shown shown : new UpdateFixture.Shown[] {
            device().at(2, 0).ofVersion("1.1"),
            device().at(1, 0).ofVersion("1.2"),
            device().at(2, 0).ofVersion("1.0", 13)
        }) {
            ROWS.on(reading(), shown)
                    .takes("C8")
                    .having(tries(0, 1, 0, 0, 0, 0))
                    .asking("reset by cancel");
        }
        ROWS.on(reset(1), device().at(0, 10).ofVersion("1.1")).takes("C11").leadsTo(DOWNLOADING, PULL);
    }

    @Test
    void a_client_is_reset_only_by_what_is_safe_on_it() {
        ROWS.on(reading(), device().at(0, 8), context().of(UpdateFixture.client("zephyr")))
                .takes("C11")
                .leadsTo(DOWNLOADING, PULL);
        ROWS.on(reading(), device().at(1, 0), context().of(UpdateFixture.client("zephyr")))
                .takes("C12")
                .leadsTo(DOWNLOADING, PUSH);
        ROWS.on(reset(1), device().at(2, 0), context().of(UpdateFixture.client("zephyr")))
                .takes("C8")
                .asking("reset by zero-byte");
        ROWS.on(reset(2), device().at(1, 0), context().of(UpdateFixture.client("anjay")))
                .takes("C8")
                .asking("reset by zero-byte");
    }

    @Test
    void a_device_that_nothing_frees_is_rebooted_in_the_last_attempt_where_the_policy_allows_it() {
        ROWS.on(reset(3).attempt(3), device().at(2, 0), context().allowingReboot(3))
                .takes("C9")
                .leadsTo(CHECKING, UpdateDetail.REBOOTING)
                .within(POLICY.applying())
                .having(tries(0, 5, 0, 0, 0, 0))
                .asking("reset by reboot");
        ROWS.on(reset(3).attempt(2), device().at(2, 0), context().allowingReboot(3))
                .takes("C13");
        ROWS.on(reset(3).attempt(3), device().at(2, 0)).takes("C13");
        ROWS.on(reset(5).attempt(3), device().at(2, 0), context().allowingReboot(3))
                .takes("C13");
        ROWS.on(reading().attempt(3), device().at(78, 0), context().allowingReboot(3))
                .takes("C9");
    }

    @Test
    void a_device_told_to_reboot_is_read_when_it_is_back() {
        UpdateFixture.Given rebooting = update().in(CHECKING, UpdateDetail.REBOOTING);
        ROWS.on(rebooting, new ResetAnswered()).isIgnored();
        ROWS.on(rebooting, new DeviceSeen(true, true)).takes("C16").asking("read");
    }

    @Test
    void an_empty_uri_that_did_nothing_tells_of_the_client() {
        Assertions.assertThat(ROWS.on(reset(2), device().at(2, 0)).step().shown())
                .contains(ClientBehaviour.RESET_IGNORED);
        Assertions.assertThat(ROWS.on(reading(), device().at(2, 0)).step().shown())
                .isEmpty();
    }

    @Test
    void a_download_that_somebody_else_has_just_begun_is_let_be_for_a_while() {
        ROWS.on(reading(), device().at(1, 0).changedAt(UpdateFixture.NOW.minusSeconds(5)))
                .takes("C24")
                .leadsTo(CHECKING, FOREIGN_UPDATE)
                .asking();
        ROWS.on(reading(), device().at(1, 0).changedAt(UpdateFixture.NOW.minus(POLICY.checking())))
                .takes("C8");
        ROWS.on(reading().attempt(2), device().at(1, 0).changedAt(UpdateFixture.NOW))
                .takes("C8");
    }

    @Test
    void severity_deferral_and_the_brake_on_automatic_upgrades_are_written_where_they_are() {
        ROWS.on(reading(), device().ofVersion("1.2", 11, 13, 14))
                .takes("C11")
                .asking(
                        "observe",
                        "prepare severity=1 defer=" + POLICY.deferral().toSeconds() + " hold=true",
                        "write uri");
        ROWS.on(reading(), device().ofVersion("1.1", 13))
                .asking(
                        "observe",
                        "prepare severity=-1 defer=" + POLICY.deferral().toSeconds() + " hold=false",
                        "write uri");
    }

    @Test
    void a_package_for_a_component_is_about_that_component_alone() {
        ROWS.on(update().in(IDLE, RESERVED), new Begin(), context().forComponent("modem"))
                .asking("read modem");
        Update next = ROWS.on(
                        reading(), device().asComponent(1, false), context().forComponent("modem"))
                .takes("C11")
                .next();
        Assertions.assertThat(next.slot()).isEqualTo(new FirmwareSlot(FirmwareSlot.ADVANCED, 1));
        ROWS.on(reading(), device().at(2, 0).asComponent(1, false)).takes("C8").asking("reset by cancel");
    }

    @Test
    void a_package_says_its_severity_and_how_long_it_may_be_put_off() {
        Handling handling =
                new Handling(Optional.empty(), Optional.of(Severity.CRITICAL), Optional.of(Duration.ofMinutes(5)));

        ROWS.on(reading(), device().ofVersion("1.1", 11, 13), context().handledAs(handling))
                .asking("observe", "prepare severity=0 defer=300 hold=false", "write uri");
    }

    @Test
    void what_a_client_can_do_bounds_what_a_device_says() {
        ROWS.on(reading(), device(), context().of(UpdateFixture.client("wakaama")))
                .takes("C12")
                .leadsTo(DOWNLOADING, PUSH);
        ROWS.on(
                        reading(),
                        device(),
                        context().of(UpdateFixture.client("modem")).preferring(UpdatePolicy.DeliveryChoice.PUSH))
                .takes("C11")
                .leadsTo(DOWNLOADING, PULL);
        ROWS.on(reading(), device(), context().uriOf(256)).takes("C12").leadsTo(DOWNLOADING, PUSH);
        ROWS.on(reading(), device(), context().of(UpdateFixture.client("modem")).uriOf(256))
                .takes("C6")
                .leadsTo(SKIPPED, NO_DELIVERY_METHOD);
    }

    @Test
    void a_client_without_a_version_source_is_skipped_and_one_that_shows_it_elsewhere_is_not() {
        ROWS.on(reading(), device(), context().of(UpdateFixture.provenBy(ClientProfile.VersionSource.NONE)))
                .takes("C2");
        ROWS.on(
                        reading(),
                        device().running(FirmwareVersion.UNKNOWN).holding("", OLD.text()),
                        context().of(UpdateFixture.provenBy(ClientProfile.VersionSource.PKG_VERSION)))
                .takes("C11");
        ROWS.on(
                        reading(),
                        device().running(OLD).holding("", TARGET.text()),
                        context().of(UpdateFixture.provenBy(ClientProfile.VersionSource.PKG_VERSION)))
                .takes("C3");
    }

    @Test
    void an_image_that_hides_the_version_is_cleared_before_the_version_is_asked_for() {
        UpdateFixture.Around byPackage = context().of(UpdateFixture.provenBy(ClientProfile.VersionSource.PKG_VERSION));
        UpdateFixture.Given first = reading().from(FirmwareVersion.UNKNOWN);

        for (int state : new int[] {1, 2}) {
            ROWS.on(first, device().at(state, 0).holding("", OTHER.text()), byPackage)
                    .takes("C8")
                    .leadsTo(CHECKING, NORMALISING)
                    .asking("reset by empty-uri");
        }
        ROWS.on(first, device().at(3, 0), byPackage).takes("C7");
        Update next = ROWS.on(reset(2).from(FirmwareVersion.UNKNOWN), device().holding("", OTHER.text()), byPackage)
                .takes("C11")
                .next();
        Assertions.assertThat(next.from()).isEqualTo(OTHER);
        ROWS.on(reset(2).from(FirmwareVersion.UNKNOWN), device(), byPackage).takes("C2");
    }

    @Test
    void nothing_is_pushed_over_a_download_while_the_version_is_hidden() {
        UpdateFixture.Around byPackage = context().of(UpdateFixture.provenBy(ClientProfile.VersionSource.PKG_VERSION));

        ROWS.on(reset(2).from(FirmwareVersion.UNKNOWN), device().at(1, 0), byPackage)
                .takes("C13")
                .leadsTo(RETRY, STUCK)
                .asking();
        ROWS.on(reset(2), device().at(1, 0), byPackage).takes("C12").leadsTo(DOWNLOADING, PUSH);
    }

    @Test
    void a_package_that_asks_for_a_version_waits_for_it_but_not_for_the_device_it_was_made_for() {
        UpdateFixture.Around byPackage = context()
                .of(UpdateFixture.provenBy(ClientProfile.VersionSource.PKG_VERSION))
                .requiring(new Requirements(
                        new TreeSet<>(),
                        new TreeSet<>(),
                        Optional.of(OLD),
                        Optional.empty(),
                        new TreeSet<>(),
                        Optional.empty()));
        UpdateFixture.Given first = reading().from(FirmwareVersion.UNKNOWN);

        ROWS.on(first, device().at(2, 0), byPackage).takes("C8");
        ROWS.on(first, device().at(2, 0).being("Other", "P100", "rev-b"), byPackage)
                .takes("C4")
                .asking();
        ROWS.on(first, device().holding("", "1.0.0"), byPackage).takes("C4").leadsTo(SKIPPED, REJECTED);
    }

    @Test
    void an_unknown_state_is_retried_later() {
        for (int state : new int[] {78, -66, 4}) {
            ROWS.on(reading(), device().at(state, 0))
                    .takes("C13")
                    .leadsTo(RETRY, STUCK)
                    .asking();
        }
    }

    @Test
    void a_reset_is_believed_only_after_a_read() {
        ROWS.on(reset(1), new ResetAnswered()).takes("C14").stays().asking("read");
    }

    @Test
    void a_device_that_was_waited_for_is_read_when_it_is_heard() {
        ROWS.on(update().in(CHECKING, WAITING_FOR_DEVICE), new DeviceSeen(false, false))
                .takes("C15")
                .leadsTo(CHECKING, READING)
                .within(POLICY.checking())
                .asking("read");
    }

    @Test
    void a_new_registration_while_checking_is_read_again() {
        ROWS.on(reading(), new DeviceSeen(true, true)).takes("C16").stays().asking("read");
    }

    @Test
    void a_registration_update_while_a_read_is_out_changes_nothing() {
        ROWS.on(reading(), new DeviceSeen(false, false)).isIgnored();
    }

    @Test
    void a_sleeping_device_is_waited_for_up_to_a_deadline() {
        ROWS.on(reading(), new LinkFailed(LinkFailed.Why.ASLEEP))
                .takes("C17")
                .leadsTo(CHECKING, WAITING_FOR_DEVICE)
                .within(POLICY.awaitReturn().minus(Duration.ofHours(1)))
                .asking();
        ROWS.on(update().in(CHECKING, WAITING_FOR_DEVICE), new LinkFailed(LinkFailed.Why.ASLEEP))
                .takes("C17")
                .stays()
                .asking();
    }

    @Test
    void a_device_that_sleeps_again_before_each_read_is_not_waited_for_any_longer() {
        Update waiting =
                ROWS.on(reading(), new LinkFailed(LinkFailed.Why.ASLEEP)).next();
        Update heard = ROWS.on(waiting, new DeviceSeen(false, false), context())
                .takes("C15")
                .next();

        Update again = ROWS.on(heard, new LinkFailed(LinkFailed.Why.ASLEEP), context())
                .takes("C17")
                .next();

        Assertions.assertThat(again.deadline()).isEqualTo(waiting.deadline());
        Assertions.assertThat(again.deadline()).isEqualTo(waiting.since().plus(POLICY.awaitReturn()));
    }

    @Test
    void a_read_without_an_answer_is_repeated_twice() {
        ROWS.on(reading().having(tries(1, 0, 0, 0, 0, 0)), new LinkFailed(LinkFailed.Why.TIMEOUT))
                .takes("C18")
                .leadsTo(CHECKING, READING)
                .within(POLICY.checking())
                .having(tries(2, 0, 0, 0, 0, 0))
                .asking("read");
    }

    @Test
    void a_third_read_without_an_answer_is_retried_later() {
        ROWS.on(reading().having(tries(2, 0, 0, 0, 0, 0)), new LinkFailed(LinkFailed.Why.BROKEN))
                .takes("C19")
                .leadsTo(RETRY, NO_ANSWER)
                .within(POLICY.backoff())
                .asking();
    }

    @Test
    void a_refused_read_is_retried_later() {
        ROWS.on(reading(), new Refused(500))
                .takes("C20")
                .leadsTo(RETRY, REFUSED)
                .within(POLICY.backoff())
                .asking();
    }

    @Test
    void a_foreign_update_is_looked_at_from_time_to_time() {
        ROWS.on(update().in(CHECKING, FOREIGN_UPDATE), new PollDue())
                .takes("C21")
                .stays()
                .asking("read if awake");
        ROWS.on(reading(), new PollDue()).isIgnored();
    }

    @Test
    void checking_that_takes_too_long_is_retried_later() {
        ROWS.on(reading(), new DeadlinePassed())
                .takes("C22")
                .leadsTo(RETRY, NO_ANSWER)
                .within(POLICY.backoff());
    }

    @Test
    void a_foreign_update_that_never_ends_is_retried_later() {
        ROWS.on(update().in(CHECKING, FOREIGN_UPDATE), new DeadlinePassed())
                .takes("C22")
                .leadsTo(RETRY, STUCK);
    }

    @Test
    void back_offs_double_and_are_spread_by_up_to_a_fifth() {
        ROWS.on(reading().attempt(2), new Refused(500), context().spread(0.5))
                .leadsTo(RETRY, REFUSED)
                .within(POLICY.backoff().multipliedBy(2).plus(POLICY.backoff().dividedBy(5)));
        ROWS.on(reading().attempt(60), new Refused(500)).within(POLICY.backoffMax());
    }

    @Test
    void a_device_the_package_is_not_for_is_skipped_with_the_reason_before_a_byte_goes_out() {
        Requirements carriers = new Requirements(
                new TreeSet<>(List.of("a", "b")),
                new TreeSet<>(),
                Optional.empty(),
                Optional.empty(),
                new TreeSet<>(),
                Optional.of(512L));
        Update checking = update().in(CHECKING, READING).build();

        UpdateStep elsewhere = UpdateMachine.next(
                checking,
                device().freeMemory(600).read(),
                context().requiring(carriers).labelled("x", "").build());
        UpdateStep tooSmall = UpdateMachine.next(
                checking,
                device().freeMemory(511).read(),
                context().requiring(carriers).labelled("a", "").build());
        UpdateStep fits = UpdateMachine.next(
                checking,
                device().freeMemory(512).read(),
                context().requiring(carriers).labelled("b", "").build());

        Assertions.assertThat(elsewhere.next().where()).isEqualTo("SKIPPED/rejected");
        Assertions.assertThat(elsewhere.next().note()).contains("carrier \"x\" (package is for a, b)");
        Assertions.assertThat(elsewhere.commands()).isEmpty();
        Assertions.assertThat(tooSmall.next().where()).isEqualTo("SKIPPED/rejected");
        Assertions.assertThat(tooSmall.next().note()).contains("free memory 511 kB (package needs 512 kB)");
        Assertions.assertThat(fits.next().phase()).isEqualTo(DOWNLOADING);
        Assertions.assertThat(fits.next().note()).isEmpty();
    }

    @Test
    void a_device_whose_cell_is_full_gives_its_place_back_and_is_read_anew_when_there_is_room() {
        Update waiting = ROWS.on(reading(), new UpdateSignal.NoRoom())
                .takes("C28")
                .leadsTo(CHECKING, UpdateDetail.WAITING_FOR_ROOM)
                .within(POLICY.awaitReturn())
                .asking()
                .next();
        Assertions.assertThat(UpdateMachine.takesBudget(waiting)).isFalse();
        Assertions.assertThat(UpdateMachine.wantsBudget(waiting, new DeviceSeen(false, false)))
                .isTrue();
        Assertions.assertThat(UpdateMachine.wantsBudget(waiting, new DeadlinePassed()))
                .isTrue();
        ROWS.on(waiting, new DeviceSeen(false, false), context())
                .takes("C15")
                .leadsTo(CHECKING, READING)
                .asking("read");
        ROWS.on(waiting, new DeadlinePassed(), context())
                .takes("C29")
                .leadsTo(CHECKING, READING)
                .asking("read");
    }
}
