package wavegate.server.bench;

import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import wavegate.firmware.event.Fact;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.update.Intent;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdatePhase;

/** What a ledger has of an update that takes the main road, as a healthy pull does. */
public final class UpdateCourse {
    private record Stop(UpdatePhase phase, UpdateDetail detail, Intent intent, String row) {}

    private static final List<Stop> ROAD = List.of(
            new Stop(UpdatePhase.IDLE, UpdateDetail.RESERVED, Intent.NONE, "reserved"),
            new Stop(UpdatePhase.CHECKING, UpdateDetail.READING, Intent.NONE, "I1"),
            new Stop(UpdatePhase.DOWNLOADING, UpdateDetail.PULL, Intent.PULL, "C11"),
            new Stop(UpdatePhase.VERIFYING, UpdateDetail.CONFIRMING, Intent.PULL, "D4"),
            new Stop(UpdatePhase.PRE_UPDATING, UpdateDetail.READY, Intent.PULL, "V1"),
            new Stop(UpdatePhase.UPDATING, UpdateDetail.EXECUTING, Intent.EXECUTE, "P3"),
            new Stop(UpdatePhase.UPDATING, UpdateDetail.APPLYING, Intent.EXECUTE, "U1"),
            new Stop(UpdatePhase.VERIFY_POST, UpdateDetail.SOAKING, Intent.EXECUTE, "U7"),
            new Stop(UpdatePhase.VERIFY_POST, UpdateDetail.FINAL_CHECK, Intent.EXECUTE, "W1"),
            new Stop(UpdatePhase.SUCCESS, UpdateDetail.HEALTHY, Intent.EXECUTE, "W2"));

    /** Of an update that has ended in SUCCESS. */
    public static final int WHOLE_ROAD = ROAD.size();

    private static final int SECONDS_A_STEP = 10;

    private UpdateCourse() {}

    /**
     * Its first steps, ten seconds apart.
     *
     * @param from the version it ran before, known once it was read
     * @param steps at most {@link #WHOLE_ROAD}
     */
    public static List<Fact.UpdateChanged> facts(Update reserved, FirmwareVersion from, Instant begins, int steps) {
        return IntStream.range(0, steps)
                .mapToObj(step -> {
                    Instant at = begins.plusSeconds((long) step * SECONDS_A_STEP);
                    Stop stop = ROAD.get(step);
                    return new Fact.UpdateChanged(
                            at, row(reserved, step < 2 ? reserved.from() : from, stop, step, at), stop.row());
                })
                .toList();
    }

    private static Update row(Update u, FirmwareVersion from, Stop stop, int step, Instant at) {
        return new Update(
                u.id(),
                u.wave(),
                u.packageId(),
                u.region(),
                u.token(),
                u.target(),
                from,
                stop.phase(),
                stop.detail(),
                stop.intent(),
                1,
                step,
                u.tries(),
                UpdateResult.INITIAL,
                at,
                stop.phase().isFinal() ? Instant.MAX : at.plusSeconds(600),
                u.payload(),
                u.note(),
                u.sighting());
    }
}
