package wavegate.bootstrap.credential;

import java.io.IOException;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Port: the credentials of all devices, separately for each {@link Use}. An endpoint has one ACTIVE credential of a use, and up to three
 * RETIRING ones while it is being rotated. Reads answer from memory and never block. Writes are durable when they return; an
 * {@link IOException} means that the disk refused, and every later write is refused too. Thread-safe.
 */
public interface CredentialStore extends AutoCloseable {
    /** The live credential with this PSK identity. */
    Optional<Credential> byIdentity(Use use, String pskIdentity);

    /** The live credential with this raw public key. */
    Optional<Credential> byPublicKey(Use use, PublicKey key);

    /** The live OSCORE context of the device that sends with this id. */
    Optional<Credential.Oscore> byRecipientId(Use use, byte[] recipientId);

    /** Live credentials of an endpoint, newest first. */
    List<Credential> valid(Use use, String endpoint);

    /** Whether the endpoint has, or had and lost, a credential: it may not come without one. */
    boolean known(Use use, String endpoint);

    /** Everything kept of an endpoint, newest first, revoked ones included. */
    List<StoredCredential> find(String endpoint);

    /**
     * Gives an endpoint its first credential, or a new one after a revocation.
     *
     * @throws CredentialRefused EXISTS, TAKEN, or REVOKED for the very secret that was revoked
     */
    StoredCredential put(Use use, Credential credential) throws IOException;

    /**
     * Gives an endpoint a new credential. The earlier one stays good until the new one is first {@link #used} or the grace ends. An
     * endpoint without one is given its first.
     *
     * @param grace zero ends the earlier ones at once
     * @throws CredentialRefused TAKEN, SAME, or REVOKED for an endpoint whose credential was revoked
     */
    StoredCredential rotate(Use use, Credential credential, Duration grace) throws IOException;

    /**
     * Takes every credential of an endpoint away.
     *
     * @param reason a sentence for the listeners; 1 to 500 characters
     * @throws CredentialRefused UNKNOWN if it has none that is good
     */
    void revoke(Use use, String endpoint, String reason) throws IOException;

    /** Says that a device has proved itself with it: earlier ones of the endpoint end, a moment later. Never blocks. */
    void used(Use use, Credential credential);

    /**
     * The credentials of the next {@code limit} endpoints in the order of their names.
     *
     * @param after name of the last endpoint seen; empty for the first page
     */
    List<StoredCredential> page(String after, int limit);

    /** Endpoints with a credential of this use, revoked ones included. */
    int count(Use use);

    /**
     * Adds many with one write.
     *
     * @return for each one, in their order, why it was refused; empty if it was taken
     */
    List<Optional<CredentialRefused>> importAll(Use use, List<? extends Credential> credentials) throws IOException;

    /** Told of each change on the thread that made it, once it is durable. What a listener throws is logged and dropped. */
    void addListener(Consumer<CredentialChange> listener);

    /** Ends what has outlived its grace at {@code now}; the store does this by itself once a second. */
    void expire(Instant now);

    @Override
    void close();
}
