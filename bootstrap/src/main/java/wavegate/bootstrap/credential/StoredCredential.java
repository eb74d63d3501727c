package wavegate.bootstrap.credential;

import java.time.Instant;
import java.util.Optional;

/**
 * A credential as the store has it.
 *
 * @param since when it came into this state
 * @param until end of the grace of a RETIRING one; empty otherwise
 */
public record StoredCredential(Credential credential, Use use, State state, Instant since, Optional<Instant> until) {
    public enum State {
        /** The one a device should use. */
        ACTIVE,
        /** An earlier one, good until a later one is used or its grace ends. */
        RETIRING,
        /** Taken away. Its endpoint is refused in every way until it is given another. */
        REVOKED
    }

    public StoredCredential {
        if (until.isPresent() != (state == State.RETIRING)) {
            throw new IllegalArgumentException("until of " + credential.endpoint() + ": " + until
                    + " (expected: an end where RETIRING, else none)");
        }
    }

    boolean isLive(Instant now) {
        return state == State.ACTIVE
                || (state == State.RETIRING && until.map(now::isBefore).orElse(false));
    }
}
