package wavegate.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
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
}
