package wavegate.server.cli;

import java.util.List;

/** Where the process begins. */
public final class Main {
    /** Commands that run until they are stopped; the log is what they have to say. The others speak for themselves. */
    private static final List<String> SERVICES = List.of("server", "bootstrap");

    private Main() {}

    public static void main(String[] args) {
        if (System.getenv("WAVEGATE_LOG_LEVEL") == null && (args.length == 0 || !SERVICES.contains(args[0]))) {
            System.setProperty("WAVEGATE_LOG_LEVEL", "WARN");
        }
        System.exit(WavegateCommand.line().execute(args));
    }
}
