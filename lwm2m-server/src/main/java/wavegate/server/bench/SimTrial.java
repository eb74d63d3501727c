package wavegate.server.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import wavegate.server.bench.LargestFleetReport.Run;

/** {@code sim} without a campaign as a process of its own, with the options of the launcher and a heap that leaves room for the rest of a JVM. */
public final class SimTrial implements LargestFleetBench.Trial {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Classes, code, thread stacks, the collector's tables, buffers of the sockets. */
    private static final int BESIDE_THE_HEAP_MIB = 96;

    private static final int LEAST_SECONDS = 45;
    private static final int DEVICES_A_SECOND = 1500;
    private static final int MORE_SECONDS = 120;

    private final Path directory;
    private final String main;

    /** @param main class with the whole command line */
    public SimTrial(Path directory, String main) {
        this.directory = directory;
        this.main = main;
    }

    @Override
    public Run run(int devices, int memoryMiB) throws IOException {
        int seconds = LEAST_SECONDS + devices / DEVICES_A_SECOND;
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmn32m",
                        "-XX:MinHeapFreeRatio=5",
                        "-XX:MaxHeapFreeRatio=15",
                        "-Xmx" + (memoryMiB - BESIDE_THE_HEAP_MIB) + "m",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("java.class.path"),
                        main,
                        "sim",
                        "--devices",
                        String.valueOf(devices),
                        "--for",
                        seconds + "s",
                        "--no-campaign",
                        "--json"))
                .redirectError(directory.resolve("sim-" + devices + ".log").toFile())
                .start();
        try {
            CompletableFuture<byte[]> said = CompletableFuture.supplyAsync(() -> all(process));
            if (!process.waitFor(seconds + MORE_SECONDS, TimeUnit.SECONDS)) {
                return new Run(devices, "did not end", -1, -1, -1);
            }
            return judged(devices, memoryMiB, JSON.readTree(said.join()), process.exitValue());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + devices + " devices ran", e);
        } finally {
            // Its server ends with it.
            process.destroyForcibly();
        }
    }

    private static byte[] all(Process process) {
        try {
            return process.getInputStream().readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Run judged(int devices, int memoryMiB, JsonNode report, int exit) {
        long resident = report.at("/simulator/peakResidentMib").asLong(-1);
        long server = report.at("/server/peakResidentMib").asLong(-1);
        double allAfter = report.at("/storm/allAfter").asDouble(-1);
        int registered = report.at("/fleet/everRegistered").asInt();
        String why = "";
        if (report.path("fleet").isMissingNode()) {
            why = "ended with " + exit;
        } else if (registered < devices) {
            why = registered + " were registered";
        } else if (resident > memoryMiB) {
            why = "more than " + memoryMiB + " MiB";
        }
        return new Run(devices, why, resident, server, allAfter);
    }
}
