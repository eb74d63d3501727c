package wavegate.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PskFileTest {
    private static final String KEY = "000102030405060708090a0b0c0d0e0f";

    @TempDir
    Path directory;

    private Path file(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("keys.csv"), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    @Test
    void a_listed_device_has_its_own_key_and_every_other_one_from_the_master() throws IOException {
        var keys = PskFile.read(
                file("# a fleet\n\n sim-1 , id-1 , " + KEY + "\nmaster,ff00ff00ff00ff00ff00ff00ff00ff00\n"));

        assertThat(keys.of("sim-1").orElseThrow().identity()).isEqualTo("id-1");
        assertThat(keys.of("sim-1").orElseThrow().key())
                .hasSize(16)
                .startsWith(0, 1, 2)
                .endsWith(14, 15);
        assertThat(keys.of("sim-2")).isPresent();
        assertThat(keys.of("sim-2").orElseThrow().key())
                .isNotEqualTo(keys.of("sim-3").orElseThrow().key());
    }

    @Test
    void without_a_master_a_device_that_is_not_listed_has_no_key() throws IOException {
        assertThat(PskFile.read(file("sim-1,id-1," + KEY)).of("sim-2")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    sim-1,id-1                    | line 2
                    sim-1,id-1,KEY0               | even number of hex digits
                    sim-0,id-2,KEY                | occurs twice
                    """)
    void a_wrong_line_is_named_and_no_key_is_shown(String line, String said) throws IOException {
        Path file = file("sim-0,id-0," + KEY + "\n" + line.strip().replace("KEY", KEY) + "\n");

        assertThatThrownBy(() -> PskFile.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("line 2")
                .hasMessageContaining(said)
                .message()
                .doesNotContain(KEY);
    }

    @Test
    void a_file_that_others_may_read_is_refused() throws IOException {
        Path file = file("sim-1,id-1," + KEY);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

        assertThatThrownBy(() -> PskFile.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("chmod 600");
    }
}
