package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import wavegate.server.cli.WavegateCommand;

/** {@code wavegate credential import --offline}: before the first start, between two, and beside a server that runs. */
class OfflineImportTest {
    private static final byte[] KEY = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final String HEX = HexFormat.of().formatHex(KEY);

    @TempDir
    Path directory;

    private record Ran(int code, String said) {}

    private Ran imported(String lines) throws IOException {
        Path config = directory.resolve("server.yaml");
        Files.writeString(config, "data-dir: \"" + directory + "/data\"\n");
        Path file = Files.writeString(directory.resolve("fleet.csv"), lines);
        StringWriter said = new StringWriter();
        CommandLine line = WavegateCommand.line();
        line.setOut(new PrintWriter(said, true)).setErr(new PrintWriter(said, true));
        int code = line.execute("credential", "import", "--offline", "--config", config.toString(), file.toString());
        return new Ran(code, said.toString());
    }

    @Test
    void credentials_are_added_while_the_server_does_not_run_and_not_while_it_does() throws Exception {
        Ran first = imported("m-1,id-1," + HEX + "\nm-2,id-1," + HEX + "\nm-3,id-3,zz\n");
        assertThat(first.code()).as(first.said()).isEqualTo(1);
        assertThat(first.said())
                .contains("line 2: ", "line 3: ", "1 added, 2 refused")
                .doesNotContain(HEX);

        try (WholeServer whole = new WholeServer(directory);
                DtlsPeer device = new DtlsPeer(
                        whole.server.coapsAddress().orElseThrow(),
                        InetAddress.getLoopbackAddress(),
                        "id-1",
                        KEY,
                        request -> null)) {
            assertThat(device.register("m-1").getCode()).isEqualTo(ResponseCode.CREATED);
            JsonNode lines = whole.rest.get("/audit?actor=offline").path("items");
            assertThat(lines)
                    .extracting(line -> line.path("outcome").asText())
                    .as("newest first")
                    .containsExactly("done", "intended");

            Ran beside = imported("m-4,id-4," + HEX + "\n");
            assertThat(beside.code()).isEqualTo(1);
            assertThat(beside.said()).contains("is the server running?");
            assertThat(whole.rest.status("/credentials/m-4")).isEqualTo(404);
        }

        Ran between = imported("m-5,id-5," + HEX + "\n");
        assertThat(between.code()).as(between.said()).isZero();
        assertThat(between.said()).contains("1 added, 0 refused");
    }
}
