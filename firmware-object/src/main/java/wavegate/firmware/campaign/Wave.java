package wavegate.firmware.campaign;

import java.time.Duration;
import java.time.Instant;

/**
 * One wave of a campaign.
 *
 * @param index 0 is the canary
 * @param size devices it adds
 * @param control devices held un-updated while it is judged; 0 in the last wave
 * @param phaseSince when this phase began
 * @param soakFrom start of the soak, {@link Instant#MAX} before
 * @param soakUntil when the soak ends; moved by an extension
 * @param looksUsed planned looks of the drift test already taken
 * @param reason why it stands as it does; empty where the phase says it all
 */
public record Wave(
        int index,
        WavePhase phase,
        int size,
        int control,
        Instant phaseSince,
        Instant soakFrom,
        Instant soakUntil,
        int looksUsed,
        String reason) {

    public static Wave pending(int index, int size, int control, Instant now) {
        return new Wave(index, WavePhase.PENDING, size, control, now, Instant.MAX, Instant.MAX, 0, "");
    }

    Wave joined(int devices) {
        return new Wave(index, phase, size + devices, control, phaseSince, soakFrom, soakUntil, looksUsed, reason);
    }

    Wave to(WavePhase next, Instant now, String why) {
        return new Wave(index, next, size, control, now, soakFrom, soakUntil, looksUsed, why);
    }

    Wave soaking(Instant from, Instant until) {
        return new Wave(index, WavePhase.SOAKING, size, control, from, from, until, looksUsed, "");
    }

    Wave soakingUntil(Instant until, String why) {
        return new Wave(index, phase, size, control, phaseSince, soakFrom, until, looksUsed, why);
    }

    /** The same wave with its clock put back by a time in which nobody watched it. */
    Wave delayed(Duration gap) {
        Instant until = soakUntil.equals(Instant.MAX) ? soakUntil : soakUntil.plus(gap);
        return new Wave(index, phase, size, control, phaseSince.plus(gap), soakFrom, until, looksUsed, reason);
    }

    Wave looked(int used) {
        return new Wave(index, phase, size, control, phaseSince, soakFrom, soakUntil, used, reason);
    }
}
