package wavegate.server.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Several measurements of one thing. */
public record Spread(double median, double min, double max) {
    static final Spread NONE = new Spread(Double.NaN, Double.NaN, Double.NaN);

    /** Of no values, all three are NaN. */
    static Spread of(List<Double> values) {
        if (values.isEmpty()) {
            return NONE;
        }
        double[] sorted = values.stream().mapToDouble(value -> value).sorted().toArray();
        int half = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
        return new Spread(median, sorted[0], Arrays.stream(sorted).max().orElseThrow());
    }

    /** Like {@code 31.4 [29.9-35.0]}. */
    String text(int decimals) {
        String one = "%,." + decimals + "f";
        return Double.isNaN(median)
                ? "-"
                : String.format(Locale.ROOT, one + " [" + one + "-" + one + "]", median, min, max);
    }
}
