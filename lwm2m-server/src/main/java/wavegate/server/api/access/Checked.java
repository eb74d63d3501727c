package wavegate.server.api.access;

import java.util.Optional;

/**
 * What came of checking a token.
 *
 * @param why it was refused, fit to be told to whoever sent it; empty if it was not
 */
public record Checked(Optional<Caller> caller, String why) {
    static Checked admitted(Caller caller) {
        return new Checked(Optional.of(caller), "");
    }

    static Checked refused(String why) {
        return new Checked(Optional.empty(), why);
    }
}
