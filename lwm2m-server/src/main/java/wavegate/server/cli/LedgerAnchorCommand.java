package wavegate.server.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import wavegate.server.ledger.LedgerVerifier;
import wavegate.server.rollout.LedgerFailure;

/** {@code ledger anchor}: signs what a ledger is now. */
@Command(
        name = "anchor",
        mixinStandardHelpOptions = true,
        description = {
            "Signs a checkpoint of a ledger as it is now, to be kept where the server cannot change it: number of facts, Merkle root, time.",
            "The server may be running; by itself it signs one every 10 seconds or 1000 facts (ledger.checkpoint-file, ledger.checkpoint-url)."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:it was signed", "1:the ledger is not sound, or a file cannot be used", "2:wrong usage"})
public final class LedgerAnchorCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private SignedLedgerOptions ledger = new SignedLedgerOptions();

    @Option(names = "--out", paramLabel = "FILE", description = "file to add it to (default: standard output)")
    private @Nullable Path out;

    @Override
    public Integer call() {
        try {
            String note =
                    ledger.key().sign(LedgerVerifier.checkpoint(ledger.directory(), ledger.archive(), Instant.now()));
            if (out == null) {
                spec.commandLine().getOut().println(note);
            } else {
                Files.writeString(out, note + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
            return ExitCode.OK;
        } catch (LedgerFailure e) {
            spec.commandLine().getErr().println("error: " + e.getMessage());
            return ExitCode.FAILED;
        } catch (IOException e) {
            return Answers.failed(spec, e);
        }
    }
}
