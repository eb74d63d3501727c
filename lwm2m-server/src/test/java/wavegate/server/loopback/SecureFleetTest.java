package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import wavegate.bootstrap.BootstrapServer;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.Use;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.UpdatePolicy.DeliveryChoice;
import wavegate.server.api.CampaignJson;
import wavegate.server.rollout.CampaignStatus;
import wavegate.sim.DerivedPsks;
import wavegate.sim.FleetPlan;
import wavegate.sim.FleetReport;
import wavegate.sim.VirtualFleet;
import wavegate.sim.coap.Handshakes;
import wavegate.sim.device.DeviceProfile;
import wavegate.sim.device.DeviceReport;
import wavegate.sim.device.DeviceSettings;
import wavegate.sim.device.FirstContact;
import wavegate.sim.device.ModuleIdentity;
import wavegate.sim.fault.LineFaults;
import wavegate.sim.scenario.Scenario;

/** Virtual modules that know nothing but their bootstrap key, a whole server, and DTLS between them all the way. */
class SecureFleetTest {
    private static final long SEED = 11;
    private static final DerivedPsks FACTORY =
            new DerivedPsks("factory secret, 16+ bytes".getBytes(StandardCharsets.US_ASCII));
    private static final DerivedPsks GIVEN =
            new DerivedPsks("secret of this shard".getBytes(StandardCharsets.US_ASCII));

    /** So that a module's boots are those of its updates. */
    private static final DeviceSettings.Health NO_CRASHES = new DeviceSettings.Health(0, 0, 4, 0.05);

    @TempDir
    private Path data;

    private int coapsPort;
    private int bootstrapPort;
    private long lapFrom;

    @Test
    void a_fleet_comes_from_bootstrap_and_is_updated_by_pull_and_by_push_over_coaps() throws Exception {
        livesThrough(100, 8 << 10);
    }

    @Test
    @EnabledIfSystemProperty(named = "wavegate.test.full", matches = "true")
    void a_thousand_modules_come_from_bootstrap_and_are_updated_by_pull_and_by_push_over_coaps() throws Exception {
        livesThrough(1000, 64 << 10);
    }

    @Test
    @EnabledIfSystemProperty(named = "wavegate.test.full", matches = "true")
    void five_thousand_modules_come_from_bootstrap_and_are_updated_by_pull_and_by_push_over_coaps() throws Exception {
        livesThrough(5000, 16 << 10);
    }

    private void livesThrough(int devices, int imageBytes) throws Exception {
        Scenario scenario =
                trial(devices).scenario("healthy", DeviceProfile.SPEC).withHealth(NO_CRASHES);
        Release pulled = Release.of(data, scenario, imageBytes, "2.0.0", 2);
        Release pushed = Release.of(data, scenario, imageBytes, "3.0.0", 3);
        Provisioned.with(data.resolve("data"), Use.BOOTSTRAP, factoryCredentials(devices));
        coapsPort = freePort();
        bootstrapPort = freePort();
        long heapBefore = usedHeap();
        say("secure fleet of %d", devices);
        try (Restarted server = new Restarted();
                VirtualFleet fleet = VirtualFleet.start(plan(devices, scenario))) {
            lap();
            server.now.knows(devices, Duration.ofMinutes(3));
            figure("bootstrapped, registered and read", devices);
            came(devices, fleet, server.now);
            say("heap of modules and both servers %.1f kB a device", (usedHeap() - heapBefore) / 1024.0 / devices);

            lap();
            assertThat(server.now.server.coapAddress()).as("plain coap").isEmpty();
            update(server.now, "by-pull", server.now.upload(pulled), DeliveryChoice.PULL, devices);
            figure("campaign by pull", devices);
            update(server.now, "by-push", server.now.upload(pushed), DeliveryChoice.PUSH, devices);
            figure("campaign by push", devices);
            updated(devices, fleet.report());

            Handshakes before = fleet.report().handshakes();
            lap();
            server.again();
            answeredAgain(server.now, fleet, devices);
            figure("server restarted and every module updated its registration", devices);
            assertThat(fleet.report().handshakes()).isEqualTo(before);
            say("%s, none of them by the restart", before);
        }
    }

    /** A server that can be closed and opened again over the same data and port. */
    private final class Restarted implements AutoCloseable {
        WholeServer now = withBootstrap();

        Restarted() throws IOException {}

        void again() throws IOException {
            now.close();
            now = withBootstrap();
        }

        @Override
        public void close() {
            now.close();
        }
    }

    private static void updated(int devices, FleetReport report) {
        assertThat(report.running("3.0.0")).isEqualTo(devices);
        assertThat(report.totals().applies()).isEqualTo(2L * devices);
        assertThat(report.totals().secondApplies()).isZero();
        assertThat(report.userDataIntact()).isEqualTo(devices);
        // Bootstrapped once, and not again after the reboots; one handshake for that and one after each boot.
        assertThat(report.totals().bootstraps()).isEqualTo(devices);
        assertThat(report.handshakes().full())
                .isEqualTo(devices + report.totals().boots());
        assertThat(report.handshakes().failed()).isZero();
    }

    /** Asks every module for a Registration Update, and waits until each has had one answered. */
    private static void answeredAgain(WholeServer server, VirtualFleet fleet, int devices) {
        long registrations = fleet.report().totals().registrations();
        Map<String, Long> before = fleet.devices().stream()
                .collect(Collectors.toMap(
                        DeviceReport::endpoint, device -> device.counters().registrationUpdates()));
        before.keySet().forEach(endpoint -> server.server.loop().operations().wake(new Endpoint(endpoint)));
        await("updates").atMost(Duration.ofSeconds(30 + devices / 20)).untilAsserted(() -> assertThat(
                        fleet.devices().stream()
                                .filter(device ->
                                        device.counters().registrationUpdates() > before.get(device.endpoint())))
                .hasSize(devices));
        assertThat(fleet.report().totals().registrations()).isEqualTo(registrations);
    }

    /** Every module was told its server by the bootstrap server and came to it with the key it was given. */
    private void came(int devices, VirtualFleet fleet, WholeServer server) {
        FleetReport report = fleet.report();
        assertThat(report.totals().bootstraps()).isEqualTo(devices);
        BootstrapServer bootstrap = server.server.bootstrap().orElseThrow();
        // A module goes on at its answer to the Finish; the server counts the dialogue when that answer is taken up.
        await("dialogues counted").atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(bootstrap.completed())
                .isEqualTo(devices));
        assertThat(bootstrap.failed()).isZero();
        assertThat(fleet.devices()).extracting(DeviceReport::server).containsOnly("coaps://127.0.0.1:" + coapsPort);
        assertThat(report.handshakes().full()).isEqualTo(2L * devices);
        assertThat(report.handshakes().failed()).isZero();
    }

    /** What the modules leave the factory with. Their keys for the server are made when they come. */
    private static Credential[] factoryCredentials(int devices) {
        Credential[] all = new Credential[devices];
        for (int i = 0; i < devices; i++) {
            String endpoint = ModuleIdentity.endpoint(SEED, i);
            all[i] = new Credential.Psk(endpoint, endpoint, FACTORY.key(endpoint));
        }
        return all;
    }

    /** A server that makes accounts for all who prove a factory credential, and is the shard they are sent to. */
    private WholeServer withBootstrap() throws IOException {
        Path file = Files.writeString(
                data.resolve("bootstrap.yaml"),
                """
                coaps: {port: %d}
                limits: {sessions-per-minute: 60000}
                rules:
                  - {name: factory, match: "*", lifetime: 300}
                """
                        .formatted(bootstrapPort));
        // Without NoSec, so that a Package URI of any other scheme than coaps leads nowhere.
        return new WholeServer(
                data, coapsPort, "coap: {enabled: false}\nbootstrap: {enabled: true, file: \"" + file + "\"}");
    }

    private FleetPlan plan(int devices, Scenario scenario) {
        FirstContact first = new FirstContact(new InetSocketAddress("127.0.0.1", bootstrapPort), true, true);
        return FleetPlan.of(devices, first, FACTORY, scenario).withSeed(SEED).withTimeFactor(Trial.FACTOR);
    }

    private static void update(WholeServer server, String name, PackageId image, DeliveryChoice delivery, int devices)
            throws IOException {
        CampaignId id = new CampaignId(name);
        CampaignSpec spec = trial(devices).campaign(image, devices / 5, List.of(1.0), Math.min(devices, 500), delivery);
        ObjectNode json = CampaignJson.write(spec);
        json.put("id", id.value());
        server.rest.post("/campaigns", json.toString());
        server.rest.post("/campaigns/" + id + "/actions/start", "{}");
        await(name)
                .atMost(Duration.ofSeconds(30 + devices / 10))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    CampaignStatus status =
                            server.server.loop().operations().status(id).orElseThrow();
                    letHeldWavesThrough(server, status);
                    return status.campaign().phase() == CampaignPhase.COMPLETED;
                });
    }

    /** Healthy modules prove nothing within seconds; an operator looks at each wave and lets it go on. */
    private static void letHeldWavesThrough(WholeServer server, CampaignStatus status) throws IOException {
        for (Wave wave : status.campaign().waves()) {
            if (wave.phase() == WavePhase.HELD) {
                server.rest.ask(
                        "/campaigns/" + status.campaign().id() + "/waves/" + wave.index() + "/actions/decide",
                        "{\"verdict\": \"PASS\", \"reason\": \"looked at\"}");
            }
        }
    }

    @Test
    void modules_whose_port_changes_under_way_go_on_in_their_session() throws Exception {
        int devices = 50;
        Scenario still = trial(devices).scenario("healthy", DeviceProfile.SPEC).withHealth(NO_CRASHES);
        DeviceSettings.Faults rebinds = new DeviceSettings.Faults(
                0, 0, 0, Duration.ZERO, Duration.ZERO, Duration.ofMillis(Math.round(1500 * Trial.FACTOR)));
        Scenario scenario = new Scenario(
                still.name(),
                still.description(),
                still.population(),
                new DeviceSettings.Timing(
                        still.timing().lifetimeSeconds(),
                        Duration.ofMillis(Math.round(300 * Trial.FACTOR)),
                        still.timing().telemetryPeriod(),
                        still.timing().applyDelay(),
                        still.timing().bootTime(),
                        still.timing().retryAfter(),
                        still.timing().awake()),
                still.health(),
                new DeviceSettings.Coap(500, 1.5, 4, 5000),
                new Scenario.Misfortune(LineFaults.NONE, rebinds),
                still.image());
        Provisioned.with(data.resolve("data"), withEndpointAsIdentity(devices));
        coapsPort = freePort();
        FirstContact server = new FirstContact(new InetSocketAddress("127.0.0.1", coapsPort), true, false);
        FleetPlan plan =
                FleetPlan.of(devices, server, GIVEN, scenario).withSeed(SEED).withTimeFactor(Trial.FACTOR);
        try (WholeServer whole = new WholeServer(data, coapsPort, "");
                VirtualFleet fleet = VirtualFleet.start(plan)) {
            Map<String, Set<InetSocketAddress>> seen = new HashMap<>();
            await("two addresses of each").atMost(Duration.ofSeconds(30)).until(() -> {
                whole.server.sessions().forEach(session -> {
                    seen.computeIfAbsent(session.endpoint().name(), name -> new HashSet<>())
                            .add(session.address());
                    return true;
                });
                return seen.values().stream()
                                .filter(addresses -> addresses.size() == 2)
                                .count()
                        == devices;
            });

            // A handshake whose device changes its port in the midst may fail, and is begun again.
            Handshakes handshakes = fleet.report().handshakes();
            assertThat(handshakes.full() + handshakes.resumed()).isEqualTo(devices);
            assertThat(fleet.report().totals().registrations()).isEqualTo(devices);
        }
    }

    private static Credential[] withEndpointAsIdentity(int devices) {
        Credential[] all = new Credential[devices];
        for (int i = 0; i < devices; i++) {
            String endpoint = ModuleIdentity.endpoint(SEED, i);
            all[i] = new Credential.Psk(endpoint, endpoint, GIVEN.key(endpoint));
        }
        return all;
    }

    private void lap() {
        lapFrom = System.nanoTime();
    }

    private void figure(String what, int devices) {
        double seconds = (System.nanoTime() - lapFrom) / 1e9;
        say("%s: %.1f s, %.0f devices/s", what, seconds, devices / seconds);
        lap();
    }

    private static void say(String format, Object... values) {
        System.out.printf(Locale.ROOT, format + "%n", values);
    }

    /** At most a thousand Sends a second from all modules together. */
    private static Trial trial(int devices) {
        Duration telemetry = Duration.ofMillis(Math.max(300, devices));
        return new Trial(telemetry, telemetry.multipliedBy(5).dividedBy(3), 0.02);
    }

    private static long usedHeap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static int freePort() throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
