package wavegate.server.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import wavegate.server.ledger.DeviceProof;

/** {@code ledger check-proof}: checks what {@code ledger prove} wrote. */
@Command(
        name = "check-proof",
        mixinStandardHelpOptions = true,
        description = {
            "Checks a proof of what a ledger says of a device, offline, and prints the facts it proves, one line of JSON each.",
            "It shows that they are in the ledger as it was signed. That there are no others it does not show."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the proof holds", "1:it does not, or a file cannot be read", "2:wrong usage"})
public final class LedgerCheckProofCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "FILE", description = "the proof")
    private Path file = Path.of("proof.json");

    @Option(
            names = "--key",
            paramLabel = "KEY",
            required = true,
            description =
                    "the server's public key, or the file that holds it: checkpoint-key.vkey of its data directory")
    private String key = "";

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try {
            DeviceProof.Shown shown = DeviceProof.check(Files.readString(file), CheckpointKeys.verifier(key));
            shown.lines().forEach(line -> out.println(line.fact()));
            out.println("PROVEN  " + shown.lines().size() + " facts about "
                    + shown.endpoint().name() + ", among " + shown.checkpoint().size() + " signed at "
                    + shown.checkpoint().time());
            return ExitCode.OK;
        } catch (IllegalArgumentException e) {
            out.println("NOT PROVEN  " + e.getMessage());
            return ExitCode.FAILED;
        } catch (IOException e) {
            return Answers.failed(spec, e);
        }
    }
}
