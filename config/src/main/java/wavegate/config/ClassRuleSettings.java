package wavegate.config;

import java.time.Duration;

/**
 * What the class of a package asks of its campaigns.
 *
 * @param maxSoak a wave soaks no longer where the campaign does not say; 0: as the gate says. Verdicts are as strict as ever
 * @param approvals humans other than the authors who must agree before a campaign starts
 * @param approver the least role of those who may agree
 */
public record ClassRuleSettings(Duration maxSoak, int approvals, Approver approver) {
    /** Who may agree. */
    public enum Approver {
        APPROVER,
        ADMIN
    }

    public static final ClassRuleSettings DEFAULT = new ClassRuleSettings(Duration.ZERO, 0, Approver.APPROVER);

    public ClassRuleSettings {
        new Checks()
                .that(!maxSoak.isNegative(), "max-soak", maxSoak, "0s for no limit, or more")
                .within("approvals", approvals, 0, 10)
                .done();
    }
}
