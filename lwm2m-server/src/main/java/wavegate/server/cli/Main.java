package wavegate.server.cli;

/** Where the process begins. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(WavegateCommand.line().execute(args));
    }
}
