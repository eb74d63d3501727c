package wavegate.server.cli;

import java.util.List;
import java.util.Locale;

/** Where the process begins. */
public final class Main {
    /** Commands that run until they are stopped; the log is what they have to say. The others speak for themselves. */
    private static final List<String> SERVICES = List.of("server", "bootstrap");

    private Main() {}

    public static void main(String[] args) {
        if (System.getenv("WAVEGATE_LOG_LEVEL") == null && (args.length == 0 || !SERVICES.contains(args[0]))) {
            System.setProperty("WAVEGATE_LOG_LEVEL", "WARN");
        }
        // Numbers look the same on every machine; and Leshan formats some at each Register, four times as slowly in
        // other locales.
        Locale.setDefault(Locale.Category.FORMAT, Locale.US);
        System.exit(WavegateCommand.line().execute(args));
    }
}
