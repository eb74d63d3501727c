package wavegate.server.loopback;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Handling;
import wavegate.firmware.pkg.ImageTerms;
import wavegate.firmware.pkg.Requirements;
import wavegate.server.artifact.PackageSigner;
import wavegate.server.artifact.SignatureAlgorithm;
import wavegate.sim.device.ImageSpec;
import wavegate.sim.device.ModuleImage;
import wavegate.sim.device.ModuleModel;
import wavegate.sim.scenario.Scenario;

/** A signed package on disk, and the key that is to be trusted beside the server's data. */
record Release(Path envelope) {
    static final String VERSION = "2.0.0";

    /** For the virtual modules of a scenario. */
    static Release of(Path data, Scenario scenario, int payloadBytes) throws IOException {
        return of(data, scenario, payloadBytes, VERSION, 2);
    }

    static Release of(Path data, Scenario scenario, int payloadBytes, String version, long sequence)
            throws IOException {
        ModuleModel model = scenario.population().models().get(0).value();
        PackageSigner.Release release = new PackageSigner.Release(
                "firmware",
                FirmwareVersion.of(version),
                model.manufacturer(),
                model.model(),
                model.hardware(),
                sequence,
                Optional.empty());
        return of(data, scenario.firmware(bytes(payloadBytes), version), release);
    }

    static Release of(Path data, byte[] image, String manufacturer, String model, String hardware) throws IOException {
        return of(
                data,
                image,
                new PackageSigner.Release(
                        "firmware", FirmwareVersion.of(VERSION), manufacturer, model, hardware, 2, Optional.empty()));
    }

    /** For one component of the virtual modules of a scenario. */
    static Release ofComponent(Path data, Scenario scenario, int payloadBytes, String component) throws IOException {
        ModuleModel model = scenario.population().models().get(0).value();
        PackageSigner.Release release = new PackageSigner.Release(
                component,
                FirmwareVersion.of(VERSION),
                model.manufacturer(),
                model.model(),
                model.hardware(),
                2,
                Optional.empty(),
                Requirements.NONE,
                Handling.NONE,
                ImageTerms.NONE,
                Optional.of(component));
        byte[] image = ModuleImage.wrap(
                bytes(payloadBytes),
                scenario.image().spec(VERSION, model.partitionLayout()).forComponent(component));
        return of(data, image, release);
    }

    /** For several components at once, each image as its spec says. */
    static Release ofComponents(Path data, Scenario scenario, int payloadBytes, long sequence, List<ImageSpec> specs)
            throws IOException {
        ModuleModel model = scenario.population().models().get(0).value();
        PackageSigner.Release release = new PackageSigner.Release(
                "set-" + sequence,
                FirmwareVersion.of("7"),
                model.manufacturer(),
                model.model(),
                model.hardware(),
                sequence,
                Optional.empty());
        PackageSigner.NewKeys keys = keys(data, "set-" + sequence);
        List<PackageSigner.ComponentFile> files = new ArrayList<>();
        for (ImageSpec spec : specs) {
            Path file = data.resolve("set-" + sequence + "-" + spec.component() + ".img");
            Files.write(file, ModuleImage.wrap(bytes(payloadBytes + files.size()), spec));
            files.add(new PackageSigner.ComponentFile(spec.component(), FirmwareVersion.of(spec.version()), file));
        }
        Path envelope = data.resolve("set-" + sequence + ".wgp");
        PackageSigner.sign(files, release, keys.privateKey(), keys.publicKey(), envelope);
        return new Release(envelope);
    }

    private static PackageSigner.NewKeys keys(Path data, String name) throws IOException {
        PackageSigner.NewKeys keys = PackageSigner.keygen(data.resolve("signing"), name, SignatureAlgorithm.ED25519);
        Files.createDirectories(data.resolve("keys"));
        Files.copy(keys.publicKey(), data.resolve("keys").resolve(name + ".pub.pem"));
        return keys;
    }

    private static Release of(Path data, byte[] image, PackageSigner.Release release) throws IOException {
        String name = "trial-" + release.sequence();
        PackageSigner.NewKeys keys = keys(data, name);
        Path file = data.resolve(name + ".img");
        Files.write(file, image);
        Path envelope = data.resolve(name + ".wgp");
        PackageSigner.sign(file, release, keys.privateKey(), keys.publicKey(), envelope);
        return new Release(envelope);
    }

    static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
