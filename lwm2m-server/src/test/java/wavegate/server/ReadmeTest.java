package wavegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import wavegate.bootstrap.BootstrapFile;
import wavegate.bootstrap.BootstrapSettings;
import wavegate.server.cli.WavegateCommand;

class ReadmeTest {
    private static final Path ROOT = Path.of("..");

    private static String readme() throws IOException {
        return Files.readString(ROOT.resolve("README.md"));
    }

    @Test
    void every_step_of_the_story_leads_to_a_class() throws IOException {
        List<MatchResult> steps = Pattern.compile(
                        "^\\|[^|]+\\| `([^`]*/\\.\\.\\./[^`]+)` \\| `(\\w+)` \\|$", Pattern.MULTILINE)
                .matcher(readme())
                .results()
                .toList();

        assertThat(steps).hasSizeGreaterThan(10);
        for (MatchResult step : steps) {
            Path folder = ROOT.resolve(step.group(1).replace("/.../", "/src/main/java/wavegate/"));
            assertThat(folder.resolve(step.group(2) + ".java")).exists();
        }
    }

    @Test
    void every_link_to_a_file_resolves() throws IOException {
        for (String document : List.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md")) {
            Pattern.compile("\\]\\((?!https?:)([^)#]+)\\)")
                    .matcher(Files.readString(ROOT.resolve(document)))
                    .results()
                    .forEach(link -> assertThat(ROOT.resolve(link.group(1))).exists());
        }
    }

    @Test
    void the_bootstrap_file_to_start_from_says_what_is_the_default() throws IOException {
        assertThat(BootstrapFile.read(ROOT.resolve("config/bootstrap.yaml"))).isEqualTo(BootstrapSettings.DEFAULT);
    }

    @Test
    void every_command_is_in_its_table() throws IOException {
        String table = readme().substring(readme().indexOf("## Command line"));
        CommandLine line = WavegateCommand.line();

        line.getSubcommands().forEach((name, command) -> {
            assertThat(table).contains("`" + name);
            command.getSubcommands().keySet().forEach(sub -> assertThat(table)
                    .containsPattern("`" + name + " [^`]*\\b" + sub));
        });
    }
}
