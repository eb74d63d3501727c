package wavegate.sim;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** A run, looked at now and then. Not thread-safe. */
final class Timeline {
    /**
     * One look, {@code atSeconds} after the start. Counts are as of then, {@code datagramsIn} and the other rates per second since the look before.
     */
    record Sample(
            double atSeconds,
            int registered,
            int exposed,
            SortedMap<String, Integer> byVersion,
            SortedMap<String, Long> crashesByVersion,
            double datagramsIn,
            double datagramsOut,
            double bytesIn,
            double bytesOut,
            double retransmitted) {
        Sample {
            byVersion = Collections.unmodifiableSortedMap(new TreeMap<>(byVersion));
            crashesByVersion = Collections.unmodifiableSortedMap(new TreeMap<>(crashesByVersion));
        }

        double datagrams() {
            return datagramsIn + datagramsOut;
        }
    }

    /** Something happened. */
    record Event(double atSeconds, String what) {}

    private final List<Sample> samples = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private Traffic before = Traffic.NONE;
    private double beforeAt;

    Sample add(double atSeconds, FleetReport fleet) {
        Traffic since = fleet.traffic().minus(before);
        double seconds = Math.max(0.001, atSeconds - beforeAt);
        before = fleet.traffic();
        beforeAt = atSeconds;
        Sample sample = new Sample(
                atSeconds,
                fleet.registered(),
                fleet.exposed(),
                fleet.byVersion(),
                fleet.crashesByVersion(),
                since.datagramsIn() / seconds,
                since.datagramsOut() / seconds,
                since.bytesIn() / seconds,
                since.bytesOut() / seconds,
                since.retransmitted() / seconds);
        samples.add(sample);
        return sample;
    }

    void event(double atSeconds, String what) {
        events.add(new Event(atSeconds, what));
    }

    List<Sample> samples() {
        return Collections.unmodifiableList(samples);
    }

    List<Event> events() {
        return Collections.unmodifiableList(events);
    }
}
