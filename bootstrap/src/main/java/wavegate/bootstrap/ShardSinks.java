package wavegate.bootstrap;

import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import wavegate.bootstrap.BootstrapSettings.ShardAccess;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.shard.Shard;

/** To each shard its own way: over its API, or into the store of this process. */
public final class ShardSinks implements CredentialSink {
    private final Map<String, CredentialSink> byShard = new HashMap<>();

    /**
     * @param here for shards without an API
     * @throws IOException if the authorities of an API cannot be read
     */
    public ShardSinks(BootstrapSettings settings, CredentialSink here, SecureRandom random) throws IOException {
        for (ShardAccess access : settings.shards()) {
            byShard.put(
                    access.shard().name(),
                    access.api().isEmpty()
                            ? here
                            : new HttpSink(
                                    URI.create(access.api()),
                                    access.token().orElseThrow(),
                                    access.authority(),
                                    settings.limits().grace(),
                                    random));
        }
    }

    @Override
    public CompletionStage<Void> provide(Shard shard, Credential credential) {
        CredentialSink sink = byShard.get(shard.name());
        return sink == null ? unknown(shard) : sink.provide(shard, credential);
    }

    @Override
    public CompletionStage<Void> withdraw(Shard shard, String endpoint) {
        CredentialSink sink = byShard.get(shard.name());
        return sink == null ? unknown(shard) : sink.withdraw(shard, endpoint);
    }

    private static CompletionStage<Void> unknown(Shard shard) {
        return CompletableFuture.failedFuture(new IllegalStateException("no way to shard " + shard.name()));
    }
}
