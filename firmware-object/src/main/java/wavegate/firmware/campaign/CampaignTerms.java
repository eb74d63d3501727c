package wavegate.firmware.campaign;

import java.util.Optional;
import wavegate.firmware.update.CampaignId;

/**
 * What a campaign may ask for besides who, what and how well it is watched. Each part may be missing.
 *
 * @param when start, end and windows
 * @param rate how fast devices are begun with; empty: as fast as budgets let
 * @param rollbackOf the campaign whose updated devices this one takes back to an older package
 * @param selfTest nothing is changed: devices that run the package already are led through waves, telemetry and gates as if it had just been
 *     installed, so that gates are seen to pass what is known to be good
 * @param rollbackOnFail whether a gate that fails also begins the rollback
 * @param approvals humans other than its authors who must agree, if that is more than the class of the package asks for
 */
public record CampaignTerms(
        Optional<Schedule> when,
        Optional<DispatchRate> rate,
        Optional<CampaignId> rollbackOf,
        boolean selfTest,
        boolean rollbackOnFail,
        int approvals) {
    public static final CampaignTerms NONE =
            new CampaignTerms(Optional.empty(), Optional.empty(), Optional.empty(), false, false, 0);
    static final int MOST_APPROVALS = 10;

    public CampaignTerms {
        when = when.filter(schedule -> !schedule.equals(Schedule.ALWAYS));
        if (approvals < 0 || approvals > MOST_APPROVALS) {
            throw new IllegalArgumentException("approvals: " + approvals + " (expected: 0 to " + MOST_APPROVALS + ")");
        }
        if (selfTest && (rollbackOf.isPresent() || rollbackOnFail)) {
            throw new IllegalArgumentException("self-test with a rollback (expected: one of the two: nothing is changed"
                    + " that could be taken back)");
        }
    }

    public Schedule schedule() {
        return when.orElse(Schedule.ALWAYS);
    }
}
