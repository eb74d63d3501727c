package wavegate.bootstrap;

import java.util.Map;

/** Port: told what was done to whom. Called on a worker thread of the bootstrap server; must not throw. */
@FunctionalInterface
public interface BootstrapAudit {
    /**
     * @param actor {@code device}, or the operator's token
     * @param action like {@code bootstrap.session}
     * @param subject endpoint client name
     * @param details without secrets; texts of a device are cut and free of control characters
     */
    void record(String actor, String action, String subject, Map<String, String> details);
}
