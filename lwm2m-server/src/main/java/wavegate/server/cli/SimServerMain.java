package wavegate.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import wavegate.config.Settings;
import wavegate.config.SettingsReader;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.gate.GateDecision;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.update.CampaignId;
import wavegate.server.Server;
import wavegate.server.api.CampaignJson;
import wavegate.server.artifact.PackageSigner;
import wavegate.server.artifact.SignatureAlgorithm;
import wavegate.server.log.FatalErrors;
import wavegate.server.rollout.CampaignStatus;
import wavegate.sim.LocalServer.CampaignOrder;

/**
 * The server of a simulated fleet, as a process of its own: the whole product, with a ledger and a view in a directory that is deleted afterwards.
 * Says {@code ready {"coap":..., "http":...}}, then answers each line of standard input with a line of JSON; ends with its input.
 */
public final class SimServerMain {
    static final String NEW_VERSION = "2.0.0";
    private static final CampaignId CAMPAIGN = new CampaignId("simulation");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PAGE = 1000;
    private static final int LEDGER_FAILED = 70;

    private final Path directory;
    private final int devices;
    private final long seed;
    private final PackageSigner.NewKeys keys;
    private final Server server;
    private String token = "";

    private SimServerMain(Path directory, int devices, long seed) throws IOException {
        this.directory = directory;
        this.devices = devices;
        this.seed = seed;
        keys = PackageSigner.keygen(directory.resolve("signing"), "simulation", SignatureAlgorithm.ED25519);
        Path trusted = Files.createDirectories(directory.resolve("keys"));
        Files.copy(keys.publicKey(), trusted.resolve("simulation.pub.pem"));
        server = new Server(settings(directory, devices), made -> token = made, failure -> Runtime.getRuntime()
                .halt(LEDGER_FAILED));
    }

    /** A laboratory: everybody is believed, and a whole fleet may come in one instant. */
    private static Settings settings(Path directory, int devices) {
        return SettingsReader.parse(
                """
                data-dir: "%1$s/data"
                packages: {trusted-keys: "%1$s/keys"}
                coap: {enabled: true, host: 127.0.0.1, port: 0}
                coaps: {enabled: false}
                http: {host: 127.0.0.1, port: 0}
                terminals: {interval: 30s, watched-interval: 15s, busy-interval: 5s}
                limits:
                  registrations: %2$d
                  backlog: %3$d
                  remembered: %3$d
                  stranger-rate: %3$d
                  stranger-burst: %4$d
                  known-rate: 100000
                  new-names-per-minute: %4$d
                  crowded-new-names-per-minute: %4$d
                """
                        .formatted(
                                directory,
                                Math.max(150_000, devices + devices / 2),
                                Math.max(20_000, Math.min(100_000, devices)),
                                Math.max(40_000, Math.min(1_000_000, devices * 4))),
                Map.of());
    }

    /** A directory, how many devices there will be, and a seed. */
    public static void main(String[] args) throws IOException {
        FatalErrors.watchThreads();
        Locale.setDefault(Locale.Category.FORMAT, Locale.US);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        // Answers alone go there: a log that is set up to write to standard output would come between them.
        System.setOut(System.err);
        SimServerMain main = new SimServerMain(Path.of(args[0]), Integer.parseInt(args[1]), Long.parseLong(args[2]));
        try (Server server = main.server;
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            InetSocketAddress coap = server.coapAddress().orElseThrow();
            out.println("ready "
                    + JsonNodeFactory.instance
                            .objectNode()
                            .put("coap", coap.getPort())
                            .put("http", server.httpPort()));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                out.println(main.answer(JSON.readTree(line)));
            }
        }
        System.exit(0);
    }

    private ObjectNode answer(JsonNode order) throws IOException {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        try {
            switch (order.path("ask").asText()) {
                case "identified" -> answer.put("identified", identified());
                case "campaign" -> start(order);
                case "status" -> status(answer);
                default -> answer.put("error", "unknown: " + order);
            }
        } catch (CallFailed e) {
            answer.put("error", String.valueOf(e.getMessage()));
        }
        return answer;
    }

    private long identified() {
        long count = 0;
        String cursor = "";
        do {
            var page = server.view().devices(device -> device.identity().known(), cursor, PAGE);
            count += page.items().size();
            cursor = page.next();
        } while (!cursor.isEmpty());
        return count;
    }

    private void start(JsonNode order) throws IOException {
        ServerCalls calls = new ServerCalls(URI.create("http://127.0.0.1:" + server.httpPort()), token);
        Path envelope = directory.resolve("firmware.wgp");
        PackageSigner.Release release = new PackageSigner.Release(
                "simulated-firmware",
                FirmwareVersion.of(NEW_VERSION),
                order.path("manufacturer").asText(),
                order.path("model").asText(),
                order.path("hardware").asText(),
                2,
                Optional.empty());
        PackageSigner.sign(
                Path.of(order.path("image").asText()), release, keys.privateKey(), keys.publicKey(), envelope);
        PackageId packageId =
                new PackageId(calls.upload("/packages", envelope).path("id").asText());
        SimCampaign campaign = new SimCampaign(new CampaignOrder(
                order.path("share").asDouble(),
                Duration.ofMillis(order.path("leftMs").asLong()),
                Duration.ofMillis(order.path("telemetryMs").asLong()),
                order.path("crashesPerHour").asDouble()));
        ObjectNode json = CampaignJson.write(campaign.spec(packageId, devices, seed));
        json.put("id", CAMPAIGN.value());
        calls.post("/campaigns", json);
        calls.post("/campaigns/" + CAMPAIGN + "/actions/start", JsonNodeFactory.instance.objectNode());
    }

    private void status(ObjectNode answer) {
        Optional<CampaignStatus> known = server.loop().operations().status(CAMPAIGN);
        if (known.isEmpty()) {
            return;
        }
        CampaignStatus status = known.get();
        CampaignPhase phase = status.campaign().phase();
        Wave wave = status.campaign().waves().get(0);
        answer.put("phase", phase + ", wave " + wave.phase())
                .put("reason", status.campaign().reason())
                .put("waveSize", wave.size())
                .put("stopped", phase != CampaignPhase.RUNNING && phase != CampaignPhase.SCHEDULED)
                .put("gate", status.lastGate().map(SimServerMain::gate).orElse(""));
        ObjectNode updates = answer.putObject("updates");
        status.phases().get(0).forEach((name, count) -> updates.put(name.name(), count));
    }

    private static String gate(GateDecision gate) {
        return gate.verdict()
                + gate.metrics().stream()
                        .filter(metric -> metric.verdict() == gate.verdict())
                        .map(metric -> metric.metric() + " " + metric.verdict())
                        .collect(Collectors.joining(", ", " (", ")"));
    }
}
