package wavegate.firmware.gate;

import wavegate.firmware.device.Endpoint;

/**
 * What one device of an arm contributes. Times are epoch milliseconds of the device's clock, 0 where not yet known; energies mAh; rates mAh
 * per hour. A row is written to the ledger whenever a field other than the {@code latest} ones changes.
 *
 * @param indexAt when the device entered: a canary's return after the update, a control's paired canary's; 0 before
 * @param preRate energy use before the index, NaN if it was not watched long enough
 * @param crashesAtStart crash counter when its time at risk began; -1 before
 * @param firstCrashAt its first crash while at risk; 0 if none
 * @param postStartAt first sample after settling, {@code postStartEnergy} its counter
 * @param latestAt newest sample, {@code latestEnergy} its counter; not kept in the ledger, the next report brings it back
 */
public record MemberEvidence(
        Endpoint endpoint,
        Arm arm,
        long indexAt,
        double preRate,
        long crashesAtStart,
        long firstCrashAt,
        long postStartAt,
        double postStartEnergy,
        long latestAt,
        double latestEnergy) {

    public static MemberEvidence joining(Endpoint endpoint, Arm arm) {
        return new MemberEvidence(endpoint, arm, 0, Double.NaN, -1, 0, 0, Double.NaN, 0, Double.NaN);
    }
}
