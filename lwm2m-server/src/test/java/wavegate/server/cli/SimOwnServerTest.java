package wavegate.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SimOwnServerTest {
    private static final int DEVICES = 600;
    private static final int WAVE = 30;

    @Test
    void a_fleet_without_a_server_starts_one_and_takes_a_wave_of_a_twentieth() throws IOException {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = WavegateCommand.line().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));

        int exit = line.execute("sim", "--devices", String.valueOf(DEVICES), "--for", "25s", "--json");

        assertThat(exit).as(err + "\n" + out).isZero();
        JsonNode report = new ObjectMapper().readTree(out.toString());
        assertThat(report.at("/fleet/everRegistered").asInt()).isEqualTo(DEVICES);
        assertThat(report.at("/campaign/view/waveSize").asInt()).isEqualTo(WAVE);
        assertThat(report.at("/campaign/exposed").asInt()).isEqualTo(WAVE);
        assertThat(report.at("/campaign/touched").asInt()).isEqualTo(WAVE);
        assertThat(report.at("/server/peakResidentMib").asLong()).isNotZero();
        assertThat(report.at("/images").findValues("released")).anyMatch(JsonNode::asBoolean);
        report.at("/images")
                .forEach(image -> assertThat(image.get("intact").asBoolean()).isTrue());
        assertThat(report.at("/fleet/byVersion/2.0.0").asInt()).isEqualTo(WAVE);
    }

    @Test
    void terminals_of_a_fleet_take_their_part_of_the_wave_and_are_counted(@TempDir Path directory) throws IOException {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = WavegateCommand.line().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));

        int exit = line.execute(
                "sim", "--devices", "200", "--terminals", "0.5", "--for", "50s", "--report", directory.toString());

        assertThat(exit).as(err + "\n" + out).isZero();
        assertThat(out.toString()).contains("terminals   100, 100 answered", "ok   100 of 100 terminals were answered");
        JsonNode report =
                new ObjectMapper().readTree(directory.resolve("report.json").toFile());
        int terminals = report.at("/terminals/exposed").asInt();
        int modules = report.at("/campaign/exposed").asInt();
        assertThat(terminals).isPositive();
        assertThat(terminals + modules)
                .isEqualTo(report.at("/campaign/view/waveSize").asInt());
        assertThat(report.at("/terminals/byVersion/2.0.0").asInt()).isEqualTo(terminals);
        assertThat(report.at("/terminals/byPackage")).hasSize(1);
        assertThat(Files.readAllLines(directory.resolve("terminals.csv")))
                .hasSize(101)
                .filteredOn(row -> row.contains("2.0.0"))
                .hasSize(terminals);
        assertThat(Files.readString(directory.resolve("report.html"))).contains("<h2>Terminals</h2>");
    }
}
