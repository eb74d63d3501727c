package wavegate.firmware.campaign;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Who goes when, and what an operator should know before starting.
 *
 * @param excluded devices left out, by reason; each counted once, under the first that applies
 * @param eligible devices planned
 * @param canaryRegion region of the first wave
 * @param detectableRatio smallest crash ratio the canary finds with power 0.8; infinite if none
 * @param ratioMet whether that is at most the ratio the gate asks for; if not, the canary's gate ends HELD, not PASSED, unless the
 *     fleet crashes more than was expected
 * @param notes sentences on where the plan differs from what was asked
 */
public record Plan(
        Membership membership,
        SortedMap<String, Integer> excluded,
        int eligible,
        String canaryRegion,
        double detectableRatio,
        boolean ratioMet,
        List<String> notes) {
    public Plan {
        excluded = Collections.unmodifiableSortedMap(new TreeMap<>(excluded));
        notes = List.copyOf(notes);
    }
}
