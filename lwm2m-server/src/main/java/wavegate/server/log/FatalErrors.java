package wavegate.server.log;

import org.jspecify.annotations.Nullable;

/**
 * Errors after which a process must not go on: it would hold its ports and answer nobody. The launcher has the JVM end at the first
 * OutOfMemoryError by itself; this is for those who start it in another way, and for what the JVM does not end at.
 */
public final class FatalErrors {
    /** Exit code: out of memory, or broken inside. A supervisor starts the process again. */
    public static final int EXIT_CODE = 71;

    private FatalErrors() {}

    /** A stack overflow is not fatal: it unwinds, and a stranger's input may cause one. */
    static boolean isFatal(@Nullable Throwable thrown) {
        int depth = 0;
        for (Throwable t = thrown; t != null && depth < 8; t = t.getCause(), depth++) {
            if (t instanceof VirtualMachineError && !(t instanceof StackOverflowError)) {
                return true;
            }
        }
        return false;
    }

    static void endIfFatal(@Nullable Throwable thrown) {
        if (isFatal(thrown)) {
            end(thrown);
        }
    }

    /** Ends the process if a thread of it dies of an error: the work of that thread would never be done again. */
    public static void watchThreads() {
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> {
            if (thrown instanceof Error && !(thrown instanceof StackOverflowError)) {
                end(thrown);
            }
            System.err.println("wavegate: thread " + thread.getName() + " ended: " + Plain.of(String.valueOf(thrown)));
        });
    }

    /** Without shutdown hooks: they need what has just run out. */
    private static void end(@Nullable Throwable thrown) {
        System.err.println("wavegate: stopped, the process cannot go on: " + Plain.of(String.valueOf(thrown)));
        Runtime.getRuntime().halt(EXIT_CODE);
    }
}
