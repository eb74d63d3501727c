package wavegate.server.rollout;

import java.time.Duration;
import java.util.Set;
import wavegate.firmware.campaign.TransferBudget;
import wavegate.firmware.device.ClientProfiles;
import wavegate.firmware.object.UpdateProtocol;

/**
 * Settings of the loop.
 *
 * @param tick how often deadlines, waves and reservations are looked at
 * @param gateInterval longest time between two judgings of an open wave
 * @param inboxSize device inputs that may wait; more are refused and counted
 * @param batchSize most inputs in one turn, hence in one group commit
 * @param reserveChunk most devices reserved in one turn, so that a large wave does not hold up the loop
 * @param served schemes under which images are handed out
 * @param uriLength characters of the longest Package URI that is handed out
 * @param clients the client profiles there are
 * @param budget what all campaigns together may use of the network
 * @param rules what classes of packages ask of campaigns, and the zones of regions
 */
public record RolloutSettings(
        Duration tick,
        Duration gateInterval,
        int inboxSize,
        int batchSize,
        int reserveChunk,
        Set<UpdateProtocol> served,
        int uriLength,
        ClientProfiles clients,
        TransferBudget.Rules budget,
        CampaignRules rules) {
    public static final RolloutSettings DEFAULT = new RolloutSettings(
            Duration.ofMillis(200),
            Duration.ofSeconds(60),
            65_536,
            512,
            100,
            Set.of(UpdateProtocol.COAP, UpdateProtocol.COAPS),
            255,
            ClientProfiles.NONE,
            TransferBudget.Rules.UNLIMITED);

    /** Without rules for campaigns. */
    public RolloutSettings(
            Duration tick,
            Duration gateInterval,
            int inboxSize,
            int batchSize,
            int reserveChunk,
            Set<UpdateProtocol> served,
            int uriLength,
            ClientProfiles clients,
            TransferBudget.Rules budget) {
        this(
                tick,
                gateInterval,
                inboxSize,
                batchSize,
                reserveChunk,
                served,
                uriLength,
                clients,
                budget,
                CampaignRules.NONE);
    }

    public RolloutSettings {
        served = Set.copyOf(served);
        if (inboxSize < 1 || batchSize < 1 || reserveChunk < 1) {
            throw new IllegalArgumentException("rollout: inbox " + inboxSize + ", batch " + batchSize + ", chunk "
                    + reserveChunk + " (expected: at least 1 each)");
        }
    }
}
