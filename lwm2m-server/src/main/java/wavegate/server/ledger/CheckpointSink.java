package wavegate.server.ledger;

import java.io.IOException;

/** Port: a place outside the server's reach where its checkpoints are kept. Called on one thread at a time; may block for seconds. */
public interface CheckpointSink {
    /** For messages: which place this is. Holds no secret. */
    String name();

    /** @throws IOException if it cannot be known that it was kept */
    void put(String note) throws IOException;

    /**
     * The notes that are kept there, oldest first, at least the last one; empty if there is none.
     *
     * @throws IOException if that cannot be found out
     */
    String read() throws IOException;
}
