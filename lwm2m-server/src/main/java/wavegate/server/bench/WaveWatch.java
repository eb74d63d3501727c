package wavegate.server.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.event.Fact;
import wavegate.firmware.update.UpdatePhase;
import wavegate.server.rollout.EventSink;
import wavegate.server.rollout.Recorded;

/** Notes when each wave opened, and when the first device of it was given a Package URI. Written on the rollout thread. */
final class WaveWatch implements EventSink {
    private final Map<Integer, Long> openedAt = new ConcurrentSkipListMap<>();
    private final Map<Integer, Long> firstAt = new ConcurrentSkipListMap<>();
    private final AtomicLong transitions = new AtomicLong();

    @Override
    public void committed(List<Recorded> batch) {
        for (Recorded recorded : batch) {
            if (recorded.fact() instanceof Fact.UpdateChanged changed) {
                transitions.incrementAndGet();
                if (changed.update().phase() == UpdatePhase.DOWNLOADING) {
                    firstAt.putIfAbsent(changed.update().wave(), System.nanoTime());
                }
            } else if (recorded.fact() instanceof Fact.CampaignChanged changed) {
                for (Wave wave : changed.campaign().waves()) {
                    if (wave.phase() == WavePhase.DISPATCHING) {
                        openedAt.putIfAbsent(wave.index(), System.nanoTime());
                    }
                }
            }
        }
    }

    /** Changes of updates that are durable. */
    long transitions() {
        return transitions.get();
    }

    void write(ObjectNode answer) {
        var waves = answer.putObject("firstDispatchMs");
        new TreeMap<>(openedAt).forEach((wave, at) -> {
            Long first = firstAt.get(wave);
            if (first != null) {
                waves.put(String.valueOf(wave), (first - at) / 1e6);
            }
        });
    }
}
