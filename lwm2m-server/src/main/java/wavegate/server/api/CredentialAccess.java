package wavegate.server.api;

import java.security.SecureRandom;
import java.time.Duration;
import wavegate.bootstrap.credential.CredentialStore;

/**
 * What the API needs to look after credentials.
 *
 * @param grace how long an earlier credential stays good after a rotation that says nothing else
 * @param random makes keys
 */
public record CredentialAccess(CredentialStore store, Duration grace, SecureRandom random) {}
