package wavegate.config;

import java.time.Duration;

/**
 * What the class of a package, said in its manifest, asks of its campaigns.
 *
 * @param other of packages that name no class
 */
public record ClassSettings(
        ClassRuleSettings securityPatch,
        ClassRuleSettings fix,
        ClassRuleSettings feature,
        ClassRuleSettings carrierVariant,
        ClassRuleSettings other) {
    public static final ClassSettings DEFAULT = new ClassSettings(
            new ClassRuleSettings(Duration.ofHours(12), 0, ClassRuleSettings.Approver.APPROVER),
            ClassRuleSettings.DEFAULT,
            ClassRuleSettings.DEFAULT,
            ClassRuleSettings.DEFAULT,
            ClassRuleSettings.DEFAULT);
}
