package wavegate.firmware.update;

import static org.assertj.core.api.Assertions.assertThat;
import static wavegate.firmware.update.RowRecorder.tries;
import static wavegate.firmware.update.UpdateFixture.OTHER;
import static wavegate.firmware.update.UpdateFixture.TARGET;
import static wavegate.firmware.update.UpdateFixture.context;
import static wavegate.firmware.update.UpdateFixture.device;
import static wavegate.firmware.update.UpdateFixture.update;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.update.UpdateSignal.DeadlinePassed;
import wavegate.firmware.update.UpdateSignal.DeviceSeen;

/**
 * The server was away and the device comes back: what a read shows, and what was meant last, decide where the update goes on. Line by line, with
 * the row of the ledger as it was kept.
 */
class ReentryTest {
    private static final UpdateFixture.Given CHECKING = update().in(UpdatePhase.CHECKING, UpdateDetail.READING);
    private static final UpdateFixture.Given PUSHING = update().in(UpdatePhase.DOWNLOADING, UpdateDetail.PUSH)
            .meaning(Intent.PUSH)
            .having(tries(0, 0, 1, 0, 0, 0));
    private static final UpdateFixture.Given PULLING = update().in(UpdatePhase.DOWNLOADING, UpdateDetail.PULL)
            .meaning(Intent.PULL)
            .having(tries(0, 0, 1, 0, 0, 0));
    private static final UpdateFixture.Given PULLING_READ_AGAIN = update().in(
                    UpdatePhase.DOWNLOADING, UpdateDetail.PULL)
            .meaning(Intent.PULL)
            .having(tries(1, 0, 1, 0, 0, 0));
    private static final UpdateFixture.Given EXECUTED = update().in(UpdatePhase.UPDATING, UpdateDetail.EXECUTING)
            .meaning(Intent.EXECUTE)
            .having(tries(0, 0, 1, 1, 0, 0));

    private record Line(
            int state, int result, String version, UpdateFixture.Given kept, String decision, String commands) {
        String name() {
            Update update = kept.build();
            return state + "/" + result + " " + version + ", meant " + update.intent() + " -> " + decision;
        }
    }

    @TestFactory
    Stream<DynamicTest> every_line_of_the_table_leads_where_it_says() {
        return Stream.of(
                        new Line(0, 1, "target", EXECUTED, "VERIFY_POST/soaking", ""),
                        new Line(0, 1, "old", EXECUTED, "UPDATING/rechecking-version", ""),
                        new Line(0, 0, "target", EXECUTED, "VERIFY_POST/soaking", ""),
                        new Line(0, 0, "old", EXECUTED, "UPDATING/rechecking-version", ""),
                        new Line(0, 0, "old", PULLING, "DOWNLOADING/pull", "ReadStatus"),
                        new Line(0, 0, "old", PULLING_READ_AGAIN, "RETRY/image-lost", ""),
                        new Line(0, 0, "old", PUSHING, "DOWNLOADING/push", "PushPackage"),
                        new Line(0, 2, "old", PULLING, "FAILED/not-enough-flash", ""),
                        new Line(0, 3, "old", PULLING, "RETRY/out-of-ram", ""),
                        new Line(0, 4, "old", PULLING, "RETRY/connection-lost", ""),
                        new Line(0, 5, "old", PULLING, "RETRY/integrity", ""),
                        new Line(0, 6, "old", PULLING, "FAILED/unsupported-package", ""),
                        new Line(0, 7, "old", PULLING, "FAILED/invalid-uri", ""),
                        new Line(0, 9, "old", PULLING, "DOWNLOADING/push", "PushPackage"),
                        new Line(0, 5, "old", EXECUTED, "ROLLBACK/integrity", ""),
                        new Line(0, 8, "old", EXECUTED, "ROLLBACK/update-failed", ""),
                        new Line(0, 10, "old", PULLING, "FAILED/cancelled-by-other", ""),
                        new Line(0, 10, "old", EXECUTED, "FAILED/cancelled-by-other", ""),
                        new Line(0, 12, "old", PULLING, "FAILED/conflicting-state", ""),
                        new Line(0, 13, "old", EXECUTED, "FAILED/dependency", ""),
                        new Line(2, 13, "old", EXECUTED, "FAILED/dependency", "ResetObject"),
                        new Line(0, 100, "old", PULLING, "FAILED/unknown-result", ""),
                        new Line(0, 100, "old", EXECUTED, "FAILED/unknown-result", ""),
                        new Line(0, 0, "other", EXECUTED, "FAILED/unexpected-version", ""),
                        new Line(0, 1, "other", EXECUTED, "FAILED/unexpected-version", ""),
                        new Line(0, 8, "other", EXECUTED, "FAILED/unexpected-version", ""),
                        new Line(1, 0, "old", PULLING, "DOWNLOADING/pull", ""),
                        new Line(1, 0, "old", PUSHING, "DOWNLOADING/push", "PushPackage"),
                        new Line(1, 0, "old", CHECKING, "CHECKING/normalising", "ResetObject"),
                        new Line(2, 0, "old", PULLING, "VERIFYING/confirming", "ReadStatus"),
                        new Line(2, 0, "old", PUSHING, "VERIFYING/confirming", "ReadStatus"),
                        new Line(2, 0, "old", EXECUTED, "PRE_UPDATING/ready", "ReadStatus"),
                        new Line(2, 8, "old", EXECUTED, "ROLLBACK/update-failed", "ResetObject"),
                        new Line(2, 11, "old", EXECUTED, "PRE_UPDATING/deferred", ""),
                        new Line(2, 0, "old", CHECKING, "CHECKING/normalising", "ResetObject"),
                        new Line(2, 8, "other", CHECKING, "CHECKING/normalising", "ResetObject"),
                        new Line(2, 11, "old", CHECKING, "CHECKING/normalising", "ResetObject"),
                        new Line(3, 0, "old", EXECUTED, "UPDATING/applying", ""),
                        new Line(3, 0, "target", EXECUTED, "UPDATING/applying", ""),
                        new Line(3, 0, "old", CHECKING, "CHECKING/foreign-update", ""))
                .map(line -> DynamicTest.dynamicTest(line.name(), () -> holds(line)));
    }

    /** As it happens: the device registers anew, is read because of it, and the read decides. */
    private static void holds(Line line) {
        Update kept = line.kept().build();
        UpdateStep heard =
                UpdateMachine.next(kept, new DeviceSeen(true, false), context().build());
        assertThat(heard.commands()).last().isInstanceOf(UpdateCommand.ReadStatus.class);
        assertThat(heard.next()).isEqualTo(kept);

        UpdateStep decided = answer(
                heard.next(),
                device().at(line.state(), line.result()).running(versions().get(line.version())));

        assertThat(decided.ignored()).isFalse();
        assertThat(decided.next().where()).isEqualTo(line.decision());
        assertThat(decided.commands())
                .extracting(command -> command.getClass().getSimpleName())
                .isEqualTo(line.commands().isEmpty() ? List.of() : List.of(line.commands()));
    }

    @Test
    void success_without_the_version_fails_after_one_more_read() {
        assertThat(recheck(1).where()).isEqualTo("FAILED/success-without-version");
    }

    @Test
    void the_old_version_without_a_result_is_a_rollback_after_one_more_read() {
        assertThat(recheck(0).where()).isEqualTo("ROLLBACK/reverted");
    }

    @Test
    void a_version_that_shows_late_is_still_a_success() {
        Update waiting = answer(EXECUTED.build(), device().at(0, 1)).next();
        Update reading = due(waiting);

        assertThat(answer(reading, device().at(0, 1).running(TARGET)).next().where())
                .isEqualTo("VERIFY_POST/soaking");
    }

    @Test
    void a_target_whose_result_did_not_survive_the_reboot_says_so() {
        Update soaking =
                answer(EXECUTED.build(), device().at(0, 0).running(TARGET)).next();

        assertThat(soaking.where()).isEqualTo("VERIFY_POST/soaking");
        assertThat(soaking.lastResult().code()).isZero();
    }

    @Test
    void execute_is_repeated_once_and_then_given_up() {
        Update ready = answer(EXECUTED.build(), device().at(2, 0)).next();
        UpdateStep second = answer(ready, device().at(2, 0));
        assertThat(RowRecorder.executes(second.commands())).isTrue();

        UpdateStep third = answer(second.next(), device().at(2, 0));

        assertThat(third.next().where()).isEqualTo("FAILED/execute-refused");
    }

    @Test
    void a_foreign_image_that_cannot_be_reset_is_given_up_without_execute() {
        Update update = CHECKING.build();
        for (String step : new String[] {"CHECKING/normalising", "CHECKING/normalising", "RETRY/stuck"}) {
            UpdateStep decided = answer(update, device().at(2, 0));
            assertThat(RowRecorder.executes(decided.commands())).isFalse();
            assertThat(decided.next().where()).isEqualTo(step);
            update = decided.next();
        }
    }

    @Test
    void a_kept_row_that_waited_for_its_device_goes_on_when_it_is_heard() {
        Update waiting = update().in(UpdatePhase.CHECKING, UpdateDetail.WAITING_FOR_DEVICE)
                .build();

        UpdateStep heard = UpdateMachine.next(
                waiting, new DeviceSeen(false, false), context().build());

        assertThat(heard.next().where()).isEqualTo("CHECKING/reading");
    }

    private static Update recheck(int result) {
        Update waiting = answer(EXECUTED.build(), device().at(0, result)).next();
        return answer(due(waiting), device().at(0, result)).next();
    }

    private static Update due(Update update) {
        return UpdateMachine.next(update, new DeadlinePassed(), context().build())
                .next();
    }

    private static UpdateStep answer(Update update, UpdateFixture.Shown shown) {
        return UpdateMachine.answer(
                update, update.step(), shown.read(), context().build());
    }

    private static Map<String, FirmwareVersion> versions() {
        return Map.of("old", UpdateFixture.OLD, "target", TARGET, "other", OTHER);
    }
}
