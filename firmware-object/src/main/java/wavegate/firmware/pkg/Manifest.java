package wavegate.firmware.pkg;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the author of a package signs. {@code manufacturer}, {@code model} and {@code hardware} name the only devices it may go to; an empty
 * one means any. {@code sizeBytes} and {@code sha256} are those of the image that travels to the device. {@code sequence} only grows within
 * one name: a lower one is an older release. After {@code expires}, whole seconds, no device is given the package any more; empty: no end.
 * The rest was added later and is empty in older packages; the methods of like name say what that means.
 *
 * @param component name of the component of Object 33629 it is for, 1 to 255 characters; empty: the device as a whole, Object 5
 * @param components the images of a package for several components of Object 33629, which are updated together or not at all; empty: one
 *     image. Then {@code sizeBytes} and {@code sha256} are those of all images one behind the other, and {@code version} names the set
 */
public record Manifest(
        String name,
        FirmwareVersion version,
        String manufacturer,
        String model,
        String hardware,
        long sizeBytes,
        Sha256 sha256,
        long sequence,
        Optional<Instant> expires,
        Optional<Requirements> requires,
        Optional<Handling> handled,
        Optional<ImageTerms> image,
        Optional<String> component,
        List<ComponentImage> components) {
    private static final int MOST_COMPONENTS = 8;

    /** One that does not expire. */
    public Manifest(
            String name,
            FirmwareVersion version,
            String manufacturer,
            String model,
            String hardware,
            long sizeBytes,
            Sha256 sha256,
            long sequence) {
        this(name, version, manufacturer, model, hardware, sizeBytes, sha256, sequence, Optional.empty());
    }

    /** One that asks nothing else. */
    public Manifest(
            String name,
            FirmwareVersion version,
            String manufacturer,
            String model,
            String hardware,
            long sizeBytes,
            Sha256 sha256,
            long sequence,
            Optional<Instant> expires) {
        this(
                name,
                version,
                manufacturer,
                model,
                hardware,
                sizeBytes,
                sha256,
                sequence,
                expires,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** One of a single image. */
    public Manifest(
            String name,
            FirmwareVersion version,
            String manufacturer,
            String model,
            String hardware,
            long sizeBytes,
            Sha256 sha256,
            long sequence,
            Optional<Instant> expires,
            Optional<Requirements> requires,
            Optional<Handling> handled,
            Optional<ImageTerms> image,
            Optional<String> component) {
        this(
                name,
                version,
                manufacturer,
                model,
                hardware,
                sizeBytes,
                sha256,
                sequence,
                expires,
                requires,
                handled,
                image,
                component,
                List.of());
    }

    public Manifest {
        if (name.isBlank() || name.length() > 255) {
            throw new IllegalArgumentException("package name: \"" + name + "\" (expected: 1 to 255 characters)");
        }
        if (!version.known()) {
            throw new IllegalArgumentException(
                    "package version: \"\" (expected: the version a device shows once it runs this package)");
        }
        if (sizeBytes <= 0) {
            throw new IllegalArgumentException("package size: " + sizeBytes + " (expected: at least 1 byte)");
        }
        if (sequence < 0) {
            throw new IllegalArgumentException("package sequence: " + sequence + " (expected: 0 or more)");
        }
        component
                .filter(text ->
                        text.isBlank() || text.length() > 255 || text.chars().anyMatch(Character::isISOControl))
                .ifPresent(text -> {
                    throw new IllegalArgumentException("package component of " + text.length()
                            + " characters (expected: 1 to 255, no control characters)");
                });
        expires = expires.map(end -> end.truncatedTo(ChronoUnit.SECONDS));
        requires = requires.filter(asked -> !asked.equals(Requirements.NONE));
        handled = handled.filter(said -> !said.equals(Handling.NONE));
        image = image.filter(said -> !said.equals(ImageTerms.NONE));
        components = List.copyOf(components);
        if (!components.isEmpty()) {
            checkComponents(components, sizeBytes, component, image);
        }
    }

    private static void checkComponents(
            List<ComponentImage> components, long sizeBytes, Optional<String> component, Optional<ImageTerms> image) {
        if (components.size() < 2 || components.size() > MOST_COMPONENTS) {
            throw new IllegalArgumentException(
                    "components: " + components.size() + " (expected: 2 to " + MOST_COMPONENTS + ")");
        }
        Set<String> names = new HashSet<>();
        for (ComponentImage each : components) {
            if (!names.add(each.name())) {
                throw new IllegalArgumentException(
                        "component " + each.name() + ": there twice (expected: one image for each)");
            }
        }
        long sum = components.stream().mapToLong(ComponentImage::sizeBytes).sum();
        if (sum != sizeBytes) {
            throw new IllegalArgumentException(
                    "components of " + sum + " bytes together (expected: " + sizeBytes + ", the size of the package)");
        }
        if (component.isPresent() || image.isPresent()) {
            throw new IllegalArgumentException("package of several components with "
                    + (component.isPresent() ? "a component of its own" : "terms for one image")
                    + " (expected: none)");
        }
    }

    public Manifest requiring(Requirements conditions) {
        return with(Optional.of(conditions), handled, image, component);
    }

    public Manifest handledAs(Handling handling) {
        return with(requires, Optional.of(handling), image, component);
    }

    public Manifest declaring(ImageTerms terms) {
        return with(requires, handled, Optional.of(terms), component);
    }

    public Manifest forComponent(String componentName) {
        return with(requires, handled, image, Optional.of(componentName));
    }

    /** The same release as a package of several images. */
    public Manifest ofComponents(List<ComponentImage> images) {
        return new Manifest(
                name,
                version,
                manufacturer,
                model,
                hardware,
                sizeBytes,
                sha256,
                sequence,
                expires,
                requires,
                handled,
                image,
                component,
                images);
    }

    /** Names of the components of Object 33629 it is for; none for the device as a whole. */
    public Set<String> componentNames() {
        Set<String> names = new TreeSet<>();
        component.ifPresent(names::add);
        components.forEach(each -> names.add(each.name()));
        return names;
    }

    private Manifest with(
            Optional<Requirements> conditions,
            Optional<Handling> handling,
            Optional<ImageTerms> terms,
            Optional<String> componentName) {
        return new Manifest(
                name,
                version,
                manufacturer,
                model,
                hardware,
                sizeBytes,
                sha256,
                sequence,
                expires,
                conditions,
                handling,
                terms,
                componentName,
                components);
    }

    /** What a device must be besides the right hardware; nothing where the manifest is silent. */
    public Requirements requirements() {
        return requires.orElse(Requirements.NONE);
    }

    /** Class, severity and deferral; nothing where the manifest is silent. */
    public Handling handling() {
        return handled.orElse(Handling.NONE);
    }

    /** Format, encryption and security counter; nothing where the manifest is silent. */
    public ImageTerms imageTerms() {
        return image.orElse(ImageTerms.NONE);
    }

    /** Bytes and digest of what travels if nothing better is at hand. */
    public Payload payload() {
        return Payload.full(this);
    }

    public boolean expired(Instant now) {
        return expires.isPresent() && !now.isBefore(expires.get());
    }

    /** Whether this is a release of the same firmware that came before the other. */
    public boolean precedes(Manifest other) {
        return name.equals(other.name) && sequence < other.sequence;
    }
}
