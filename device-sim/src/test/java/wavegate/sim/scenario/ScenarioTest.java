package wavegate.sim.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.sim.device.DeviceProfile;
import wavegate.sim.device.ModuleIdentity;
import wavegate.sim.device.ModuleModel;

class ScenarioTest {
    @Test
    void every_built_in_scenario_reads_and_bears_its_name() {
        for (String name : Scenario.BUILT_IN) {
            Scenario scenario = Scenario.named(name);

            assertThat(scenario.name()).isEqualTo(name);
            assertThat(scenario.description()).isNotBlank();
            assertThat(scenario.population().regions()).hasSize(4);
        }
    }

    @Test
    void each_bad_scenario_has_its_one_fault() {
        assertThat(Scenario.named("healthy").image()).isEqualTo(ImageTraits.HEALTHY);
        assertThat(Scenario.named("bad-firmware").image().crashMultiplier()).isGreaterThanOrEqualTo(30);
        assertThat(Scenario.named("battery-drain").image())
                .isEqualTo(new ImageTraits(1, 3, false, false, false, false));
        assertThat(Scenario.named("broken-image").image().wrongDigest()).isTrue();
        assertThat(Scenario.named("wrong-partition").image().wrongPartition()).isTrue();
        assertThat(Scenario.named("bad-boot").image().failsToBoot()).isTrue();
        assertThat(Scenario.named("corrupt-in-flight").misfortune().devices().corruptTransfers())
                .isEqualTo(1);
    }

    @Test
    void an_empty_file_is_the_healthy_fleet_but_for_its_carriers() {
        Scenario empty = ScenarioFiles.parse("empty.yaml", "{}");
        Scenario healthy = Scenario.named("healthy");

        assertThat(empty.timing()).isEqualTo(healthy.timing());
        assertThat(empty.health()).isEqualTo(healthy.health());
        assertThat(empty.coap()).isEqualTo(healthy.coap());
        assertThat(empty.misfortune()).isEqualTo(healthy.misfortune());
        assertThat(empty.image()).isEqualTo(healthy.image());
        assertThat(empty.population().models()).isEqualTo(healthy.population().models());
        assertThat(empty.population().profiles()).isEqualTo(healthy.population().profiles());
        assertThat(empty.population().regions().stream()
                        .map(region -> region.value().name()))
                .containsExactly("north", "south", "east", "west");
    }

    @Test
    void all_faults_of_a_file_are_named_at_once_with_the_nearest_key(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("mine.yaml");
        Files.writeString(
                file,
                """
                timing: {telemetry-peroid: 5m, boot-time: soon}
                profiles: {anjai: 1}
                faults: {loss: 2}
                """);

        assertThatThrownBy(() -> Scenario.read(file))
                .isInstanceOf(ScenarioException.class)
                .hasMessageContaining("timing.telemetry-peroid: unknown key (did you mean timing.telemetry-period?)")
                .hasMessageContaining("timing.boot-time: \"soon\" (expected: a duration")
                .hasMessageContaining("profiles.anjai: unknown profile (did you mean anjay?)")
                .hasMessageContaining("faults.loss: 2 (expected: 0..1)");
    }

    @Test
    void a_segment_fares_otherwise_and_is_silent_about_the_rest() {
        Scenario scenario = ScenarioFiles.parse(
                "x.yaml",
                """
                faults:
                  loss: 0.1
                  results: {5: 0.2, 100: 0.1}
                  regressions: [{from: 2.0.0, crashes: 40}]
                  segments:
                    - {region: north, carrier: aurora, faults: {loss: 0.5, bricks: 0.1}}
                    - {profile: zephyr, faults: {results: {8: 1}, black-outs: [{at: 1m, for: 2m, power: true}]}}
                """);
        Scenario.Misfortune all = scenario.misfortune();
        ModuleModel model = scenario.population().models().get(0).value();

        Scenario.Misfortune aurora = all.of(new ModuleIdentity(0, "a", model, "north", "aurora"), DeviceProfile.ZEPHYR);
        Scenario.Misfortune zephyr =
                all.of(new ModuleIdentity(1, "b", model, "north", "borealis"), DeviceProfile.ZEPHYR);
        Scenario.Misfortune rest = all.of(new ModuleIdentity(2, "c", model, "south", "aurora"), DeviceProfile.SPEC);

        assertThat(aurora.line().loss()).isEqualTo(0.5);
        assertThat(aurora.failures()).isEqualTo(all.failures().withBricks(0.1));
        assertThat(zephyr.line().loss()).isEqualTo(0.1);
        assertThat(zephyr.failures().results()).isEqualTo(Map.of(8, 1.0));
        assertThat(zephyr.failures().regressions()).hasSize(1);
        assertThat(zephyr.blackOuts())
                .containsExactly(new Scenario.BlackOut(Duration.ofMinutes(1), Duration.ofMinutes(2), true));
        assertThat(rest).isSameAs(all);
        assertThat(all.perfectLines()).isFalse();
    }

    @Test
    void the_mixed_fleet_has_every_client_family() {
        assertThat(Scenario.named("mixed").population().profiles())
                .extracting(Weighted::value)
                .contains(
                        DeviceProfile.SPEC,
                        DeviceProfile.ANJAY,
                        DeviceProfile.ANJAY_LITE,
                        DeviceProfile.ZEPHYR,
                        DeviceProfile.NRF,
                        DeviceProfile.WAKAAMA,
                        DeviceProfile.MODEM);
        assertThat(Scenario.named("mixed").misfortune().line().loss()).isEqualTo(0.1);
    }

    @Test
    void a_result_that_is_none_is_refused() {
        assertThatThrownBy(() -> ScenarioFiles.parse("x", "faults: {results: {five: 0.1}}"))
                .hasMessageContaining("faults.results.five: no result (expected: 2..13 or 100)");
        assertThatThrownBy(() -> ScenarioFiles.parse("x", "faults: {results: {1: 0.1}}"))
                .hasMessageContaining("result: 1 (expected: 2..13 or 100)");
    }

    @Test
    void what_is_no_mapping_or_no_yaml_is_refused() {
        assertThatThrownBy(() -> ScenarioFiles.parse("x", "- 1\n- 2"))
                .hasMessageContaining("expected: keys and values");
        assertThatThrownBy(() -> ScenarioFiles.parse("x", "a: [")).hasMessageContaining("x is not YAML");
        assertThatThrownBy(() -> Scenario.named("helthy")).hasMessageContaining("did you mean healthy?");
    }

    @Test
    void shares_divide_positions_in_their_proportion() {
        List<Weighted<String>> all = List.of(new Weighted<>("a", 3), new Weighted<>("b", 1), new Weighted<>("c", 6));
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < 1000; i++) {
            counts.merge(Weighted.at(all, (i + 0.5) / 1000), 1, Integer::sum);
        }

        assertThat(counts).isEqualTo(Map.of("a", 300, "b", 100, "c", 600));
        assertThat(Scenario.named("quirks").population().profiles())
                .extracting(Weighted::value)
                .contains(DeviceProfile.ANJAY, DeviceProfile.ZEPHYR);
    }
}
