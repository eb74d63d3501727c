package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.campaign.WavePlan;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdatePhase;
import wavegate.firmware.update.UpdatePolicy;
import wavegate.firmware.update.UpdatePolicy.DeliveryChoice;
import wavegate.server.api.CampaignJson;
import wavegate.sim.FleetPlan;
import wavegate.sim.VirtualFleet;
import wavegate.sim.device.DeviceProfile;
import wavegate.sim.device.DeviceReport;
import wavegate.sim.device.DeviceSettings;
import wavegate.sim.fault.LineFaults;
import wavegate.sim.scenario.Region;
import wavegate.sim.scenario.Scenario;
import wavegate.sim.scenario.Weighted;

/**
 * Every client of the field through success and through every failure it can show, by pull and by push, over real CoAP: one fleet in which each
 * region has a fate of its own, and two campaigns, one for each half of the modules. Half of the known clients are driven by their profiles,
 * set by an operator, the other half as clients nobody knows. The table is written to {@code target/conformance-matrix.txt}.
 */
class ConformanceMatrixTest {
    private static final boolean FULL = Boolean.getBoolean("wavegate.test.full");
    /** Small fleets one after another: time runs so fast here that a crowd would miss its moments, and the misses would tell of nothing else. */
    private static final int FLEETS = FULL ? 16 : 1;

    private static final int DEVICES = 375;
    private static final Duration LIMIT = Duration.ofMinutes(3);
    /** No module reboots but for its fate: a client that forgets its result at a boot could not tell it. */
    private static final Trial CALM = new Trial(Duration.ofMillis(500), Duration.ofSeconds(4), 0);

    private static final String PULLED = "pulled";
    private static final String PUSHED = "pushed";

    @TempDir
    private Path directory;

    @Test
    void every_client_ends_as_its_fate_says_by_pull_and_by_push() throws Exception {
        FieldMatrix matrix = new FieldMatrix();
        List<String> lies = new ArrayList<>();
        for (int fleet = 0; fleet < FLEETS; fleet++) {
            run(fleet, Files.createDirectory(directory.resolve("fleet-" + fleet)), matrix, lies);
        }
        String table = matrix.table(DeviceProfile.ALL);
        Files.writeString(Path.of("target", "conformance-matrix.txt"), table);
        System.out.println(table);
        assertThat(lies).as("devices whose end is not what happened to them").isEmpty();
        assertThat(matrix.uncovered(DeviceProfile.ALL, FULL))
                .as("cells, or in the short form clients and fates, nobody met")
                .isEmpty();
    }

    private static void run(long seed, Path directory, FieldMatrix matrix, List<String> lies) throws Exception {
        Scenario scenario = scenario();
        Release release = Release.of(directory, scenario, 4 * 1024);
        try (WholeServer server = new WholeServer(
                        directory,
                        "clients: {profiles: clients}\nlimits: {source-new-names-per-minute: 60000}\n"
                                + profiles(directory));
                VirtualFleet fleet = VirtualFleet.start(
                        FleetPlan.of(DEVICES, server.server.coapAddress().orElseThrow(), scenario)
                                .withSeed(seed + 1)
                                .withTimeFactor(Trial.FACTOR))) {
            await("devices registered")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> server.devices().stream()
                                    .filter(device -> device.identity().known())
                                    .count()
                            == DEVICES);
            labelled(server, fleet);
            await("versions known").atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                            server.devices().stream()
                                    .filter(device ->
                                            device.labels().clientProfile().equals(Optional.of("package-version")))
                                    .filter(device -> !device.firmware().known()))
                    .isEmpty());
            PackageId image = server.upload(release);
            start(server, PULLED, image, DeliveryChoice.PULL);
            start(server, PUSHED, image, DeliveryChoice.PUSH);
            ended(server, PULLED);
            ended(server, PUSHED);

            Map<String, DeviceReport> truth = new HashMap<>();
            fleet.devices().forEach(device -> truth.put(device.endpoint(), device));
            judge(updates(server, PULLED), DeliveryChoice.PULL, truth, matrix, lies);
            judge(updates(server, PUSHED), DeliveryChoice.PUSH, truth, matrix, lies);
            assertThat(fleet.report().totals().secondApplies()).isZero();
        }
    }

    private static Scenario scenario() {
        return scenario(List.of(FieldMatrix.Fate.values()), DeviceProfile.ALL);
    }

    /** A healthy fleet of these clients in as many regions as there are fates. */
    static Scenario scenario(List<FieldMatrix.Fate> fates, List<DeviceProfile> clients) {
        return scenario(fates, clients, List.of(PULLED, PUSHED));
    }

    /** The same with these carriers, which campaigns can choose by. */
    static Scenario scenario(List<FieldMatrix.Fate> fates, List<DeviceProfile> clients, List<String> carriers) {
        Scenario base = Trial.restless(CALM.scenario("healthy"));
        List<Weighted<Region>> regions = fates.stream()
                .map(fate -> new Weighted<>(
                        new Region(
                                fate.region(),
                                carriers.stream()
                                        .map(carrier -> new Weighted<>(carrier, 1))
                                        .toList()),
                        1))
                .toList();
        List<Scenario.Segment> segments = fates.stream()
                .map(fate -> new Scenario.Segment(
                        fate.region(),
                        "",
                        "",
                        "",
                        new Scenario.Misfortune(
                                LineFaults.NONE, DeviceSettings.Faults.NONE, fate.failures, List.of(), List.of())))
                .toList();
        List<Weighted<DeviceProfile>> profiles =
                clients.stream().map(profile -> new Weighted<>(profile, 1)).toList();
        return new Scenario(
                base.name(),
                base.description(),
                new Scenario.Population(regions, base.population().models(), profiles),
                base.timing(),
                base.health(),
                base.coap(),
                new Scenario.Misfortune(
                        LineFaults.NONE,
                        DeviceSettings.Faults.NONE,
                        wavegate.sim.device.Failures.NONE,
                        List.of(),
                        segments),
                base.image());
    }

    /** A profile of the operator's own, for the modules that say what they run in PkgVersion alone. @return nothing more to set */
    static String profiles(Path directory) throws IOException {
        Path folder = Files.createDirectories(directory.resolve("data").resolve("clients"));
        String spec = Files.readString(Path.of("..", "config", "clients", "spec.yaml"));
        Files.writeString(
                folder.resolve("package-version.yaml"),
                spec.replace("name: spec", "name: package-version")
                        .replace("version: firmware-version", "version: pkg-version"));
        return "";
    }

    /** Every second module of a family that has a profile is given it by an operator, and all that say their version elsewhere. */
    static void labelled(WholeServer server, VirtualFleet fleet) throws Exception {
        List<String> known = List.of("spec", "anjay", "anjay-lite", "zephyr", "nrf", "wakaama", "modem");
        int nth = 0;
        for (DeviceReport device : fleet.devices()) {
            boolean must = device.profile().equals("package-version");
            if (must || (known.contains(device.profile()) && nth++ % 2 == 0)) {
                Labels labels = new Labels("", "", new TreeSet<>(), Optional.of(device.profile()));
                server.server
                        .loop()
                        .operations()
                        .label(new Endpoint(device.endpoint()), labels, "operator")
                        .get();
            }
        }
    }

    static void start(WholeServer server, String carrier, PackageId image, DeliveryChoice delivery) throws IOException {
        GatePolicy g = Trial.QUICK.gate();
        GatePolicy lenient = new GatePolicy(
                g.preWindow(),
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                g.settle(),
                g.coverage(),
                g.maxRatio(),
                g.crashAlpha(),
                g.driftAlpha(),
                g.laterAlpha(),
                g.minDrift(),
                g.looks(),
                g.minPerArm(),
                1,
                1,
                false);
        UpdatePolicy policy = new UpdatePolicy(
                Duration.ofSeconds(15),
                Duration.ofSeconds(6),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                Duration.ofSeconds(1),
                Duration.ofMillis(300),
                Duration.ofSeconds(2),
                2,
                0,
                50,
                delivery,
                false);
        WavePlan waves = new WavePlan("", 0.25, 25, 0.25, List.of(1.0), 1, 25, 0.5, Duration.ofSeconds(8));
        DeviceFilter all = DeviceFilter.ALL;
        DeviceFilter carried = new DeviceFilter(
                all.regions(),
                new TreeSet<>(List.of(carrier)),
                all.tags(),
                all.manufacturers(),
                all.models(),
                all.hardware(),
                all.versions());
        CampaignSpec spec = new CampaignSpec(carrier, image, carried, waves, lenient, policy, 1, DEVICES, 7);
        ObjectNode json = CampaignJson.write(spec);
        json.put("id", carrier);
        server.rest.post("/campaigns", json.toString());
        server.rest.post("/campaigns/" + carrier + "/actions/start", "{}");
    }

    static void ended(WholeServer server, String campaign) {
        CampaignId id = new CampaignId(campaign);
        await("campaign " + campaign + " ended")
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> {
                    for (Wave wave : server.server
                            .loop()
                            .operations()
                            .status(id)
                            .orElseThrow()
                            .campaign()
                            .waves()) {
                        if (wave.phase() == WavePhase.HELD) {
                            server.rest.ask(
                                    "/campaigns/" + campaign + "/waves/" + wave.index() + "/actions/decide",
                                    "{\"verdict\": \"PASS\", \"reason\": \"looked at\"}");
                        }
                    }
                    assertThat(server.server
                                    .loop()
                                    .operations()
                                    .status(id)
                                    .orElseThrow()
                                    .campaign()
                                    .phase()
                                    .isFinal())
                            .as("%s", server.server.loop().operations().status(id))
                            .isTrue();
                });
    }

    static List<Update> updates(WholeServer server, String campaign) {
        List<Update> all = new ArrayList<>();
        String cursor = "";
        do {
            var page = server.server.view().updates(new CampaignId(campaign), update -> true, cursor, 1000);
            all.addAll(page.items());
            cursor = page.next();
        } while (!cursor.isEmpty());
        return all;
    }

    private static void judge(
            List<Update> updates,
            DeliveryChoice wished,
            Map<String, DeviceReport> truth,
            FieldMatrix matrix,
            List<String> lies) {
        for (Update update : updates) {
            DeviceReport device = truth.get(update.endpoint().name());
            DeviceProfile profile = DeviceProfile.named(device.profile()).orElseThrow();
            FieldMatrix.Fate fate = FieldMatrix.Fate.of(device.identity().region());
            matrix.note(profile.name(), fate.region(), wished, update.where());
            boolean expected = FieldMatrix.ends(profile, fate, wished).contains(update.where());
            boolean onTarget = device.version().equals(Release.VERSION);
            boolean told = (update.phase() == UpdatePhase.SUCCESS) == onTarget || device.bricked();
            if (!expected || !told || !device.userDataIntact()) {
                lies.add(profile.name() + " by " + wished + ", " + fate.region() + ": " + update.where() + " attempt "
                        + update.attempt() + " result " + update.lastResult() + ", expected "
                        + FieldMatrix.ends(profile, fate, wished) + "; the device: " + device.version() + " "
                        + device.status() + " " + device.lastFailure());
            }
        }
    }
}
