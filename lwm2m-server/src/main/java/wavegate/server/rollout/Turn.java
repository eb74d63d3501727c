package wavegate.server.rollout;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import wavegate.firmware.event.Fact;
import wavegate.firmware.update.DeviceLink;
import wavegate.firmware.update.UpdateCommand;

/**
 * What the inputs of one batch decided and nobody outside may see yet: facts, applied to the state at once; and what may only happen when they
 * are in the ledger. If the commit fails the process ends, so the state never has to be taken back. Rollout thread only.
 */
final class Turn {
    private final RolloutState state;
    private final InstantSource clock;
    private List<Fact> facts = new ArrayList<>();
    private List<Runnable> afterCommit = new ArrayList<>();

    Turn(RolloutState state, InstantSource clock) {
        this.state = state;
        this.clock = clock;
    }

    Instant now() {
        return clock.instant();
    }

    void record(Fact fact) {
        state.apply(fact);
        facts.add(fact);
    }

    void send(UpdateCommand command, DeviceLink link) {
        afterCommit.add(() -> command.sendTo(link));
    }

    void afterCommit(Runnable action) {
        afterCommit.add(action);
    }

    List<Fact> takeFacts() {
        List<Fact> taken = facts;
        facts = new ArrayList<>();
        return taken;
    }

    List<Runnable> takeActions() {
        List<Runnable> taken = afterCommit;
        afterCommit = new ArrayList<>();
        return taken;
    }
}
