package wavegate.server.rollout;

import java.util.Set;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdatePhase;

/**
 * Which ended updates of a campaign get another attempt.
 *
 * @param reasons ends as {@code FAILED/stalled}, {@code stalled} or {@code FAILED}; empty: those that failed or were lost
 * @param endpoints of these devices only; empty: of all
 * @param force whether an image that is closed for a device is tried on it again
 * @param reason why, in words; must be there to force
 */
public record RetryOrder(Set<String> reasons, Set<Endpoint> endpoints, boolean force, String reason) {
    /** Most updates that one order begins. */
    public static final int MOST = 5000;

    public RetryOrder {
        reasons = Set.copyOf(reasons);
        endpoints = Set.copyOf(endpoints);
        if (force && reason.isBlank()) {
            throw new IllegalArgumentException("reason: \"\" (expected: why a closed image is tried again)");
        }
    }

    boolean chooses(Update update) {
        if (!update.isFinal()
                || update.phase() == UpdatePhase.SUCCESS
                || update.detail() == UpdateDetail.REMOVED
                || !(endpoints.isEmpty() || endpoints.contains(update.endpoint()))) {
            return false;
        }
        if (reasons.isEmpty()) {
            return !endpoints.isEmpty() || update.phase() == UpdatePhase.FAILED || update.phase() == UpdatePhase.LOST;
        }
        return reasons.contains(update.where())
                || reasons.contains(update.phase().name())
                || reasons.contains(update.detail().label());
    }
}
