package wavegate.server.cli;

/** A call to the server that did not give what was asked for. The message is for the person at the terminal. */
final class CallFailed extends RuntimeException {
    private final int exitCode;

    CallFailed(int exitCode, String message) {
        super(message, null, false, false);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
