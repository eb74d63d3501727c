package wavegate.sim.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Curves over the seconds of a run, as one SVG element. Colours are the page's: curve {@code n} has class {@code sn}, filled areas {@code an}, and
 * there are {@code grid}, {@code axis}, {@code mark}. A stacked plot lays areas on each other, the first at the bottom.
 */
public final class TimePlot {
    /** Curves differ in so many colours. */
    public static final int COLOURS = 6;

    private static final int WIDTH = 760;
    private static final int HEIGHT = 240;
    private static final int LEFT = 58;
    private static final int RIGHT = 14;
    private static final int TOP = 22;
    private static final int BOTTOM = 26;
    private static final int MOST_POINTS = 360;
    private static final int Y_TICKS = 4;
    private static final int X_TICKS = 8;

    /** A moment worth a line. */
    public record Mark(double atSeconds, String label) {}

    private final String description;
    private final boolean stacked;
    private final double[] seconds;
    private final List<Series> series;
    private final List<Mark> marks;

    /** @param description for those who cannot see it */
    public TimePlot(String description, boolean stacked, double[] seconds, List<Series> series, List<Mark> marks) {
        this.description = description;
        this.stacked = stacked;
        int points = Math.min(MOST_POINTS, seconds.length);
        this.seconds = thinned(seconds, points);
        this.series = series.stream()
                .map(one -> new Series(one.name(), thinned(one.values(), points)))
                .toList();
        this.marks = List.copyOf(marks);
        for (Series one : this.series) {
            if (one.length() != this.seconds.length) {
                throw new IllegalArgumentException("series " + one.name() + ": " + one.length() + " values (expected: "
                        + this.seconds.length + ", one for each moment)");
            }
        }
    }

    /** Means of as many equal stretches. */
    private static double[] thinned(double[] values, int points) {
        if (values.length <= points) {
            return values.clone();
        }
        double[] means = new double[points];
        for (int i = 0; i < points; i++) {
            int from = (int) ((long) i * values.length / points);
            int to = Math.max(from + 1, (int) ((long) (i + 1) * values.length / points));
            double sum = 0;
            for (int j = from; j < to; j++) {
                sum += values[j];
            }
            means[i] = sum / (to - from);
        }
        return means;
    }

    private double most() {
        double most = 0;
        if (stacked) {
            for (int i = 0; i < seconds.length; i++) {
                double sum = 0;
                for (Series one : series) {
                    sum += one.at(i);
                }
                most = Math.max(most, sum);
            }
        } else {
            for (Series one : series) {
                most = Math.max(most, one.most());
            }
        }
        return most;
    }

    public String svg() {
        StringBuilder out = new StringBuilder(16_384);
        double last = seconds.length == 0 ? 1 : Math.max(1, seconds[seconds.length - 1]);
        List<Double> ticks = Ticks.of(most(), Y_TICKS);
        double top = ticks.get(ticks.size() - 1);
        Scale scale = new Scale(last, top <= 0 ? 1 : top);
        out.append(String.format(
                Locale.ROOT,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\" preserveAspectRatio=\"xMidYMid meet\">%n",
                WIDTH,
                HEIGHT,
                escaped(description)));
        grid(out, scale, ticks, last);
        curves(out, scale);
        marks(out, scale);
        return out.append("</svg>\n").toString();
    }

    private record Scale(double lastSecond, double top) {
        double x(double second) {
            return LEFT + second / lastSecond * (WIDTH - LEFT - RIGHT);
        }

        double y(double value) {
            return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM);
        }
    }

    private static void grid(StringBuilder out, Scale scale, List<Double> ticks, double last) {
        for (double tick : ticks) {
            double y = scale.y(tick);
            line(out, tick == 0 ? "axis" : "grid", LEFT, y, WIDTH - RIGHT, y);
            text(out, "end", LEFT - 8, y + 4, Ticks.text(tick));
        }
        for (double tick : Ticks.ofSeconds(last, X_TICKS)) {
            text(
                    out,
                    scale.x(tick) > WIDTH - RIGHT - 16 ? "end" : "middle",
                    scale.x(tick),
                    HEIGHT - 8,
                    Ticks.time(tick));
        }
    }

    private void curves(StringBuilder out, Scale scale) {
        double[] below = new double[seconds.length];
        for (int n = 0; n < series.size(); n++) {
            Series one = series.get(n);
            double[] above = new double[seconds.length];
            for (int i = 0; i < seconds.length; i++) {
                above[i] = one.at(i) + (stacked ? below[i] : 0);
            }
            if (stacked && seconds.length > 0) {
                out.append("<path class=\"a").append(n % COLOURS).append("\" d=\"M");
                points(out, scale, above, false);
                out.append(" L");
                points(out, scale, below, true);
                out.append(" Z\"/>\n");
                below = above;
            }
            if (seconds.length > 0) {
                out.append("<path class=\"s").append(n % COLOURS).append("\" d=\"M");
                points(out, scale, above, false);
                out.append("\"/>\n");
            }
        }
    }

    private void points(StringBuilder out, Scale scale, double[] values, boolean backwards) {
        for (int i = 0; i < values.length; i++) {
            int at = backwards ? values.length - 1 - i : i;
            out.append(String.format(
                    Locale.ROOT, "%s%.1f,%.1f", i == 0 ? "" : " ", scale.x(seconds[at]), scale.y(values[at])));
        }
    }

    private void marks(StringBuilder out, Scale scale) {
        List<Double> taken = new ArrayList<>();
        for (Mark mark : marks) {
            double x = scale.x(Math.min(mark.atSeconds(), scale.lastSecond()));
            line(out, "mark", x, TOP - 4, x, HEIGHT - BOTTOM);
            double room = 7.2 * mark.label().length();
            boolean free = taken.stream().noneMatch(other -> Math.abs(other - x) < room);
            if (free) {
                boolean nearEnd = x + room > WIDTH - RIGHT;
                text(out, nearEnd ? "end" : "start", nearEnd ? x - 4 : x + 4, TOP - 8, mark.label());
                taken.add(x);
            }
        }
    }

    private static void line(StringBuilder out, String kind, double x1, double y1, double x2, double y2) {
        out.append(String.format(
                Locale.ROOT,
                "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n",
                kind,
                x1,
                y1,
                x2,
                y2));
    }

    private static void text(StringBuilder out, String anchor, double x, double y, String words) {
        out.append(String.format(
                Locale.ROOT,
                "<text text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>%n",
                anchor,
                x,
                y,
                escaped(words)));
    }

    /** Text as it may stand in markup, attributes included. */
    public static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
