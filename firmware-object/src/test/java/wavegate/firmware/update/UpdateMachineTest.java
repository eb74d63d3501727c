package wavegate.firmware.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static wavegate.firmware.update.UpdateFixture.ID;
import static wavegate.firmware.update.UpdateFixture.NOW;
import static wavegate.firmware.update.UpdateFixture.OLD;
import static wavegate.firmware.update.UpdateFixture.OTHER;
import static wavegate.firmware.update.UpdateFixture.PACKAGE;
import static wavegate.firmware.update.UpdateFixture.REGION;
import static wavegate.firmware.update.UpdateFixture.TARGET;
import static wavegate.firmware.update.UpdateFixture.TOKEN;
import static wavegate.firmware.update.UpdateFixture.context;
import static wavegate.firmware.update.UpdateFixture.device;
import static wavegate.firmware.update.UpdateFixture.update;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import wavegate.firmware.object.DeliveryMethod;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.object.UpdateState;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.update.UpdateSignal.ApplyAllowed;
import wavegate.firmware.update.UpdateSignal.Begin;
import wavegate.firmware.update.UpdateSignal.CancelAsked;
import wavegate.firmware.update.UpdateSignal.DeadlinePassed;
import wavegate.firmware.update.UpdateSignal.DeviceSeen;
import wavegate.firmware.update.UpdateSignal.ExecuteAccepted;
import wavegate.firmware.update.UpdateSignal.FoundUnhealthy;
import wavegate.firmware.update.UpdateSignal.Hint;
import wavegate.firmware.update.UpdateSignal.LinkFailed;
import wavegate.firmware.update.UpdateSignal.PackageAccepted;
import wavegate.firmware.update.UpdateSignal.PollDue;
import wavegate.firmware.update.UpdateSignal.Refused;
import wavegate.firmware.update.UpdateSignal.ResetAnswered;
import wavegate.firmware.update.UpdateSignal.StatusRead;
import wavegate.firmware.update.UpdateSignal.UriAccepted;

/** What holds for the table as a whole. */
class UpdateMachineTest {
    private static final int[] STATES = {0, 1, 2, 3, 78, -66, 4, Integer.MAX_VALUE};
    private static final int[] RESULTS = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 77, 100, -66, Integer.MIN_VALUE};
    private static final FirmwareVersion[] VERSIONS = {OLD, TARGET, OTHER, FirmwareVersion.UNKNOWN};
    private static final int SEEDS = 1000;
    private static final List<UpdateSignal> EVERY_SIGNAL = everySignal();

    /** The phases an update may be in after one step from a phase, besides itself: the picture of the phases, and the rows beside the main road. */
    private static Set<UpdatePhase> after(UpdatePhase phase) {
        return switch (phase) {
            case IDLE -> EnumSet.of(UpdatePhase.CHECKING, UpdatePhase.CANCELLED);
            case CHECKING ->
                EnumSet.of(UpdatePhase.DOWNLOADING, UpdatePhase.RETRY, UpdatePhase.SKIPPED, UpdatePhase.CANCELLED);
            case DOWNLOADING ->
                EnumSet.of(
                        UpdatePhase.VERIFYING,
                        UpdatePhase.RETRY,
                        UpdatePhase.FAILED,
                        UpdatePhase.SKIPPED,
                        UpdatePhase.CANCELLED);
            case VERIFYING ->
                EnumSet.of(
                        UpdatePhase.PRE_UPDATING,
                        UpdatePhase.VERIFY_POST,
                        UpdatePhase.RETRY,
                        UpdatePhase.FAILED,
                        UpdatePhase.CANCELLED);
            case PRE_UPDATING ->
                EnumSet.of(
                        UpdatePhase.UPDATING,
                        UpdatePhase.VERIFY_POST,
                        UpdatePhase.RETRY,
                        UpdatePhase.FAILED,
                        UpdatePhase.CANCELLED);
            case UPDATING ->
                EnumSet.of(
                        UpdatePhase.VERIFY_POST,
                        UpdatePhase.PRE_UPDATING,
                        UpdatePhase.ROLLBACK,
                        UpdatePhase.FAILED,
                        UpdatePhase.LOST,
                        UpdatePhase.CANCELLED);
            case VERIFY_POST ->
                EnumSet.of(UpdatePhase.SUCCESS, UpdatePhase.ROLLBACK, UpdatePhase.FAILED, UpdatePhase.LOST);
            case RETRY -> EnumSet.of(UpdatePhase.CHECKING, UpdatePhase.FAILED, UpdatePhase.CANCELLED);
            case SUCCESS, FAILED, ROLLBACK, SKIPPED, CANCELLED, LOST -> EnumSet.noneOf(UpdatePhase.class);
        };
    }

    private static List<UpdateSignal> everySignal() {
        List<UpdateSignal> signals = new ArrayList<>(List.of(
                new Begin(),
                new DeviceSeen(true, true),
                new DeviceSeen(true, false),
                new DeviceSeen(false, false),
                new Hint(),
                new PollDue(),
                new DeadlinePassed(),
                new ApplyAllowed(),
                new FoundUnhealthy(),
                new CancelAsked(UpdateDetail.KILLED),
                new ResetAnswered(),
                new PackageAccepted(),
                new UriAccepted(),
                new ExecuteAccepted(),
                new Refused(405),
                new Refused(599)));
        for (LinkFailed.Why why : LinkFailed.Why.values()) {
            signals.add(new LinkFailed(why));
        }
        for (int state : STATES) {
            for (int result : RESULTS) {
                for (FirmwareVersion version : VERSIONS) {
                    signals.add(device().at(state, result).running(version).read());
                }
            }
        }
        return signals;
    }

    @Test
    void an_end_is_final_for_every_signal() {
        UpdateContext around = context().build();
        for (UpdatePhase phase : UpdatePhase.values()) {
            if (!phase.isFinal()) {
                continue;
            }
            for (UpdateDetail detail : UpdateDetail.values()) {
                Update ended = update().in(phase, detail).build();
                for (UpdateSignal signal : EVERY_SIGNAL) {
                    UpdateStep step = UpdateMachine.next(ended, signal, around);
                    if (!step.equals(new UpdateStep(ended, List.of(), ""))) {
                        fail(ended.where() + " -- " + signal + " -> " + step);
                    }
                }
            }
        }
    }

    @Test
    void no_signal_in_any_row_throws_or_leaves_the_picture() {
        UpdateContext around = context().build();
        for (UpdatePhase phase : UpdatePhase.values()) {
            Set<UpdatePhase> allowed = after(phase);
            for (UpdateDetail detail : UpdateDetail.values()) {
                for (Intent intent : Intent.values()) {
                    Update update = update().in(phase, detail).meaning(intent).build();
                    for (UpdateSignal signal : EVERY_SIGNAL) {
                        UpdatePhase next = UpdateMachine.next(update, signal, around)
                                .next()
                                .phase();
                        if (next != phase && !allowed.contains(next)) {
                            fail(update.where() + " -- " + signal + " -> " + next);
                        }
                    }
                }
            }
        }
    }

    @Test
    void an_answer_to_an_older_or_a_later_step_is_ignored() {
        Update update = update().in(UpdatePhase.PRE_UPDATING, UpdateDetail.READY)
                .meaning(Intent.PULL)
                .build();
        UpdateSignal read = device().at(2, 0).read();

        for (int step : new int[] {update.step() - 1, update.step() + 1, 0, -1}) {
            assertThat(UpdateMachine.answer(update, step, read, context().build()))
                    .isEqualTo(new UpdateStep(update, List.of(), ""));
        }
        assertThat(UpdateMachine.answer(update, update.step(), read, context().build())
                        .row())
                .isEqualTo("P3");
    }

    @Test
    void a_doubled_answer_executes_once() {
        Update ready = update().in(UpdatePhase.PRE_UPDATING, UpdateDetail.READY)
                .meaning(Intent.PULL)
                .build();
        UpdateSignal read = device().at(2, 0).read();
        Update executing = UpdateMachine.answer(
                        ready, ready.step(), read, context().build())
                .next();

        UpdateStep doubled =
                UpdateMachine.answer(executing, ready.step(), read, context().build());

        assertThat(doubled.ignored()).isTrue();
        assertThat(doubled.next()).isSameAs(executing);
    }

    @Test
    void an_open_update_is_never_wedged() {
        for (int seed = 0; seed < SEEDS; seed++) {
            Walk walk = new Walk(seed);
            for (int i = 0; i < 60; i++) {
                walk.run(1);
                Update update = walk.update;
                boolean waits = update.isFinal()
                        || UpdateMachine.polled(update)
                        || !update.deadline().equals(Instant.MAX)
                        || update.phase() == UpdatePhase.IDLE
                        || update.detail() == UpdateDetail.WAITING_FOR_DEVICE
                        || update.detail() == UpdateDetail.HELD;
                assertThat(waits).as("seed " + seed + ": " + update).isTrue();
            }
        }
    }

    @Test
    void execute_follows_only_a_read_that_shows_state_2_and_only_where_it_is_allowed() {
        int executed = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            Walk walk = new Walk(seed);
            for (int i = 0; i < 60; i++) {
                UpdateSignal signal = walk.signal();
                UpdateStep step = walk.take(signal);
                if (RowRecorder.executes(step.commands())) {
                    executed++;
                    assertThat(signal).as("seed " + seed).isInstanceOf(StatusRead.class);
                    DeviceStatus status = ((StatusRead) signal).status();
                    assertThat(status.firmware().is(UpdateState.DOWNLOADED))
                            .as("seed " + seed + ": " + status)
                            .isTrue();
                    assertThat(status.firmware().result().code())
                            .as("seed " + seed)
                            .isIn(0, 11);
                    assertThat(walk.allowed).as("seed " + seed).isTrue();
                }
            }
        }
        assertThat(executed).as("the walks reach Execute").isGreaterThan(SEEDS / 20);
    }

    @Test
    void success_follows_only_a_read_of_the_target() {
        int succeeded = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            Walk walk = new Walk(seed);
            for (int i = 0; i < 60; i++) {
                UpdateSignal signal = walk.signal();
                UpdatePhase before = walk.update.phase();
                UpdateStep step = walk.take(signal);
                if (before != UpdatePhase.SUCCESS && step.next().phase() == UpdatePhase.SUCCESS) {
                    succeeded++;
                    assertThat(signal).as("seed " + seed).isInstanceOf(StatusRead.class);
                    assertThat(((StatusRead) signal).status().version())
                            .as("seed " + seed)
                            .isEqualTo(TARGET);
                }
            }
        }
        assertThat(succeeded).as("the walks reach SUCCESS").isGreaterThan(SEEDS / 100);
    }

    @Test
    void a_rollback_follows_only_a_read_of_the_old_version() {
        int rolledBack = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            Walk walk = new Walk(seed);
            for (int i = 0; i < 60; i++) {
                UpdateSignal signal = walk.signal();
                FirmwareVersion from = walk.update.from();
                UpdatePhase before = walk.update.phase();
                UpdateStep step = walk.take(signal);
                if (before != UpdatePhase.ROLLBACK && step.next().phase() == UpdatePhase.ROLLBACK) {
                    rolledBack++;
                    assertThat(signal).as("seed " + seed).isInstanceOf(StatusRead.class);
                    assertThat(((StatusRead) signal).status().version())
                            .as("seed " + seed)
                            .isEqualTo(from);
                }
            }
        }
        assertThat(rolledBack).as("the walks reach ROLLBACK").isGreaterThan(SEEDS / 100);
    }

    @Test
    void an_attempt_executes_at_most_twice_and_attempts_are_bounded() {
        for (int seed = 0; seed < SEEDS; seed++) {
            Walk walk = new Walk(seed);
            walk.run(60);
            assertThat(walk.update.tries().executes()).as("seed " + seed).isLessThanOrEqualTo(2);
            assertThat(walk.update.attempt()).as("seed " + seed).isLessThanOrEqualTo(UpdateFixture.POLICY.attempts());
        }
    }

    @Test
    void these_ends_close_the_image_for_the_device() {
        for (UpdateDetail detail : UpdateDetail.values()) {
            assertThat(closes(UpdatePhase.ROLLBACK, detail))
                    .as("ROLLBACK/" + detail)
                    .isTrue();
            boolean byImage = Set.of(
                            UpdateDetail.INTEGRITY, UpdateDetail.UNSUPPORTED_PACKAGE, UpdateDetail.UPDATE_FAILED)
                    .contains(detail);
            assertThat(closes(UpdatePhase.FAILED, detail))
                    .as("FAILED/" + detail)
                    .isEqualTo(byImage);
            for (UpdatePhase phase : new UpdatePhase[] {
                UpdatePhase.SUCCESS, UpdatePhase.SKIPPED, UpdatePhase.CANCELLED, UpdatePhase.LOST, UpdatePhase.RETRY
            }) {
                assertThat(closes(phase, detail)).as(phase + "/" + detail).isFalse();
            }
        }
    }

    @Test
    void only_the_old_version_seen_after_success_is_a_revert() {
        Update ended = update().in(UpdatePhase.SUCCESS, UpdateDetail.HEALTHY).build();

        assertThat(UpdateMachine.revertsSuccess(ended, FirmwareVersion.of("v1.1.1.0")))
                .isTrue();
        assertThat(UpdateMachine.revertsSuccess(ended, TARGET)).isFalse();
        assertThat(UpdateMachine.revertsSuccess(ended, FirmwareVersion.UNKNOWN)).isFalse();
        assertThat(UpdateMachine.revertsSuccess(
                        update().in(UpdatePhase.SUCCESS, UpdateDetail.HEALTHY)
                                .from(FirmwareVersion.UNKNOWN)
                                .build(),
                        FirmwareVersion.UNKNOWN))
                .isFalse();
        assertThat(UpdateMachine.revertsSuccess(
                        update().in(UpdatePhase.FAILED, UpdateDetail.UNHEALTHY).build(), OLD))
                .isFalse();
    }

    @Test
    void a_device_that_is_waited_for_takes_no_budget_until_it_is_heard() {
        Update waiting = update().in(UpdatePhase.CHECKING, UpdateDetail.WAITING_FOR_DEVICE)
                .build();
        Update reading = update().in(UpdatePhase.CHECKING, UpdateDetail.READING).build();
        Update backingOff = update().in(UpdatePhase.RETRY, UpdateDetail.STALLED).build();

        assertThat(UpdateMachine.takesBudget(waiting)).isFalse();
        assertThat(UpdateMachine.takesBudget(reading)).isTrue();
        assertThat(UpdateMachine.wantsBudget(waiting, new DeviceSeen(false, false)))
                .isTrue();
        assertThat(UpdateMachine.wantsBudget(waiting, new CancelAsked(UpdateDetail.KILLED)))
                .isFalse();
        assertThat(UpdateMachine.wantsBudget(reading, new DeviceSeen(true, true)))
                .isFalse();
        assertThat(UpdateMachine.wantsBudget(backingOff, new DeadlinePassed())).isTrue();
    }

    private static boolean closes(UpdatePhase phase, UpdateDetail detail) {
        return UpdateMachine.closesArtifact(update().in(phase, detail).build());
    }

    /** A run of signals from a seed, with more sense than chance: mostly what the update waits for, now and then anything at all. */
    private static final class Walk {
        private final Random random;
        private Update update = Update.reserved(ID, 0, PACKAGE, REGION, TOKEN, TARGET, NOW);
        private boolean allowed;

        Walk(long seed) {
            random = new Random(seed);
        }

        void run(int signals) {
            for (int i = 0; i < signals; i++) {
                take(signal());
            }
        }

        UpdateStep take(UpdateSignal signal) {
            allowed = random.nextInt(4) > 0;
            UpdateContext around =
                    allowed ? context().build() : context().holding().build();
            UpdateStep step = UpdateMachine.next(update, signal, around);
            update = step.next();
            return step;
        }

        UpdateSignal signal() {
            return switch (random.nextInt(10)) {
                case 0 -> new DeadlinePassed();
                case 1 -> anything();
                case 2 -> new ApplyAllowed();
                case 3 -> new DeviceSeen(random.nextBoolean(), random.nextBoolean());
                default -> read();
            };
        }

        private UpdateSignal anything() {
            return EVERY_SIGNAL.get(random.nextInt(EVERY_SIGNAL.size()));
        }

        private UpdateSignal read() {
            int state = random.nextInt(8) == 0 ? STATES[random.nextInt(STATES.length)] : likely();
            int result = random.nextInt(4) == 0 ? RESULTS[random.nextInt(RESULTS.length)] : 0;
            boolean applied = update.phase() == UpdatePhase.UPDATING || update.phase() == UpdatePhase.VERIFY_POST;
            FirmwareVersion version = random.nextInt(8) == 0
                    ? VERSIONS[random.nextInt(VERSIONS.length)]
                    : applied && random.nextInt(4) > 0 ? TARGET : OLD;
            DeliveryMethod method = random.nextInt(4) == 0 ? DeliveryMethod.PUSH : DeliveryMethod.BOTH;
            return device().at(state, result)
                    .running(version)
                    .by(method, UpdateProtocol.COAP)
                    .read();
        }

        private int likely() {
            return switch (update.phase()) {
                case DOWNLOADING, VERIFYING, PRE_UPDATING -> 2;
                case UPDATING -> random.nextInt(3) == 0 ? 2 : 0;
                case IDLE, CHECKING, VERIFY_POST, RETRY, SUCCESS, FAILED, ROLLBACK, SKIPPED, CANCELLED, LOST -> 0;
            };
        }
    }
}
