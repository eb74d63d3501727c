package wavegate.server.bench.gate;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.gate.EvidenceBook;
import wavegate.firmware.gate.Gate;
import wavegate.firmware.gate.GateDecision;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.gate.MetricDecision;
import wavegate.firmware.gate.UpdateCounts;
import wavegate.firmware.gate.Verdict;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.telemetry.HealthTrack;
import wavegate.firmware.telemetry.Metric;

/**
 * One simulated wave from its first report to its verdict. The gate is asked at each first crash it hears of, and every hour;
 * the rules beside it every quarter of an hour. It goes on after a FAIL, as if nothing had been stopped, so that each metric and each rule answers
 * for itself.
 */
final class GateTrial {
    static final double SETTLE_HOURS = 0.5;
    private static final double LOOK_HOURS = 1;
    private static final double RULES_HOURS = 0.25;
    private static final double DEAD_WITHIN_HOURS = 12;
    private static final long BRICKS = 0x6272_6963_6b65_64L;
    private static final double HOUR = 3_600_000.0;
    private static final Map<String, Endpoint> NAMES = new ConcurrentHashMap<>();

    /**
     * What came of one wave.
     *
     * @param stops hours after the first canary's return at which a metric of the gate, or a rule beside it, first said FAIL
     * @param exposed canaries running the new firmware at that time, by the same names
     * @param verdict the gate's, at the end of the watch or when it said FAIL or PASS
     */
    record Outcome(Map<String, Double> stops, Map<String, Integer> exposed, Verdict verdict) {
        Optional<Double> stoppedBy(String rule) {
            return Optional.ofNullable(stops.get(rule));
        }
    }

    private final GateScenario scenario;
    private final GatePolicy policy;
    private final boolean withRules;
    private final SimulatedWave wave;
    private final EvidenceBook book;
    private final List<Endpoint> names = new ArrayList<>();
    private final HealthTrack[] tracks;
    private final Map<Endpoint, HealthTrack> byName = new HashMap<>();
    private final double[] diesAt;
    private final boolean[] returned;
    private final Map<String, Double> stops = new TreeMap<>();
    private final Map<String, Integer> exposed = new TreeMap<>();
    private final double soakFrom;
    private int looksUsed;
    private int updated;
    private Verdict verdict = Verdict.INCONCLUSIVE;

    GateTrial(GateScenario scenario, GatePolicy policy, boolean withRules, long seed) {
        this(scenario, policy, withRules, seed, 0);
    }

    /** @param bricked so many canaries are never heard again from some time in the twelve hours after their return */
    GateTrial(GateScenario scenario, GatePolicy policy, boolean withRules, long seed, int bricked) {
        this.scenario = scenario;
        this.policy = policy;
        this.withRules = withRules;
        this.wave = new SimulatedWave(scenario, seed);
        int devices = scenario.canaries() + scenario.controls();
        for (int i = 0; i < devices; i++) {
            names.add(NAMES.computeIfAbsent("d" + i, Endpoint::new));
        }
        this.book = new EvidenceBook(
                0, names.subList(0, scenario.canaries()), names.subList(scenario.canaries(), devices), policy);
        this.tracks = new HealthTrack[devices];
        Arrays.setAll(tracks, i -> new HealthTrack(policy.preWindow()));
        for (int i = 0; i < tracks.length; i++) {
            byName.put(names.get(i), tracks[i]);
        }
        this.diesAt = diesAt(bricked, seed);
        this.returned = new boolean[scenario.canaries()];
        this.soakFrom = SimulatedWave.START + 0.9 * scenario.entersOverHours();
    }

    private double[] diesAt(int bricked, long seed) {
        SplittableRandom random = new SplittableRandom(seed ^ BRICKS);
        double[] at = new double[tracks.length];
        Arrays.fill(at, Double.POSITIVE_INFINITY);
        // Which of them it is says nothing: canaries are alike.
        for (int i = 0; i < bricked; i++) {
            at[i] = wave.returns(i) + DEAD_WITHIN_HOURS * random.nextDouble();
        }
        return at;
    }

    Outcome run() {
        CommonRules rules = new CommonRules(scenario.canaries(), tracks.length);
        List<Integer> order = returnOrder();
        double end = SimulatedWave.START + scenario.endHours();
        double nextLook = SimulatedWave.START;
        double nextRules = SimulatedWave.START;
        boolean paired = false;
        for (Report report : wave.reports()) {
            while (!order.isEmpty() && wave.returns(order.get(order.size() - 1)) <= report.at()) {
                comesBack(order.remove(order.size() - 1));
            }
            if (!paired && report.at() >= soakFrom) {
                book.pairRemainingControls(ms(soakFrom), endpoint -> Optional.ofNullable(byName.get(endpoint)));
                paired = true;
            }
            if (report.at() >= end) {
                break;
            }
            while (nextLook <= report.at()) {
                look(nextLook);
                nextLook += LOOK_HOURS;
            }
            while (withRules && nextRules <= report.at()) {
                rules.look().forEach(rule -> stopped(rule, report.at()));
                nextRules += RULES_HOURS;
            }
            if (report.measuredAt() < diesAt[report.device()]) {
                take(report, rules);
            }
        }
        look(end);
        return new Outcome(stops, exposed, verdict);
    }

    private List<Integer> returnOrder() {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < scenario.canaries(); i++) {
            order.add(i);
        }
        // Last first: taking from the end of a list costs nothing.
        order.sort(Comparator.<Integer>comparingDouble(wave::returns).reversed());
        return order;
    }

    private void comesBack(int canary) {
        book.returned(names.get(canary), ms(wave.returns(canary)), tracks[canary]);
        book.pairControls(endpoint -> Optional.ofNullable(byName.get(endpoint)));
        returned[canary] = true;
        updated++;
    }

    private void take(Report report, CommonRules rules) {
        EnumMap<Metric, Double> values = new EnumMap<>(Metric.class);
        values.put(Metric.CRASH_COUNT, (double) report.crashes());
        values.put(Metric.ENERGY_USED_MAH, report.energy());
        if (report.lastCrash() >= 0) {
            values.put(Metric.LAST_CRASH_EPOCH_SECONDS, Math.floor(report.lastCrash() * 3600));
        }
        HealthReport health = new HealthReport(
                names.get(report.device()),
                Instant.ofEpochMilli(ms(report.measuredAt())),
                Instant.ofEpochMilli(ms(report.at())),
                values);
        tracks[report.device()].note(health);
        boolean crashed = book.note(health).filter(row -> row.crashed()).isPresent();
        if (withRules) {
            rules.note(report, report.device() >= scenario.canaries() || returned[report.device()]);
        }
        // The e-process remembers its peak; without trouble a look at each crash would only date it more closely.
        if (crashed && scenario.trouble()) {
            look(report.at());
        }
    }

    private void look(double now) {
        book.silences(ms(now), endpoint -> Optional.ofNullable(byName.get(endpoint)));
        Instant at = Instant.ofEpochMilli(ms(now));
        GateDecision decision = Gate.judge(
                book.evidence(
                        0,
                        at,
                        Instant.ofEpochMilli(ms(soakFrom)),
                        Instant.ofEpochMilli(
                                ms(soakFrom + SETTLE_HOURS) + policy.soak().toMillis()),
                        looksUsed,
                        new UpdateCounts(scenario.canaries(), updated, updated, updated, 0, 0, 0, 0)),
                policy,
                true);
        looksUsed = decision.looksUsed();
        for (MetricDecision metric : decision.metrics()) {
            if (metric.verdict() == Verdict.FAIL) {
                stopped(metric.metric(), now);
            }
        }
        if (verdict == Verdict.INCONCLUSIVE) {
            verdict = decision.verdict();
        }
    }

    private void stopped(String rule, double now) {
        stops.putIfAbsent(rule, now - SimulatedWave.START);
        exposed.putIfAbsent(rule, updated);
    }

    private static long ms(double hours) {
        return Math.round(hours * HOUR);
    }

    /** The policy the bench runs under: a day before, a day of soak, alpha 0.01 for each metric. */
    static GatePolicy policy() {
        GatePolicy base = GatePolicy.DEFAULT;
        return new GatePolicy(
                Duration.ofHours(24),
                Duration.ofHours(24),
                base.soakMax(),
                Duration.ofMinutes(30),
                base.coverage(),
                base.maxRatio(),
                0.01,
                0.01,
                base.laterAlpha(),
                base.minDrift(),
                4,
                base.minPerArm(),
                base.maxFailureShare(),
                base.maxLostShare(),
                base.guardrailKills());
    }
}
