package wavegate.server.rollout;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** The counters behind {@link RolloutFigures}. Written by the rollout thread, read by any. */
final class Tallies implements RolloutFigures {
    private final Map<Invariant, LongAdder> violations = new EnumMap<>(Invariant.class);
    private final Map<Unfitting, LongAdder> unfitting = new ConcurrentHashMap<>();

    Tallies() {
        for (Invariant each : Invariant.values()) {
            violations.put(each, new LongAdder());
        }
    }

    void violated(Invariant invariant) {
        LongAdder count = violations.get(invariant);
        if (count != null) {
            count.increment();
        }
    }

    /** As many kinds as phases and events, both few. */
    void unfitting(String machine, String phase, String event) {
        unfitting
                .computeIfAbsent(new Unfitting(machine, phase, event), key -> new LongAdder())
                .increment();
    }

    @Override
    public SortedMap<Invariant, Long> violations() {
        TreeMap<Invariant, Long> all = new TreeMap<>();
        violations.forEach((invariant, count) -> all.put(invariant, count.sum()));
        return Collections.unmodifiableSortedMap(all);
    }

    @Override
    public SortedMap<Unfitting, Long> unfitting() {
        TreeMap<Unfitting, Long> all = new TreeMap<>();
        unfitting.forEach((kind, count) -> all.put(kind, count.sum()));
        return Collections.unmodifiableSortedMap(all);
    }
}
