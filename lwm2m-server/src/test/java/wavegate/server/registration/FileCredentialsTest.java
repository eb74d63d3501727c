package wavegate.server.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.firmware.device.Endpoint;

class FileCredentialsTest {
    private static final Endpoint PUMP = new Endpoint("pump-17");
    private static final byte[] KEY = new byte[16];

    @TempDir
    Path dir;

    private Path file;

    @BeforeEach
    void name() {
        file = dir.resolve("credentials.csv");
    }

    private void write(String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void what_is_put_is_found_by_both_names_also_after_a_restart() throws IOException {
        FileCredentials credentials = FileCredentials.open(file);
        assertThat(credentials.count()).isZero();

        credentials.put(new Credential(PUMP, "id-17", KEY));

        for (FileCredentials each : new FileCredentials[] {credentials, FileCredentials.open(file)}) {
            assertThat(each.byEndpoint(PUMP).orElseThrow().key()).isEqualTo(KEY);
            assertThat(each.byIdentity("id-17").orElseThrow().endpoint()).isEqualTo(PUMP);
            assertThat(each.byIdentity("id-18")).isEmpty();
        }
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void what_is_removed_is_gone_for_good() throws IOException {
        FileCredentials credentials = FileCredentials.open(file);
        credentials.put(new Credential(PUMP, "id-17", KEY));

        assertThat(credentials.remove(PUMP)).isTrue();
        assertThat(credentials.remove(PUMP)).isFalse();
        assertThat(FileCredentials.open(file).byIdentity("id-17")).isEmpty();
    }

    @Test
    void a_file_that_others_may_read_is_refused() throws IOException {
        write("pump-17,id-17,00000000000000000000000000000000\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

        assertThatThrownBy(() -> FileCredentials.open(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("rw-r-----");
    }

    @Test
    void a_wrong_line_is_named_and_its_key_is_not() throws IOException {
        write("# fleet\npump-17,id-17,c0ffee\n");

        assertThatThrownBy(() -> FileCredentials.open(file))
                .hasMessageContaining("line 2")
                .hasMessageContaining("3 bytes")
                .message()
                .doesNotContain("c0ffee");
    }

    @Test
    void one_identity_belongs_to_one_endpoint() throws IOException {
        FileCredentials credentials = FileCredentials.open(file);
        credentials.put(new Credential(PUMP, "id-17", KEY));

        assertThatThrownBy(() -> credentials.put(new Credential(new Endpoint("pump-18"), "id-17", KEY)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(credentials.count()).isEqualTo(1);
        assertThat(FileCredentials.open(file).count()).isEqualTo(1);
    }
}
