package wavegate.server.api.access;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a caller may do; each role may also do what those before it may. */
public enum Role {
    /** Reads. */
    VIEWER,
    /** Labels devices, uploads packages, drafts, pauses, resumes and aborts campaigns, raises kill switches. */
    OPERATOR,
    /** Starts campaigns, decides waves, lifts kill switches, reads the audit. */
    APPROVER,
    /** Gives out tokens and credentials. */
    ADMIN;

    public boolean covers(Role needed) {
        return compareTo(needed) >= 0;
    }

    /** As it is written everywhere outside. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Role> of(String label) {
        return Stream.of(values()).filter(role -> role.label().equals(label)).findFirst();
    }

    /** All of them, for messages. */
    public static String labels() {
        return Stream.of(values()).map(Role::label).collect(Collectors.joining(", "));
    }
}
