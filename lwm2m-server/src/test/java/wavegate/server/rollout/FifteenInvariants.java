package wavegate.server.rollout;

import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import wavegate.firmware.campaign.Membership;
import wavegate.firmware.campaign.TransferBudget;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Sha256;

/**
 * The fifteen invariants of a rollout, judged from outside: from the facts in the order of the ledger, from what left for devices, from what the devices
 * know to be true, and from the state in memory. It shares no rule with the code it watches; each method bears the number of its invariant.
 */
final class FifteenInvariants {
    /** An invariant did not hold. */
    static final class Broken extends AssertionError {
        private static final long serialVersionUID = 1;

        Broken(int number, String what) {
            super("invariant " + number + ": " + what);
        }
    }

    private final ToldSoFar told;
    private final InvariantsOfUpdates updates;
    private final InvariantsOfCampaigns campaigns;
    private final InvariantsOfDispatches dispatches;
    private final InvariantsOfState memory;
    private long seen;
    private long looked = -1;

    /**
     * @param watched for how many milliseconds in all there was a server
     * @param ran which versions a device has run in truth
     */
    FifteenInvariants(
            Function<Sha256, Membership> memberships,
            LongSupplier watched,
            Function<Endpoint, Set<FirmwareVersion>> ran,
            TransferBudget.Rules budget) {
        told = new ToldSoFar(memberships);
        updates = new InvariantsOfUpdates(told, ran);
        campaigns = new InvariantsOfCampaigns(told, watched);
        dispatches = new InvariantsOfDispatches(told);
        memory = new InvariantsOfState(told, budget);
    }

    static void require(int invariant, boolean holds, String what) {
        if (!holds) {
            throw new Broken(invariant, what);
        }
    }

    void fact(Recorded recorded) {
        require(5, recorded.sequence() == seen + 1, "fact " + recorded.sequence() + " follows " + seen);
        seen = recorded.sequence();
        campaigns.fact(recorded);
        updates.fact(recorded.fact());
        told.take(recorded.fact());
    }

    InvariantsOfDispatches dispatches() {
        return dispatches;
    }

    /** The server was away. */
    void gap() {
        campaigns.gap();
    }

    /** What is in memory, if there is anything new in the ledger. */
    void live(RolloutState state) {
        if (looked != seen) {
            looked = seen;
            memory.look(state);
        }
    }

    void atEnd(RolloutState state) {
        memory.atEnd(state);
    }
}
