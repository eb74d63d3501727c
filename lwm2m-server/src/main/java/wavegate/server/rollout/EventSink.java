package wavegate.server.rollout;

import java.util.List;

/** Port: takes committed facts to the world outside, at least once and in order. Called on the rollout thread after commit; must only queue. */
public interface EventSink {
    void committed(List<Recorded> batch);
}
