package wavegate.bootstrap.credential;

/**
 * What has happened to a credential, told once it is durable.
 *
 * @param credential the one concerned; for {@link Kind#ROTATED} the new one
 * @param reason why it was revoked; else empty
 */
public record CredentialChange(Kind kind, Use use, Credential credential, String reason) {
    public enum Kind {
        ADDED,
        /** A new one; earlier ones go on for their grace. */
        ROTATED,
        /** An earlier one is over: a later one was used, or its grace has ended. Whoever still speaks with it must stop. */
        ENDED,
        /** Taken away: whoever speaks with it must stop now. */
        REVOKED
    }

    /** Whether the credential is no longer good. */
    public boolean ends() {
        return kind == Kind.ENDED || kind == Kind.REVOKED;
    }
}
