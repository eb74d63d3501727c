package wavegate.server.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import wavegate.bootstrap.credential.StoreKey;
import wavegate.server.ledger.CheckpointKey;
import wavegate.server.ledger.CheckpointVerifier;

/** The keys of checkpoints, as the ledger commands take them. */
final class CheckpointKeys {
    private CheckpointKeys() {}

    /** The one a server signs with. */
    static CheckpointKey of(Path data, String keyFile) throws IOException {
        if (!Files.exists(data.resolve(CheckpointKey.FILE))) {
            throw new IOException(data.resolve(CheckpointKey.FILE)
                    + ": no such file (expected: the data directory of a server that ran)");
        }
        SecureRandom random = new SecureRandom();
        return CheckpointKey.keptIn(data, StoreKey.forData(data, keyFile, random), random);
    }

    /** @param text the key itself, or a file that holds it */
    static CheckpointVerifier verifier(String text) throws IOException {
        return CheckpointVerifier.parse(text.contains("+") ? text : Files.readString(Path.of(text)));
    }
}
