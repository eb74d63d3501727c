package wavegate.server.rollout;

import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.ReleaseClass;

/**
 * What the server asks of every campaign, by the class of its package, and where its regions are.
 *
 * @param classes of packages that name theirs
 * @param other of those that do not
 * @param zones the time zone of each region
 */
public record CampaignRules(Map<ReleaseClass, ClassRule> classes, ClassRule other, Map<String, ZoneId> zones) {
    public static final CampaignRules NONE = new CampaignRules(Map.of(), ClassRule.NONE, Map.of());

    /**
     * What a class asks.
     *
     * @param maxSoak a wave soaks no longer where the campaign does not say; zero: as the gate says
     * @param approvals how many must agree
     * @param byAdmins whether only admins may
     */
    public record ClassRule(Duration maxSoak, int approvals, boolean byAdmins) {
        static final ClassRule NONE = new ClassRule(Duration.ZERO, 0, false);

        /** The soak of a campaign that says none. */
        public Duration soak(Duration usual) {
            return maxSoak.isZero() || maxSoak.compareTo(usual) > 0 ? usual : maxSoak;
        }
    }

    public CampaignRules {
        classes = Map.copyOf(classes);
        zones = Map.copyOf(zones);
    }

    public ClassRule of(FirmwarePackage firmwarePackage) {
        return of(firmwarePackage.manifest().handling().releaseClass());
    }

    public ClassRule of(Optional<ReleaseClass> releaseClass) {
        return releaseClass.map(each -> classes.getOrDefault(each, other)).orElse(other);
    }
}
