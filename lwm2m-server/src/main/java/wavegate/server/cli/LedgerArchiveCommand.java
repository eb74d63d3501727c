package wavegate.server.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import wavegate.server.ledger.Archive;

/** {@code ledger archive}: moves old segments away. */
@Command(
        name = "archive",
        mixinStandardHelpOptions = true,
        description = {
            "Moves the segments of a ledger that both of its snapshots stand for to another directory. The server may be running; with",
            "ledger.archive-dir it does this by itself. Keep the archive: without it what was decided before cannot be checked or proven."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done, also where there was nothing to move",
            "1:a segment could not be moved",
            "2:wrong usage"
        })
public final class LedgerArchiveCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "DIR",
            defaultValue = "${env:WAVEGATE_DATA_DIR:-data}/ledger",
            description = "directory of the ledger (default: ${DEFAULT-VALUE})")
    private Path directory = Path.of("data/ledger");

    @Option(names = "--to", paramLabel = "DIR", required = true, description = "where to; made if it is not there")
    private @Nullable Path to;

    @Override
    public Integer call() {
        if (to == null) {
            return ExitCode.USAGE;
        }
        try {
            List<String> moved = Archive.move(directory, to);
            PrintWriter out = spec.commandLine().getOut();
            moved.forEach(out::println);
            out.println(moved.size() + " segments moved to " + to);
            return ExitCode.OK;
        } catch (IOException e) {
            return Answers.failed(spec, e);
        }
    }
}
