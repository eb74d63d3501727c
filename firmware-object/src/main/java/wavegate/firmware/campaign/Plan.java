package wavegate.firmware.campaign;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a campaign would do, or at start will do.
 *
 * @param excluded devices left out, counted by reason
 * @param canaryRegion the region of the first wave
 * @param detectableRatio smallest crash ratio the canary can find over its soak with power 0.8; infinite if none
 * @param ratioMet whether that is at most the ratio the gate asks for; if not, the canary's gate can only end HELD
 * @param notes what an operator should know before starting, as sentences
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
