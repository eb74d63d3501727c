package wavegate.server.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import wavegate.sim.SimCommand;

/** The simulator is for any LwM2M server: here Leshan by itself, which knows no object 27001 and runs no campaign. */
class SimAgainstBareLeshanTest {
    @Test
    void a_fleet_registers_and_stays_registered() throws IOException {
        StringWriter out = new StringWriter();
        try (BareLeshan server = new BareLeshan()) {
            int exit = new CommandLine(new SimCommand())
                    .setOut(new PrintWriter(out))
                    .execute(
                            "--server",
                            "coap://127.0.0.1:" + server.coap().getPort(),
                            "--devices",
                            "50",
                            "--ramp-up",
                            "0s",
                            "--time-factor",
                            "200",
                            "--for",
                            "7s",
                            "--json");

            assertThat(exit).as(out.toString()).isZero();
            JsonNode fleet = new ObjectMapper().readTree(out.toString()).get("fleet");
            assertThat(fleet.get("everRegistered").asInt()).isEqualTo(50);
            assertThat(fleet.get("registered").asInt()).isGreaterThan(40);
            // With registration updates every 4.5 s of real time, each device has had at least one accepted.
            assertThat(fleet.get("totals").get("registrationUpdates").asInt()).isGreaterThanOrEqualTo(45);
            assertThat(fleet.get("totals").get("registrations").asInt())
                    .isLessThanOrEqualTo(fleet.get("totals").get("boots").asInt());
        }
    }
}
