package wavegate.server.api.access;

import java.time.InstantSource;
import java.util.Optional;
import wavegate.config.OidcSettings;

/** Whether a bearer token is good, and whose it is: one of this server, or of the identity provider where one is configured. */
public final class Access {
    private final TokenStore tokens;
    private final Optional<ProviderTokens> provider;
    private final InstantSource clock;

    public Access(TokenStore tokens, OidcSettings oidc, InstantSource clock) {
        this.tokens = tokens;
        this.provider = oidc.enabled() ? Optional.of(new ProviderTokens(oidc, clock)) : Optional.empty();
        this.clock = clock;
    }

    /** What can be said at once; empty if {@link #check} has to be asked. Any thread; never blocks. */
    public Optional<Checked> checkAtOnce(String offered) {
        if (provider.isPresent() && ProviderTokens.looksLikeOne(offered)) {
            return provider.get().remembered(offered).map(Checked::admitted);
        }
        return Optional.of(tokens.check(offered));
    }

    /** What can be said without the identity provider, at the cost of a signature; empty if {@link #check} has to be asked. */
    public Optional<Checked> checkWithoutWaiting(String offered) {
        return provider.isPresent() && ProviderTokens.looksLikeOne(offered)
                ? provider.get().checkWithoutWaiting(offered)
                : Optional.of(tokens.check(offered));
    }

    /** May wait for the identity provider. */
    public Checked check(String offered) {
        return provider.isPresent() && ProviderTokens.looksLikeOne(offered)
                ? provider.get().check(offered)
                : tokens.check(offered);
    }

    /** Whether a caller who was admitted a while ago would still be. Any thread; never blocks. */
    public boolean stillGood(Caller caller) {
        return clock.instant().isBefore(caller.until()) && tokens.stillGood(caller);
    }

    public TokenStore tokens() {
        return tokens;
    }
}
