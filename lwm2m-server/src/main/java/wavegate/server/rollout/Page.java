package wavegate.server.rollout;

import java.util.List;

/** Part of a list. {@code next} is the cursor to go on with; empty at the end. */
public record Page<T>(List<T> items, String next) {
    public Page {
        items = List.copyOf(items);
    }
}
