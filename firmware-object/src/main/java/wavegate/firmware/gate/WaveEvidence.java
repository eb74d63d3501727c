package wavegate.firmware.gate;

import java.time.Instant;
import java.util.List;

/**
 * All a gate may look at, immutable. As recorded, the members of a very large wave are left out. {@code sequence} names the moment in the ledger it was taken at. {@code looksUsed} planned drift looks
 * are already spent. Members are in rank order.
 */
public record WaveEvidence(
        long sequence,
        int wave,
        Instant now,
        Instant soakFrom,
        Instant soakUntil,
        int looksUsed,
        UpdateCounts counts,
        List<MemberEvidence> canary,
        List<MemberEvidence> control) {
    public WaveEvidence {
        canary = List.copyOf(canary);
        control = List.copyOf(control);
    }

    public WaveEvidence withoutMembers() {
        return new WaveEvidence(sequence, wave, now, soakFrom, soakUntil, looksUsed, counts, List.of(), List.of());
    }
}
