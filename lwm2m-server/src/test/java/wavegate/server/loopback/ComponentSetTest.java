package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdatePolicy.DeliveryChoice;
import wavegate.sim.FleetPlan;
import wavegate.sim.VirtualFleet;
import wavegate.sim.device.DeviceProfile;
import wavegate.sim.device.DeviceReport;
import wavegate.sim.device.ImageSpec;
import wavegate.sim.scenario.Scenario;

/** A package for several components of Object 33629 over real CoAP: all of them run the new firmware, or none, or the end says which. */
class ComponentSetTest {
    private static final int DEVICES = 320;
    private static final String OLD = "1.0.0";
    private static final String NEW_MODEM = "1.4.0";

    private static final String PULLED = "pulled";
    private static final String PUSHED = "pushed";
    /** Whose modem image does not boot. */
    private static final String BROKEN = "broken";
    /** Whose package is for components that rule each other out. */
    private static final String RULED_OUT = "ruled-out";
    /** Whose package is for three components. */
    private static final String THREE = "three";

    private static final List<DeviceProfile> CLIENTS = List.of(
            DeviceProfile.COMPONENTS,
            DeviceProfile.COMPONENTS_2,
            DeviceProfile.COMPONENTS_4,
            DeviceProfile.COMPONENTS_LOOSE);
    private static final List<FieldMatrix.Fate> FATES = List.of(
            FieldMatrix.Fate.NONE,
            FieldMatrix.Fate.NO_FLASH,
            FieldMatrix.Fate.DAMAGED,
            FieldMatrix.Fate.CONFLICTING,
            FieldMatrix.Fate.DEPENDENT,
            FieldMatrix.Fate.INSTALL_FAILS,
            FieldMatrix.Fate.REVERTS);

    @TempDir
    private Path directory;

    private static ImageSpec image(Scenario scenario, String component, String version) {
        String layout = scenario.population().models().get(0).value().partitionLayout();
        return ImageSpec.good(version, layout).forComponent(component);
    }

    @Test
    void components_are_updated_together_or_not_at_all_and_the_end_says_which() throws Exception {
        Scenario scenario =
                ConformanceMatrixTest.scenario(FATES, CLIENTS, List.of(PULLED, PUSHED, BROKEN, RULED_OUT, THREE));
        ImageSpec application = image(scenario, "application", Release.VERSION);
        ImageSpec modem = image(scenario, "modem", NEW_MODEM);
        List<Release> releases = List.of(
                Release.ofComponents(directory, scenario, 4096, 1, List.of(application, modem)),
                Release.ofComponents(directory, scenario, 4096, 2, List.of(application, modem.thatFailsToBoot())),
                Release.ofComponents(
                        directory, scenario, 4096, 3, List.of(application, image(scenario, "bootloader", "3.0"))),
                Release.ofComponents(
                        directory, scenario, 4096, 4, List.of(image(scenario, "sensors", "9.1"), application, modem)));
        try (WholeServer server = new WholeServer(directory, "limits: {source-new-names-per-minute: 60000}\n");
                VirtualFleet fleet = VirtualFleet.start(
                        FleetPlan.of(DEVICES, server.server.coapAddress().orElseThrow(), scenario)
                                .withTimeFactor(Trial.FACTOR))) {
            registered(server, DEVICES);
            var good = server.upload(releases.get(0));
            ConformanceMatrixTest.start(server, PULLED, good, DeliveryChoice.PULL);
            ConformanceMatrixTest.start(server, PUSHED, good, DeliveryChoice.PUSH);
            ConformanceMatrixTest.start(server, BROKEN, server.upload(releases.get(1)), DeliveryChoice.PULL);
            ConformanceMatrixTest.start(server, RULED_OUT, server.upload(releases.get(2)), DeliveryChoice.PULL);
            ConformanceMatrixTest.start(server, THREE, server.upload(releases.get(3)), DeliveryChoice.PUSH);
            List<String> carriers = List.of(PULLED, PUSHED, BROKEN, RULED_OUT, THREE);
            carriers.forEach(carrier -> ConformanceMatrixTest.ended(server, carrier));

            Map<String, DeviceReport> truth = new HashMap<>();
            fleet.devices().forEach(device -> truth.put(device.endpoint(), device));
            List<String> lies = new ArrayList<>();
            Set<String> seen = new TreeSet<>();
            for (String carrier : carriers) {
                for (Update update : ConformanceMatrixTest.updates(server, carrier)) {
                    DeviceReport device = truth.get(update.endpoint().name());
                    FieldMatrix.Fate fate =
                            FieldMatrix.Fate.of(device.identity().region());
                    String told = carrier + " " + device.profile() + " " + fate + ": " + update.where() + " result "
                            + update.lastResult().code() + " note "
                            + update.note().orElse("") + ", runs "
                            + device.components();
                    if (!ends(carrier, device.profile(), fate).contains(update.where()) || !isTrue(update, device)) {
                        lies.add(told);
                    }
                    seen.add(carrier + " " + update.where());
                    seen.add(device.profile() + " " + update.where());
                }
            }
            assertThat(lies)
                    .as("devices whose end is not what happened to them")
                    .isEmpty();
            assertThat(seen)
                    .contains(
                            "pulled SUCCESS/healthy",
                            "pushed SUCCESS/healthy",
                            "pulled FAILED/integrity",
                            "pushed FAILED/dependency",
                            "pulled FAILED/conflicting-state",
                            "broken FAILED/partly-updated",
                            "broken ROLLBACK/update-failed",
                            "ruled-out SKIPPED/rejected",
                            "three SUCCESS/healthy",
                            "three SKIPPED/rejected",
                            "components-2 FAILED/integrity",
                            "components-4 SUCCESS/healthy");
            assertThat(fleet.report().totals().secondApplies()).isZero();
        }
    }

    private static void registered(WholeServer server, int devices) {
        await("devices registered")
                .atMost(Duration.ofSeconds(30))
                .until(() -> server.devices().stream()
                                .filter(device -> device.identity().known())
                                .count()
                        == devices);
    }

    /** The ends that are true of a module of this kind. */
    private static Set<String> ends(String carrier, String profile, FieldMatrix.Fate fate) {
        boolean skipped = carrier.equals(RULED_OUT) || (carrier.equals(THREE) && !profile.equals("components-4"));
        if (skipped) {
            return Set.of("SKIPPED/rejected");
        }
        boolean comesToExecute = fate == FieldMatrix.Fate.NONE || fate == FieldMatrix.Fate.REVERTS;
        if (carrier.equals(BROKEN) && comesToExecute) {
            return profile.equals("components-loose")
                    ? Set.of("FAILED/partly-updated", "ROLLBACK/update-failed", "ROLLBACK/reverted")
                    : Set.of("ROLLBACK/update-failed");
        }
        return fate == FieldMatrix.Fate.NONE ? Set.of("SUCCESS/healthy") : fate.ends;
    }

    /** Whether the end agrees with what the module's own flash says. */
    private static boolean isTrue(Update update, DeviceReport device) {
        Set<String> changed = device.components().entrySet().stream()
                .filter(each -> !each.getValue().equals(OLD))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        boolean all = update.parts().isPresent()
                && changed.size() == update.parts().get().all().size();
        return switch (update.where()) {
            case "SUCCESS/healthy" -> all;
            case "FAILED/partly-updated" ->
                !all && !changed.isEmpty() && update.note().orElse("").contains("modem " + OLD);
            default -> changed.isEmpty();
        };
    }

    /** Each server begins where the one before it was stopped: with some modules between their two downloads. */
    @Test
    void a_server_that_is_started_again_between_two_components_goes_on_with_the_second() throws Exception {
        int devices = 12;
        Scenario scenario = ConformanceMatrixTest.scenario(List.of(FieldMatrix.Fate.NONE), CLIENTS, List.of(PULLED));
        Release release = Release.ofComponents(
                directory,
                scenario,
                96 * 1024,
                1,
                List.of(image(scenario, "application", Release.VERSION), image(scenario, "modem", NEW_MODEM)));
        String coap = "coap: {enabled: true, host: 127.0.0.1, port: " + freePort() + "}\n";
        WholeServer first = new WholeServer(directory, coap);
        try (VirtualFleet fleet = VirtualFleet.start(
                FleetPlan.of(devices, first.server.coapAddress().orElseThrow(), scenario)
                        .withTimeFactor(Trial.FACTOR))) {
            try (first) {
                registered(first, devices);
                ConformanceMatrixTest.start(first, PULLED, first.upload(release), DeliveryChoice.PULL);
                await("one between its components")
                        .atMost(Duration.ofSeconds(30))
                        .pollInterval(Duration.ofMillis(2))
                        .until(() -> ConformanceMatrixTest.updates(first, PULLED).stream()
                                .anyMatch(ComponentSetTest::isBetween));
            }
            try (WholeServer second = new WholeServer(directory, coap)) {
                ConformanceMatrixTest.ended(second, PULLED);
                for (Update update : ConformanceMatrixTest.updates(second, PULLED)) {
                    assertThat(update.where()).as("%s", update).isEqualTo("SUCCESS/healthy");
                }
                for (DeviceReport device : fleet.devices()) {
                    assertThat(device.components())
                            .containsEntry("application", Release.VERSION)
                            .containsEntry("modem", NEW_MODEM);
                }
                assertThat(fleet.report().totals().secondApplies()).isZero();
            }
        }
    }

    private static boolean isBetween(Update update) {
        return update.parts()
                .filter(parts -> parts.nextPlace().isPresent()
                        && parts.all().stream().anyMatch(part -> part.held().isPresent()))
                .isPresent();
    }

    private static int freePort() throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
