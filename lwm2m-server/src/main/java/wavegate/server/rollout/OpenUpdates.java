package wavegate.server.rollout;

import java.util.Optional;
import wavegate.firmware.update.UpdateId;

/** Which updates are open. Any thread; sees committed turns. */
public interface OpenUpdates {
    /** The open update that a token names, whatever its phase; empty if it was never given or its update has ended. */
    Optional<UpdateId> named(String token);
}
