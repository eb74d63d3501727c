package wavegate.server.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.server.artifact.PackageSigner;

/** {@code package sign}: puts an image into a signed envelope. Talks to no server. */
@Command(
        name = "sign",
        mixinStandardHelpOptions = true,
        description = {
            "Puts a firmware image, any file, into a signed envelope (.wgp) that a server takes.",
            "Works offline. The image travels to devices unchanged."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the package was written", "1:a file or key is bad, or the output exists", "2:wrong usage"})
public final class PackageSignCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "IMAGE",
            description = "the file devices are to get; left out where --component-image names several")
    private @Nullable Path image;

    @Option(
            names = "--component-image",
            paramLabel = "NAME=VERSION=FILE",
            description = {
                "image of one of several components of Object 33629, and the version it shows once it runs it;",
                "two to eight times: all are updated together or not at all"
            })
    private List<String> componentImages = new ArrayList<>();

    @Option(
            names = "--key",
            paramLabel = "FILE",
            required = true,
            description = "private key made by keygen: NAME.key.pem")
    @SuppressWarnings("NullAway.Init")
    private Path key;

    @Option(
            names = "--public-key",
            paramLabel = "FILE",
            description = "its public key (default: NAME.pub.pem beside the private one)")
    private @Nullable Path publicKey;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            required = true,
            description = "name of the firmware, such as modem-app")
    private String name = "";

    @Option(
            names = "--fw-version",
            paramLabel = "VERSION",
            required = true,
            description =
                    "the version a device shows in /3/0/3 once it runs this; of several components, a name for the set")
    private String version = "";

    @Option(
            names = "--manufacturer",
            paramLabel = "TEXT",
            description = "only devices whose /3/0/0 is this; any if left out")
    private String manufacturer = "";

    @Option(names = "--model", paramLabel = "TEXT", description = "only devices whose /3/0/1 is this; any if left out")
    private String model = "";

    @Option(
            names = "--hardware",
            paramLabel = "TEXT",
            description = "only devices whose /3/0/18 is this; any if left out")
    private String hardware = "";

    @Option(
            names = "--sequence",
            paramLabel = "N",
            defaultValue = "0",
            description = "grows with every release of this name (default: ${DEFAULT-VALUE})")
    private long sequence;

    @Option(
            names = "--expires",
            paramLabel = "TIME",
            description =
                    "no device is given the package from then on: 2027-06-30 or 2027-06-30T12:00:00Z; never if left out")
    private String expires = "";

    @Mixin
    private ReleaseTermsOptions terms = new ReleaseTermsOptions();

    @Option(names = "--out", paramLabel = "FILE", description = "the package (default: IMAGE.wgp)")
    private @Nullable Path out;

    @Option(names = "--json", description = "print one JSON object instead of text")
    private boolean json;

    @Override
    public Integer call() {
        try {
            print(signed());
            return ExitCode.OK;
        } catch (IllegalArgumentException e) {
            throw Answers.usage(spec, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return Answers.failed(spec, e);
        }
    }

    private PackageSigner.Signed signed() throws IOException {
        Path single = image;
        if (single == null && componentImages.isEmpty()) {
            throw Answers.usage(
                    spec, "no image (expected: IMAGE, or --component-image for each of several components)");
        }
        if (single != null && !componentImages.isEmpty()) {
            throw Answers.usage(spec, "image " + single + " beside --component-image (expected: one or the other)");
        }
        if (single != null) {
            Path to = Optional.ofNullable(out).orElseGet(() -> single.resolveSibling(single.getFileName() + ".wgp"));
            return PackageSigner.sign(single, release(), key, publicKey(), to);
        }
        List<PackageSigner.ComponentFile> files =
                componentImages.stream().map(this::componentFile).toList();
        Path to = Optional.ofNullable(out)
                .orElseThrow(() -> Answers.usage(spec, "--out is needed with --component-image"));
        return PackageSigner.sign(files, release(), key, publicKey(), to);
    }

    private PackageSigner.ComponentFile componentFile(String text) {
        String[] parts = text.split("=", 3);
        if (parts.length != 3 || parts[2].isEmpty()) {
            throw Answers.usage(
                    spec, "--component-image: " + text + " (expected: NAME=VERSION=FILE, as modem=1.4.0=modem.bin)");
        }
        return new PackageSigner.ComponentFile(parts[0], FirmwareVersion.of(parts[1]), Path.of(parts[2]));
    }

    private PackageSigner.Release release() {
        return new PackageSigner.Release(
                name,
                FirmwareVersion.of(version),
                manufacturer,
                model,
                hardware,
                sequence,
                expiry(),
                terms.requirements(),
                terms.handling(),
                terms.image(),
                terms.component());
    }

    private Optional<Instant> expiry() {
        if (expires.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Instant.parse(expires.contains("T") ? expires : expires + "T00:00:00Z"));
        } catch (DateTimeParseException e) {
            throw Answers.usage(spec, "--expires: " + expires + " (expected: like 2027-06-30 or 2027-06-30T12:00:00Z)");
        }
    }

    private Path publicKey() {
        String file = key.getFileName().toString();
        return Optional.ofNullable(publicKey).orElseGet(() -> {
            if (!file.endsWith(".key.pem")) {
                throw Answers.usage(spec, "--public-key is needed when the private key is not named NAME.key.pem");
            }
            return key.resolveSibling(file.substring(0, file.length() - ".key.pem".length()) + ".pub.pem");
        });
    }

    private void print(PackageSigner.Signed signed) {
        PrintWriter console = spec.commandLine().getOut();
        if (json) {
            console.println(Answers.json(Map.of(
                    "id", signed.id().value(),
                    "name", signed.manifest().name(),
                    "version", signed.manifest().version().text(),
                    "sizeBytes", signed.manifest().sizeBytes(),
                    "sha256", signed.manifest().sha256().hex(),
                    "keyId", signed.keyId(),
                    "file", signed.file().toString())));
        } else {
            console.println("package  " + signed.id() + "  " + signed.manifest().name() + " "
                    + signed.manifest().version());
            signed.manifest()
                    .components()
                    .forEach(each -> console.println(
                            "part     " + each.name() + " " + each.version() + ", " + each.sizeBytes() + " bytes"));
            console.println("image    " + signed.manifest().sizeBytes() + " bytes, sha256 "
                    + signed.manifest().sha256());
            console.println("signed   with key " + signed.keyId());
            console.println("written  " + signed.file());
        }
    }
}
