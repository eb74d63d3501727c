package wavegate.sim.scenario;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.sim.device.DeviceProfile;
import wavegate.sim.device.DeviceSettings;
import wavegate.sim.device.Failures;
import wavegate.sim.device.ModuleModel;
import wavegate.sim.fault.LineFaults;

/** Reads scenario files. What a file does not say is as in {@code healthy.yaml}. */
final class ScenarioFiles {
    private static final String RESOURCE_FOLDER = "/wavegate/config/sim/";
    private static final String DEFAULT_CARRIER = "any";
    private static final YAMLMapper YAML = new YAMLMapper();

    private final List<String> faults = new ArrayList<>();

    private ScenarioFiles() {}

    static Scenario named(String name) {
        if (!Scenario.BUILT_IN.contains(name)) {
            throw new ScenarioException("scenario: \"" + name + "\" (expected: one of "
                    + String.join(", ", Scenario.BUILT_IN) + ", or a file; did you mean "
                    + Section.nearest(name, Scenario.BUILT_IN) + "?)");
        }
        try (InputStream in = ScenarioFiles.class.getResourceAsStream(RESOURCE_FOLDER + name + ".yaml")) {
            if (in == null) {
                throw new IllegalStateException("scenario " + name + " is not on the class path");
            }
            return parse(name + ".yaml", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new ScenarioException("scenario " + name + ": " + e.getMessage());
        }
    }

    static Scenario read(Path file) {
        try {
            return parse(file.toString(), Files.readString(file));
        } catch (IOException e) {
            throw new ScenarioException("scenario file " + file + " cannot be read: " + e.getMessage());
        }
    }

    static Scenario parse(String source, String yaml) {
        JsonNode root;
        try {
            root = YAML.readTree(yaml);
        } catch (JsonProcessingException e) {
            throw new ScenarioException(source + " is not YAML: " + e.getOriginalMessage());
        }
        ScenarioFiles reader = new ScenarioFiles();
        try {
            Scenario scenario = reader.scenario(new Section("", Optional.ofNullable(root), reader.faults));
            if (reader.faults.isEmpty()) {
                return scenario;
            }
        } catch (IllegalArgumentException e) {
            reader.faults.add(String.valueOf(e.getMessage()));
        }
        throw new ScenarioException(source + ":\n  " + String.join("\n  ", reader.faults));
    }

    private Scenario scenario(Section root) {
        Scenario scenario = new Scenario(
                root.text("name", "custom"),
                root.text("description", ""),
                new Scenario.Population(
                        regions(root), models(root), profiles(root), images(root), root.number("terminals", 0, 0, 1)),
                timing(root.section("timing")),
                health(root.section("health")),
                coap(root.section("coap")),
                misfortunes(root.section("faults")),
                image(root.section("image")));
        root.done();
        return scenario;
    }

    private static List<Weighted<Region>> regions(Section root) {
        List<Weighted<Region>> regions = new ArrayList<>();
        for (Section section : root.sections("regions")) {
            List<Weighted<String>> carriers = new ArrayList<>();
            for (Map.Entry<String, Double> carrier : section.shares("carriers").entrySet()) {
                carriers.add(new Weighted<>(carrier.getKey(), carrier.getValue()));
            }
            if (carriers.isEmpty()) {
                carriers.add(new Weighted<>(DEFAULT_CARRIER, 1));
            }
            Region region = new Region(section.text("name", ""), carriers);
            regions.add(new Weighted<>(region, section.number("share", 1, 0.001, 1e9)));
            section.done();
        }
        if (regions.isEmpty()) {
            for (String name : List.of("north", "south", "east", "west")) {
                regions.add(new Weighted<>(new Region(name, List.of(new Weighted<>(DEFAULT_CARRIER, 1))), 1));
            }
        }
        return regions;
    }

    private static List<Weighted<ModuleModel>> models(Section root) {
        List<Weighted<ModuleModel>> models = new ArrayList<>();
        for (Section section : root.sections("modules")) {
            models.add(model(section));
            section.done();
        }
        if (models.isEmpty()) {
            models.add(model(new Section("modules", Optional.empty(), new ArrayList<>())));
        }
        return models;
    }

    private static Weighted<ModuleModel> model(Section section) {
        ModuleModel model = new ModuleModel(
                section.text("manufacturer", "Wavegate Labs"),
                section.text("model", "WG-100"),
                section.text("hardware", "rev-b"),
                section.text("base-version", "1.0.0"),
                section.text("partition-layout", "ab-8m"),
                section.size("flash", 8L << 20),
                section.number("battery-mah", 2400, 1, 1e9));
        return new Weighted<>(model, section.number("share", 1, 0.001, 1e9));
    }

    private List<Weighted<DeviceProfile>> profiles(Section root) {
        List<Weighted<DeviceProfile>> profiles = new ArrayList<>();
        List<String> names = DeviceProfile.ALL.stream().map(DeviceProfile::name).toList();
        for (Map.Entry<String, Double> share : root.shares("profiles").entrySet()) {
            Optional<DeviceProfile> profile = DeviceProfile.named(share.getKey());
            if (profile.isPresent()) {
                profiles.add(new Weighted<>(profile.get(), share.getValue()));
            } else {
                faults.add("profiles." + share.getKey() + ": unknown profile (did you mean "
                        + Section.nearest(share.getKey(), names) + "?)");
            }
        }
        if (profiles.isEmpty()) {
            profiles.add(new Weighted<>(DeviceProfile.SPEC, 1));
        }
        return profiles;
    }

    private List<byte[]> images(Section root) {
        List<byte[]> images = new ArrayList<>();
        for (String file : root.texts("base-images")) {
            try {
                images.add(Files.readAllBytes(Path.of(file)));
            } catch (IOException | InvalidPathException e) {
                faults.add("base-images: " + file + " cannot be read: " + e.getMessage());
            }
        }
        return images;
    }

    private static DeviceSettings.Timing timing(Section section) {
        DeviceSettings.Timing timing = new DeviceSettings.Timing(
                (int) section.duration("lifetime", Duration.ofSeconds(300)).toSeconds(),
                section.duration("registration-update", Duration.ofMinutes(15)),
                section.duration("telemetry-period", Duration.ofMinutes(5)),
                section.duration("apply-delay", Duration.ofSeconds(20)),
                section.duration("boot-time", Duration.ofSeconds(10)),
                section.duration("retry-after", Duration.ofSeconds(60)),
                section.duration("awake", Duration.ofSeconds(93)));
        section.done();
        return timing;
    }

    private static DeviceSettings.Health health(Section section) {
        DeviceSettings.Health health = new DeviceSettings.Health(
                section.number("crashes-per-hour", 0.05, 0, 1e6),
                section.number("repeat-crashes-per-hour", 0.05, 0, 1e6),
                section.number("energy-mah-per-hour", 4, 0, 1e6),
                section.number("energy-noise", 0.05, 0, 1));
        section.done();
        return health;
    }

    private static DeviceSettings.Coap coap(Section section) {
        DeviceSettings.Coap standard = DeviceSettings.Coap.STANDARD;
        DeviceSettings.Coap coap = new DeviceSettings.Coap(
                (int) section.duration("ack-timeout", Duration.ofMillis(standard.ackTimeoutMs()))
                        .toMillis(),
                section.number("ack-random-factor", standard.ackRandomFactor(), 1, 10),
                (int) section.number("max-retransmit", standard.maxRetransmit(), 0, 20),
                (int) section.duration("separate-response", Duration.ofMillis(standard.separateResponseMs()))
                        .toMillis());
        section.done();
        return coap;
    }

    private static final Scenario.Misfortune NO_MISFORTUNE = new Scenario.Misfortune(
            LineFaults.NONE, new DeviceSettings.Faults(0, 0, 0, Duration.ZERO, Duration.ofMinutes(10), Duration.ZERO));

    private Scenario.Misfortune misfortunes(Section section) {
        List<Section> parts = section.sections("segments");
        Scenario.Misfortune all = misfortune(section, NO_MISFORTUNE);
        List<Scenario.Segment> segments = new ArrayList<>();
        for (Section part : parts) {
            Section own = part.section("faults");
            segments.add(new Scenario.Segment(
                    part.text("region", ""),
                    part.text("carrier", ""),
                    part.text("model", ""),
                    part.text("profile", ""),
                    misfortune(own, all)));
            part.done();
        }
        return new Scenario.Misfortune(all.line(), all.devices(), all.failures(), all.blackOuts(), segments);
    }

    /** @param otherwise what holds where the section is silent */
    private Scenario.Misfortune misfortune(Section section, Scenario.Misfortune otherwise) {
        LineFaults line = otherwise.line();
        DeviceSettings.Faults devices = otherwise.devices();
        Scenario.Misfortune misfortune = new Scenario.Misfortune(
                new LineFaults(
                        section.number("loss", line.loss(), 0, 1),
                        section.number("duplication", line.duplication(), 0, 1),
                        section.number("reordering", line.reordering(), 0, 1),
                        section.number("corruption", line.corruption(), 0, 1),
                        (int) section.duration("delay", Duration.ofMillis(line.delayMs()))
                                .toMillis()),
                new DeviceSettings.Faults(
                        section.number("corrupt-transfers", devices.corruptTransfers(), 0, 1),
                        section.number("reboots-during-download", devices.rebootsDuringDownload(), 0, 1),
                        section.number("mute-telemetry", devices.muteTelemetry(), 0, 1),
                        section.duration("offline-every", devices.offlineEvery()),
                        section.duration("offline-for", devices.offlineFor()),
                        section.duration("nat-rebind-every", devices.rebindEvery())),
                failures(section, otherwise.failures()),
                blackOuts(section, otherwise.blackOuts()),
                List.of());
        section.done();
        return misfortune;
    }

    private Failures failures(Section section, Failures otherwise) {
        SortedMap<Integer, Double> results = new TreeMap<>();
        section.shares("results").forEach((code, share) -> {
            if (code.matches("[0-9]{1,3}")) {
                results.put(Integer.valueOf(code), share);
            } else {
                faults.add("faults.results." + code + ": no result (expected: 2..13 or 100)");
            }
        });
        List<Failures.Regression> regressions = new ArrayList<>();
        for (Section one : section.sections("regressions")) {
            regressions.add(new Failures.Regression(
                    FirmwareVersion.of(one.text("from", "")),
                    one.number("crashes", 1, 0, 10_000),
                    one.number("energy", 1, 0, 10_000)));
            one.done();
        }
        return new Failures(
                results.isEmpty() ? otherwise.results() : results,
                (int) section.number("results-times", otherwise.times(), 0, 1000),
                section.number("bricks", otherwise.bricks(), 0, 1),
                section.number("reverts", otherwise.reverts(), 0, 1),
                section.number("power-cuts", otherwise.powerCuts(), 0, 1),
                section.number("drops", otherwise.drops(), 0, 1),
                new Failures.Duty(
                        section.duration("on-for", otherwise.duty().on()),
                        section.duration("off-for", otherwise.duty().off())),
                regressions.isEmpty() ? otherwise.regressions() : regressions);
    }

    private static List<Scenario.BlackOut> blackOuts(Section section, List<Scenario.BlackOut> otherwise) {
        List<Scenario.BlackOut> all = new ArrayList<>();
        for (Section one : section.sections("black-outs")) {
            all.add(new Scenario.BlackOut(
                    one.duration("at", Duration.ZERO), one.duration("for", Duration.ofMinutes(10)), one.flag("power")));
            one.done();
        }
        return all.isEmpty() ? otherwise : all;
    }

    private static ImageTraits image(Section section) {
        ImageTraits traits = new ImageTraits(
                section.number("crash-multiplier", 1, 0, 10_000),
                section.number("energy-multiplier", 1, 0, 10_000),
                section.flag("fails-to-boot"),
                section.flag("wrong-digest"),
                section.flag("wrong-partition"),
                section.flag("never-confirms"));
        section.done();
        return traits;
    }
}
