package wavegate.sim.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Round numbers along an axis. */
final class Ticks {
    private static final double[] STEPS = {1, 2, 5, 10};
    private static final int[] SECOND_STEPS = {
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400
    };

    private Ticks() {}

    /** From 0 to the first round number at or above {@code most}, in about {@code wanted} steps. */
    static List<Double> of(double most, int wanted) {
        double top = most > 0 ? most : 1;
        double step = step(top / wanted);
        List<Double> ticks = new ArrayList<>();
        for (int i = 0; i == 0 || ticks.get(i - 1) < top; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    private static double step(double least) {
        double magnitude = Math.pow(10, Math.floor(Math.log10(least)));
        for (double step : STEPS) {
            if (step * magnitude >= least * 0.999_999) {
                return step * magnitude;
            }
        }
        return 10 * magnitude;
    }

    /** Moments from 0 up to {@code seconds}. */
    static List<Double> ofSeconds(double seconds, int wanted) {
        double step = SECOND_STEPS[SECOND_STEPS.length - 1];
        for (int candidate : SECOND_STEPS) {
            if (candidate * (double) wanted >= seconds) {
                step = candidate;
                break;
            }
        }
        List<Double> ticks = new ArrayList<>();
        for (double at = 0; at <= seconds; at += step) {
            ticks.add(at);
        }
        return ticks;
    }

    /** Like {@code 0, 250, 1.5k, 20k, 3M}. */
    static String text(double value) {
        if (Math.abs(value) >= 1e6) {
            return trimmed(value / 1e6) + "M";
        }
        return Math.abs(value) >= 1000 ? trimmed(value / 1000) + "k" : trimmed(value);
    }

    private static String trimmed(double value) {
        String text = String.format(Locale.ROOT, "%.2f", value);
        return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
    }

    /** Like {@code 45 s, 2:30, 1:05:00}. */
    static String time(double seconds) {
        long s = Math.round(seconds);
        if (s < 60) {
            return s + " s";
        }
        return s < 3600
                ? String.format(Locale.ROOT, "%d:%02d", s / 60, s % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
    }
}
