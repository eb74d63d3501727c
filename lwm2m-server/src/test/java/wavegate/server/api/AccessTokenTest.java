package wavegate.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.config.Secret;

class AccessTokenTest {
    @TempDir
    private Path data;

    private final List<String> announced = new ArrayList<>();

    private AccessToken open(long seed) throws IOException {
        return AccessToken.open(data, Secret.NONE, new Random(seed), announced::add);
    }

    @Test
    void the_first_start_makes_a_token_and_announces_it_once() throws IOException {
        AccessToken first = open(1);
        AccessToken later = open(2);

        assertThat(announced).hasSize(1).first().asString().matches("wg_[A-Za-z0-9_-]{43}");
        assertThat(first.admits(announced.get(0))).isTrue();
        assertThat(later.admits(announced.get(0))).isTrue();
        assertThat(later.admits(announced.get(0) + "x")).isFalse();
        assertThat(later.admits("")).isFalse();
    }

    @Test
    void only_a_digest_is_kept_and_only_the_owner_may_read_it() throws IOException {
        open(1);

        Path file = data.resolve("token.sha256");
        assertThat(Files.readString(file))
                .doesNotContain(announced.get(0).substring(3))
                .matches("[0-9a-f]{64}\\s");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void a_configured_token_outranks_the_file_and_is_not_written() throws IOException {
        AccessToken token = AccessToken.open(data, new Secret("0123456789abcdef"), new Random(1), announced::add);

        assertThat(token.admits("0123456789abcdef")).isTrue();
        assertThat(announced).isEmpty();
        assertThat(data).isEmptyDirectory();
    }

    @Test
    void a_damaged_digest_is_refused_by_file_name() throws IOException {
        Files.writeString(data.resolve("token.sha256"), "rubbish");

        assertThatThrownBy(() -> open(1)).isInstanceOf(IOException.class).hasMessageContaining("token.sha256");
    }
}
