package wavegate.server.cli;

import java.util.List;
import java.util.Locale;
import wavegate.server.log.FatalErrors;

/** Where the process begins. */
public final class Main {
    /** Commands that run until they are stopped; the log is what they have to say. The others speak for themselves. */
    private static final List<String> SERVICES = List.of("server", "bootstrap");

    private Main() {}

    /** Before it, anybody could forge an ECDSA signature (CVE-2022-21449). */
    static final Runtime.Version OLDEST_JDK = Runtime.Version.parse("17.0.3");

    public static void main(String[] args) {
        if (isTooOld(Runtime.version())) {
            System.err.println("wavegate: Java " + Runtime.version() + " (expected: " + OLDEST_JDK + " or newer)");
            System.exit(1);
        }
        FatalErrors.watchThreads();
        if (System.getenv("WAVEGATE_LOG_LEVEL") == null && (args.length == 0 || !SERVICES.contains(args[0]))) {
            System.setProperty("WAVEGATE_LOG_LEVEL", "WARN");
        }
        // Numbers look the same on every machine; and Leshan formats some at each Register, four times as slowly in
        // other locales.
        Locale.setDefault(Locale.Category.FORMAT, Locale.US);
        System.exit(WavegateCommand.line().execute(args));
    }

    static boolean isTooOld(Runtime.Version version) {
        return version.compareToIgnoreOptional(OLDEST_JDK) < 0;
    }
}
