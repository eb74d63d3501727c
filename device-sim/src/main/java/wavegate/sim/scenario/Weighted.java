package wavegate.sim.scenario;

import java.util.List;

/** One of several, with its share; shares are relative and need not add up to anything. */
public record Weighted<T>(T value, double share) {
    public Weighted {
        if (!(share > 0)) {
            throw new IllegalArgumentException("share: " + share + " (expected: more than 0)");
        }
    }

    /** The value at {@code position}, 0 to below 1, along the shares laid end to end. */
    public static <T> T at(List<Weighted<T>> all, double position) {
        double total = all.stream().mapToDouble(Weighted::share).sum();
        double left = position * total;
        for (Weighted<T> one : all) {
            left -= one.share();
            if (left < 0) {
                return one.value();
            }
        }
        return all.get(all.size() - 1).value();
    }
}
