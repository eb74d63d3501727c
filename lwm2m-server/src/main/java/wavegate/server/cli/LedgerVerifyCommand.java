package wavegate.server.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import wavegate.server.ledger.Checkpoint;
import wavegate.server.ledger.CheckpointNote;
import wavegate.server.ledger.FileLedger;
import wavegate.server.ledger.LedgerReport;
import wavegate.server.ledger.LedgerVerifier;

/** {@code ledger verify}: checks a ledger from its first record to its last. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Checks every record of a ledger and the chain from the first to the last. Changes nothing; the server may be running.",
            "A torn tail, the rest of a batch that a crash cut short before it was acknowledged, is reported and is no fault."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the ledger is sound", "1:it is not, or cannot be read", "2:wrong usage"})
public final class LedgerVerifyCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "DIR",
            defaultValue = "${env:WAVEGATE_DATA_DIR:-data}/ledger",
            description = "directory of the ledger (default: ${DEFAULT-VALUE})")
    private Path directory = Path.of("data/ledger");

    @Option(names = "--archive", paramLabel = "DIR", description = "where older segments were moved to")
    private @Nullable Path archive;

    @Option(
            names = "--checkpoint",
            paramLabel = "FILE",
            description = "checkpoints that the ledger must agree with; --key says who signed them")
    private @Nullable Path checkpoints;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description =
                    "the server's public key, or the file that holds it: checkpoint-key.vkey of its data directory")
    private @Nullable String key;

    @Option(names = "--json", description = "print one JSON object instead of text")
    private boolean json;

    @Override
    public Integer call() {
        try {
            LedgerReport report =
                    LedgerVerifier.verify(new FileLedger.Options(directory, Optional.ofNullable(archive), witnesses()));
            print(report);
            return report.sound() ? ExitCode.OK : ExitCode.FAILED;
        } catch (IllegalArgumentException e) {
            throw Answers.usage(spec, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return Answers.failed(spec, e);
        }
    }

    private List<Checkpoint.Witness> witnesses() throws IOException {
        if (checkpoints == null) {
            return List.of();
        }
        if (key == null) {
            throw Answers.usage(spec, "--checkpoint: needs --key, to know who signed it");
        }
        Path kept = checkpoints;
        List<Checkpoint> signed = CheckpointNote.signedBy(CheckpointKeys.verifier(key), Files.readString(kept));
        if (signed.isEmpty()) {
            throw new IOException(kept + ": holds no checkpoint that this key signed");
        }
        return signed.stream()
                .map(each -> new Checkpoint.Witness(kept.toString(), each))
                .toList();
    }

    private void print(LedgerReport report) {
        PrintWriter out = spec.commandLine().getOut();
        String torn = report.tornTail().map(Object::toString).orElse("");
        if (json) {
            out.println(Answers.json(Map.of(
                    "sound", report.sound(),
                    "chain", report.chain(),
                    "records", report.records(),
                    "batches", report.batches(),
                    "segments", report.segments(),
                    "bytes", report.bytes(),
                    "lastHash", report.lastHash(),
                    "tornTail", torn,
                    "fault", report.fault().orElse(""))));
        } else if (report.sound()) {
            out.println("sound      " + report.records() + " facts in " + report.batches() + " batches, "
                    + report.segments() + " segments, " + report.bytes() + " bytes");
            out.println("chain      " + report.chain());
            out.println("last hash  " + (report.lastHash().isEmpty() ? "none" : report.lastHash()));
            if (!torn.isEmpty()) {
                out.println("torn tail  " + torn + "; will be cut at the next start");
            }
        } else {
            out.println("NOT SOUND  " + report.fault().orElse(""));
        }
    }
}
