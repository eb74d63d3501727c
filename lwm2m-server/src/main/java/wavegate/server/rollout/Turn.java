package wavegate.server.rollout;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
    private final InvariantWatch watch;
    private List<Fact> facts = new ArrayList<>();
    private List<Runnable> afterCommit = new ArrayList<>();
    /** Of the order that is being carried out, until its first fact. */
    private Optional<AuditLine> line = Optional.empty();
    /** Whether the order that is being carried out has one. */
    private boolean audited;

    Turn(RolloutState state, InstantSource clock, InvariantWatch watch) {
        this.state = state;
        this.clock = clock;
        this.watch = watch;
    }

    Instant now() {
        return clock.instant();
    }

    /** Begins an order: its line comes before its first fact, so that no crash leaves one of them without it. */
    void begin(Optional<AuditLine> ordered) {
        line = ordered;
        audited = ordered.isPresent();
    }

    /** What the order that is being carried out has made. */
    void made(String what) {
        line = line.map(ordered -> ordered.on(what));
    }

    /** Ends an order that was carried out: where it changed nothing, its line stands by itself. */
    void carriedOut() {
        writeLine();
        audited = false;
    }

    /** Ends an order that was refused, which has changed nothing. */
    void refused() {
        line = Optional.empty();
        audited = false;
    }

    private void writeLine() {
        if (line.isPresent()) {
            AuditLine ordered = line.get();
            line = Optional.empty();
            record(Fact.Audited.cut(
                    now(), ordered.actor(), ordered.action(), ordered.subject(), Audit.DONE, ordered.details()));
        }
    }

    void record(Fact fact) {
        writeLine();
        watch.before(fact, audited);
        state.apply(fact);
        facts.add(fact);
    }

    void send(UpdateCommand command, DeviceLink link) {
        watch.sends(command);
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
