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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import wavegate.firmware.device.Endpoint;
import wavegate.server.ledger.DeviceProof;
import wavegate.server.rollout.LedgerFailure;

/** {@code ledger prove}: proof of what the ledger says of a device. */
@Command(
        name = "prove",
        mixinStandardHelpOptions = true,
        description = {
            "Writes every record about one device with proof that it is in the ledger: a signed checkpoint and of each record its audit path",
            "(RFC 9162). Others check it offline with ledger check-proof and the server's public key. Reads the whole ledger."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:it was written", "1:the ledger is not sound, or a file cannot be used", "2:wrong usage"})
public final class LedgerProveCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "ENDPOINT", description = "the device")
    private String endpoint = "";

    @Mixin
    private SignedLedgerOptions ledger = new SignedLedgerOptions();

    @Option(names = "--out", paramLabel = "FILE", description = "a new file to write to (default: standard output)")
    private @Nullable Path out;

    @Override
    public Integer call() {
        if (!Endpoint.isValid(endpoint)) {
            throw Answers.usage(spec, "ENDPOINT: \"" + endpoint + "\" (expected: a client name)");
        }
        try {
            String proof = DeviceProof.prove(
                    ledger.directory(), ledger.archive(), new Endpoint(endpoint), ledger.key(), Instant.now());
            if (out == null) {
                spec.commandLine().getOut().println(proof);
            } else {
                Files.writeString(out, proof + "\n", StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
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
