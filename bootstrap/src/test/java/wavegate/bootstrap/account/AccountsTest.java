package wavegate.bootstrap.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wavegate.bootstrap.account.Account.Served;
import wavegate.bootstrap.account.Terms.KeyKind;
import wavegate.bootstrap.account.Terms.Place;

class AccountsTest {
    @TempDir
    private Path folder;

    private static final Terms TWO = new Terms(
            KeyKind.RPK,
            List.of(
                    new Place(1, "", "", new TreeSet<>(List.of(5))),
                    new Place(7, "telemetry", "", new TreeSet<>(List.of(3, 27001)))),
            300,
            "UQ",
            true,
            false);

    private Accounts open(Rule... rules) throws IOException {
        return Accounts.open(folder.resolve("accounts"), Arrays.asList(rules));
    }

    private static Rule rule(String match) {
        return new Rule("factory", match, TWO, new TreeMap<>(Map.of("batch", "2026-11")));
    }

    @Test
    void what_was_put_is_there_after_a_restart() throws IOException {
        Served served = new Served(Instant.parse("2026-11-23T10:00:00Z"), List.of("eu-1=coaps://eu:5684"));
        try (Accounts accounts = open()) {
            accounts.put(Account.of("a", Terms.DEFAULT, "api"));
            accounts.put(Account.of("b", TWO, "file"));
            accounts.served(accounts.find("b").orElseThrow(), served);
            accounts.put(Account.of("b", Terms.DEFAULT, "api"));
            accounts.put(Account.of("c", TWO, "api"));
            accounts.remove("c");
            accounts.override("a", "eu-1");
            accounts.override("b", "eu-2");
            accounts.removeOverride("b");
        }
        try (Accounts accounts = open()) {
            assertThat(accounts.page("", 10)).extracting(Account::endpoint).containsExactly("a", "b");
            assertThat(accounts.page("a", 1)).extracting(Account::endpoint).containsExactly("b");
            assertThat(accounts.find("b"))
                    .contains(Account.of("b", Terms.DEFAULT, "api").served(served));
            assertThat(accounts.overrides()).isEqualTo(Map.of("a", "eu-1"));
        }
    }

    @Test
    void a_device_that_comes_again_and_again_does_not_fill_the_disk() throws IOException {
        Path file = folder.resolve("accounts");
        long longest = 0;
        try (Accounts accounts = open()) {
            Account account = accounts.put(Account.of("a", TWO, "api"));
            String server = "eu-1=coaps://" + "e".repeat(4_000) + ":5684";
            for (int i = 0; i < 600; i++) {
                accounts.served(account, new Served(Instant.ofEpochSecond(i), List.of(server)));
                longest = Math.max(longest, Files.size(file));
            }
        }
        assertThat(longest).isBetween(1L << 20, (1L << 20) + 16_384);
        try (Accounts accounts = open()) {
            assertThat(accounts.find("a").flatMap(Account::last).map(Served::at))
                    .contains(Instant.ofEpochSecond(599));
        }
    }

    @Test
    void a_rule_makes_an_account_that_becomes_real_when_it_was_served() throws IOException {
        try (Accounts accounts = open(rule("pump-*"))) {
            Account imagined = accounts.findOrImagine("pump-17").orElseThrow();
            assertThat(imagined.terms()).isEqualTo(TWO);
            assertThat(imagined.labels()).containsEntry("batch", "2026-11");
            assertThat(accounts.count()).isZero();
            assertThat(accounts.findOrImagine("valve-1")).isEmpty();

            accounts.served(imagined, new Served(Instant.EPOCH, List.of()));
            assertThat(accounts.find("pump-17").map(Account::origin)).contains("rule factory");
        }
    }

    @Test
    void a_torn_tail_is_cut_and_damage_before_it_refused() throws IOException {
        Path file = folder.resolve("accounts");
        try (Accounts accounts = open()) {
            accounts.put(Account.of("a", Terms.DEFAULT, "api"));
            accounts.put(Account.of("b", Terms.DEFAULT, "api"));
        }
        byte[] whole = Files.readAllBytes(file);
        int firstLine = new String(whole, java.nio.charset.StandardCharsets.US_ASCII).indexOf('\n') + 1;

        for (int cut = firstLine; cut < whole.length; cut++) {
            Files.write(file, Arrays.copyOf(whole, cut));
            try (Accounts accounts = open()) {
                assertThat(accounts.count()).isEqualTo(1);
            }
        }
        for (int at = 0; at < firstLine - 1; at += 7) {
            byte[] flipped = whole.clone();
            flipped[at] ^= 1;
            Files.write(file, flipped);
            assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("damaged");
        }
    }

    @Test
    void a_file_full_of_old_lines_is_written_anew() throws IOException {
        try (Accounts accounts = open()) {
            for (int i = 0; i < 1_500; i++) {
                accounts.override("a", "s" + i);
            }
        }
        long before = Files.size(folder.resolve("accounts"));
        try (Accounts accounts = open()) {
            assertThat(accounts.override("a")).contains("s1499");
        }
        assertThat(Files.size(folder.resolve("accounts"))).isLessThan(before / 100);
    }

    @ParameterizedTest
    @CsvSource({
        "pump-*, pump-17, true",
        "pump-*, pump-, true",
        "pump-*, apump-1, false",
        "*, x, true",
        "*-?, a-b-1, true",
        "*-?, a-b-12, false",
        "a*b*c, aXbYbZc, true",
        "a*b*c, aXbYbZ, false",
        "m.1, mx1, false"
    })
    void stars_and_question_marks_match(String match, String endpoint, boolean fits) {
        assertThat(rule(match).fits(endpoint)).isEqualTo(fits);
    }

    @Test
    void what_cannot_stand_is_refused_with_its_name() {
        assertThatThrownBy(() -> Account.of("a\nb", Terms.DEFAULT, "api"))
                .hasMessageStartingWith("endpoint: \"a?b\"")
                .hasMessageNotContaining("\n");
        assertThatThrownBy(() ->
                        new Terms(KeyKind.PSK, List.of(Place.assigned(1), Place.assigned(1)), 60, "U", false, false))
                .hasMessageStartingWith("short-server-id: 1");
        assertThatThrownBy(() ->
                        new Account("a", Terms.DEFAULT, new TreeMap<>(Map.of("x", "a\u0000")), "api", Optional.empty()))
                .hasMessageStartingWith("label: \"x\"");
    }
}
