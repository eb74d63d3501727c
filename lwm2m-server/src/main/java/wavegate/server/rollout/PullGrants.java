package wavegate.server.rollout;

import java.util.Optional;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.DispatchScope;
import wavegate.firmware.update.UpdateId;

/** Which Package URIs may be served now. Any thread; sees committed turns. */
public interface PullGrants {
    /** An update that is open and whose image may be fetched. */
    record Grant(UpdateId update, DispatchScope scope, Sha256 artifact, long sizeBytes) {}

    /** The grant of a token in a Package URI; empty if it was never given or its update has ended. */
    Optional<Grant> grant(String token);
}
