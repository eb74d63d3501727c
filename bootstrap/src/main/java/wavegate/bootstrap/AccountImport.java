package wavegate.bootstrap;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.bootstrap.account.Account;
import wavegate.bootstrap.account.Accounts;
import wavegate.bootstrap.account.Terms;
import wavegate.bootstrap.account.Terms.KeyKind;
import wavegate.bootstrap.account.Terms.Place;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.CredentialRefused;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.Use;

/**
 * Takes over devices that stand in {@code bootstrap.yaml} with their keys. What the store has already outranks the file: a key that was rotated or
 * revoked since does not come back with a restart.
 */
final class AccountImport {
    private static final Logger LOG = LoggerFactory.getLogger(AccountImport.class);

    /** Origin of accounts that stand in the file in full. */
    private static final String FILE = "file";

    private AccountImport() {}

    static void take(List<BootstrapAccount> devices, Accounts accounts, CredentialStore store, BootstrapAudit audit)
            throws IOException {
        if (devices.isEmpty()) {
            return;
        }
        List<Credential> bootstrap = new ArrayList<>();
        List<Credential> lwm2m = new ArrayList<>();
        List<Account> made = new ArrayList<>();
        for (BootstrapAccount device : devices) {
            String endpoint = device.endpoint();
            boolean plain = device.proof().isEmpty();
            if (!plain && !store.known(Use.BOOTSTRAP, endpoint)) {
                bootstrap.add(device.proof().orElseThrow());
            }
            if (device.serverIsSecure() && !store.known(Use.LWM2M, endpoint)) {
                lwm2m.add(new Credential.Psk(endpoint, device.serverIdentity(), device.serverKey()));
            }
            if (device.byRule()) {
                // What the file said of it before would outrank the rule.
                if (accounts.find(endpoint)
                        .filter(before -> before.origin().equals(FILE))
                        .isPresent()) {
                    accounts.remove(endpoint);
                }
                continue;
            }
            made.add(Account.of(
                    endpoint,
                    new Terms(
                            KeyKind.PSK,
                            List.of(Place.at(1, device.serverUri())),
                            (int) device.lifetimeSeconds(),
                            device.binding(),
                            false,
                            plain),
                    FILE));
        }
        int refused = taken(store, Use.BOOTSTRAP, bootstrap) + taken(store, Use.LWM2M, lwm2m);
        int changed = accounts.putAll(made);
        int keys = bootstrap.size() + lwm2m.size() - refused;
        if (changed + keys > 0) {
            audit.record(
                    FILE,
                    "bootstrap.import",
                    "devices",
                    Map.of(
                            "accounts",
                            String.valueOf(changed),
                            "credentials",
                            String.valueOf(keys),
                            "refused",
                            String.valueOf(refused)));
        }
        LOG.info(
                "bootstrap accounts of the file: {}, new or changed={} keys taken={} refused={}",
                made.size(),
                changed,
                keys,
                refused);
    }

    private static int taken(CredentialStore store, Use use, List<Credential> credentials) throws IOException {
        if (credentials.isEmpty()) {
            return 0;
        }
        int refused = 0;
        List<Optional<CredentialRefused>> answers = store.importAll(use, credentials);
        for (int i = 0; i < answers.size(); i++) {
            if (answers.get(i).isPresent()) {
                refused++;
                LOG.warn(
                        "{} key of ep={} in the file is not taken: {}",
                        use,
                        credentials.get(i).endpoint(),
                        answers.get(i).get().why());
            }
        }
        return refused;
    }
}
