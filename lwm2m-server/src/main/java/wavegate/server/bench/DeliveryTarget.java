package wavegate.server.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/** One server that delivers images, as a process of its own; spoken to as a {@link BenchTarget} is. */
public final class DeliveryTarget {
    /** The servers that are compared. */
    enum Kind {
        /** Leshan and Californium as their defaults are. */
        LESHAN,
        /** The same with blocks of 1024 bytes, large socket buffers and few messages remembered. */
        TUNED,
        WAVEGATE,
        /** A hand-written loop on one socket: no timers, no registrations, no fence. What the machine allows. */
        LOOP;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Delivers one image at a time. */
    interface Target extends AutoCloseable {
        InetSocketAddress coap();

        /** This image is handed out from now on, under {@code /fw/<token>} of that many devices, and pushed. */
        void image(byte[] image, int devices) throws IOException;

        /** Begins to push to the first devices, all at once. */
        void push(int devices);

        @Override
        void close();
    }

    private DeliveryTarget() {}

    /** A {@link Kind} in lower case, and a directory. */
    public static void main(String[] args) throws IOException {
        Locale.setDefault(Locale.Category.FORMAT, Locale.US);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        try (Target target = target(Kind.valueOf(args[0].toUpperCase(Locale.ROOT)), Path.of(args[1]));
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            out.println("ready " + target.coap().getPort());
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                out.println(answer(target, line.split(" ")));
            }
        }
        System.exit(0);
    }

    private static Target target(Kind kind, Path directory) throws IOException {
        return switch (kind) {
            case LESHAN -> new LeshanDelivery(false);
            case TUNED -> new LeshanDelivery(true);
            case WAVEGATE -> new WavegateDelivery(directory);
            case LOOP -> new BlockLoop();
        };
    }

    private static String answer(Target target, String[] command) throws IOException {
        switch (command[0]) {
            case "image":
                target.image(DeliveryLoad.image(Integer.parseInt(command[1])), Integer.parseInt(command[2]));
                return "ok";
            case "push":
                target.push(Integer.parseInt(command[1]));
                return "ok";
            case "processor":
                return String.valueOf(LoadGenerator.processorNanos());
            case "heap":
                return String.valueOf(BenchTarget.liveHeap());
            default:
                return "unknown";
        }
    }
}
