package wavegate.server.rollout;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.gate.GateDecision;
import wavegate.firmware.update.UpdatePhase;

/**
 * A campaign with its counters, as of the last committed turn. Immutable.
 *
 * @param notReserved per wave in order: members not yet reserved
 * @param phases per wave in order: updates by phase; with {@code notReserved} they sum to the wave's size
 * @param reasons ends other than SUCCESS by {@code PHASE/detail}
 * @param deltas what deltas did for it
 * @param lastGate the newest look at the open wave, durable or not; empty before the first
 */
public record CampaignStatus(
        Campaign campaign,
        List<Integer> notReserved,
        List<Map<UpdatePhase, Integer>> phases,
        SortedMap<String, Integer> reasons,
        DeltaFigures deltas,
        Optional<GateDecision> lastGate,
        Instant at) {
    /** One that no delta was used in. */
    public CampaignStatus(
            Campaign campaign,
            List<Integer> notReserved,
            List<Map<UpdatePhase, Integer>> phases,
            SortedMap<String, Integer> reasons,
            Optional<GateDecision> lastGate,
            Instant at) {
        this(campaign, notReserved, phases, reasons, DeltaFigures.NONE, lastGate, at);
    }

    public CampaignStatus {
        notReserved = List.copyOf(notReserved);
        phases = List.copyOf(phases);
    }
}
