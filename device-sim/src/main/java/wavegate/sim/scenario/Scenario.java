package wavegate.sim.scenario;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import wavegate.sim.device.DeviceProfile;
import wavegate.sim.device.DeviceSettings;
import wavegate.sim.device.Failures;
import wavegate.sim.device.ModuleIdentity;
import wavegate.sim.device.ModuleImage;
import wavegate.sim.device.ModuleModel;
import wavegate.sim.fault.LineFaults;

/** A fleet's make-up, habits and misfortunes, and the firmware that is to be released to it. */
public record Scenario(
        String name,
        String description,
        Population population,
        DeviceSettings.Timing timing,
        DeviceSettings.Health health,
        DeviceSettings.Coap coap,
        Misfortune misfortune,
        ImageTraits image) {

    /**
     * Who the devices are. {@code images} are whole images they may leave the factory with, for deltas to be based on; {@code terminals} is the
     * share, 0..1, of those that do not register but ask for versions.
     */
    public record Population(
            List<Weighted<Region>> regions,
            List<Weighted<ModuleModel>> models,
            List<Weighted<DeviceProfile>> profiles,
            List<byte[]> images,
            double terminals) {
        /** Modules whose factory images nobody has the bytes of. */
        public Population(
                List<Weighted<Region>> regions,
                List<Weighted<ModuleModel>> models,
                List<Weighted<DeviceProfile>> profiles) {
            this(regions, models, profiles, List.of(), 0);
        }

        public Population {
            images = List.copyOf(images);
            regions = List.copyOf(regions);
            models = List.copyOf(models);
            profiles = List.copyOf(profiles);
            if (regions.isEmpty() || models.isEmpty() || profiles.isEmpty()) {
                throw new IllegalArgumentException(
                        "population without regions, modules or profiles (expected: at" + " least one of each)");
            }
        }
    }

    /**
     * What goes wrong, on the line and inside the devices. A device has the misfortune of the first segment it belongs to, else this one,
     * whose own segments are then all the segments there are.
     */
    public record Misfortune(
            LineFaults line,
            DeviceSettings.Faults devices,
            Failures failures,
            List<BlackOut> blackOuts,
            List<Segment> segments) {
        public Misfortune {
            blackOuts = List.copyOf(blackOuts);
            segments = List.copyOf(segments);
        }

        /** The same for all devices, and none of the failures that are asked for. */
        public Misfortune(LineFaults line, DeviceSettings.Faults devices) {
            this(line, devices, Failures.NONE, List.of(), List.of());
        }

        /** What a device has to bear. */
        public Misfortune of(ModuleIdentity identity, DeviceProfile profile) {
            return segments.stream()
                    .filter(segment -> segment.holds(identity, profile))
                    .findFirst()
                    .map(Segment::misfortune)
                    .orElse(this);
        }

        /** Whether no line is anything but perfect. */
        public boolean perfectLines() {
            return line.none()
                    && segments.stream()
                            .allMatch(segment -> segment.misfortune().line().none());
        }
    }

    /** A part of the fleet that fares otherwise. An empty name stands for any. */
    public record Segment(String region, String carrier, String model, String profile, Misfortune misfortune) {
        boolean holds(ModuleIdentity identity, DeviceProfile behaves) {
            return fits(region, identity.region())
                    && fits(carrier, identity.carrier())
                    && fits(model, identity.model().model())
                    && fits(profile, behaves.name());
        }

        private static boolean fits(String wanted, String actual) {
            return wanted.isEmpty() || wanted.equals(actual);
        }
    }

    /**
     * Nothing gets through, {@code at} so much simulated time after the fleet has started; with {@code power} the modules are switched off,
     * and all come back in the same instant.
     */
    public record BlackOut(Duration at, Duration lasts, boolean power) {
        public BlackOut {
            if (at.isNegative() || lasts.isNegative() || lasts.isZero()) {
                throw new IllegalArgumentException(
                        "black-out: at " + at + " for " + lasts + " (expected: at 0 or more, for more than 0)");
            }
        }
    }

    /** Names of the scenarios that come with the product, as {@link #named} takes them. */
    public static final List<String> BUILT_IN = List.of(
            "healthy",
            "bad-firmware",
            "battery-drain",
            "broken-image",
            "wrong-partition",
            "bad-boot",
            "corrupt-in-flight",
            "quirks",
            "mixed",
            "failures",
            "black-out");

    /**
     * A scenario that comes with the product.
     *
     * @throws ScenarioException if there is none of this name
     */
    public static Scenario named(String name) {
        return ScenarioFiles.named(name);
    }

    /**
     * A scenario of the user's own.
     *
     * @throws ScenarioException listing every unknown key and bad value
     */
    public static Scenario read(Path file) {
        return ScenarioFiles.read(file);
    }

    /** The same with that share of terminals. */
    public Scenario withTerminals(double share) {
        Population all = new Population(
                population.regions(), population.models(), population.profiles(), population.images(), share);
        return new Scenario(name, description, all, timing, health, coap, misfortune, image);
    }

    public Scenario withHealth(DeviceSettings.Health value) {
        return new Scenario(name, description, population, timing, value, coap, misfortune, image);
    }

    /** For fleets whose server goes away: shorter pauses between retransmissions bring the devices back sooner. */
    public Scenario withCoap(DeviceSettings.Coap value) {
        return new Scenario(name, description, population, timing, health, value, misfortune, image);
    }

    public Scenario withTiming(DeviceSettings.Timing value) {
        return new Scenario(name, description, population, value, health, coap, misfortune, image);
    }

    public Scenario withImage(ImageTraits value) {
        return new Scenario(name, description, population, timing, health, coap, misfortune, value);
    }

    public Scenario withMisfortune(Misfortune value) {
        return new Scenario(name, description, population, timing, health, coap, value, image);
    }

    /** The same misfortune but for the failures that are asked for, for all devices alike. */
    public Scenario withFailures(Failures value) {
        return withMisfortune(
                new Misfortune(misfortune.line(), misfortune.devices(), value, misfortune.blackOuts(), List.of()));
    }

    public Scenario withProfiles(DeviceProfile... profiles) {
        List<Weighted<DeviceProfile>> all = Arrays.stream(profiles)
                .map(profile -> new Weighted<>(profile, 1))
                .toList();
        return new Scenario(
                name,
                description,
                new Population(
                        population.regions(), population.models(), all, population.images(), population.terminals()),
                timing,
                health,
                coap,
                misfortune,
                image);
    }

    /** Modules whose base version is that of the image leave the factory with it. */
    public Scenario withBaseImage(byte[] image) {
        return new Scenario(
                name,
                description,
                new Population(
                        population.regions(),
                        population.models(),
                        population.profiles(),
                        List.of(image.clone()),
                        population.terminals()),
                timing,
                health,
                coap,
                misfortune,
                this.image);
    }

    /** Wraps any file into the image this scenario releases, for the first module model's partition layout. */
    public byte[] firmware(byte[] payload, String version) {
        return ModuleImage.wrap(
                payload, image.spec(version, population.models().get(0).value().partitionLayout()));
    }
}
