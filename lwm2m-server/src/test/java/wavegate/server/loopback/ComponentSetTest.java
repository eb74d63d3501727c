package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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
import wavegate.sim.device.DeviceSettings;
import wavegate.sim.device.Failures;
import wavegate.sim.device.ImageSpec;
import wavegate.sim.fault.LineFaults;
import wavegate.sim.scenario.Region;
import wavegate.sim.scenario.Scenario;
import wavegate.sim.scenario.Weighted;

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
            Map<String, Map<String, Integer>> table = new TreeMap<>();
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
                    table.computeIfAbsent(
                                    carrier + ", " + device.profile() + ", " + fate.region(), key -> new TreeMap<>())
                            .merge(update.where(), 1, Integer::sum);
                    seen.add(carrier + " " + update.where());
                    seen.add(device.profile() + " " + update.where());
                }
            }
            StringBuilder lines = new StringBuilder();
            table.forEach(
                    (who, ends) -> lines.append(who).append("  ").append(ends).append('\n'));
            Files.writeString(Path.of("target", "component-matrix.txt"), lines);
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
                !all
                        && !changed.isEmpty()
                        && device.profile().equals("components-loose")
                        && update.parts().orElseThrow().all().stream().allMatch(part -> update.note()
                                .orElse("")
                                .contains(
                                        part.name() + " " + device.components().get(part.name())));
            default -> changed.isEmpty();
        };
    }

    /** Modules that crash at any moment, and whose power fails once in each installation; one kind loses half of a batch by that. */
    @Test
    void a_reboot_in_the_middle_leaves_all_components_new_or_all_old_or_the_end_says_what_each_runs() throws Exception {
        int devices = 60;
        Scenario base = new Trial(Duration.ofMillis(500), Duration.ofSeconds(4), 0.8)
                .scenario("healthy", CLIENTS.toArray(DeviceProfile[]::new));
        Scenario scenario = new Scenario(
                base.name(),
                base.description(),
                new Scenario.Population(
                        List.of(new Weighted<>(new Region("north", List.of(new Weighted<>(PULLED, 1))), 1)),
                        base.population().models(),
                        base.population().profiles()),
                base.timing(),
                base.health(),
                base.coap(),
                new Scenario.Misfortune(
                        LineFaults.NONE,
                        DeviceSettings.Faults.NONE,
                        Failures.NONE.withPowerCuts(1),
                        List.of(),
                        List.of()),
                base.image());
        Release release = Release.ofComponents(
                directory,
                scenario,
                48 * 1024,
                1,
                List.of(image(scenario, "application", Release.VERSION), image(scenario, "modem", NEW_MODEM)));
        try (WholeServer server = new WholeServer(directory);
                VirtualFleet fleet = VirtualFleet.start(
                        FleetPlan.of(devices, server.server.coapAddress().orElseThrow(), scenario)
                                .withTimeFactor(Trial.FACTOR))) {
            registered(server, devices);
            ConformanceMatrixTest.start(server, PULLED, server.upload(release), DeliveryChoice.PULL);
            ConformanceMatrixTest.ended(server, PULLED);

            int updated = 0;
            List<String> lies = new ArrayList<>();
            for (Update update : ConformanceMatrixTest.updates(server, PULLED)) {
                DeviceReport device = fleet.device(update.endpoint().name()).orElseThrow();
                boolean ended = update.where().equals("SUCCESS/healthy")
                        || update.where().equals("FAILED/partly-updated");
                updated += ended ? 1 : 0;
                if (!isTrue(update, device) || !device.userDataIntact()) {
                    lies.add(update.where() + " " + update.note().orElse("") + " " + device);
                }
            }
            assertThat(lies)
                    .as("devices whose end is not what happened to them")
                    .isEmpty();
            // Most of them: how many lose patience at their reboots depends on how busy the machine is.
            assertThat(updated).isGreaterThan(devices * 3 / 4);
            assertThat(fleet.report().totals().secondApplies()).isZero();
        }
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
