package wavegate.server.terminal;

import java.util.Optional;
import java.util.function.Predicate;
import wavegate.firmware.device.Endpoint;
import wavegate.server.rollout.SessionDirectory;

/** Registered modules and terminals that ask, as one. Any thread. */
public final class JoinedSessions implements SessionDirectory {
    private final SessionDirectory registered;
    private final SessionDirectory terminals;

    public JoinedSessions(SessionDirectory registered, SessionDirectory terminals) {
        this.registered = registered;
        this.terminals = terminals;
    }

    @Override
    public Optional<Session> find(Endpoint endpoint) {
        Optional<Session> session = registered.find(endpoint);
        return session.isPresent() ? session : terminals.find(endpoint);
    }

    @Override
    public int count() {
        return registered.count() + terminals.count();
    }

    @Override
    public void forEach(Predicate<Session> visitor) {
        boolean[] more = {true};
        registered.forEach(session -> more[0] = visitor.test(session));
        if (more[0]) {
            terminals.forEach(visitor);
        }
    }
}
