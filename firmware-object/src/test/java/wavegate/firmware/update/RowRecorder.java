package wavegate.firmware.update;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import wavegate.firmware.object.UpdateResult;

/** Takes updates through the table, remembers which rows were taken, and fails the test class at its end if a row it answers for never was. */
final class RowRecorder implements AfterAllCallback {
    private final String families;
    private final Set<String> taken = new ConcurrentSkipListSet<>();

    /** @param families first letters of the row ids that the test class answers for: {@code "IC"} */
    RowRecorder(String families) {
        this.families = families;
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Set<String> never = new TreeSet<>();
        for (UpdateTable.Row row : UpdateTable.rows()) {
            if (families.indexOf(row.id().charAt(0)) >= 0 && !taken.contains(row.id())) {
                never.add(row.id() + " " + row.from() + " " + row.on().getSimpleName() + " " + row.when());
            }
        }
        assertThat(never).as("rows of the table that no test takes").isEmpty();
    }

    Taken on(UpdateFixture.Given given, UpdateSignal signal) {
        return on(given, signal, UpdateFixture.context());
    }

    Taken on(UpdateFixture.Given given, UpdateFixture.Shown shown) {
        return on(given, shown.read());
    }

    Taken on(UpdateFixture.Given given, UpdateFixture.Shown shown, UpdateFixture.Around around) {
        return on(given, shown.read(), around);
    }

    Taken on(UpdateFixture.Given given, UpdateSignal signal, UpdateFixture.Around around) {
        return on(given.build(), signal, around);
    }

    /** Takes one signal, and checks what holds for every row: steps grow by one or not at all, and commands carry the step they belong to. */
    Taken on(Update before, UpdateSignal signal, UpdateFixture.Around around) {
        UpdateStep step = UpdateMachine.next(before, signal, around.build());
        if (!step.next().equals(before)) {
            assertThat(step.next().step()).as("step").isEqualTo(before.step() + 1);
        }
        assertThat(step.commands()).allSatisfy(command -> {
            assertThat(command.update()).isEqualTo(before.id());
            assertThat(command.step()).isEqualTo(step.next().step());
        });
        taken.add(step.row());
        return new Taken(before, step);
    }

    /** What one signal did. Every method checks one thing. */
    record Taken(Update before, UpdateStep step) {
        Taken takes(String row) {
            assertThat(step.row()).isEqualTo(row);
            return this;
        }

        Taken leadsTo(UpdatePhase phase, UpdateDetail detail) {
            assertThat(step.next().where()).isEqualTo(phase + "/" + detail.label());
            Instant since = phase == before.phase() ? before.since() : UpdateFixture.NOW;
            assertThat(step.next().since()).as("since").isEqualTo(since);
            return this;
        }

        Taken stays() {
            assertThat(step.next()).isSameAs(before);
            return this;
        }

        Taken isIgnored() {
            assertThat(step.ignored()).as("row " + step.row()).isTrue();
            return stays().asking();
        }

        Taken within(Duration span) {
            assertThat(step.next().deadline()).as("deadline").isEqualTo(UpdateFixture.NOW.plus(span));
            return this;
        }

        Taken withoutDeadline() {
            assertThat(step.next().deadline()).as("deadline").isEqualTo(Instant.MAX);
            return this;
        }

        Taken keepingItsDeadline() {
            assertThat(step.next().deadline()).as("deadline").isEqualTo(before.deadline());
            return this;
        }

        Taken meaning(Intent intent) {
            assertThat(step.next().intent()).isEqualTo(intent);
            return this;
        }

        Taken having(Tries tries) {
            assertThat(step.next().tries()).isEqualTo(tries);
            return this;
        }

        Taken showing(int result) {
            assertThat(step.next().lastResult()).isEqualTo(new UpdateResult(result));
            return this;
        }

        Taken attempt(int attempt) {
            assertThat(step.next().attempt()).isEqualTo(attempt);
            return this;
        }

        /** The commands in order, in words: {@code read}, {@code observe}, {@code execute} ... */
        Taken asking(String... commands) {
            assertThat(step.commands()).extracting(RowRecorder::inWords).containsExactly(commands);
            return this;
        }

        Update next() {
            return step.next();
        }
    }

    static Tries tries(int reads, int resets, int deliveries, int executes, int integrityFailures, int boots) {
        return new Tries(reads, resets, deliveries, executes, integrityFailures, boots);
    }

    static boolean executes(List<UpdateCommand> commands) {
        return commands.stream().anyMatch(UpdateCommand.ExecuteUpdate.class::isInstance);
    }

    /** Says the command, and fails on one whose content is not the update's. */
    private static String inWords(UpdateCommand command) {
        if (command instanceof UpdateCommand.ReadStatus read) {
            return (read.ifAwake() ? "read if awake" : "read")
                    + (read.components().isEmpty() ? "" : " " + String.join(",", read.components()));
        }
        if (command instanceof UpdateCommand.PrepareObject prepare) {
            return "prepare severity=" + prepare.severity().orElse(-1) + " defer="
                    + prepare.deferSeconds().orElse(-1) + " hold=" + prepare.holdUpgrade();
        }
        if (command instanceof UpdateCommand.ObserveStatus) {
            return "observe";
        }
        if (command instanceof UpdateCommand.ResetObject reset) {
            return "reset by " + reset.means().label();
        }
        if (command instanceof UpdateCommand.CancelDownload) {
            return "cancel";
        }
        if (command instanceof UpdateCommand.PushPackage push && push.scope().equals(UpdateFixture.SCOPE)) {
            return "push";
        }
        if (command instanceof UpdateCommand.WritePackageUri uri
                && uri.scope().equals(UpdateFixture.SCOPE)
                && uri.token().equals(UpdateFixture.TOKEN)) {
            return "write uri";
        }
        if (command instanceof UpdateCommand.ExecuteUpdate execute
                && execute.scope().equals(UpdateFixture.SCOPE)) {
            return execute.argument().isEmpty() ? "execute" : "execute with " + execute.argument();
        }
        return command.toString();
    }
}
