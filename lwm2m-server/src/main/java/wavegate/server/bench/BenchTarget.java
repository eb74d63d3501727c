package wavegate.server.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * One of the two servers, as a process of its own. Says {@code ready PORT} on standard output, then answers each line of standard input with one
 * line; ends with its input.
 */
public final class BenchTarget {
    /** A server under load. */
    interface Target extends AutoCloseable {
        InetSocketAddress coap();

        /** Returns when that many devices, over all time, are where this server keeps them. @return whether they were within a minute */
        boolean holds(long devices) throws InterruptedException;

        /** Starts a campaign over the devices registered now, once that many have said what they are; nothing where there are no campaigns. */
        void startCampaign(long devices) throws IOException, InterruptedException;

        @Override
        void close();
    }

    private BenchTarget() {}

    /** {@code bare} or {@code wavegate}, and a directory. */
    public static void main(String[] args) throws IOException, InterruptedException {
        // As the server does. Leshan formats numbers at each Register, four times as slowly in other locales;
        // left to the environment, so would be the ratio.
        Locale.setDefault(Locale.Category.FORMAT, Locale.US);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        try (Target target = args[0].equals("bare") ? new BareLeshan() : new WholeServer(Path.of(args[1]));
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            out.println("ready " + target.coap().getPort());
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                out.println(answer(target, line.split(" ", 2)));
            }
        }
        System.exit(0);
    }

    private static String answer(Target target, String[] command) throws IOException, InterruptedException {
        switch (command[0]) {
            case "holds":
                return target.holds(Long.parseLong(command[1])) ? "ok" : "late";
            case "campaign":
                target.startCampaign(Long.parseLong(command[1]));
                return "ok";
            case "processor":
                return String.valueOf(LoadGenerator.processorNanos());
            case "heap":
                return String.valueOf(liveHeap());
            default:
                return "unknown";
        }
    }

    /** Twice: what the first frees through references and cleaners is gone after the second. */
    static long liveHeap() {
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
