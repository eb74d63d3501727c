package wavegate.bootstrap;

import java.util.concurrent.CompletionStage;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.shard.Shard;

/**
 * Port: gives a device's LwM2M credential to the server of a shard, before the device is told of it. Any thread; must not block for long.
 */
public interface CredentialSink {
    /**
     * The server takes the credential when this completes; what the device had before stays good until this one is used or a grace ends.
     * Fails if the server refuses it, as it does for a revoked device, or cannot be reached. Asked twice for the same one, it answers twice.
     */
    CompletionStage<Void> provide(Shard shard, Credential credential);

    /** The device belongs to another shard now: what it had here is no longer good, and the name may not come without security either. */
    CompletionStage<Void> withdraw(Shard shard, String endpoint);
}
