package wavegate.firmware.campaign;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import wavegate.firmware.gate.GatePolicy;

/**
 * What a plan leads to, as far as that can be said before: what its canary can see, how long it takes, and what an operator should think of first.
 *
 * @param detects a sentence
 * @param earliest from the start to the end, if every device is there, nothing fails and no gate asks for more time
 * @param latest the same if every wave waits for its fill deadline and soaks as long as it may
 * @param warnings sentences
 */
public record Forecast(String detects, Duration earliest, Duration latest, List<String> warnings) {
    /** A module on a narrow band: what one is taken to download in a second where the campaign does not say. */
    private static final double BYTES_PER_SECOND = 4096;

    private static final Duration REBOOT = Duration.ofMinutes(2);
    private static final int SMALL_FLEET = 300;
    private static final Duration WEEK = Duration.ofDays(7);
    private static final Duration STEP = Duration.ofMinutes(15);

    public Forecast {
        warnings = List.copyOf(warnings);
    }

    /**
     * @param imageBytes of the full image
     * @param withoutZone planned devices whose time zone nobody knows
     * @param now when it would start
     */
    public static Forecast of(CampaignSpec spec, Plan plan, long imageBytes, int withoutZone, Instant now) {
        Duration transfer = Duration.ofMillis((long) (imageBytes / BYTES_PER_SECOND * 1000));
        double open = openShare(spec.terms().schedule(), now);
        Duration earliest = wait(spec, now);
        Duration latest = earliest;
        int begun = 0;
        for (Membership.WaveMembers wave : plan.membership().waves()) {
            int size = wave.members().size();
            Duration dispatch = dispatch(spec, size, begun, imageBytes, transfer, open);
            begun += size;
            GatePolicy gate = spec.gate();
            Duration verify = transfer.plus(REBOOT).plus(spec.update().verifyFor());
            earliest = earliest.plus(dispatch).plus(verify).plus(gate.settle()).plus(gate.soak());
            Duration longest = dispatch.compareTo(spec.waves().fillDeadline()) > 0
                    ? dispatch
                    : spec.waves().fillDeadline();
            latest = latest.plus(longest.multipliedBy(2)).plus(gate.settle()).plus(gate.soakMax());
        }
        return new Forecast(
                detects(spec, plan),
                earliest,
                latest,
                warnings(spec, plan, transfer, open, withoutZone, now.plus(earliest)));
    }

    private static Duration wait(CampaignSpec spec, Instant now) {
        Duration watched = spec.terms().rollbackOf().isPresent()
                ? Duration.ZERO
                : spec.gate().preWindow();
        Duration until = spec.terms()
                .schedule()
                .startAt()
                .map(start -> Duration.between(now, start))
                .orElse(Duration.ZERO);
        return until.compareTo(watched) > 0 ? until : watched;
    }

    /** Until the last device of a wave has begun. The narrowest of places, rate and bytes decides. */
    private static Duration dispatch(
            CampaignSpec spec, int size, int begun, long imageBytes, Duration transfer, double open) {
        double rounds = Math.max(0, Math.ceil((double) size / spec.inFlight()) - 1);
        double seconds = rounds * transfer.toSeconds();
        long bytesPerSecond = spec.budget().bytesPerSecond();
        if (bytesPerSecond > 0) {
            seconds = Math.max(seconds, (double) size * imageBytes / bytesPerSecond);
        }
        double byRate = spec.terms()
                .rate()
                .map(rate -> (rate.minutesFor(begun + size) - rate.minutesFor(begun)) * 60)
                .orElse(0.0);
        seconds = Math.max(seconds, byRate);
        return Duration.ofSeconds((long) Math.min(seconds / Math.max(open, 1e-3), 10L * 365 * 86_400));
    }

    /** Share of the week after {@code from} that devices may be touched. */
    private static double openShare(Schedule schedule, Instant from) {
        if (schedule.windows().isEmpty()) {
            return 1;
        }
        ZoneId zone = schedule.fixedZone().orElse(ZoneOffset.UTC);
        int open = 0;
        int all = 0;
        for (Instant at = from; at.isBefore(from.plus(WEEK)); at = at.plus(STEP)) {
            open += schedule.contains(at, zone) ? 1 : 0;
            all++;
        }
        return (double) open / all;
    }

    private static String detects(CampaignSpec spec, Plan plan) {
        Membership.WaveMembers canary = plan.membership().waves().get(0);
        String who = String.format(
                Locale.ROOT,
                "a canary of %d with %d controls, watched for %s",
                canary.members().size(),
                canary.control().size(),
                words(spec.gate().soak()));
        if (canary.control().isEmpty()) {
            return who + ", has nobody to compare with: only guardrails, coverage and soak protect";
        }
        return Double.isInfinite(plan.detectableRatio())
                ? who + ", cannot find any rise of the crash rate"
                : String.format(
                        Locale.ROOT,
                        "%s, sees a %.1fx crash rate or worse with 80 %% power",
                        who,
                        plan.detectableRatio());
    }

    private static List<String> warnings(
            CampaignSpec spec, Plan plan, Duration transfer, double open, int withoutZone, Instant end) {
        List<String> warnings = new ArrayList<>();
        Schedule schedule = spec.terms().schedule();
        if (plan.eligible() < SMALL_FLEET && spec.terms().rollbackOf().isEmpty()) {
            warnings.add(plan.eligible() + " devices are too few for a gate to compare well (expected: " + SMALL_FLEET
                    + " or more): soak longer and look yourself");
        }
        if (withoutZone > 0 && !schedule.windows().isEmpty()) {
            warnings.add(withoutZone + " devices have no known time zone: their windows go by UTC");
        }
        if (open == 0) {
            warnings.add("no window opens for a quarter of an hour in the week to come");
        }
        schedule.windows().stream()
                .filter(window -> length(window).compareTo(transfer) < 0)
                .forEach(window -> warnings.add("window " + window + " is shorter than a transfer of about "
                        + words(transfer) + ": images arrive after it and wait for the next one"));
        schedule.endAt()
                .filter(end::isAfter)
                .ifPresent(at -> warnings.add("the deadline, " + at + ", comes before the earliest end, " + end
                        + ": what has not begun is called off"));
        return warnings;
    }

    private static Duration length(WeeklyWindow window) {
        int minutes = Math.floorMod(window.toMinute() - window.fromMinute(), 24 * 60);
        return Duration.ofMinutes(minutes == 0 ? 24 * 60 : minutes);
    }

    private static String words(Duration span) {
        long minutes = span.toMinutes();
        if (minutes < 120) {
            return minutes == 0 ? span.toSeconds() + " s" : minutes + " min";
        }
        return minutes % 60 == 0 ? minutes / 60 + " h" : String.format(Locale.ROOT, "%.1f h", minutes / 60.0);
    }
}
