package wavegate.sim;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** What a process has used: the most memory resident at one time, in MiB, -1 where the platform does not say; processor time in seconds. */
public record ProcessUse(long peakResidentMib, double processorSeconds) {
    private static final String PEAK = "VmHWM:";

    public static ProcessUse of(long processId) {
        double seconds = ProcessHandle.of(processId)
                        .flatMap(process -> process.info().totalCpuDuration())
                        .orElse(Duration.ZERO)
                        .toMillis()
                / 1000.0;
        return new ProcessUse(peak(Path.of("/proc", String.valueOf(processId), "status")), seconds);
    }

    private static long peak(Path status) {
        try {
            return Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith(PEAK))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
                    .findFirst()
                    .orElse(-1);
        } catch (IOException e) {
            return -1;
        }
    }
}
