package wavegate.bootstrap;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.shard.Shard;

/** Records each credential that was given to a server or taken from it, before anything else follows from that. */
public final class AuditedSink implements CredentialSink {
    /** Of who acts when no person does. */
    static final String SELF = "bootstrap";

    private final CredentialSink sink;
    private final BootstrapAudit audit;

    public AuditedSink(CredentialSink sink, BootstrapAudit audit) {
        this.sink = sink;
        this.audit = audit;
    }

    @Override
    public CompletionStage<Void> provide(Shard shard, Credential credential) {
        return sink.provide(shard, credential)
                .whenComplete((known, failure) -> record(
                        "credential.provide",
                        shard,
                        credential.endpoint(),
                        credential.getClass().getSimpleName(),
                        failure));
    }

    @Override
    public CompletionStage<Void> withdraw(Shard shard, String endpoint) {
        return sink.withdraw(shard, endpoint)
                .whenComplete((known, failure) -> record("credential.withdraw", shard, endpoint, "", failure));
    }

    private void record(String action, Shard shard, String endpoint, String kind, @Nullable Throwable failure) {
        Map<String, String> details = new TreeMap<>();
        details.put("shard", shard.name());
        if (!kind.isEmpty()) {
            details.put("kind", kind.toLowerCase(java.util.Locale.ROOT));
        }
        details.put("outcome", failure == null ? "taken" : "failed");
        if (failure != null) {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            details.put("reason", cause.toString());
        }
        audit.record(SELF, action, endpoint, details);
    }
}
