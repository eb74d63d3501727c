package wavegate.server.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.config.Secret;

class TokenStoreTest {
    @TempDir
    private Path data;

    private final List<String> announced = new ArrayList<>();
    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private Path file;

    @BeforeEach
    void name() {
        file = data.resolve("tokens.json");
    }

    private TokenStore open(long seed, String configured) throws IOException {
        return TokenStore.open(file, new Secret(configured), () -> now, new Random(seed), announced::add);
    }

    private static boolean admits(TokenStore store, String token) {
        return store.check(token).caller().isPresent();
    }

    @Test
    void the_first_start_makes_an_admin_token_and_announces_it_once() throws IOException {
        TokenStore first = open(1, "");
        TokenStore later = open(2, "");

        assertThat(announced).hasSize(1).first().asString().matches("wg_[a-z2-7]{8}_[A-Za-z0-9_-]{43}");
        String token = announced.get(0);
        assertThat(first.check(token).caller())
                .contains(new Caller("token:" + token.substring(3, 11), Role.ADMIN, Instant.MAX));
        assertThat(admits(later, token)).isTrue();
        assertThat(admits(later, token + "x")).isFalse();
        assertThat(admits(later, token.substring(0, 53) + (token.endsWith("AA") ? "BB" : "AA")))
                .isFalse();
        assertThat(admits(later, "")).isFalse();
    }

    @Test
    void only_digests_are_kept_and_only_the_owner_may_read_them() throws IOException {
        TokenStore store = open(1, "");
        String second = store.create("ci", Role.VIEWER, Instant.MAX).secret();

        assertThat(Files.readString(file))
                .doesNotContain(announced.get(0).substring(12))
                .doesNotContain(second.substring(12))
                .contains("sha256");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(data).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void a_token_ends_when_it_expires_or_is_revoked_and_says_which() throws IOException {
        TokenStore store = open(1, "");
        TokenStore.Made brief = store.create("brief", Role.OPERATOR, now.plusSeconds(60));
        TokenStore.Made other = store.create("other", Role.OPERATOR, Instant.MAX);
        Caller caller = store.check(brief.secret()).caller().orElseThrow();
        assertThat(store.stillGood(caller)).isTrue();

        now = now.plusSeconds(60);
        store.revoke(other.entry().id());

        assertThat(store.check(brief.secret()).why()).startsWith("token: expired");
        assertThat(store.stillGood(caller)).isFalse();
        assertThat(store.check(other.secret()).why()).startsWith("token: revoked");
        assertThat(open(3, "").check(other.secret()).why()).startsWith("token: revoked");
        assertThat(store.revoke("aaaaaaaa")).isEmpty();
    }

    @Test
    void a_rotated_token_has_another_secret_and_the_old_one_ends_with_its_grace() throws IOException {
        TokenStore store = open(1, "");
        TokenStore.Made made = store.create("ci", Role.OPERATOR, Instant.MAX);
        TokenStore.Made rotated =
                store.rotate(made.entry().id(), Duration.ofMinutes(5)).orElseThrow();

        assertThat(rotated.secret()).isNotEqualTo(made.secret());
        assertThat(admits(store, rotated.secret())).isTrue();
        assertThat(admits(store, made.secret())).isTrue();
        now = now.plus(Duration.ofMinutes(5));
        assertThat(admits(store, made.secret())).isFalse();
        assertThat(admits(open(2, ""), rotated.secret())).isTrue();

        TokenStore.Made again = store.rotate(made.entry().id(), Duration.ZERO).orElseThrow();
        assertThat(admits(store, rotated.secret())).isFalse();
        assertThat(admits(store, again.secret())).isTrue();
    }

    @Test
    void a_configured_token_is_an_admins_and_is_not_written() throws IOException {
        TokenStore store = open(1, "0123456789abcdef");

        assertThat(store.check("0123456789abcdef").caller().orElseThrow().role())
                .isEqualTo(Role.ADMIN);
        assertThat(announced).isEmpty();
        assertThat(data).isEmptyDirectory();
    }

    @Test
    void the_last_admin_is_known_as_such() throws IOException {
        TokenStore store = open(1, "");
        String first = announced.get(0).substring(3, 11);
        assertThat(store.lastAdmin(first)).isTrue();

        String second =
                store.create("second", Role.ADMIN, now.plusSeconds(60)).entry().id();

        assertThat(store.lastAdmin(first)).isFalse();
        now = now.plusSeconds(61);
        assertThat(store.lastAdmin(first)).isTrue();
        assertThat(store.lastAdmin(second)).isFalse();
    }

    @Test
    void ended_tokens_are_forgotten_after_ninety_days() throws IOException {
        TokenStore store = open(1, "");
        String id = store.create("old", Role.VIEWER, Instant.MAX).entry().id();
        store.revoke(id);
        now = now.plus(Duration.ofDays(91));
        store.create("new", Role.VIEWER, Instant.MAX);

        assertThat(store.find(id)).isEmpty();
    }

    @Test
    void a_damaged_file_is_refused_by_its_name() throws IOException {
        for (String text : List.of("rubbish", "{}", "{\"tokens\":[{\"id\":\"x\"}]}")) {
            Files.writeString(file, text);
            assertThatThrownBy(() -> open(1, ""))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("tokens.json");
        }
    }

    @Test
    void a_made_token_does_not_show_its_secret_as_text() throws IOException {
        TokenStore.Made made = open(1, "").create("ci", Role.OPERATOR, Instant.MAX);
        assertThat(made.toString()).doesNotContain(made.secret());
    }
}
