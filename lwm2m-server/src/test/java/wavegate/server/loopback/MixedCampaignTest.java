package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.WavePlan;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdatePhase;
import wavegate.firmware.update.UpdatePolicy;
import wavegate.firmware.update.UpdatePolicy.DeliveryChoice;
import wavegate.server.rollout.CampaignStatus;
import wavegate.sim.FleetPlan;
import wavegate.sim.FleetReport;
import wavegate.sim.VirtualFleet;
import wavegate.sim.device.DeviceProfile;
import wavegate.sim.device.DeviceReport;
import wavegate.sim.device.DeviceSettings;
import wavegate.sim.device.ImageSeen;
import wavegate.sim.scenario.Scenario;

/**
 * Every kind of client at once on a bad line, one datagram in ten lost each way, with modules that reboot, sleep and change their port: nobody is
 * wedged, nobody runs anything but what was released, and whoever was not updated has the reason that is true of it.
 */
class MixedCampaignTest {
    private static final boolean FULL = Boolean.getBoolean("wavegate.test.full");
    private static final int DEVICES = FULL ? 5000 : 160;
    private static final double FACTOR = FULL ? 250 : 200;
    private static final Duration LIMIT = FULL ? Duration.ofMinutes(15) : Duration.ofSeconds(100);
    /** Of the firmware's own payload. */
    private static final int PAYLOAD = FULL ? 16 * 1024 : 4 * 1024;
    /** Where the line is this bad and the devices this near, nobody waits two seconds before saying a thing again. */
    private static final String ACK_TIMEOUT = "500ms";

    /** What a module shows of a transfer that came to nothing, and what that is called. */
    private static final Map<Integer, String> SHOWN = Map.of(4, "connection-lost", 5, "integrity");

    @TempDir
    private Path directory;

    @Test
    void a_mixed_fleet_on_a_bad_line_ends_whole_and_every_reason_is_true() throws Exception {
        Scenario scenario = scenario();
        Release release = Release.of(directory, scenario, PAYLOAD);
        String settings = "delivery: {ack-timeout: " + ACK_TIMEOUT + "}\nclients: {profiles: clients}\n"
                + "limits: {source-new-names-per-minute: 60000}\n" + ConformanceMatrixTest.profiles(directory);
        long began = System.nanoTime();
        try (WholeServer server = new WholeServer(directory, settings);
                VirtualFleet fleet = VirtualFleet.start(
                        FleetPlan.of(DEVICES, server.server.coapAddress().orElseThrow(), scenario)
                                .withTimeFactor(FACTOR))) {
            await("devices registered and read")
                    .atMost(LIMIT)
                    .until(() -> server.devices().stream()
                                    .filter(device -> device.identity().known())
                                    .count()
                            == DEVICES);
            ConformanceMatrixTest.labelled(server, fleet);
            server.start(campaign(server.upload(release)));
            long started = System.nanoTime();
            try {
                server.endedWithHeldWavesLetThrough(LIMIT);
            } catch (ConditionTimeoutException e) {
                throw new AssertionError("wedged: " + String.join("\n", open(server.updates(), fleet)), e);
            }
            CampaignStatus end = server.status();

            List<Update> updates = server.updates();
            FleetReport report = fleet.report();
            String figures = figures(updates, report, Duration.ofNanos(System.nanoTime() - started), began);
            System.out.println(figures);
            assertThat(end.campaign().phase())
                    .as("%s", figures)
                    .isIn(CampaignPhase.COMPLETED, CampaignPhase.COMPLETED_WITH_FAILURES);
            assertThat(updates).as("%s", figures).hasSize(DEVICES).allMatch(Update::isFinal, "ended");
            assertThat(lies(updates, fleet))
                    .as("devices whose end is not what happened to them; %s", figures)
                    .isEmpty();

            assertThat(report.userDataIntact()).isEqualTo(DEVICES);
            assertThat(report.totals().secondApplies()).isZero();
            assertThat(fleet.images().keySet())
                    .as("images that run")
                    .allMatch(ImageSeen::intact, "are whole")
                    .filteredOn(image -> image.version().equals(Release.VERSION))
                    .extracting(ImageSeen::payloadDigest)
                    .containsExactly(Sha256.of(Release.bytes(PAYLOAD)));
            fleet.close();
            assertThat(server.verified().sound()).isTrue();
        }
    }

    private static Scenario scenario() {
        Scenario mixed = Scenario.named("mixed");
        DeviceSettings.Timing timing = new DeviceSettings.Timing(
                300,
                simulated(FULL ? Duration.ofSeconds(10) : Duration.ofSeconds(4)),
                simulated(FULL ? Duration.ofSeconds(10) : Duration.ofSeconds(1)),
                simulated(Duration.ofMillis(200)),
                simulated(Duration.ofMillis(100)),
                simulated(Duration.ofSeconds(1)),
                Duration.ofSeconds(2));
        return mixed.withTiming(timing).withCoap(new DeviceSettings.Coap(500, 1.5, 4, 5000));
    }

    private static Duration simulated(Duration real) {
        return Duration.ofMillis(Math.round(real.toMillis() * FACTOR));
    }

    /** Patience of the server is longer than what CoAP takes to give a message up. */
    private static CampaignSpec campaign(PackageId image) {
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
                Duration.ofSeconds(60),
                Duration.ofSeconds(30),
                FULL ? Duration.ofSeconds(30) : Duration.ofSeconds(6),
                Duration.ofSeconds(20),
                Duration.ofSeconds(60),
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                FULL ? Duration.ofSeconds(4) : Duration.ofSeconds(1),
                Duration.ofMillis(500),
                Duration.ofSeconds(4),
                FULL ? 5 : 2,
                0,
                50,
                DeliveryChoice.PULL,
                false);
        WavePlan waves = new WavePlan(
                "", 0.05, 20, 0.25, FULL ? List.of(0.3, 1.0) : List.of(1.0), 1, 100, 0.5, Duration.ofSeconds(20));
        return new CampaignSpec("mixed", image, DeviceFilter.ALL, waves, lenient, policy, 1, FULL ? 1000 : DEVICES, 11);
    }

    private static String figures(List<Update> updates, FleetReport report, Duration took, long began) {
        Map<String, Integer> ends = new TreeMap<>();
        Map<Integer, Integer> attempts = new TreeMap<>();
        for (Update update : updates) {
            ends.merge(update.where(), 1, Integer::sum);
            attempts.merge(update.attempt(), 1, Integer::sum);
        }
        return "mixed fleet: %d devices, campaign %d s, in all %d s; ends %s; by attempts %s; %s"
                .formatted(
                        DEVICES,
                        took.toSeconds(),
                        Duration.ofNanos(System.nanoTime() - began).toSeconds(),
                        ends,
                        attempts,
                        report.totals());
    }

    private static Map<String, DeviceReport> truth(VirtualFleet fleet) {
        Map<String, DeviceReport> truth = new HashMap<>();
        fleet.devices().forEach(device -> truth.put(device.endpoint(), device));
        return truth;
    }

    private static List<String> open(List<Update> updates, VirtualFleet fleet) {
        Map<String, DeviceReport> truth = truth(fleet);
        return updates.stream()
                .filter(update -> !update.isFinal())
                .map(update -> told(update, truth.get(update.endpoint().name())))
                .toList();
    }

    private static String told(Update update, DeviceReport device) {
        return "%s %s: %s attempt %d tries %s result %s; the device: %s %s \"%s\" %s"
                .formatted(
                        device.profile(),
                        device.endpoint(),
                        update.where(),
                        update.attempt(),
                        update.tries(),
                        update.lastResult(),
                        device.version(),
                        device.status(),
                        device.lastFailure(),
                        device.counters());
    }

    private static List<String> lies(List<Update> updates, VirtualFleet fleet) {
        Map<String, DeviceReport> truth = truth(fleet);
        List<String> lies = new ArrayList<>();
        for (Update update : updates) {
            DeviceReport device = truth.get(update.endpoint().name());
            boolean onTarget = device.version().equals(Release.VERSION);
            boolean told = (update.phase() == UpdatePhase.SUCCESS) == onTarget;
            if (!told || !isTrue(update, device)) {
                lies.add(told(update, device));
            }
        }
        return lies;
    }

    /** Nothing but its kind, or transfers that were damaged or broken each time, keeps a module from its update in this fleet. */
    private static boolean isTrue(Update update, DeviceReport device) {
        DeviceProfile profile = DeviceProfile.named(device.profile()).orElseThrow();
        Set<String> ends = FieldMatrix.ends(profile, FieldMatrix.Fate.NONE, DeliveryChoice.PULL);
        // A module that crashes before its new firmware has confirmed itself runs the old one again.
        boolean reverted =
                update.phase() == UpdatePhase.ROLLBACK && device.counters().reverts() > 0;
        // One that crashes with an image it does not remember afterwards refuses to execute it.
        boolean refused = update.where().equals("FAILED/execute-refused")
                && device.counters().executes() > device.counters().applies();
        String shown = SHOWN.getOrDefault(device.status().result().code(), "");
        boolean told = update.where().equals("FAILED/" + shown);
        return ends.contains(update.where()) || told || refused || reverted;
    }
}
