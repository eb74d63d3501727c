package wavegate.bootstrap;

import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.stream.Collectors;
import org.eclipse.leshan.core.peer.LwM2mPeer;
import org.eclipse.leshan.core.peer.OscoreIdentity;
import org.eclipse.leshan.core.peer.PskIdentity;
import org.eclipse.leshan.core.request.BootstrapRequest;
import org.eclipse.leshan.server.security.Authorization;
import org.eclipse.leshan.server.security.BootstrapAuthorizer;
import org.eclipse.leshan.server.security.BootstrapSecurityStore;
import org.eclipse.leshan.server.security.SecurityInfo;
import org.jspecify.annotations.Nullable;

/** Keys devices bootstrap with, and that a key speaks for its own endpoint only. Asked on DTLS and CoAP threads. */
final class AccountSecurity implements BootstrapSecurityStore, BootstrapAuthorizer {
    private final Map<String, BootstrapAccount> byEndpoint;
    private final Map<String, BootstrapAccount> byIdentity;

    AccountSecurity(BootstrapSettings settings) {
        byEndpoint = settings.accounts().stream().collect(Collectors.toMap(BootstrapAccount::endpoint, a -> a));
        byIdentity = settings.accounts().stream()
                .filter(account -> !account.bootstrapIdentity().isEmpty())
                .collect(Collectors.toMap(BootstrapAccount::bootstrapIdentity, a -> a));
    }

    @Nullable BootstrapAccount account(@Nullable String endpoint) {
        return endpoint == null ? null : byEndpoint.get(endpoint);
    }

    @Override
    public Authorization isAuthorized(BootstrapRequest request, LwM2mPeer client) {
        BootstrapAccount account = account(request.getEndpointName());
        if (account == null) {
            return Authorization.declined();
        }
        boolean itself = client.getIdentity() instanceof PskIdentity psk
                ? psk.getPskIdentity().equals(account.bootstrapIdentity())
                : !client.getIdentity().isSecure()
                        && account.bootstrapIdentity().isEmpty();
        return itself ? Authorization.approved() : Authorization.declined();
    }

    @Override
    public @Nullable Iterator<SecurityInfo> getAllByEndpoint(String endpoint) {
        BootstrapAccount account = account(endpoint);
        return account == null || account.bootstrapIdentity().isEmpty()
                ? null
                : Collections.singleton(info(account)).iterator();
    }

    @Override
    public @Nullable SecurityInfo getByIdentity(String pskIdentity) {
        BootstrapAccount account = byIdentity.get(pskIdentity);
        return account == null ? null : info(account);
    }

    @Override
    public @Nullable SecurityInfo getByOscoreIdentity(OscoreIdentity identity) {
        return null;
    }

    private static SecurityInfo info(BootstrapAccount account) {
        return SecurityInfo.newPreSharedKeyInfo(
                account.endpoint(), account.bootstrapIdentity(), account.bootstrapKey());
    }
}
