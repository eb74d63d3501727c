package wavegate.server.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import wavegate.server.ledger.CheckpointVerifier;

/** The public keys of checkpoints, as the ledger commands take them. */
final class CheckpointKeys {
    private CheckpointKeys() {}

    /** @param text the key itself, or a file that holds it */
    static CheckpointVerifier verifier(String text) throws IOException {
        return CheckpointVerifier.parse(text.contains("+") ? text : Files.readString(Path.of(text)));
    }
}
