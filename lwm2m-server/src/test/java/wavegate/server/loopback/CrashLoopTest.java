package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.firmware.update.UpdatePolicy.DeliveryChoice;
import wavegate.server.api.CampaignJson;
import wavegate.server.ledger.LedgerReport;
import wavegate.server.ledger.LedgerVerifier;
import wavegate.sim.FleetPlan;
import wavegate.sim.FleetReport;
import wavegate.sim.VirtualFleet;
import wavegate.sim.device.DeviceProfile;
import wavegate.sim.device.DeviceReport;
import wavegate.sim.device.DeviceSettings;
import wavegate.sim.scenario.Scenario;

/**
 * A server that is killed with SIGKILL again and again while a campaign runs, and started on the same data and ports. What it had answered
 * before a kill must hold after it, and no device may be given an image twice.
 */
class CrashLoopTest {
    private static final boolean FULL = Boolean.getBoolean("wavegate.test.full");
    private static final int KILLS = FULL ? 100 : 20;
    private static final int DEVICES = 500;
    private static final int IN_FLIGHT = 10;

    private static final String TOKEN = "a-token-for-tests";
    private static final Trial TRIAL = new Trial(Duration.ofSeconds(1), Duration.ofSeconds(3), 0.3);
    /** So short that a device gives a dead server up within three seconds. */
    private static final DeviceSettings.Coap IMPATIENT = new DeviceSettings.Coap(400, 1.5, 2, 2000);

    @TempDir
    private Path directory;

    private final long seed = Long.getLong("wavegate.test.seed", 20261123);
    private final SplittableRandom random = new SplittableRandom(seed);
    private final List<Long> restarts = new ArrayList<>();
    private final Map<String, JsonNode> acknowledgedEnds = new TreeMap<>();
    private final Map<String, String> acknowledgedTags = new TreeMap<>();
    private Path data;
    private Path output;
    private Rest rest;
    private Map<String, String> environment;
    private ChildServer server;
    /** However fast the machine is, the campaign is to outlast the kills: it is paused while more devices than this have ended. */
    private int mostEnds;

    @Test
    void whatever_was_acknowledged_outlives_a_kill_and_nothing_is_applied_twice() throws Exception {
        data = Files.createDirectories(directory.resolve("data"));
        output = directory.resolve("server.log");
        int coapPort = ServerUnderTest.freePort();
        int httpPort = ChildServer.freeTcpPort();
        rest = new Rest(httpPort, TOKEN);
        environment = ChildServer.withoutDtls(data, TOKEN, coapPort, httpPort);
        Scenario scenario = TRIAL.scenario(
                Scenario.named("healthy"),
                IMPATIENT,
                Duration.ofMillis(300),
                DeviceProfile.SPEC,
                DeviceProfile.PUSH_ONLY,
                DeviceProfile.ANJAY);
        Release release = Release.of(directory, scenario, 32 * 1024);
        Files.move(directory.resolve("keys"), data.resolve("keys"));
        FleetPlan plan = FleetPlan.of(
                        DEVICES, new InetSocketAddress(InetAddress.getLoopbackAddress(), coapPort), scenario)
                .withTimeFactor(Trial.FACTOR);

        server = started();
        try (VirtualFleet fleet = VirtualFleet.start(plan)) {
            begin(release);
            int kills = 0;
            while (kills < KILLS) {
                killedAtRandom(kills);
                kills++;
                assertThat(over())
                        .as("the campaign was over after %d kills", kills)
                        .isFalse();
            }
            mostEnds = DEVICES;
            await("campaign over")
                    .atMost(Duration.ofMinutes(3))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> {
                        look();
                        return over();
                    });
            everyDeviceEndedOnce(fleet);
            viewIsWhatTheLedgerSays();
        } finally {
            server.close();
        }
        System.out.printf(
                "crash loop: seed %d, %d kills, %d torn tails cut, %d ends and %d labels acknowledged on the way,"
                        + " restart median %d ms, longest %d ms%n",
                seed,
                KILLS,
                occurrences("ledger cut a torn tail"),
                acknowledgedEnds.size(),
                acknowledgedTags.size(),
                restarts.get(restarts.size() / 2),
                restarts.get(restarts.size() - 1));
    }

    private ChildServer started() throws IOException {
        ChildServer server = ChildServer.start(output, environment);
        server.answers(rest);
        return server;
    }

    private void begin(Release release) throws IOException {
        await("fleet known")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> rest.all("/devices?limit=1000").stream()
                                .filter(device ->
                                        !device.path("firmware").asText().isEmpty())
                                .count()
                        == DEVICES);
        String id = rest.upload(release.envelope()).path("id").asText();
        ObjectNode spec = CampaignJson.write(TRIAL.campaign(
                new wavegate.firmware.pkg.PackageId(id), 40, List.of(1.0), IN_FLIGHT, DeliveryChoice.PULL));
        spec.put("id", "trial");
        rest.post("/campaigns", spec.toString());
        rest.post("/campaigns/trial/actions/start", "{}");
    }

    /** Every fourth time the server is killed while it starts; else after it has answered for a while. */
    private void killedAtRandom(int round) throws Exception {
        Duration life = Duration.ofMillis(random.nextInt(300, 2800));
        long until = System.nanoTime() + life.toNanos();
        mostEnds = DEVICES * (round + 1) / (KILLS * 3 / 2);
        await("moment of the kill")
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    look();
                    return System.nanoTime() > until;
                });
        label(round);
        server.kill();
        if (round % 4 == 3) {
            Duration early = Duration.ofMillis(random.nextInt(100, 2500));
            try (ChildServer stillborn = ChildServer.start(output, environment)) {
                await().atMost(Duration.ofSeconds(10))
                        .pollInterval(Duration.ofMillis(10))
                        .until(() -> stillborn.age().compareTo(early) > 0);
                stillborn.kill();
            }
        }
        server = ChildServer.start(output, environment);
        restarts.add(server.answers(rest).toMillis());
        Collections.sort(restarts);
        look();
        labelsStand();
    }

    /** Reads every end and holds it against what was read before; lets a held wave through, and keeps the pace, as an operator may. */
    private void look() throws IOException {
        Map<String, JsonNode> ends = ends();
        acknowledgedEnds.forEach((endpoint, before) -> assertThat(ends.get(endpoint))
                .as("end of %s, seed %d", endpoint, seed)
                .isEqualTo(before));
        acknowledgedEnds.putAll(ends);
        JsonNode campaign = rest.get("/campaigns/trial");
        boolean held = false;
        for (JsonNode wave : campaign.path("waves")) {
            if (wave.path("phase").asText().equals("HELD")) {
                held = true;
                rest.ask(
                        "/campaigns/trial/waves/" + wave.path("index").asInt() + "/actions/decide",
                        "{\"verdict\": \"PASS\", \"reason\": \"the server was down\"}");
            }
        }
        String phase = campaign.path("phase").asText();
        if (phase.equals("RUNNING") && ends.size() > mostEnds) {
            rest.ask("/campaigns/trial/actions/pause", "{\"reason\": \"ahead of the kills\"}");
        } else if (phase.equals("PAUSED") && !held && ends.size() <= mostEnds) {
            rest.ask("/campaigns/trial/actions/resume", "{}");
        }
    }

    private Map<String, JsonNode> ends() throws IOException {
        Map<String, JsonNode> ends = new HashMap<>();
        for (JsonNode update : rest.all("/campaigns/trial/updates?limit=1000")) {
            if (update.path("final").asBoolean()) {
                assertThat(ends.put(update.path("endpoint").asText(), update)).isNull();
            }
        }
        return ends;
    }

    /** An order just before the kill: its answer is a promise. */
    private void label(int round) throws IOException {
        JsonNode device = rest.get("/devices?limit=1000").path("items").get(random.nextInt(DEVICES));
        String endpoint = device.path("endpoint").asText();
        String tag = "round-" + round;
        rest.patch("/devices/" + endpoint, "{\"tags\": [\"" + tag + "\"]}");
        acknowledgedTags.put(endpoint, tag);
    }

    private void labelsStand() throws IOException {
        for (Map.Entry<String, String> tag : acknowledgedTags.entrySet()) {
            assertThat(rest.get("/devices/" + tag.getKey())
                            .at("/operatorLabels/tags/0")
                            .asText())
                    .as("label of %s, seed %d", tag.getKey(), seed)
                    .isEqualTo(tag.getValue());
        }
    }

    private boolean over() throws IOException {
        return rest.get("/campaigns/trial").path("phase").asText().startsWith("COMPLETED");
    }

    private void everyDeviceEndedOnce(VirtualFleet fleet) throws IOException {
        Map<String, JsonNode> ends = ends();
        Set<String> endpoints =
                fleet.devices().stream().map(DeviceReport::endpoint).collect(Collectors.toSet());
        assertThat(ends.keySet()).isEqualTo(endpoints);
        for (DeviceReport device : fleet.devices()) {
            JsonNode end = ends.get(device.endpoint());
            boolean updated = end.path("phase").asText().equals("SUCCESS");
            assertThat(device.version())
                    .as("%s, device %s, seed %d", end, device, seed)
                    .isEqualTo(updated ? Release.VERSION : "1.0.0");
        }
        FleetReport report = fleet.report();
        assertThat(report.totals().secondApplies()).isZero();
        assertThat(report.userDataIntact()).isEqualTo(DEVICES);
        assertThat(report.running(Release.VERSION))
                .as("%s", rest.get("/campaigns/trial").path("reasons"))
                .isGreaterThanOrEqualTo(DEVICES * 95 / 100);
    }

    private void viewIsWhatTheLedgerSays() throws Exception {
        server.terminate();
        LedgerReport ledger = LedgerVerifier.verify(data.resolve("ledger"));
        assertThat(ledger.fault()).isEmpty();
        assertThat(ledger.tornTail()).isEmpty();

        List<String> reopened;
        try (ChildServer again = started()) {
            assertThat(output()).endsWith("as it was closed");
            reopened = everything();
            again.terminate();
        }
        Files.delete(data.resolve("view.mapdb"));
        try (ChildServer again = started()) {
            assertThat(output()).doesNotEndWith("as it was closed");
            assertThat(everything()).isEqualTo(reopened);
        }
    }

    /** What the server has said of its view last. */
    private String output() throws IOException {
        String all = Files.readString(output);
        String line = all.substring(all.lastIndexOf("view open"));
        return line.substring(0, line.indexOf('\n')).strip();
    }

    private long occurrences(String text) throws IOException {
        return Files.readString(output)
                .lines()
                .filter(line -> line.contains(text))
                .count();
    }

    /** Every row an operator can read, but for what belongs to the moment: sessions, and devices' own reports. */
    private List<String> everything() throws IOException {
        List<String> rows = new ArrayList<>();
        for (JsonNode device : rest.all("/devices?limit=1000")) {
            ((ObjectNode) device).remove("session");
            rows.add(device.toString());
        }
        rest.all("/campaigns/trial/updates?limit=1000").forEach(update -> rows.add(update.toString()));
        rest.get("/campaigns/trial/gates?limit=200").path("items").forEach(gate -> rows.add(gate.toString()));
        ObjectNode campaign = (ObjectNode) rest.get("/campaigns/trial");
        campaign.remove(new TreeSet<>(Set.of("at", "gate")));
        rows.add(campaign.toString());
        rest.get("/packages").path("items").forEach(each -> rows.add(each.toString()));
        return rows;
    }
}
