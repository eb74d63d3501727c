package wavegate.sim;

import picocli.CommandLine;

/** The simulator as a program of its own. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new SimCommand()).execute(args));
    }
}
