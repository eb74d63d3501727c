package wavegate.bootstrap;

import java.util.Map;

/** Port: told what was done to whom, by whoever did it, on its thread, which it may keep for a write to the disk. Must not throw. */
@FunctionalInterface
public interface BootstrapAudit {
    /**
     * @param actor {@code device}, {@code file}, {@code bootstrap} for the server itself, or the operator's token
     * @param action like {@code bootstrap.session}
     * @param subject endpoint client name
     * @param details without secrets; texts of a device are cut and free of control characters
     */
    void record(String actor, String action, String subject, Map<String, String> details);
}
