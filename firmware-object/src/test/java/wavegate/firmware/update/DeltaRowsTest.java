package wavegate.firmware.update;

import static org.assertj.core.api.Assertions.assertThat;
import static wavegate.firmware.update.UpdateFixture.MANIFEST;
import static wavegate.firmware.update.UpdateFixture.OLD;
import static wavegate.firmware.update.UpdateFixture.OTHER;
import static wavegate.firmware.update.UpdateFixture.TARGET;
import static wavegate.firmware.update.UpdateFixture.context;
import static wavegate.firmware.update.UpdateFixture.device;
import static wavegate.firmware.update.UpdateFixture.update;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import wavegate.firmware.object.DeliveryMethod;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.pkg.Delta;
import wavegate.firmware.pkg.Payload;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.UpdateSignal.DeadlinePassed;

/** A delta goes to a device that runs what it starts from; where it comes to nothing, the image follows as an attempt of its own. */
class DeltaRowsTest {
    @RegisterExtension
    static final RowRecorder ROWS = new RowRecorder("B");

    private static final Delta FROM_OLD =
            new Delta(OLD, Sha256.of(new byte[] {9}), Delta.Format.BSDIFF, Sha256.of(new byte[] {8}), 1000);
    private static final Payload DELTA = Payload.of(FROM_OLD, MANIFEST);
    private static final Payload FULL = Payload.full(MANIFEST);
    private static final Payload FULL_AFTER = Payload.fullAfter(DELTA, MANIFEST);

    private static UpdateFixture.Given checking() {
        return update().in(UpdatePhase.CHECKING, UpdateDetail.READING);
    }

    private static Payload sent(UpdateStep step) {
        List<Payload> sent = new ArrayList<>();
        for (UpdateCommand command : step.commands()) {
            if (command instanceof UpdateCommand.PushPackage push) {
                sent.add(push.payload().orElseThrow());
            } else if (command instanceof UpdateCommand.WritePackageUri uri) {
                sent.add(uri.payload().orElseThrow());
            }
        }
        assertThat(sent).hasSize(1);
        assertThat(step.next().payload()).contains(sent.get(0));
        return sent.get(0);
    }

    @Test
    void a_device_that_runs_what_a_delta_starts_from_gets_it_by_push_and_by_pull() {
        for (DeliveryMethod method : List.of(DeliveryMethod.PUSH, DeliveryMethod.PULL)) {
            UpdateStep step = UpdateMachine.next(
                    checking().build(),
                    device().by(method, UpdateProtocol.COAP).read(),
                    context().withDeltas(FROM_OLD).build());
            assertThat(sent(step)).isEqualTo(DELTA);
            assertThat(DELTA.savedBytes()).isEqualTo(262_144 - 1000);
        }
    }

    @Test
    void the_smallest_of_several_deltas_is_taken() {
        Delta larger = new Delta(OLD, FROM_OLD.fromSha256(), Delta.Format.BSDIFF, Sha256.of(new byte[] {7}), 2000);
        UpdateStep step = UpdateMachine.next(
                checking().build(),
                device().read(),
                context().withDeltas(larger, FROM_OLD).build());
        assertThat(sent(step)).isEqualTo(DELTA);
    }

    @Test
    void a_device_that_runs_something_else_or_has_no_delta_gets_the_image() {
        assertThat(sent(UpdateMachine.next(
                        checking().build(),
                        device().running(OTHER).read(),
                        context().withDeltas(FROM_OLD).build())))
                .isEqualTo(FULL);
        assertThat(sent(UpdateMachine.next(
                        checking().build(), device().read(), context().build())))
                .isEqualTo(FULL);
    }

    @Test
    void after_result_5_6_or_8_the_image_follows_even_where_no_attempt_remains() {
        UpdateFixture.Given[] carrying = {
            update().in(UpdatePhase.DOWNLOADING, UpdateDetail.PULL).meaning(Intent.PULL),
            update().in(UpdatePhase.VERIFYING, UpdateDetail.CONFIRMING).meaning(Intent.PUSH),
            update().in(UpdatePhase.UPDATING, UpdateDetail.APPLYING).meaning(Intent.EXECUTE)
        };
        for (UpdateFixture.Given given : carrying) {
            for (int result : new int[] {5, 6, 8}) {
                Update delta = given.attempt(3).carrying(DELTA).build();
                UpdateStep failed = UpdateMachine.next(
                        delta, device().at(0, result).read(), context().build());
                assertThat(failed.next().where()).isEqualTo("RETRY/delta-failed");
                assertThat(failed.next().payload()).contains(FULL_AFTER);
                assertThat(failed.next().lastResult().code()).isEqualTo(result);

                UpdateStep again = UpdateMachine.next(
                        failed.next(), new DeadlinePassed(), context().build());
                assertThat(again.next().phase()).isEqualTo(UpdatePhase.CHECKING);
                assertThat(again.next().attempt()).isEqualTo(4);

                UpdateStep full = UpdateMachine.next(
                        again.next(),
                        device().read(),
                        context().withDeltas(FROM_OLD).build());
                assertThat(sent(full)).isEqualTo(FULL_AFTER);
                assertThat(FULL_AFTER.savedBytes()).isEqualTo(-1000);
            }
        }
    }

    @Test
    void each_place_where_a_delta_can_fail_has_its_row() {
        ROWS.on(
                        update().in(UpdatePhase.DOWNLOADING, UpdateDetail.PUSH)
                                .meaning(Intent.PUSH)
                                .carrying(DELTA),
                        device().at(0, 6))
                .takes("B1")
                .leadsTo(UpdatePhase.RETRY, UpdateDetail.DELTA_FAILED);
        ROWS.on(
                        update().in(UpdatePhase.VERIFYING, UpdateDetail.CONFIRMING)
                                .meaning(Intent.PULL)
                                .carrying(DELTA),
                        device().at(0, 5))
                .takes("B2")
                .leadsTo(UpdatePhase.RETRY, UpdateDetail.DELTA_FAILED);
        ROWS.on(
                        update().in(UpdatePhase.UPDATING, UpdateDetail.APPLYING)
                                .meaning(Intent.EXECUTE)
                                .carrying(DELTA),
                        device().at(0, 8))
                .takes("B3")
                .leadsTo(UpdatePhase.RETRY, UpdateDetail.DELTA_FAILED);
    }

    @Test
    void a_device_left_in_state_2_by_a_delta_that_could_not_be_applied_gets_the_image_too() {
        Update delta = update().in(UpdatePhase.UPDATING, UpdateDetail.APPLYING)
                .meaning(Intent.EXECUTE)
                .carrying(DELTA)
                .build();
        assertThat(UpdateMachine.next(delta, device().at(2, 8).read(), context().build())
                        .next()
                        .where())
                .isEqualTo("RETRY/delta-failed");
    }

    @Test
    void the_image_that_follows_gets_no_second_grace() {
        Update full = update().in(UpdatePhase.DOWNLOADING, UpdateDetail.PULL)
                .meaning(Intent.PULL)
                .attempt(4)
                .carrying(FULL_AFTER)
                .build();
        UpdateStep lost =
                UpdateMachine.next(full, device().at(0, 4).read(), context().build());
        assertThat(lost.next().where()).isEqualTo("RETRY/connection-lost");
        assertThat(UpdateMachine.next(
                                lost.next(), new DeadlinePassed(), context().build())
                        .next()
                        .where())
                .isEqualTo("FAILED/connection-lost");
        assertThat(UpdateMachine.next(full, device().at(0, 8).read(), context().build())
                        .next()
                        .where())
                .isEqualTo("FAILED/update-failed");
    }

    @Test
    void a_delta_that_made_the_target_is_judged_by_the_version_alone() {
        Update delta = update().in(UpdatePhase.UPDATING, UpdateDetail.APPLYING)
                .meaning(Intent.EXECUTE)
                .carrying(DELTA)
                .build();
        UpdateStep runs = UpdateMachine.next(
                delta, device().at(0, 1).running(TARGET).read(), context().build());
        assertThat(runs.next().where()).isEqualTo("VERIFY_POST/soaking");
        UpdateStep odd = UpdateMachine.next(
                delta, device().at(0, 8).running(TARGET).read(), context().build());
        assertThat(odd.next().where()).isEqualTo("FAILED/update-failed");
    }

    @Test
    void an_update_of_an_older_ledger_without_a_payload_carries_the_image() {
        Update before = update().in(UpdatePhase.DOWNLOADING, UpdateDetail.PULL)
                .meaning(Intent.PULL)
                .build();
        assertThat(UpdateMachine.next(
                                before, device().at(0, 8).read(), context().build())
                        .next()
                        .where())
                .isEqualTo("FAILED/update-failed");
    }
}
