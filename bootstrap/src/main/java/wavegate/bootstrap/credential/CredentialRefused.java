package wavegate.bootstrap.credential;

/** A change of credentials that cannot be. The message names the endpoint and what was expected, never a key. */
public final class CredentialRefused extends RuntimeException {
    private final Why why;

    public enum Why {
        /** The endpoint has one already. */
        EXISTS,
        /** The endpoint has none that could be rotated or revoked. */
        UNKNOWN,
        /** The PSK identity or the public key belongs to another endpoint. */
        TAKEN,
        /** It was revoked; that very secret does not come back, and rotation gives a revoked endpoint nothing. */
        REVOKED,
        /** It is the one the endpoint has. */
        SAME,
        /** Not written like a credential. */
        MALFORMED
    }

    public CredentialRefused(Why why, String message) {
        super(message);
        this.why = why;
    }

    public Why why() {
        return why;
    }
}
