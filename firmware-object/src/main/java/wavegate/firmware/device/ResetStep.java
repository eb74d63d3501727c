package wavegate.firmware.device;

import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/** A means of reset and the States, 0 to 3, in which it is safe; {@link #OTHER} stands for every number that is no State. */
public record ResetStep(ResetMeans means, SortedSet<Integer> states) {
    public static final int OTHER = 4;

    public ResetStep {
        for (int state : states) {
            if (state < 0 || state > OTHER || state == 3) {
                throw new IllegalArgumentException(
                        "reset by " + means.label() + " in State " + state + " (expected: 0, 1, 2; " + OTHER
                                + " for what is no State; never 3, in which the device is left alone)");
            }
        }
        states = Collections.unmodifiableSortedSet(new TreeSet<>(states));
    }

    public boolean isSafeIn(int stateCode) {
        return states.contains(stateCode < 0 || stateCode > 3 ? OTHER : stateCode);
    }
}
