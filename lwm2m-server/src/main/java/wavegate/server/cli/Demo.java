package wavegate.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import wavegate.config.Settings;
import wavegate.config.SettingsReader;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.UpdatePhase;
import wavegate.server.Server;
import wavegate.server.api.CampaignJson;
import wavegate.server.artifact.PackageSigner;
import wavegate.server.artifact.SignatureAlgorithm;
import wavegate.server.rollout.CampaignStatus;
import wavegate.sim.FleetPlan;
import wavegate.sim.FleetReport;
import wavegate.sim.VirtualFleet;
import wavegate.sim.device.ModuleModel;
import wavegate.sim.scenario.Scenario;

/**
 * The main job on real parts: a server with its ledger and view on disk, a fleet of virtual modules over CoAP on loopback, a signed image
 * uploaded over REST, a campaign in waves under its gate. One use.
 */
final class Demo {
    static final String NEW_VERSION = "2.0.0";
    private static final int IMAGE_BYTES = 256 * 1024;
    private static final CampaignId CAMPAIGN = new CampaignId("demo");
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final Duration REST_AFTER_STOP = Duration.ofSeconds(45);

    /** What a demonstration is asked for. {@code firmware} empty: bytes of its own. */
    record Order(int devices, Scenario scenario, Optional<Path> firmware, Path data, double factor, long seed) {}

    private final Order order;
    private final DemoPlan plan;
    private final DemoScreen screen;

    Demo(Order order, PrintWriter out) {
        this.order = order;
        this.plan = new DemoPlan(order.factor());
        this.screen = new DemoScreen(out);
    }

    /** @return whether it ended as its scenario must */
    boolean run() throws IOException, InterruptedException {
        Instant began = Instant.now();
        Scenario scenario = plan.scenario(order.scenario());
        ModuleModel model = scenario.population().models().get(0).value();
        screen.say("scenario   %s: %s", scenario.name(), scenario.description());
        screen.say(
                "time       modules live %,.0f times as fast as the clock; the gate's durations are divided by the same factor:",
                order.factor());
        screen.say(
                "           pre-window %s -> %s, soak %s -> %s, settle and verify %s -> %s, telemetry every %s -> %s",
                hours(DemoPlan.PRE_WINDOW),
                seconds(plan.real(DemoPlan.PRE_WINDOW)),
                hours(DemoPlan.SOAK),
                seconds(plan.real(DemoPlan.SOAK)),
                hours(DemoPlan.SETTLE),
                seconds(plan.real(DemoPlan.SETTLE)),
                hours(DemoPlan.TELEMETRY_PERIOD),
                seconds(plan.real(DemoPlan.TELEMETRY_PERIOD)));

        Files.createDirectories(order.data());
        PackageSigner.NewKeys keys =
                PackageSigner.keygen(order.data().resolve("signing"), "demo", SignatureAlgorithm.ED25519);
        Files.createDirectories(order.data().resolve("keys"));
        Files.copy(keys.publicKey(), order.data().resolve("keys").resolve("demo.pub.pem"));
        Path envelope = signedImage(scenario, model, keys);

        String[] token = {""};
        try (Server server = new Server(
                settings(), made -> token[0] = made, failure -> screen.say("the server stopped: " + failure))) {
            URI url = URI.create("http://127.0.0.1:" + server.httpPort());
            InetSocketAddress coap = server.coapAddress().orElseThrow();
            screen.say(
                    "server     coap://%s:%d, page %s/ (token %s), data in %s",
                    coap.getHostString(),
                    coap.getPort(),
                    url,
                    token[0],
                    order.data().resolve("data"));
            FleetPlan fleetPlan = FleetPlan.of(order.devices(), coap, scenario)
                    .withSeed(order.seed())
                    .withTimeFactor(order.factor());
            try (VirtualFleet fleet = VirtualFleet.start(fleetPlan)) {
                return campaign(server, fleet, new ServerCalls(url, token[0]), envelope, scenario, model, began);
            }
        } finally {
            screen.close();
        }
    }

    private boolean campaign(
            Server server,
            VirtualFleet fleet,
            ServerCalls calls,
            Path envelope,
            Scenario scenario,
            ModuleModel model,
            Instant began)
            throws InterruptedException {
        until(
                Duration.ofMinutes(2),
                () -> known(server) >= order.devices(),
                () -> "only " + known(server) + " of " + order.devices() + " devices registered and read");
        screen.say(
                "fleet      %,d modules registered and identified in %d s: %s",
                order.devices(),
                Duration.between(began, Instant.now()).toSeconds(),
                fleet.report().byVersion());

        JsonNode uploaded = calls.upload("/packages", envelope);
        PackageId packageId = new PackageId(uploaded.path("id").asText());
        screen.say(
                "package    %s, %,d bytes, signature checked",
                packageId,
                uploaded.path("manifest")
                        .path("sizeBytes")
                        .asLong(uploaded.path("sizeBytes").asLong()));
        String region = scenario.population().regions().get(0).value().name();
        CampaignSpec spec = plan.campaign(packageId, region, order.devices());
        var json = CampaignJson.write(spec);
        JsonNode preview = calls.post("/campaigns/actions/preview", json);
        screen.say("preview");
        screen.plan(preview);
        json.put("id", CAMPAIGN.value());
        calls.post("/campaigns", json);
        calls.post(
                "/campaigns/" + CAMPAIGN + "/actions/start",
                com.fasterxml.jackson.databind.node.JsonNodeFactory.instance.objectNode());
        screen.say(
                "campaign   started: canary in region %s after one pre-window of %s",
                region, seconds(plan.real(DemoPlan.PRE_WINDOW)));

        CampaignStatus end = watch(server);
        FleetReport report = fleet.report();
        end.lastGate().ifPresent(screen::gate);
        server.view()
                .killReceipts()
                .forEach(receipt -> screen.say(
                        "kill       switch raised by %s: last dispatch %s before the fence, durable %d ms after it, %d updates called off, %d applying left alone",
                        receipt.killSwitch().by(),
                        receipt.lastDispatchAt()
                                .map(last -> Duration.between(last, receipt.fenceRaisedAt())
                                                .toMillis() + " ms")
                                .orElse("none"),
                        Duration.between(receipt.fenceRaisedAt(), receipt.acknowledgedAt())
                                .toMillis(),
                        receipt.cancelled(),
                        receipt.leftAlone()));
        DemoVerdict verdict = DemoVerdict.of(
                scenario.name(),
                end,
                report,
                model.baseVersion(),
                NEW_VERSION,
                server.view().killSwitches().size());
        screen.report(end, report, Duration.between(began, Instant.now()), verdict);
        return verdict.good();
    }

    /** Until the campaign has ended, or has been stopped and what was under way has come to its end. */
    private CampaignStatus watch(Server server) throws InterruptedException {
        Instant until = Instant.now().plus(LIMIT);
        Instant stoppedAt = Instant.MAX;
        while (true) {
            CampaignStatus status = server.loop().operations().status(CAMPAIGN).orElseThrow();
            screen.show(status);
            boolean stopped = status.campaign().phase() == CampaignPhase.PAUSED;
            if (stopped && stoppedAt.equals(Instant.MAX)) {
                stoppedAt = Instant.now();
                screen.say("campaign   stopped: %s", status.campaign().reason());
            }
            boolean moving = status.phases().stream()
                    .flatMap(wave -> wave.keySet().stream())
                    .anyMatch(phase -> !phase.isFinal() && phase != UpdatePhase.PRE_UPDATING);
            boolean rested = stopped && (!moving || Instant.now().isAfter(stoppedAt.plus(REST_AFTER_STOP)));
            if (status.campaign().phase().isFinal() || rested) {
                return status;
            }
            if (Instant.now().isAfter(until)) {
                throw new CallFailed(
                        ExitCode.FAILED,
                        "the campaign did not end within " + LIMIT.toMinutes() + " minutes: " + status);
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    private static long known(Server server) {
        long count = 0;
        String cursor = "";
        do {
            var page = server.view().devices(device -> device.firmware().known(), cursor, 1000);
            count += page.items().size();
            cursor = page.next();
        } while (!cursor.isEmpty());
        return count;
    }

    private Path signedImage(Scenario scenario, ModuleModel model, PackageSigner.NewKeys keys) throws IOException {
        byte[] payload;
        if (order.firmware().isPresent()) {
            payload = Files.readAllBytes(order.firmware().get());
        } else {
            payload = new byte[IMAGE_BYTES];
            new Random(order.seed()).nextBytes(payload);
        }
        Path image = order.data().resolve("firmware.img");
        Files.write(image, scenario.firmware(payload, NEW_VERSION));
        Path envelope = order.data().resolve("firmware.wgp");
        PackageSigner.Release release = new PackageSigner.Release(
                "demo-firmware",
                FirmwareVersion.of(NEW_VERSION),
                model.manufacturer(),
                model.model(),
                model.hardware(),
                2,
                Optional.empty());
        PackageSigner.Signed signed = PackageSigner.sign(image, release, keys.privateKey(), keys.publicKey(), envelope);
        screen.say(
                "image      %,d bytes of %s, wrapped and signed with Ed25519 key %s",
                payload.length, order.firmware().map(Path::toString).orElse("random firmware"), signed.keyId());
        return envelope;
    }

    private Settings settings() {
        return SettingsReader.parse(
                """
                data-dir: "%1$s/data"
                packages: {trusted-keys: "%1$s/keys"}
                coap: {enabled: true, host: 127.0.0.1, port: 0}
                coaps: {enabled: false}
                http: {host: 127.0.0.1, port: 0}
                rollout: {tick: 50ms}
                """
                        .formatted(order.data()),
                Map.of());
    }

    private void until(Duration limit, BooleanSupplier condition, Supplier<String> otherwise)
            throws InterruptedException {
        Instant end = Instant.now().plus(limit);
        while (!condition.getAsBoolean()) {
            if (Instant.now().isAfter(end)) {
                throw new CallFailed(ExitCode.FAILED, otherwise.get() + " within " + limit.toSeconds() + " s");
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    private static String hours(Duration duration) {
        return duration.toHours() + " h";
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
}
