package wavegate.server.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import wavegate.bootstrap.credential.StoreKey;
import wavegate.server.ledger.CheckpointKey;

/** The ledger of a server's data directory, its archive, and the key that signs what is said of it. */
final class SignedLedgerOptions {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "${env:WAVEGATE_DATA_DIR:-data}",
            description = "data directory of the server (default: ${DEFAULT-VALUE})")
    private Path data = Path.of("data");

    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            defaultValue = "${env:WAVEGATE_CREDENTIALS_KEY_FILE:-}",
            description = "the server's key file (default: beside the data directory)")
    private String keyFile = "";

    @Option(names = "--archive", paramLabel = "DIR", description = "where older segments were moved to")
    private @Nullable Path archive;

    Path directory() {
        return data.resolve("ledger");
    }

    Optional<Path> archive() {
        return Optional.ofNullable(archive);
    }

    /** The key the server signs with: never a new one. */
    CheckpointKey key() throws IOException {
        Path file = data.resolve(CheckpointKey.FILE);
        if (!Files.exists(file)) {
            throw new IOException(file + ": no such file (expected: the data directory of a server that ran)");
        }
        SecureRandom random = new SecureRandom();
        return CheckpointKey.keptIn(data, StoreKey.forData(data, keyFile, random), random);
    }
}
