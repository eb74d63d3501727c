package wavegate.server.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.object.UpdateState;
import wavegate.firmware.telemetry.Metric;
import wavegate.server.rollout.VersionDesk.Format;
import wavegate.server.terminal.CheckInReader.Malformed;

class CheckInReaderTest {
    private static final String WHOLE =
            """
            {"endpoint": "router-7", "manufacturer": "Acme", "model": "R1", "hardware": "b2", "version": "1.2.3",
             "region": "north", "carrier": "aurora", "tags": ["pilot"], "fetch": ["coaps", "ftp", "https"], "free": 8388608,
             "battery": 80, "state": "downloaded", "result": 0, "token": "00112233aabbccdd", "time": 1790000000,
             "health": {"crashes": 2, "watchdogs": 1, "boots": 9, "uptime": 100, "energy": 1.5}, "colour": {"of": ["case"]}}
            """;

    private static CheckIn read(String json) throws Malformed {
        return CheckInReader.read(json.getBytes(StandardCharsets.UTF_8), Format.JSON);
    }

    @Test
    void everything_it_says_is_read_and_what_nobody_knows_is_passed_over() throws Malformed {
        CheckIn read = read(WHOLE);

        assertThat(read.endpoint().name()).isEqualTo("router-7");
        assertThat(read.version().text()).isEqualTo("1.2.3");
        assertThat(read.identity().hardware()).isEqualTo("b2");
        assertThat(read.labels().carrier()).isEqualTo("aurora");
        assertThat(read.labels().tags()).containsExactly("pilot");
        assertThat(read.fetches()).containsExactlyInAnyOrder(UpdateProtocol.COAPS, UpdateProtocol.HTTPS);
        assertThat(read.freeBytes()).hasValue(8388608);
        assertThat(read.state()).isEqualTo(UpdateState.DOWNLOADED);
        assertThat(read.token()).isEqualTo("00112233aabbccdd");
        assertThat(read.at()).isPresent();
        assertThat(read.health())
                .containsEntry(Metric.CRASH_COUNT, 3.0)
                .containsEntry(Metric.BOOT_COUNT, 9.0)
                .containsEntry(Metric.BATTERY_PERCENT, 80.0);
    }

    @Test
    void cbor_says_the_same_as_json() throws IOException, Malformed {
        byte[] cbor = new ObjectMapper(new CBORFactory()).writeValueAsBytes(new ObjectMapper().readTree(WHOLE));

        assertThat(CheckInReader.read(cbor, Format.CBOR)).isEqualTo(read(WHOLE));
        assertThat(cbor.length).isLessThan(1024);
    }

    @Test
    void a_name_and_a_version_are_enough() throws Malformed {
        CheckIn read = read("{\"endpoint\": \"r\", \"version\": \"1\"}");

        assertThat(read.state()).isEqualTo(UpdateState.IDLE);
        assertThat(read.batteryPercent()).isEqualTo(-1);
        assertThat(read.freeBytes()).isEmpty();
        assertThat(read.health()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"version\": \"1\"} | endpoint: missing",
                "{\"endpoint\": \"r<7>\", \"version\": \"1\"} | endpoint: \"r?7?\"",
                "{\"endpoint\": \"r\"} | version: missing",
                "{\"endpoint\": \"r\", \"version\": 3} | version: 3",
                "{\"endpoint\": \"r\", \"version\": \"1\", \"state\": \"busy\"} | state: \"busy\" (expected: idle",
                "{\"endpoint\": \"r\", \"version\": \"1\", \"result\": 256} | result: 256 (expected: 0 to 255)",
                "{\"endpoint\": \"r\", \"version\": \"1\", \"result\": 1.5} | result: 1.5 (expected: a whole number)",
                "{\"endpoint\": \"r\", \"version\": \"1\", \"free\": -1} | free: -1",
                "{\"endpoint\": \"r\", \"version\": \"1\", \"free\": 1e300} | free: 1.0E300",
                "{\"endpoint\": \"r\", \"version\": \"1\", \"battery\": 101} | battery: 101",
                "{\"endpoint\": \"r\", \"version\": \"1\", \"token\": \"../x\"} | token:",
                "{\"endpoint\": \"r\", \"version\": \"1\", \"region\": \"a b\"} | region: \"a b\"",
                "{\"endpoint\": \"r\", \"version\": \"1\", \"tags\": \"x\"} | tags:",
                "{\"endpoint\": \"r\", \"version\": \"1\", \"fetch\": [\"ftp\"]} | fetch:",
                "{\"endpoint\": \"r\", \"version\": \"1\", \"health\": {\"boots\": -3}} | health.boots: -3",
                "{\"endpoint\": \"r\", \"version\": \"1\", \"version\": \"2\"} | question: unreadable",
                "{\"endpoint\": \"r\", \"version\": \"1\"} {} | question: unreadable",
                "[1, 2] | question: no object"
            })
    void a_bad_value_is_refused_by_name_with_what_was_expected(String json, String why) {
        Malformed malformed = catchThrowableOfType(Malformed.class, () -> read(json));

        assertThat(malformed.why()).contains(why);
        assertThat(malformed.why()).doesNotContain("<", ">");
    }

    @Test
    void nothing_a_stranger_sends_throws_anything_else() {
        Random random = new Random(1);
        byte[] whole = WHOLE.getBytes(StandardCharsets.UTF_8);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = i % 2 == 0 ? whole.clone() : new byte[random.nextInt(200)];
            if (i % 2 == 0) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            } else {
                random.nextBytes(bytes);
            }
            try {
                CheckIn read = CheckInReader.read(bytes, i % 4 < 2 ? Format.JSON : Format.CBOR);
                assertThat(read.version().known()).isTrue();
            } catch (Malformed e) {
                assertThat(e.why()).hasSizeLessThan(250).matches("[\\x20-\\x7e]*");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(10_000);
    }
}
