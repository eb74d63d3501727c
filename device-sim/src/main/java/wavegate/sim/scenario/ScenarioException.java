package wavegate.sim.scenario;

/** A scenario that cannot be used. The message is for its author and names every fault. */
public final class ScenarioException extends RuntimeException {
    public ScenarioException(String message) {
        super(message);
    }
}
