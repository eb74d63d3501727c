package wavegate.server.rollout;

import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Port: who asked this server for what, and what came of it, in the ledger. Any thread; never blocks. Texts may come from anyone: what is too
 * long is cut, control characters are replaced. No secret may be among them.
 */
public interface Audit {
    String DONE = "done";

    /** Outcome of what is about to be done in another place than the ledger; the line that says what came of it follows. */
    String INTENDED = "intended";

    /**
     * @param actor who asked, such as {@code token:k3x9} or a device's endpoint name
     * @param action what was asked, such as {@code startCampaign}
     * @param subject on what, such as {@code campaigns/release-2}
     * @param outcome {@link #DONE}, {@link #INTENDED}, or the code of the refusal
     * @return done once it is durable; fails if the ledger has failed
     */
    CompletableFuture<Void> record(
            String actor, String action, String subject, String outcome, Map<String, String> details);

    /** The same of something that was done, for those who need not know when it is durable. */
    default void record(String actor, String action, String subject, Map<String, String> details) {
        record(actor, action, subject, DONE, details).exceptionally(failed -> null);
    }
}
