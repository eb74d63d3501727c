package wavegate.server.store.mapdb;

import java.time.Duration;

/** Hears how far a replay of the ledger into the view has come, about once a second. Called on the thread that opens the view. */
public interface Progress {
    /**
     * @param done facts replayed so far
     * @param all facts there are to replay
     * @param elapsed since the replay began
     */
    void replayed(long done, long all, Duration elapsed);
}
