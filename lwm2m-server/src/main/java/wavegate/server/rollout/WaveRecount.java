package wavegate.server.rollout;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdatePhase;

/**
 * Counts the updates of one wave after the other from its members, a slice at a time, and compares the sums with the counters. A count during which the
 * wave moved says nothing and is begun again later; a wave that never stands still for as long as it takes is not compared. Rollout thread only.
 */
final class WaveRecount {
    private static final int SLICE = 4096;

    private final InvariantWatch watch;
    private final Map<UpdatePhase, Integer> counted = new EnumMap<>(UpdatePhase.class);
    private int turn;
    private int position;
    private long moves;
    private Optional<CampaignRun.WaveRun> at = Optional.empty();

    WaveRecount(InvariantWatch watch) {
        this.watch = watch;
    }

    /** One slice more. */
    void go(List<CampaignRun> open) {
        int waves = open.stream().mapToInt(run -> run.waves().size()).sum();
        if (waves == 0) {
            return;
        }
        int place = Math.floorMod(turn, waves);
        for (CampaignRun run : open) {
            if (place < run.waves().size()) {
                slice(run, run.wave(place));
                return;
            }
            place -= run.waves().size();
        }
    }

    private void slice(CampaignRun run, CampaignRun.WaveRun wave) {
        if (at.isPresent() && moves != wave.moves) {
            at = Optional.empty();
            turn++;
            return;
        }
        if (at.filter(begun -> begun == wave).isEmpty()) {
            at = Optional.of(wave);
            moves = wave.moves;
            position = 0;
            counted.clear();
        }
        int end = Math.min(wave.members.size(), position + SLICE);
        for (Endpoint member : wave.members.subList(position, end)) {
            run.update(member).map(Update::phase).ifPresent(phase -> counted.merge(phase, 1, Integer::sum));
        }
        position = end;
        if (end < wave.members.size()) {
            return;
        }
        for (UpdatePhase phase : UpdatePhase.values()) {
            watch.require(
                    wave.in(phase) == counted.getOrDefault(phase, 0),
                    Invariant.CONSERVATION,
                    run.campaign().id(),
                    "phase",
                    phase,
                    "counted",
                    wave.in(phase),
                    "there",
                    counted.getOrDefault(phase, 0));
        }
        at = Optional.empty();
        turn++;
    }
}
