package wavegate.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Handling;
import wavegate.firmware.pkg.ImageFormat;
import wavegate.firmware.pkg.ImageTerms;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.ReleaseClass;
import wavegate.firmware.pkg.Requirements;
import wavegate.firmware.pkg.Severity;
import wavegate.server.artifact.FileArtifactStore;
import wavegate.server.artifact.PackageVerifier;
import wavegate.server.contract.RandomFacts;
import wavegate.server.ledger.FileLedger;

class OfflineCommandsTest {
    @TempDir
    Path directory;

    private record Ran(int code, String out, String err) {
        JsonNode json() throws IOException {
            return new ObjectMapper().readTree(out);
        }
    }

    private static Ran run(Object command, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = new CommandLine(command)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        return new Ran(code, out.toString(), err.toString());
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }

    @Test
    void a_package_made_by_keygen_and_sign_is_one_a_server_takes() throws IOException {
        Files.write(directory.resolve("app.bin"), new byte[] {1, 2, 3});
        Ran keygen = run(new PackageKeygenCommand(), "--dir", path("keys"), "--name", "release", "--json");
        assertThat(keygen.code()).isZero();
        Ran sign = run(
                new PackageSignCommand(),
                path("app.bin"),
                "--key",
                path("keys/release.key.pem"),
                "--name",
                "app",
                "--fw-version",
                "2.0",
                "--model",
                "WG-1",
                "--json");
        assertThat(sign.code()).isZero();
        assertThat(sign.json().path("file").asText()).isEqualTo(path("app.bin.wgp"));
        assertThat(sign.json().path("keyId")).isEqualTo(keygen.json().path("keyId"));

        Files.createDirectory(directory.resolve("trusted"));
        Files.copy(directory.resolve("keys/release.pub.pem"), directory.resolve("trusted/release.pub.pem"));
        try (FileArtifactStore artifacts = new FileArtifactStore(directory.resolve("artifacts"))) {
            PackageVerifier verifier = new PackageVerifier(
                    directory.resolve("trusted"), directory.resolve("packages"), artifacts, 100, Clock.systemUTC());
            assertThat(verifier.accept(Files.newInputStream(directory.resolve("app.bin.wgp")))
                            .id()
                            .value())
                    .isEqualTo(sign.json().path("id").asText());
        }
    }

    @Test
    void every_condition_that_sign_is_given_is_in_the_manifest_that_is_let_in() throws IOException {
        Files.write(directory.resolve("app.bin"), new byte[] {1, 2, 3});
        run(new PackageKeygenCommand(), "--dir", path("keys"), "--name", "release");
        String common = path("app.bin") + " --key " + path("keys/release.key.pem") + " --name app --fw-version 2.0";
        Ran sign = run(
                new PackageSignCommand(),
                (common
                                + " --carrier a,b --carrier c --region eu --from-at-least 1.0 --from-at-most 1.9 --free-memory 512"
                                + " --component modem --class fix --severity mandatory --max-defer 24h --format raw"
                                + " --security-counter 7")
                        .split(" "));
        assertThat(sign.code()).isZero();
        try (FileArtifactStore artifacts = new FileArtifactStore(directory.resolve("artifacts"))) {
            PackageVerifier verifier = new PackageVerifier(
                    directory.resolve("keys"), directory.resolve("packages"), artifacts, 100, Clock.systemUTC());
            Files.delete(directory.resolve("keys/release.key.pem"));
            Manifest manifest = verifier.accept(Files.newInputStream(directory.resolve("app.bin.wgp")))
                    .manifest();
            assertThat(manifest.requirements())
                    .isEqualTo(new Requirements(
                            new TreeSet<>(List.of("a", "b", "c")),
                            new TreeSet<>(List.of("eu")),
                            Optional.of(FirmwareVersion.of("1.0")),
                            Optional.of(FirmwareVersion.of("1.9")),
                            new TreeSet<>(),
                            Optional.of(512L)));
            assertThat(manifest.handling())
                    .isEqualTo(new Handling(
                            Optional.of(ReleaseClass.FIX),
                            Optional.of(Severity.MANDATORY),
                            Optional.of(Duration.ofHours(24))));
            assertThat(manifest.imageTerms())
                    .isEqualTo(new ImageTerms(Optional.of(ImageFormat.RAW), false, Optional.of(7L)));
            assertThat(manifest.component()).contains("modem");
        }
        Ran wrong = run(new PackageSignCommand(), (common + " --class urgent").split(" "));
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err())
                .contains("--class: urgent (expected: one of [security-patch, fix, feature, carrier-variant])");
        Ran contrary = run(new PackageSignCommand(), (common + " --from 1.0 --from-at-most 2.0").split(" "));
        assertThat(contrary.code()).isEqualTo(2);
        assertThat(contrary.err()).contains("required version: a range and a list");
    }

    @Test
    void images_of_several_components_are_signed_into_one_package() throws IOException {
        Files.write(directory.resolve("app.bin"), new byte[] {1, 2, 3});
        Files.write(directory.resolve("modem.bin"), new byte[] {4, 5});
        run(new PackageKeygenCommand(), "--dir", path("keys"), "--name", "release");
        String common = "--key " + path("keys/release.key.pem") + " --name set --fw-version 7 --out " + path("set.wgp");
        String images = " --component-image application=2.0=" + path("app.bin") + " --component-image modem:x=1.4="
                + path("modem.bin");

        Ran sign = run(new PackageSignCommand(), (common + images).split(" "));

        assertThat(sign.code()).isZero();
        assertThat(sign.out()).contains("part     application 2.0, 3 bytes", "part     modem:x 1.4, 2 bytes");
        Files.delete(directory.resolve("keys/release.key.pem"));
        try (FileArtifactStore artifacts = new FileArtifactStore(directory.resolve("artifacts"))) {
            Manifest manifest = new PackageVerifier(
                            directory.resolve("keys"), directory.resolve("packages"), artifacts, 100, Clock.systemUTC())
                    .accept(Files.newInputStream(directory.resolve("set.wgp")))
                    .manifest();
            assertThat(manifest.sizeBytes()).isEqualTo(5);
            assertThat(manifest.componentNames()).containsExactly("application", "modem:x");
        }
        Ran malformed = run(new PackageSignCommand(), (common + " --component-image modem=1.4").split(" "));
        assertThat(malformed.code()).isEqualTo(2);
        assertThat(malformed.err()).contains("--component-image: modem=1.4 (expected: NAME=VERSION=FILE");
        Ran none = run(new PackageSignCommand(), common.split(" "));
        assertThat(none.err()).contains("no image (expected: IMAGE, or --component-image");
        Ran both = run(new PackageSignCommand(), (path("app.bin") + " " + common + images).split(" "));
        assertThat(both.err()).contains("beside --component-image (expected: one or the other)");
    }

    @Test
    void nothing_is_overwritten() throws IOException {
        Files.write(directory.resolve("app.bin"), new byte[] {1});
        String[] keygen = {"--dir", directory.toString(), "--name", "k"};
        String[] sign = {path("app.bin"), "--key", path("k.key.pem"), "--name", "app", "--fw-version", "2"};
        assertThat(run(new PackageKeygenCommand(), keygen).code()).isZero();
        assertThat(run(new PackageSignCommand(), sign).code()).isZero();
        Ran again = run(new PackageKeygenCommand(), keygen);
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).startsWith("error: ").contains("k.key.pem exists already");
        assertThat(run(new PackageSignCommand(), sign).code()).isEqualTo(1);
    }

    @Test
    void wrong_usage_is_said_and_exits_with_two() {
        Ran algorithm = run(new PackageKeygenCommand(), "--name", "k", "--algorithm", "rsa", "--dir", path("none"));
        assertThat(algorithm.code()).isEqualTo(2);
        assertThat(algorithm.err()).contains("--algorithm: rsa (expected: ed25519, ecdsa-p256 or rsa-pss)");
        assertThat(run(new PackageSignCommand()).code()).isEqualTo(2);
        assertThat(run(new LedgerVerifyCommand(), "--what").code()).isEqualTo(2);
        assertThat(directory.resolve("none")).doesNotExist();
    }

    @Test
    void a_ledger_is_verified_and_exported_and_a_changed_one_is_not() throws IOException {
        Path ledger = directory.resolve("ledger");
        try (FileLedger open = FileLedger.open(ledger, new SplittableRandom(1))) {
            open.commit(new RandomFacts(1, 3).next(9));
        }
        Ran verify = run(new LedgerVerifyCommand(), ledger.toString(), "--json");
        assertThat(verify.code()).isZero();
        assertThat(verify.json().path("records").asInt()).isEqualTo(9);
        Ran export = run(new LedgerExportCommand(), ledger.toString());
        assertThat(export.code()).isZero();
        assertThat(export.out().lines()).hasSize(9);
        Ran toFile = run(new LedgerExportCommand(), ledger.toString(), "--out", path("facts.jsonl"));
        assertThat(toFile.code()).isZero();
        assertThat(Files.readAllLines(directory.resolve("facts.jsonl")))
                .isEqualTo(export.out().lines().toList());

        Path segment = ledger.resolve("00000000000000000001.wgl");
        byte[] bytes = Files.readAllBytes(segment);
        bytes[200] ^= 1;
        Files.write(segment, bytes);
        Ran bad = run(new LedgerVerifyCommand(), ledger.toString());
        assertThat(bad.code()).isEqualTo(1);
        assertThat(bad.out()).startsWith("NOT SOUND").contains("at offset ");
        assertThat(run(new LedgerExportCommand(), ledger.toString()).code()).isEqualTo(1);
    }

    @Test
    void a_directory_without_a_ledger_is_not_sound() {
        assertThat(run(new LedgerVerifyCommand(), directory.toString()).code()).isEqualTo(1);
        assertThat(run(new LedgerVerifyCommand(), path("nowhere")).code()).isEqualTo(1);
        assertThat(run(new LedgerExportCommand(), path("nowhere")).code()).isEqualTo(1);
    }

    @Test
    void every_help_text_names_its_exit_codes() {
        for (Object command : List.of(
                new PackageKeygenCommand(),
                new PackageSignCommand(),
                new LedgerVerifyCommand(),
                new LedgerExportCommand())) {
            Ran help = run(command, "--help");
            assertThat(help.code()).isZero();
            assertThat(help.out()).contains("Exit codes:", "Usage:");
        }
    }
}
