package wavegate.server.rollout;

import java.util.Map;

/**
 * What the audit will say of an order if it is carried out. Texts may come from anyone, as with {@link Audit}.
 *
 * @param actor who orders
 * @param action what is ordered, such as {@code startCampaign}
 * @param subject on what; an order that makes something puts what it made here
 */
public record AuditLine(String actor, String action, String subject, Map<String, String> details) {
    public AuditLine {
        details = Map.copyOf(details);
    }

    public AuditLine on(String what) {
        return new AuditLine(actor, action, what, details);
    }
}
