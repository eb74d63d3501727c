package wavegate.firmware.campaign;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * What one event does to a campaign.
 *
 * @param next the campaign afterwards; the same object if nothing changed
 * @param actions what must follow
 * @param row id of the table row taken; empty if none matched
 */
public record CampaignStep(Campaign next, Set<Action> actions, String row) {
    /** What a step asks for besides the new row. */
    public enum Action {
        /** Call off every update that has not been executed. */
        CANCEL_UPDATES,
        /** Raise the kill switch of this campaign. */
        RAISE_KILL_SWITCH,
        /** Updates held before Execute may be allowed again. */
        RELEASE_HELD,
        /** Call off every update that has not begun to transfer: the deadline of the campaign has passed. */
        CANCEL_UNBEGUN,
        /** Begin the rollback the campaign asked for. */
        ROLL_BACK
    }

    public CampaignStep {
        // In the order of their names here, which is that in which they are carried out.
        actions = actions.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(actions));
    }

    public boolean ignored() {
        return row.isEmpty();
    }
}
