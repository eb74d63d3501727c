package wavegate.server.api.access;

/** Whether a bearer token is good, and whose it is. */
public final class Access {
    private final TokenStore tokens;

    public Access(TokenStore tokens) {
        this.tokens = tokens;
    }

    /** Any thread; never blocks. */
    public Checked check(String offered) {
        return tokens.check(offered);
    }

    /** Whether a caller who was admitted a while ago would still be. Any thread; never blocks. */
    public boolean stillGood(Caller caller) {
        return tokens.stillGood(caller);
    }

    public TokenStore tokens() {
        return tokens;
    }
}
