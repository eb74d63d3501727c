package wavegate.server.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import wavegate.server.cli.WavegateCommand;

class BenchCommandTest {
    @Test
    void a_small_run_measures_both_servers_without_a_failure(@TempDir Path directory) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = WavegateCommand.line().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));

        int exit = line.execute(
                ("bench registration --devices 200 --warm-up 0 --rounds 1 --settle 0s --heap-mib 256 --no-pin --data "
                                + directory)
                        .split(" "));

        assertThat(exit).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("register", "update", "deregister", "CPU us per operation", "live heap per registered device")
                .contains("registrations per second", "retransmitted", "failed 0")
                .containsPattern("(?m)(: met|: not met: [0-9.]+)$");
    }

    @Test
    void a_small_run_of_delivery_moves_every_byte_between_all_servers(@TempDir Path directory) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = WavegateCommand.line().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));

        int exit = line.execute(("bench delivery --pushes 20 --push-size 16KiB --pulls 20 --pull-size 16KiB --warm-up 0"
                        + " --rounds 1 --heap-mib 128 --no-pin --data " + directory)
                .split(" "));

        assertThat(exit).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("echo", "pull", "push", "leshan", "tuned", "wavegate", "loop", "failed 0")
                .containsPattern("heap per open push, bytes +[0-9,.-]+ \\(goal <= 8,192\\): ");
    }

    @Test
    void a_small_campaign_is_measured_from_ranking_to_the_start_after_a_kill(@TempDir Path directory) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = WavegateCommand.line().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));

        int exit = line.execute(("bench campaign --devices 2000 --live 2000 --records 10000 --seconds 3 --heap-mib 256"
                        + " --data " + directory)
                .split(" "));

        assertThat(exit).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("ranking in memory", "start of the campaign", "transitions, durable", "heap with all of it")
                .containsPattern("start, [0-9,]{5,} records +[0-9.]+ s")
                .containsPattern("start after kill -9, [0-9,]{6,} records +[0-9.]+ s")
                .containsPattern("devices begun in the best second +[1-9]");
    }

    @Test
    void a_small_storm_loses_nobody(@TempDir Path directory) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = WavegateCommand.line().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));

        int exit = line.execute(
                ("bench storm --devices 300 --warm-up 0 --rounds 1 --heap-mib 256 --no-pin --json --data " + directory)
                        .split(" "));

        assertThat(exit).as(err.toString()).isZero();
        assertThat(out.toString()).contains("\"devices\":300", "\"lost\":0", "\"bare\":[{\"seconds\":");
        assertThat(err.toString()).contains("bare     300 registered", "wavegate 300 registered");
    }

    @Test
    void a_small_steady_load_is_answered_at_its_pace(@TempDir Path directory) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = WavegateCommand.line().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));

        int exit = line.execute(
                ("bench steady --devices 250 --share 0.3 --for 4s --every 1s --heap-mib 256 --no-pin --data "
                                + directory)
                        .split(" "));

        assertThat(exit).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("retransmitted 0, failed 0")
                .containsPattern("(?m)^ +4 s +[0-9,]+ +[0-9]+ % +[0-9,]+ B$")
                .containsPattern("live heap in the second half: .*: (not )?met");
    }

    @Test
    void a_number_out_of_range_is_wrong_use() {
        StringWriter err = new StringWriter();
        CommandLine line = WavegateCommand.line()
                .setOut(new PrintWriter(new StringWriter()))
                .setErr(new PrintWriter(err));

        assertThat(line.execute("bench", "registration", "--devices", "5")).isEqualTo(2);
        assertThat(err.toString()).contains("devices: 5 (expected: 100..1000000)");
    }
}
