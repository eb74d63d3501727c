package wavegate.bootstrap;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.eclipse.leshan.core.peer.LwM2mIdentity;
import org.eclipse.leshan.core.peer.OscoreIdentity;
import org.eclipse.leshan.core.peer.PskIdentity;
import org.eclipse.leshan.core.peer.RpkIdentity;
import org.eclipse.leshan.core.peer.X509Identity;
import org.eclipse.leshan.server.security.BootstrapSecurityStore;
import org.eclipse.leshan.server.security.SecurityInfo;
import org.jspecify.annotations.Nullable;
import wavegate.bootstrap.account.Account;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.Use;

/** Keys devices bootstrap with, and that a key speaks for its own endpoint only. Asked on DTLS and CoAP threads. */
final class DeviceProof implements BootstrapSecurityStore {
    private final CredentialStore store;

    DeviceProof(CredentialStore store) {
        this.store = store;
    }

    /** Whether the peer has proved to be the endpoint, or need not. */
    boolean holds(Account account, LwM2mIdentity peer) {
        if (!peer.isSecure()) {
            // A name that ever had a credential does not get round it.
            return account.terms().plain() && !store.known(Use.BOOTSTRAP, account.endpoint());
        }
        Optional<Credential> shown = credential(peer);
        shown.filter(credential -> credential.endpoint().equals(account.endpoint()))
                .ifPresent(credential -> store.used(Use.BOOTSTRAP, credential));
        return shown.map(Credential::endpoint).equals(Optional.of(account.endpoint()));
    }

    private Optional<Credential> credential(LwM2mIdentity peer) {
        if (peer instanceof PskIdentity psk) {
            return store.byIdentity(Use.BOOTSTRAP, psk.getPskIdentity());
        }
        if (peer instanceof RpkIdentity rpk) {
            return store.byPublicKey(Use.BOOTSTRAP, rpk.getPublicKey());
        }
        // By then the name is that of the endpoint the certificate is bound to, not what it says.
        return peer instanceof X509Identity x509
                ? store.valid(Use.BOOTSTRAP, x509.getX509CommonName()).stream()
                        .filter(Credential.X509.class::isInstance)
                        .findFirst()
                : Optional.empty();
    }

    @Override
    public @Nullable Iterator<SecurityInfo> getAllByEndpoint(String endpoint) {
        List<SecurityInfo> infos = store.valid(Use.BOOTSTRAP, endpoint).stream()
                .filter(Credential.Psk.class::isInstance)
                .map(credential -> info((Credential.Psk) credential))
                .toList();
        return infos.isEmpty() ? null : infos.iterator();
    }

    @Override
    public @Nullable SecurityInfo getByIdentity(String pskIdentity) {
        return store.byIdentity(Use.BOOTSTRAP, pskIdentity)
                .filter(Credential.Psk.class::isInstance)
                .map(credential -> info((Credential.Psk) credential))
                .orElse(null);
    }

    @Override
    public @Nullable SecurityInfo getByOscoreIdentity(OscoreIdentity identity) {
        return null;
    }

    private static SecurityInfo info(Credential.Psk psk) {
        return SecurityInfo.newPreSharedKeyInfo(psk.endpoint(), psk.identity(), psk.key());
    }
}
