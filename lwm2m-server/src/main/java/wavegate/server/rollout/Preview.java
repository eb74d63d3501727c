package wavegate.server.rollout;

import java.util.List;
import wavegate.firmware.campaign.Forecast;
import wavegate.firmware.campaign.Plan;
import wavegate.firmware.update.CampaignId;

/**
 * All that can be said of a campaign before it starts.
 *
 * @param conflicts other open campaigns that have devices of the plan among their members
 */
public record Preview(Plan plan, Forecast forecast, List<Conflict> conflicts) {
    /** Who begins with a device of both. */
    public enum Winner {
        THIS,
        THE_OTHER,
        /** It takes the other's place: what that has not begun is called off. */
        SUPERSEDES,
        SUPERSEDED
    }

    /**
     * @param devices of both; about, where the plan is large
     * @param exact whether all were looked at
     */
    public record Conflict(CampaignId campaign, int devices, boolean exact, Winner winner) {}

    public Preview {
        conflicts = List.copyOf(conflicts);
    }
}
