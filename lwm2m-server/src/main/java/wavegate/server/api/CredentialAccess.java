package wavegate.server.api;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import wavegate.bootstrap.credential.CredentialStore;

/**
 * What the API needs to look after credentials.
 *
 * @param grace how long an earlier credential stays good after a rotation that says nothing else
 * @param random makes keys
 * @param cloneSuspected whether an endpoint's credential was in use from two places
 * @param clones how many were since the start
 */
public record CredentialAccess(
        CredentialStore store,
        Duration grace,
        SecureRandom random,
        Predicate<String> cloneSuspected,
        LongSupplier clones) {}
