package wavegate.server.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import wavegate.server.bench.LargestFleetReport.Run;

class LargestFleetBenchTest {
    @Test
    void fleets_are_doubled_and_then_the_gap_is_halved() throws IOException {
        LargestFleetReport report = search(500, 6000, 2300);

        assertThat(report.runs().stream().map(Run::devices))
                .containsExactly(500, 1000, 2000, 4000, 3000, 2500, 2200, 2300, 2400);
        assertThat(report.table()).contains("largest fleet that fits: 2,300 modules");
    }

    @Test
    void a_first_fleet_that_is_too_large_leads_to_smaller_ones() throws IOException {
        assertThat(search(4000, 6000, 700).json().path("largest").asInt()).isEqualTo(700);
        assertThat(search(4000, 6000, 50).table()).contains("no fleet that was tried fits");
    }

    @Test
    void the_search_ends_at_the_most_that_are_to_be_tried() throws IOException {
        assertThat(search(500, 6000, 1_000_000).largest().map(Run::devices)).contains(6000);
    }

    /** Where {@code room} devices fit. */
    private static LargestFleetReport search(int from, int most, int room) throws IOException {
        return new LargestFleetBench(
                        new LargestFleetPlan(from, most, 100, 512, Path.of("nowhere")),
                        (devices, memory) ->
                                new Run(devices, devices <= room ? "" : "more than 512 MiB", memory, 1000, 10),
                        line -> {})
                .run();
    }
}
