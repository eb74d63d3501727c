package wavegate.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientFilesTest {
    private static String spec() throws IOException {
        try (InputStream in = ClientFiles.class.getResourceAsStream("clients/spec.yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void every_file_beside_this_module_is_one_that_comes_with_the_server() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("clients"))) {
            assertThat(ClientFiles.builtIn().stream().map(file -> file.name() + ".yaml"))
                    .containsExactlyInAnyOrderElementsOf(
                            files.map(file -> file.getFileName().toString()).toList());
        }
    }

    @Test
    void what_a_file_says_is_read() {
        ClientFile zephyr = ClientFiles.builtIn().stream()
                .filter(file -> file.name().equals("zephyr"))
                .findFirst()
                .orElseThrow();

        assertThat(zephyr.match().get(0).manufacturer()).contains("Zephyr*");
        assertThat(zephyr.match().get(1).behaviours()).containsExactly("reset-ignored", "result-lost");
        assertThat(zephyr.reset().get(0)).isEqualTo(new ClientFile.Reset("empty-uri", java.util.List.of(2)));
        assertThat(zephyr.words().resultKept()).isEqualTo("never");
        assertThat(zephyr.maxBlock()).isEqualTo(512);
        assertThat(zephyr.waits().awake()).isEmpty();
    }

    @Test
    void a_wait_is_a_duration() throws IOException {
        ClientFile file = ClientFiles.parse("mine", spec() + "\nawake: 20s\n");

        assertThat(file.waits().awake()).isEqualTo(Optional.of(Duration.ofSeconds(20)));
    }

    @Test
    void every_fault_is_said_at_once() throws IOException {
        String bad = spec().replace("shows-push: true", "shows-pushes: true").replace("max-uri: 255", "max-uri: long");

        SettingsRefused refused =
                catchThrowableOfType(SettingsRefused.class, () -> ClientFiles.parse("mine.yaml", bad));

        assertThat(refused).hasMessageStartingWith("mine.yaml:");
        assertThat(refused.faults())
                .anyMatch(fault -> fault.startsWith("shows-push: missing"))
                .anyMatch(fault -> fault.startsWith("shows-pushes: unknown key"))
                .anyMatch(fault -> fault.startsWith("max-uri: \"long\" (expected: a whole number)"));
    }

    @Test
    void a_profile_of_a_folder_takes_the_place_of_ours_of_the_same_name(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("a.yaml"), spec().replace("max-block: 1024", "max-block: 64"));
        Files.writeString(folder.resolve("b.yaml"), spec().replace("name: spec", "name: mine"));
        Files.writeString(folder.resolve("notes.txt"), "no profile");

        assertThat(ClientFiles.with(folder)).hasSize(ClientFiles.builtIn().size() + 1);
        assertThat(ClientFiles.with(folder).stream().filter(file -> file.name().equals("spec")))
                .singleElement()
                .satisfies(file -> assertThat(file.maxBlock()).isEqualTo(64));
    }
}
