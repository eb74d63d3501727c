package wavegate.server.rollout;

import java.util.Optional;
import wavegate.firmware.pkg.Payload;
import wavegate.firmware.pkg.Payload.Kind;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdatePhase;

/**
 * What deltas did for a campaign.
 *
 * @param applied updates that came to run the new version by a delta
 * @param failed updates whose delta failed, so that the image followed
 * @param bytesSaved bytes that did not travel to the devices that came to run the new version; failed deltas count against it
 */
public record DeltaFigures(int applied, int failed, long bytesSaved) {
    public static final DeltaFigures NONE = new DeltaFigures(0, 0, 0);

    /** With one update in place of what it was before. */
    DeltaFigures replacing(Optional<Update> before, Update after) {
        DeltaFigures old = before.map(DeltaFigures::of).orElse(NONE);
        DeltaFigures now = of(after);
        return old.equals(now)
                ? this
                : new DeltaFigures(
                        applied + now.applied - old.applied,
                        failed + now.failed - old.failed,
                        bytesSaved + now.bytesSaved - old.bytesSaved);
    }

    private static DeltaFigures of(Update update) {
        if (update.payload().isEmpty() || update.payload().get().kind() == Kind.FULL) {
            return NONE;
        }
        Payload payload = update.payload().get();
        boolean runs = update.phase() == UpdatePhase.VERIFY_POST || update.phase() == UpdatePhase.SUCCESS;
        return new DeltaFigures(
                runs && payload.isDelta() ? 1 : 0, payload.isDelta() ? 0 : 1, runs ? payload.savedBytes() : 0);
    }
}
