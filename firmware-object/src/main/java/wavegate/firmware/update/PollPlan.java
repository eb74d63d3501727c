package wavegate.firmware.update;

import java.time.Duration;
import wavegate.firmware.device.ClientBehaviour;
import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.device.ClientTraits;

/** How long until a device is read again that has not been heard. */
public final class PollPlan {
    private static final int MOST_DOUBLINGS = 20;

    private PollPlan() {}

    /**
     * The policy's interval where notifications come; where they do not, by the profile, or from a third of the interval doubling up to twice
     * of it.
     *
     * @param silent whether it lets itself be observed, but notifies of nothing
     * @param polls reads since something changed
     */
    public static Duration next(
            UpdatePolicy policy, ClientProfile profile, ClientTraits traits, boolean silent, int polls) {
        boolean observed = profile.listening().observe() && !traits.shows(ClientBehaviour.OBSERVE_REFUSED) && !silent;
        if (observed) {
            return policy.poll();
        }
        Duration first = profile.listening().pollFirst().orElse(policy.poll().dividedBy(3));
        Duration most = profile.listening().pollMax().orElse(policy.poll().multipliedBy(2));
        Duration wait = first.multipliedBy(1L << Math.min(polls, MOST_DOUBLINGS));
        return wait.compareTo(most) > 0 ? most : wait;
    }
}
