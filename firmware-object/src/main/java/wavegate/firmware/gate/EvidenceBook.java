package wavegate.firmware.gate;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.telemetry.HealthTrack;
import wavegate.firmware.telemetry.Metric;

/**
 * The evidence of one wave as it grows: a row per device of both arms, in rank order. Every method that changes what the ledger must keep
 * returns the changed rows; putting them back with {@link #restore} in the same order gives the same book. Crashes while settling are not
 * counted here. Not thread-safe: called on the rollout thread.
 */
public final class EvidenceBook {
    private final int wave;
    private final GatePolicy policy;
    private final long silentAfterMs;
    private final List<MetricRule> own;
    /** Rows of the first {@link #canaries} places; behind them is room for those that join. */
    private MemberEvidence[] canary;

    private int canaries;
    private final MemberEvidence[] control;
    /** Place of each device: its rank among the canaries, or minus one minus its rank among the controls. */
    private final Map<Endpoint, Integer> places;
    /** Canaries that returned and whose controls have not been paired yet. */
    private final Deque<Integer> unpaired = new ArrayDeque<>();
    /** Devices that were taken out of the fleet: nothing they do or do not do is evidence any more. */
    private final Set<Endpoint> withdrawn = new HashSet<>();
    /** Arrival of the first report since this book was made. Before it nobody was listening, so nobody was silent. */
    private long listeningSince = Long.MAX_VALUE;
    /** Arrival of the newest report of any device here; 0 before. */
    private long lastHeardAt;
    /** When the last time ended in which no device at all was heard, for more than half of the policy's limit, and how long it was. */
    private long quietUntil;

    private long quietMs;
    /** One object for each limit, however many devices have it. */
    private final Map<Duration, Optional<Duration>> limits = new HashMap<>();
    /** Before it no device can have been silent for too long: spares a walk through half a million rows at each look. */
    private long nextSilence;

    /**
     * @param wave its index, 0 is the canary wave
     * @param canary the wave's own devices in rank order
     * @param control its control arm in rank order; empty in the last wave
     * @throws IllegalArgumentException if a device is named twice
     */
    public EvidenceBook(int wave, List<Endpoint> canary, List<Endpoint> control, GatePolicy policy) {
        this.wave = wave;
        this.policy = policy;
        this.silentAfterMs = policy.silentAfter().toMillis();
        this.own = policy.ownMetrics();
        this.canary = rows(canary, Arm.CANARY);
        this.canaries = canary.size();
        this.control = rows(control, Arm.CONTROL);
        this.places = new HashMap<>((canary.size() + control.size()) * 4 / 3 + 1);
        for (int i = 0; i < canary.size(); i++) {
            place(canary.get(i), i);
        }
        for (int j = 0; j < control.size(); j++) {
            place(control.get(j), -1 - j);
        }
    }

    private static MemberEvidence[] rows(List<Endpoint> endpoints, Arm arm) {
        return endpoints.stream()
                .map(endpoint -> MemberEvidence.joining(endpoint, arm))
                .toArray(MemberEvidence[]::new);
    }

    private void place(Endpoint endpoint, int place) {
        if (places.put(endpoint, place) != null) {
            throw new IllegalArgumentException(
                    "wave " + wave + ": " + endpoint + " twice (expected: each device once, in one arm)");
        }
    }

    /** One more canary, behind the others; for a wave without a control arm. */
    public void join(Endpoint endpoint) {
        place(endpoint, canaries);
        if (canaries == canary.length) {
            canary = Arrays.copyOf(canary, canaries + canaries / 8 + 16);
        }
        canary[canaries++] = MemberEvidence.joining(endpoint, Arm.CANARY);
    }

    /** Takes a device out of the evidence, in either arm. */
    public void withdraw(Endpoint endpoint) {
        if (places.containsKey(endpoint)) {
            withdrawn.add(endpoint);
        }
    }

    public boolean contains(Endpoint endpoint) {
        return places.containsKey(endpoint);
    }

    /**
     * Fixes a canary's energy use before the first byte is sent to it, so that the cost of the download is not part of its baseline. May be
     * left out; then {@link #returned} fixes it.
     *
     * @return the changed row; empty if it is no canary here, already returned or already fixed, or was not watched long enough
     */
    public Optional<MemberEvidence> dispatched(Endpoint endpoint, long atMs, HealthTrack track) {
        Integer place = places.get(endpoint);
        if (place == null
                || place < 0
                || row(place).entered()
                || !Double.isNaN(row(place).preRate())) {
            return Optional.empty();
        }
        return change(place, row(place).entering(0, track.preRate(atMs, policy.preWindow())));
    }

    /**
     * A canary came back after its update: this is its index. A later call changes nothing.
     *
     * @param atMs of the return, epoch milliseconds
     * @return the changed row; empty if it is no canary here or has returned before
     */
    public Optional<MemberEvidence> returned(Endpoint endpoint, long atMs, HealthTrack track) {
        Integer place = places.get(endpoint);
        if (place == null || place < 0 || row(place).entered()) {
            return Optional.empty();
        }
        MemberEvidence row = row(place);
        double rate = Double.isNaN(row.preRate()) ? track.preRate(atMs, policy.preWindow()) : row.preRate();
        unpaired.add(place);
        return change(place, row.entering(atMs, rate));
    }

    /**
     * Gives the controls of canaries that returned since the last call their index: control j goes with canary j mod n. Best called after each
     * {@link #returned}: a pre-window long past is no longer known.
     *
     * @return the changed rows
     */
    public List<MemberEvidence> pairControls(Function<Endpoint, Optional<HealthTrack>> tracks) {
        List<MemberEvidence> changed = new ArrayList<>();
        while (!unpaired.isEmpty()) {
            int rank = unpaired.remove();
            for (int j = rank; j < control.length; j += canaries) {
                if (!control[j].entered()) {
                    pair(j, canary[rank].indexAt(), tracks).ifPresent(changed::add);
                }
            }
        }
        return changed;
    }

    /** As {@link #pairControls}, and then gives every control whose canary has not returned the soak's start as its index. */
    public List<MemberEvidence> pairRemainingControls(
            long soakFromMs, Function<Endpoint, Optional<HealthTrack>> tracks) {
        List<MemberEvidence> changed = new ArrayList<>(pairControls(tracks));
        for (int j = 0; j < control.length; j++) {
            if (!control[j].entered()) {
                pair(j, soakFromMs, tracks).ifPresent(changed::add);
            }
        }
        return changed;
    }

    private Optional<MemberEvidence> pair(int j, long indexAt, Function<Endpoint, Optional<HealthTrack>> tracks) {
        double rate = tracks.apply(control[j].endpoint())
                .map(track -> track.preRate(indexAt, policy.preWindow()))
                .orElse(Double.NaN);
        return change(-1 - j, control[j].entering(indexAt, rate));
    }

    /**
     * Takes a report in. Doubled, late and reordered ones are harmless.
     *
     * @return the changed row if the ledger must keep it; empty if only the latest fields moved, or the device is in neither arm
     */
    public Optional<MemberEvidence> note(HealthReport report) {
        Integer place = places.get(report.endpoint());
        if (place == null) {
            return Optional.empty();
        }
        long heardAt = report.receivedAt().toEpochMilli();
        if (heardAt < listeningSince) {
            listeningSince = heardAt;
            nextSilence = 0;
        }
        if (lastHeardAt > 0 && heardAt - lastHeardAt > silentAfterMs / 2) {
            quietUntil = heardAt;
            quietMs = heardAt - lastHeardAt;
            nextSilence = 0;
        }
        lastHeardAt = Math.max(lastHeardAt, heardAt);
        MemberEvidence row = row(place);
        long at = report.measuredAt();
        OptionalDouble crashes = report.value(Metric.CRASH_COUNT);
        OptionalDouble energy = report.value(Metric.ENERGY_USED_MAH);
        MemberEvidence next = row;
        if (row.entered() && at >= row.indexAt() + policy.settle().toMillis()) {
            if (crashes.isPresent() && crashes.getAsDouble() >= 0) {
                next = crashesNoted(next, report, at, (long) crashes.getAsDouble());
            }
            for (MetricRule rule : own) {
                next = eventNoted(next, report, at, rule);
            }
            if (energy.isPresent() && Double.isFinite(energy.getAsDouble()) && next.postStartAt() == 0) {
                next = next.metered(at, energy.getAsDouble());
            }
        }
        boolean newerEnergy = energy.isPresent() && Double.isFinite(energy.getAsDouble()) && at > next.latestEnergyAt();
        return change(
                place,
                next.latest(
                        Math.max(next.latestAt(), at),
                        newerEnergy ? at : next.latestEnergyAt(),
                        newerEnergy ? energy.getAsDouble() : next.latestEnergy()));
    }

    /**
     * Takes in what a device tells after its wave was decided: a first crash that it dates before that, and that it has not crashed before. What it
     * did later is not this wave's evidence; a control may be updated by then.
     *
     * @param decidedAtMs when the wave was decided, epoch milliseconds
     * @return the changed row, if a crash became known
     */
    public Optional<MemberEvidence> noteLate(HealthReport report, long decidedAtMs) {
        Integer place = places.get(report.endpoint());
        if (place == null || !row(place).atRisk()) {
            return Optional.empty();
        }
        MemberEvidence row = row(place);
        OptionalDouble crashes = report.value(Metric.CRASH_COUNT);
        MemberEvidence next = row;
        if (crashes.isPresent() && crashes.getAsDouble() > row.crashesAtStart()) {
            long crashAt = crashTime(row, report, report.measuredAt());
            boolean news = crashAt > row.atRiskFrom()
                    && crashAt <= decidedAtMs
                    && (!row.crashed() || crashAt < row.firstCrashAt());
            next = news ? row.crashed(crashAt) : row;
        }
        long heard = Math.max(row.latestAt(), Math.min(report.measuredAt(), decidedAtMs));
        return change(place, next.latest(heard, next.latestEnergyAt(), next.latestEnergy()));
    }

    /** As for crashes, by another counter; the report that tells it dates it. */
    private static MemberEvidence eventNoted(MemberEvidence row, HealthReport report, long at, MetricRule rule) {
        OptionalDouble said = report.value(rule.source().orElseThrow());
        if (said.isEmpty() || !(said.getAsDouble() >= 0)) {
            return row;
        }
        long count = (long) said.getAsDouble();
        Optional<EventEvidence> known = row.event(rule.id());
        if (known.isEmpty()) {
            return row.with(new EventEvidence(rule.id(), at, count, 0));
        }
        EventEvidence event = known.get();
        if (at <= event.from() || count == event.countAtStart()) {
            return row;
        }
        if (count < event.countAtStart()) {
            boolean reset = event.firstAt() == 0 && at > row.latestAt();
            return reset ? row.with(new EventEvidence(rule.id(), event.from(), count, 0)) : row;
        }
        return event.firstAt() == 0 || at < event.firstAt()
                ? row.with(new EventEvidence(rule.id(), event.from(), event.countAtStart(), at))
                : row;
    }

    private static MemberEvidence crashesNoted(MemberEvidence row, HealthReport report, long at, long crashes) {
        if (!row.atRisk()) {
            return row.atRisk(at, crashes);
        }
        if (at <= row.atRiskFrom()) {
            return row;
        }
        if (crashes < row.crashesAtStart() && !row.crashed()) {
            // A counter that fell was reset; growth is seen from its new value. A late report of the old counter is not
            // a reset.
            return at > row.latestAt() ? row.atRisk(row.atRiskFrom(), crashes) : row;
        }
        if (crashes <= row.crashesAtStart()) {
            return row;
        }
        long crashAt = crashTime(row, report, at);
        return row.crashed() && row.firstCrashAt() <= crashAt ? row : row.crashed(crashAt);
    }

    /** The device's own word for when it crashed, if that lies in its time at risk; else the time of the report that tells it. */
    private static long crashTime(MemberEvidence row, HealthReport report, long at) {
        OptionalDouble seconds = report.value(Metric.LAST_CRASH_EPOCH_SECONDS);
        if (seconds.isEmpty()) {
            return at;
        }
        long said = (long) (seconds.getAsDouble() * 1000);
        // The resource has whole seconds: a crash up to 999 ms into the time at risk reads as just before it.
        boolean whileAtRisk = said + 999 > row.atRiskFrom() && said <= at;
        return whileAtRisk ? Math.max(said, row.atRiskFrom() + 1) : at;
    }

    /**
     * Notes the devices at risk that have not been heard of for their limit, each once. Called before evidence is taken. The limit is the
     * policy's, and a longer one for a device that is about to exceed it and usually reports more seldom. While no device of either arm is
     * heard it is not they who are silent: after more than half of its limit without any, a device's time begins anew, in both arms at once.
     * After a restart silence is counted from the first report that comes in.
     *
     * @param tracks what is remembered of a device's reports
     * @return the changed rows
     */
    public List<MemberEvidence> silences(long nowMs, Function<Endpoint, Optional<HealthTrack>> tracks) {
        List<MemberEvidence> changed = new ArrayList<>();
        if (listeningSince > nowMs - silentAfterMs || nowMs - lastHeardAt > silentAfterMs / 2 || nextSilence > nowMs) {
            return changed;
        }
        nextSilence = Long.MAX_VALUE;
        for (int place = -control.length; place < canaries; place++) {
            MemberEvidence row = row(place);
            if (!row.atRisk() || row.fellSilent() || withdrawn.contains(row.endpoint())) {
                continue;
            }
            boolean due = heardAt(row) + row.silentAfterMs(silentAfterMs) <= nowMs;
            MemberEvidence next = due ? row.silentAfter(limitOf(row, tracks)) : row;
            long silentAt = silentAt(next);
            if (silentAt > nowMs) {
                nextSilence = Math.min(nextSilence, silentAt);
            }
            if (due) {
                change(place, silentAt > nowMs ? next : next.silent(silentAt)).ifPresent(changed::add);
            }
        }
        return changed;
    }

    /** A device's limit, if it is longer than the policy's. It never becomes shorter. */
    private Optional<Duration> limitOf(MemberEvidence row, Function<Endpoint, Optional<HealthTrack>> tracks) {
        Duration usual = policy.silentAfter(
                tracks.apply(row.endpoint()).map(HealthTrack::usualGapMs).orElse(0L));
        return usual.toMillis() > row.silentAfterMs(silentAfterMs) ? shared(usual) : row.silentAfter();
    }

    private Optional<Duration> shared(Duration limit) {
        return limits.computeIfAbsent(limit, Optional::of);
    }

    private long heardAt(MemberEvidence row) {
        return Math.max(row.latestAt(), listeningSince);
    }

    private long silentAt(MemberEvidence row) {
        long limit = row.silentAfterMs(silentAfterMs);
        return (quietMs > limit / 2 ? Math.max(heardAt(row), quietUntil) : heardAt(row)) + limit;
    }

    /** Puts a row back as the ledger has it. Rows of devices in neither arm are ignored. */
    public void restore(MemberEvidence kept) {
        Integer place = places.get(kept.endpoint());
        if (place == null) {
            return;
        }
        nextSilence = 0;
        MemberEvidence before = row(place);
        long knownAt = Math.max(
                Math.max(kept.atRiskFrom(), kept.firstCrashAt()), Math.max(kept.postStartAt(), before.latestAt()));
        boolean hasEnergy = before.latestEnergyAt() >= kept.postStartAt() && before.latestEnergyAt() > 0;
        put(
                place,
                kept.silentAfter(kept.silentAfter().flatMap(this::shared))
                        .latest(
                                Math.max(knownAt, kept.latestAt()),
                                hasEnergy ? before.latestEnergyAt() : kept.postStartAt(),
                                hasEnergy ? before.latestEnergy() : kept.postStartEnergy()));
        if (place >= 0 && !before.entered() && kept.entered()) {
            unpaired.add(place);
        }
    }

    /** The rows as they are now, as evidence to judge. */
    public WaveEvidence evidence(
            long sequence, Instant now, Instant soakFrom, Instant soakUntil, int looksUsed, UpdateCounts counts) {
        return new WaveEvidence(
                sequence,
                wave,
                now,
                soakFrom,
                soakUntil,
                looksUsed,
                counts,
                there(Arrays.asList(canary).subList(0, canaries)),
                there(Arrays.asList(control)));
    }

    private List<MemberEvidence> there(List<MemberEvidence> arm) {
        return withdrawn.isEmpty()
                ? arm
                : arm.stream()
                        .filter(row -> !withdrawn.contains(row.endpoint()))
                        .toList();
    }

    private Optional<MemberEvidence> change(int place, MemberEvidence next) {
        MemberEvidence before = row(place);
        put(place, next);
        if (next.atRisk() && !before.atRisk()) {
            nextSilence = Math.min(nextSilence, heardAt(next) + silentAfterMs);
        }
        return next.sameFacts(before) ? Optional.empty() : Optional.of(next);
    }

    private MemberEvidence row(int place) {
        return place >= 0 ? canary[place] : control[-1 - place];
    }

    private void put(int place, MemberEvidence row) {
        if (place >= 0) {
            canary[place] = row;
        } else {
            control[-1 - place] = row;
        }
    }
}
