package wavegate.firmware.campaign;

import java.util.Optional;
import wavegate.firmware.device.DeviceQuery;
import wavegate.firmware.update.CampaignId;

/**
 * Whom a campaign takes besides its filter, and how it gets on with others.
 *
 * @param query which devices must match too, looked at when the campaign starts
 * @param lateJoiners whether devices that match later join the last wave
 * @param priority 0 to 1000, the higher goes first on a device that is in two campaigns; empty: by the class of the package
 * @param supersedes a campaign this one takes the place of, whatever its package
 */
public record Selection(
        Optional<DeviceQuery> query, boolean lateJoiners, Optional<Integer> priority, Optional<CampaignId> supersedes) {
    public static final int HIGHEST_PRIORITY = 1000;
    public static final Selection NONE = new Selection(Optional.empty(), false, Optional.empty(), Optional.empty());

    public Selection {
        priority.filter(value -> value < 0 || value > HIGHEST_PRIORITY).ifPresent(value -> {
            throw new IllegalArgumentException("priority: " + value + " (expected: 0 to " + HIGHEST_PRIORITY + ")");
        });
    }
}
