package wavegate.sim.scenario;

import java.nio.file.Path;
import java.util.List;
import wavegate.sim.device.DeviceProfile;
import wavegate.sim.device.DeviceSettings;
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

    /** Who the devices are. */
    public record Population(
            List<Weighted<Region>> regions,
            List<Weighted<ModuleModel>> models,
            List<Weighted<DeviceProfile>> profiles) {
        public Population {
            regions = List.copyOf(regions);
            models = List.copyOf(models);
            profiles = List.copyOf(profiles);
            if (regions.isEmpty() || models.isEmpty() || profiles.isEmpty()) {
                throw new IllegalArgumentException(
                        "population without regions, modules or profiles (expected: at" + " least one of each)");
            }
        }
    }

    /** What goes wrong, on the line and inside the devices. */
    public record Misfortune(LineFaults line, DeviceSettings.Faults devices) {}

    /** Names of the scenarios that come with the product, as {@link #named} takes them. */
    public static final List<String> BUILT_IN = List.of(
            "healthy",
            "bad-firmware",
            "battery-drain",
            "broken-image",
            "wrong-partition",
            "bad-boot",
            "corrupt-in-flight",
            "quirks");

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

    /** Wraps any file into the image this scenario releases, for the first module model's partition layout. */
    public byte[] firmware(byte[] payload, String version) {
        return ModuleImage.wrap(
                payload, image.spec(version, population.models().get(0).value().partitionLayout()));
    }
}
