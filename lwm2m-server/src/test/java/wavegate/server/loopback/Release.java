package wavegate.server.loopback;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.server.artifact.PackageSigner;
import wavegate.server.artifact.SignatureAlgorithm;
import wavegate.sim.device.ModuleModel;
import wavegate.sim.scenario.Scenario;

/** A signed package on disk, and the key that is to be trusted beside the server's data. */
record Release(Path envelope) {
    static final String VERSION = "2.0.0";

    /** For the virtual modules of a scenario. */
    static Release of(Path data, Scenario scenario, int payloadBytes) throws IOException {
        ModuleModel model = scenario.population().models().get(0).value();
        return of(
                data,
                scenario.firmware(bytes(payloadBytes), VERSION),
                model.manufacturer(),
                model.model(),
                model.hardware());
    }

    static Release of(Path data, byte[] image, String manufacturer, String model, String hardware) throws IOException {
        PackageSigner.NewKeys keys = PackageSigner.keygen(data.resolve("signing"), "trial", SignatureAlgorithm.ED25519);
        Files.createDirectories(data.resolve("keys"));
        Files.copy(keys.publicKey(), data.resolve("keys").resolve("trial.pub.pem"));
        Path file = data.resolve("firmware.img");
        Files.write(file, image);
        PackageSigner.Release release = new PackageSigner.Release(
                "firmware", FirmwareVersion.of(VERSION), manufacturer, model, hardware, 2, Optional.empty());
        Path envelope = data.resolve("firmware.wgp");
        PackageSigner.sign(file, release, keys.privateKey(), keys.publicKey(), envelope);
        return new Release(envelope);
    }

    static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
