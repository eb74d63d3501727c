package wavegate.server.rollout;

/** The ledger cannot be trusted or written: dispatching stops and the process ends. Never retried: a second fsync may claim what the first lost. */
public final class LedgerFailure extends RuntimeException {
    public LedgerFailure(String message, Throwable cause) {
        super(message, cause);
    }

    public LedgerFailure(String message) {
        super(message);
    }
}
