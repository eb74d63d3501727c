package wavegate.server.cli;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import wavegate.server.ledger.LedgerVerifier;
import wavegate.server.rollout.LedgerFailure;

/** {@code ledger export}: gives out a ledger as lines of JSON. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = {
            "Writes a ledger as lines of JSON, one fact a line: {\"seq\":1,\"v\":1,\"type\":\"DeviceChanged\",\"at\":...}.",
            "The chain is checked first; of a ledger that is not sound nothing is written. The server may be running."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all facts were written",
            "1:the ledger is not sound, or a file cannot be used",
            "2:wrong usage"
        })
public final class LedgerExportCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "DIR",
            defaultValue = "${env:WAVEGATE_DATA_DIR:-data}/ledger",
            description = "directory of the ledger (default: ${DEFAULT-VALUE})")
    private Path directory = Path.of("data/ledger");

    @Option(names = "--out", paramLabel = "FILE", description = "a new file to write to (default: standard output)")
    private @Nullable Path out;

    @Override
    public Integer call() {
        try {
            if (out == null) {
                LedgerVerifier.export(directory, spec.commandLine().getOut());
            } else {
                exportTo(out);
            }
            return ExitCode.OK;
        } catch (LedgerFailure e) {
            spec.commandLine().getErr().println("error: " + e.getMessage());
            return ExitCode.FAILED;
        } catch (IOException e) {
            return Answers.failed(spec, e);
        }
    }

    private void exportTo(Path file) throws IOException {
        long facts;
        try (Writer to = Files.newBufferedWriter(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            facts = LedgerVerifier.export(directory, to);
        }
        spec.commandLine().getErr().println(facts + " facts written to " + file);
    }
}
