package wavegate.server.cli;

/** How a command ended, for scripts. */
public final class ExitCode {
    public static final int OK = 0;
    /** Refused by the server, or found bad. */
    public static final int FAILED = 1;

    public static final int USAGE = 2;
    /** No answer from the server. */
    public static final int UNREACHABLE = 3;

    private ExitCode() {}
}
