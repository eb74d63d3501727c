package wavegate.server.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * 100,000 hostile datagrams a second at a server with its defaults, from a process of its own, while honest devices register over DTLS. In the long
 * form for 30 seconds and with 100 devices; else for 2 seconds and with 8.
 */
class FloodTest {
    private static final boolean FULL = Boolean.getBoolean("wavegate.test.full");
    private static final int SECONDS = FULL ? 30 : 2;
    private static final int DEVICES = FULL ? 100 : 8;
    private static final int RATE = 100_000;
    /** The short form shares its processors with other tests, and a device's second ClientHello may be its fifth second. */
    private static final Duration LIMIT = Duration.ofSeconds(FULL ? 5 : 20);

    private static final long HEAP_GROWTH = 64L << 20;

    @TempDir
    Path directory;

    /** From one address, from 4,096 of sixteen /24, and from any of eight million. */
    static IntStream sources() {
        return FULL ? IntStream.of(1, 4_096, 8_000_000) : IntStream.of(4_096);
    }

    @ParameterizedTest
    @MethodSource("sources")
    void honest_devices_register_and_the_heap_stays_during_a_flood_of_coap(int sources) throws Exception {
        underFlood("coap", sources);
    }

    @ParameterizedTest
    @MethodSource("sources")
    void honest_devices_register_and_the_heap_stays_during_a_flood_of_dtls(int sources) throws Exception {
        underFlood("coaps", sources);
    }

    private void underFlood(String protocol, int sources) throws Exception {
        try (Target target = new Target(directory, DEVICES + 1, "")) {
            try (HonestDevice first = new HonestDevice(DEVICES)) {
                assertThat(first.register(target.coaps, Duration.ofSeconds(20))).isPresent();
            }
            InetSocketAddress at = protocol.equals("coap") ? target.coap : target.coaps;
            target.knows(1);
            long devices = target.number("devices");
            long heap = target.number("heap");
            long log = target.logBytes();
            long drops = Target.kernelDrops(at);

            Process flood = flood(protocol, at, sources);
            List<Optional<Duration>> times;
            long sent;
            double offered;
            Duration flooded;
            try (BufferedReader said =
                    new BufferedReader(new InputStreamReader(flood.getInputStream(), StandardCharsets.US_ASCII))) {
                assertThat(said.readLine()).isEqualTo("begun");
                times = registrations(target);
                String[] words = said.readLine().split(" ", -1);
                sent = Long.parseLong(words[1]);
                flooded = Duration.ofNanos(Long.parseLong(words[2]));
                offered = sent * 1e9 / flooded.toNanos();
            } finally {
                flood.destroyForcibly();
            }

            int ready = target.ready(200);
            long growth = target.number("heap") - heap;
            long inTime = times.stream().filter(Optional::isPresent).count();
            System.out.printf(
                    Locale.ROOT,
                    "flood %s sources=%d offered=%.0f/s sent=%d kernel-drops=%d registered-in-%ds=%d/%d p50=%s max=%s"
                            + " heap-growth=%.1fMiB log=%dB new-devices=%d ready=%d%n  %s%n",
                    protocol,
                    sources,
                    offered,
                    sent,
                    Target.kernelDrops(at) - drops,
                    LIMIT.toSeconds(),
                    inTime,
                    DEVICES,
                    quantile(times, 0.5),
                    quantile(times, 1),
                    growth / 1048576.0,
                    target.logBytes() - log,
                    target.number("devices") - devices - inTime,
                    ready,
                    target.ask("shed"));

            if (target.logBytes() - log > 20_000) {
                System.out.println(target.loudest());
            }
            assertThat(inTime)
                    .as("honest devices registered within %s", LIMIT)
                    .isGreaterThanOrEqualTo(DEVICES * 95 / 100);
            assertThat(growth).as("heap growth").isLessThan(HEAP_GROWTH);
            assertThat(target.logBytes() - log).as("bytes logged").isLessThan(256 * 1024);
            assertThat(ready).as("readiness, without a restart").isEqualTo(200);
            assertThat(target.number("orders"))
                    .as("campaigns and kill switches")
                    .isZero();
            assertThat(target.number("devices") - devices - inTime)
                    .as("devices that are not honest ones")
                    .isLessThanOrEqualTo(DEVICES - inTime + (protocol.equals("coaps") ? 0 : madeUpNames(flooded)));
        }
    }

    /**
     * What is taken while load is shed (600 a minute, a tenth of it at once), and what came in before that: the fraction of a second until the
     * first datagram is shed, as many as the processor manages in it. Without a pace it would be thousands.
     */
    private static long madeUpNames(Duration flood) {
        return 60 + flood.toSeconds() * 10 + 1024;
    }

    private static Process flood(String protocol, InetSocketAddress at, int sources) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FloodMain.class.getName(),
                        protocol,
                        String.valueOf(at.getPort()),
                        String.valueOf(RATE),
                        String.valueOf(SECONDS),
                        String.valueOf(sources))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Evenly over the time of the flood, all begun before it ends. */
    private static List<Optional<Duration>> registrations(Target target) throws Exception {
        ScheduledExecutorService starter = Executors.newScheduledThreadPool(1);
        ExecutorService waiters = Executors.newCachedThreadPool();
        try {
            List<Future<Future<Optional<Duration>>>> begun = new ArrayList<>();
            for (int i = 0; i < DEVICES; i++) {
                int number = i;
                long at = SECONDS * 900L * i / DEVICES;
                begun.add(starter.schedule(
                        () -> waiters.submit(() -> registered(target, number)), at, TimeUnit.MILLISECONDS));
            }
            List<Optional<Duration>> times = new ArrayList<>();
            for (Future<Future<Optional<Duration>>> future : begun) {
                times.add(future.get().get());
            }
            return times;
        } finally {
            starter.shutdownNow();
            waiters.shutdownNow();
        }
    }

    private static Optional<Duration> registered(Target target, int number) throws Exception {
        try (HonestDevice device = new HonestDevice(number)) {
            return device.register(target.coaps, LIMIT);
        }
    }

    private static String quantile(List<Optional<Duration>> times, double share) {
        List<Duration> sorted =
                times.stream().flatMap(Optional::stream).sorted().toList();
        return sorted.isEmpty()
                ? "none"
                : sorted.get((int) Math.round((sorted.size() - 1) * share)).toMillis() + "ms";
    }
}
