package wavegate.firmware.campaign;

import java.util.Optional;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.update.UpdatePolicy;

/**
 * What an operator asks for; frozen at start.
 *
 * @param expectedCrashRate crashes per device and hour that healthy firmware is known to have; what detectability is computed with
 * @param inFlight most updates between CHECKING and VERIFYING at one time
 * @param seed of the rank: the same seed, fleet and plan give the same waves
 * @param ownBudget what it may use of the network; empty: what the server allows
 * @param ownSelection whom it takes besides the filter; empty in older campaigns, which take nobody late
 * @param ownTerms when, how fast and after whose word; empty: at once and as fast as budgets let
 */
public record CampaignSpec(
        String name,
        PackageId packageId,
        DeviceFilter filter,
        WavePlan waves,
        GatePolicy gate,
        UpdatePolicy update,
        double expectedCrashRate,
        int inFlight,
        long seed,
        Optional<CampaignBudget> ownBudget,
        Optional<Selection> ownSelection,
        Optional<CampaignTerms> ownTerms) {
    public CampaignSpec {
        ownTerms = ownTerms.filter(terms -> !terms.equals(CampaignTerms.NONE));
        if (name.isBlank() || name.length() > 128 || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "campaign name of " + name.length() + " characters (expected: 1 to 128, printable)");
        }
        if (inFlight < 1) {
            throw new IllegalArgumentException("in-flight budget: " + inFlight + " (expected: at least 1)");
        }
        if (!(expectedCrashRate >= 0 && expectedCrashRate < 1000)) {
            throw new IllegalArgumentException(
                    "expected crash rate: " + expectedCrashRate + " (expected: 0 or more per device and hour)");
        }
    }

    /** Without a budget of its own. */
    public CampaignSpec(
            String name,
            PackageId packageId,
            DeviceFilter filter,
            WavePlan waves,
            GatePolicy gate,
            UpdatePolicy update,
            double expectedCrashRate,
            int inFlight,
            long seed) {
        this(
                name,
                packageId,
                filter,
                waves,
                gate,
                update,
                expectedCrashRate,
                inFlight,
                seed,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** The same, but for whom it takes. */
    public CampaignSpec selecting(Selection selection) {
        return with(Optional.of(selection), ownTerms);
    }

    /** The same, but for its terms. */
    public CampaignSpec under(CampaignTerms terms) {
        return with(ownSelection, Optional.of(terms));
    }

    private CampaignSpec with(Optional<Selection> selection, Optional<CampaignTerms> terms) {
        return new CampaignSpec(
                name,
                packageId,
                filter,
                waves,
                gate,
                update,
                expectedCrashRate,
                inFlight,
                seed,
                ownBudget,
                selection,
                terms);
    }

    public CampaignTerms terms() {
        return ownTerms.orElse(CampaignTerms.NONE);
    }

    public Selection selection() {
        return ownSelection.orElse(Selection.NONE);
    }

    public CampaignBudget budget() {
        return ownBudget.orElse(CampaignBudget.UNLIMITED);
    }
}
