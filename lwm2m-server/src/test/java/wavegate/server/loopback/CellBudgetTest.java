package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.event.Fact;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdatePhase;
import wavegate.firmware.update.UpdatePolicy.DeliveryChoice;
import wavegate.server.ledger.FileLedger;
import wavegate.sim.FleetPlan;
import wavegate.sim.VirtualFleet;
import wavegate.sim.device.DeviceProfile;
import wavegate.sim.device.DeviceReport;
import wavegate.sim.scenario.Scenario;

/** Modules that nobody has labelled, and that say in object 4 in which of four cells they are; a transfer at a time in each. */
class CellBudgetTest {
    private static final int DEVICES = 32;
    private static final String PULLED = "pulled";
    private static final String LABELLED = "26202-1";

    @TempDir
    private Path directory;

    @Test
    void a_budget_per_cell_holds_for_devices_that_say_where_they_are() throws Exception {
        Scenario scenario = ConformanceMatrixTest.scenario(
                List.of(FieldMatrix.Fate.NONE), List.of(DeviceProfile.CELLULAR), List.of(PULLED));
        Release release = Release.of(directory, scenario, 16 * 1024);
        Map<String, String> cells = new HashMap<>();
        Set<Fact.UpdateChanged> waited = new HashSet<>();
        try (WholeServer server = new WholeServer(directory, "delivery: {budget: {cell-transfers: 1, jitter: 0s}}\n");
                VirtualFleet fleet = VirtualFleet.start(
                        FleetPlan.of(DEVICES, server.server.coapAddress().orElseThrow(), scenario)
                                .withTimeFactor(Trial.FACTOR))) {
            server.knows(DEVICES, Duration.ofSeconds(30));
            for (DeviceReport device : fleet.devices()) {
                cells.put(
                        device.endpoint(), "26201-" + (4711 + device.identity().index() % 4));
            }
            String labelled = fleet.devices().get(0).endpoint();
            cells.put(labelled, LABELLED);
            server.server
                    .loop()
                    .operations()
                    .label(
                            new Endpoint(labelled),
                            new Labels("", "", new TreeSet<>(List.of("cell:" + LABELLED)), Optional.empty()),
                            "operator")
                    .get();

            ConformanceMatrixTest.start(server, PULLED, server.upload(release), DeliveryChoice.PULL);
            ConformanceMatrixTest.ended(server, PULLED);

            assertThat(ConformanceMatrixTest.updates(server, PULLED))
                    .hasSize(DEVICES)
                    .allSatisfy(update -> assertThat(update.where()).isEqualTo("SUCCESS/healthy"));
            for (Device device : server.devices()) {
                String name = device.endpoint().name();
                String own = "26201-"
                        + (4711 + fleet.device(name).orElseThrow().identity().index() % 4);
                assertThat(device.cell()).contains(own);
            }
        }

        Map<String, Set<Endpoint>> moving = new HashMap<>();
        Map<String, Integer> most = new HashMap<>();
        int atOnce = 0;
        List<Fact> facts = new ArrayList<>();
        try (FileLedger ledger = FileLedger.open(directory.resolve("data/ledger"), new SplittableRandom(1))) {
            ledger.replay(0, recorded -> facts.add(recorded.fact()));
        }
        for (Fact fact : facts) {
            if (fact instanceof Fact.UpdateChanged changed) {
                Update update = changed.update();
                String cell = cells.get(update.endpoint().name());
                Set<Endpoint> there = moving.computeIfAbsent(cell, key -> new HashSet<>());
                if (update.phase() == UpdatePhase.DOWNLOADING) {
                    there.add(update.endpoint());
                } else {
                    there.remove(update.endpoint());
                }
                if (update.detail() == UpdateDetail.WAITING_FOR_ROOM) {
                    waited.add(changed);
                }
                most.merge(cell, there.size(), Math::max);
                atOnce = Math.max(
                        atOnce, moving.values().stream().mapToInt(Set::size).sum());
            }
        }
        assertThat(most)
                .hasSize(5)
                .allSatisfy((cell, transfers) -> assertThat(transfers).as(cell).isEqualTo(1));
        assertThat(atOnce).as("cells do not wait for each other").isGreaterThan(1);
        assertThat(waited).isNotEmpty();
    }
}
