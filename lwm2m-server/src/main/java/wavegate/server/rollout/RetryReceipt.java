package wavegate.server.rollout;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What came of a {@link RetryOrder}.
 *
 * @param retried updates that have another attempt before them
 * @param left chosen updates that have none, by reason: {@code busy}, {@code held}, {@code superseded}, {@code artifact-closed}, {@code removed}
 * @param more chosen updates beyond {@link RetryOrder#MOST}: ask again
 */
public record RetryReceipt(int retried, SortedMap<String, Integer> left, int more) {
    public RetryReceipt {
        left = Collections.unmodifiableSortedMap(new TreeMap<>(left));
    }
}
