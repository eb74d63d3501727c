package wavegate.server.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import wavegate.config.Durations;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Handling;
import wavegate.firmware.pkg.ImageFormat;
import wavegate.firmware.pkg.ImageTerms;
import wavegate.firmware.pkg.ReleaseClass;
import wavegate.firmware.pkg.Requirements;
import wavegate.firmware.pkg.Severity;

/** The options of {@code package sign} that say what a device must be, how the update is handled and what the image is. */
final class ReleaseTermsOptions {
    @Option(
            names = "--carrier",
            paramLabel = "TEXT",
            split = ",",
            description = "only devices labelled with this carrier; may be repeated")
    private List<String> carriers = new ArrayList<>();

    @Option(
            names = "--region",
            paramLabel = "TEXT",
            split = ",",
            description = "only devices labelled with this region; may be repeated")
    private List<String> regions = new ArrayList<>();

    @Option(
            names = "--from",
            paramLabel = "VERSION",
            split = ",",
            description = "only devices that run this version now; may be repeated")
    private List<String> from = new ArrayList<>();

    @Option(
            names = "--from-at-least",
            paramLabel = "VERSION",
            description = "only devices that run this version or a later one")
    private String fromAtLeast = "";

    @Option(
            names = "--from-at-most",
            paramLabel = "VERSION",
            description = "only devices that run this version or an earlier one")
    private String fromAtMost = "";

    @Option(names = "--free-memory", paramLabel = "KB", description = "only devices that show as much in /3/0/10")
    private @Nullable Long freeMemoryKb;

    @Option(
            names = "--component",
            paramLabel = "NAME",
            description = "component of Object 33629 the image is for; the device as a whole if left out")
    private String component = "";

    @Option(
            names = "--class",
            paramLabel = "CLASS",
            description = "security-patch, fix, feature or carrier-variant; sets when it goes and who may start it")
    private String releaseClass = "";

    @Option(
            names = "--severity",
            paramLabel = "SEVERITY",
            description = "critical, mandatory or optional; told to devices that know /5/0/11")
    private String severity = "";

    @Option(
            names = "--max-defer",
            paramLabel = "TIME",
            description = "how long a device may put the update off, such as 24h; told to devices that know /5/0/13")
    private String maxDefer = "";

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "raw, mcuboot or suit; if left out an image that shows what it is is taken for that")
    private String format = "";

    @Option(names = "--encrypted", description = "the image may be encrypted")
    private boolean encrypted;

    @Option(
            names = "--security-counter",
            paramLabel = "N",
            description = "counter against roll-back that the image brings")
    private @Nullable Long securityCounter;

    /** @throws IllegalArgumentException naming the option's value */
    Requirements requirements() {
        return new Requirements(
                new TreeSet<>(carriers),
                new TreeSet<>(regions),
                version(fromAtLeast),
                version(fromAtMost),
                from.stream().map(FirmwareVersion::of).collect(Collectors.toCollection(TreeSet::new)),
                Optional.ofNullable(freeMemoryKb));
    }

    /** @throws IllegalArgumentException naming the option's value */
    Handling handling() {
        return new Handling(
                chosen("--class", releaseClass, ReleaseClass.values(), ReleaseClass::label),
                chosen("--severity", severity, Severity.values(), Severity::label),
                maxDefer.isEmpty() ? Optional.empty() : Optional.of(Durations.parse(maxDefer)));
    }

    /** @throws IllegalArgumentException naming the option's value */
    ImageTerms image() {
        return new ImageTerms(
                chosen("--format", format, ImageFormat.values(), ImageFormat::label),
                encrypted,
                Optional.ofNullable(securityCounter));
    }

    Optional<String> component() {
        return component.isEmpty() ? Optional.empty() : Optional.of(component);
    }

    private static Optional<FirmwareVersion> version(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(FirmwareVersion.of(text));
    }

    private static <T> Optional<T> chosen(String option, String text, T[] all, Function<T, String> label) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        List<String> labels = Arrays.stream(all).map(label).toList();
        int index = labels.indexOf(text);
        if (index < 0) {
            throw new IllegalArgumentException(option + ": " + text + " (expected: one of " + labels + ")");
        }
        return Optional.of(all[index]);
    }
}
