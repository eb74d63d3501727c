package wavegate.server.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import wavegate.config.SettingsReader;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.WavePlan;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.UpdatePolicy;
import wavegate.server.Server;
import wavegate.server.artifact.PackageSigner;
import wavegate.server.artifact.SignatureAlgorithm;

/** This server as it is run: ledger forced to disk, view, artifacts, delivery, telemetry, API. NoSec, as the other one is. */
final class WholeServer implements BenchTarget.Target {
    private static final String BY = "bench";
    private static final CampaignId CAMPAIGN = new CampaignId("bench");
    private static final int PAGE = 1000;
    private static final int IMAGE_BYTES = 64 * 1024;

    private final Path directory;
    private final PackageSigner.NewKeys keys;
    private final Server server;
    private String token = "";

    WholeServer(Path directory) throws IOException {
        this.directory = directory;
        keys = PackageSigner.keygen(directory.resolve("signing"), "bench", SignatureAlgorithm.ED25519);
        Path trusted = Files.createDirectories(directory.resolve("keys"));
        Files.copy(keys.publicKey(), trusted.resolve("bench.pub.pem"));
        server = new Server(
                SettingsReader.parse(
                        """
                        data-dir: "%1$s/data"
                        packages: {trusted-keys: "%1$s/keys"}
                        coap: {enabled: true, host: 127.0.0.1, port: 0}
                        coaps: {enabled: false}
                        http: {host: 127.0.0.1, port: 0}
                        # Rounds follow each other faster than devices are made.
                        limits: {new-names-per-minute: 10000000}
                        """
                                .formatted(directory),
                        Map.of()),
                made -> token = made,
                failure -> Runtime.getRuntime().halt(1));
    }

    @Override
    public InetSocketAddress coap() {
        return server.coapAddress().orElseThrow();
    }

    @Override
    public boolean holds(long devices) throws InterruptedException {
        return until(Duration.ofMinutes(1), 1, () -> server.view().deviceCount() >= devices);
    }

    @Override
    public void startCampaign(long devices) throws IOException, InterruptedException {
        if (!until(Duration.ofMinutes(10), 500, () -> identified() >= devices)) {
            throw new IOException(identified() + " devices said what they are (expected: " + devices + ")");
        }
        PackageId firmware = uploaded();
        UpdatePolicy update = UpdatePolicy.DEFAULT;
        CampaignSpec spec =
                new CampaignSpec("bench", firmware, DeviceFilter.ALL, WavePlan.DEFAULT, gate(), update, 0.001, 500, 1);
        server.loop().operations().create(CAMPAIGN, spec, BY).join();
        server.loop().operations().start(CAMPAIGN, BY).join();
    }

    /** The default one, but its pre-window is short, so that the canaries are under way at once. */
    private static GatePolicy gate() {
        GatePolicy d = GatePolicy.DEFAULT;
        return new GatePolicy(
                Duration.ofSeconds(1),
                d.soak(),
                d.soakMax(),
                d.settle(),
                d.coverage(),
                d.maxRatio(),
                d.crashAlpha(),
                d.driftAlpha(),
                d.laterAlpha(),
                d.minDrift(),
                d.looks(),
                d.minPerArm(),
                d.maxFailureShare(),
                d.maxLostShare(),
                d.guardrailKills());
    }

    private PackageId uploaded() throws IOException, InterruptedException {
        Path image = directory.resolve("image.bin");
        Files.write(image, new byte[IMAGE_BYTES]);
        PackageSigner.Signed signed = PackageSigner.sign(
                image,
                new PackageSigner.Release(
                        "bench",
                        FirmwareVersion.of("2.0.0"),
                        DeviceAnswers.MANUFACTURER,
                        DeviceAnswers.MODEL,
                        DeviceAnswers.HARDWARE,
                        2,
                        Optional.empty()),
                keys.privateKey(),
                keys.publicKey(),
                directory.resolve("image.wgp"));
        HttpRequest upload = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.httpPort() + "/api/v1/packages"))
                .timeout(Duration.ofMinutes(1))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/octet-stream")
                .POST(HttpRequest.BodyPublishers.ofFile(signed.file()))
                .build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(upload, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException("upload: " + answer.statusCode() + " " + answer.body());
        }
        return signed.id();
    }

    private long identified() {
        long count = 0;
        String cursor = "";
        do {
            var page = server.view().devices(device -> device.firmware().known(), cursor, PAGE);
            count += page.items().size();
            cursor = page.next();
        } while (!cursor.isEmpty());
        return count;
    }

    private static boolean until(Duration limit, int everyMillis, BooleanSupplier condition)
            throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(everyMillis);
        }
        return true;
    }

    @Override
    public void close() {
        server.close();
    }
}
