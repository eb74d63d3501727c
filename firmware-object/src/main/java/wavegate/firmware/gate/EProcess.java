package wavegate.firmware.gate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * An e-process over first events of two arms, valid however often it is looked at.
 *
 * <p>First events of both arms are taken in order of time, ties control first. With n_c canaries and n_b controls at risk just before one, it is
 * a canary's with chance p = n_c / (n_c + n_b) if canaries are no worse off, so for every theta above 1 the product of
 * theta^[canary] / (1 + p (theta - 1)) is a supermartingale that starts at 1, and so is the mean over several theta. It reaches 1/alpha with
 * chance alpha at most (Ville's inequality), whatever the looks, the order of entry or a common burst do. The mean is weighted, by weights fixed
 * beforehand, towards the middle of the ratios a canary is sized to find; the bound is the same whatever they are.
 */
final class EProcess {
    private static final double[] THETAS = {1.5, 2, 3, 5, 10};
    /** Of each theta; they add up to 1. Simulated, they find 2x, 3x, 5x and 10x oftener than equal ones do, and 1.5x as often. */
    private static final double[] WEIGHTS = {0.1, 0.25, 0.35, 0.2, 0.1};

    private static final double HOUR_MS = 3_600_000.0;

    private EProcess() {}

    /** One device's time at risk, epoch milliseconds: after {@code from}, up to and including {@code until}, where it ended in its event or not. */
    record Span(long from, long until, boolean event) {}

    /** Where the process stands. {@code logE} is natural, {@code peakLogE} the highest it stood at, which is what Ville's inequality bounds. */
    record Outcome(
            double logE,
            double peakLogE,
            int canaryEvents,
            int controlEvents,
            int canaries,
            int controls,
            double canaryHours,
            double controlHours) {
        boolean reached(double alpha) {
            return peakLogE >= -Math.log(alpha);
        }
    }

    private record Event(long at, boolean canary) {
        static final Comparator<Event> ORDER =
                Comparator.comparingLong(Event::at).thenComparing(Event::canary);
    }

    /** When the devices of one arm entered and left, sorted, so that a count at a time is two searches. */
    private static final class AtRisk {
        final long[] from;
        final long[] until;
        final double hours;

        AtRisk(List<Span> spans) {
            from = spans.stream().mapToLong(Span::from).sorted().toArray();
            until = spans.stream().mapToLong(Span::until).sorted().toArray();
            hours = spans.stream().mapToLong(span -> span.until() - span.from()).sum() / HOUR_MS;
        }

        /** Devices that entered before a time and leave at it or later. */
        int countAt(long at) {
            return countBelow(from, at) - countBelow(until, at);
        }

        private static int countBelow(long[] sorted, long value) {
            int low = 0;
            int high = sorted.length;
            while (low < high) {
                int mid = (low + high) >>> 1;
                if (sorted[mid] < value) {
                    low = mid + 1;
                } else {
                    high = mid;
                }
            }
            return low;
        }
    }

    static Outcome of(List<Span> canary, List<Span> control) {
        return of(canary, control, 1);
    }

    /** @param margin by how much canaries may be worse: each canary at risk counts for as many */
    static Outcome of(List<Span> canary, List<Span> control, double margin) {
        AtRisk c = new AtRisk(canary);
        AtRisk b = new AtRisk(control);
        List<Event> events = new ArrayList<>();
        canary.stream().filter(Span::event).forEach(span -> events.add(new Event(span.until(), true)));
        control.stream().filter(Span::event).forEach(span -> events.add(new Event(span.until(), false)));
        events.sort(Event.ORDER);
        double[] logs = new double[THETAS.length];
        double logE = 0;
        double peak = 0;
        int canaryEvents = 0;
        long tieAt = Long.MIN_VALUE;
        int tiedCanaries = 0;
        int tiedControls = 0;
        for (Event event : events) {
            if (event.at() != tieAt) {
                tieAt = event.at();
                tiedCanaries = 0;
                tiedControls = 0;
            }
            double nc = c.countAt(event.at()) - tiedCanaries;
            double nb = b.countAt(event.at()) - tiedControls;
            logE = step(logs, margin * nc / (margin * nc + nb), event.canary());
            peak = Math.max(peak, logE);
            if (event.canary()) {
                canaryEvents++;
                tiedCanaries++;
            } else {
                tiedControls++;
            }
        }
        return new Outcome(
                logE,
                peak,
                canaryEvents,
                events.size() - canaryEvents,
                canary.size(),
                control.size(),
                c.hours,
                b.hours);
    }

    /** Moves every theta's log product by one event and returns the log of their weighted mean. */
    private static double step(double[] logs, double p, boolean canary) {
        double top = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < THETAS.length; i++) {
            logs[i] += (canary ? Math.log(THETAS[i]) : 0) - Math.log1p(p * (THETAS[i] - 1));
            top = Math.max(top, logs[i]);
        }
        double sum = 0;
        for (int i = 0; i < THETAS.length; i++) {
            sum += WEIGHTS[i] * Math.exp(logs[i] - top);
        }
        return top + Math.log(sum);
    }
}
