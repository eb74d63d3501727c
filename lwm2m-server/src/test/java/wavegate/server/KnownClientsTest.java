package wavegate.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.config.SettingsRefused;
import wavegate.firmware.device.ClientBehaviour;
import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.device.ClientProfiles;
import wavegate.firmware.device.ClientTraits;
import wavegate.firmware.device.DeviceIdentity;
import wavegate.firmware.device.ResetMeans;
import wavegate.firmware.object.DeliveryMethod;
import wavegate.firmware.pkg.Delta;

class KnownClientsTest {
    @TempDir
    private Path data;

    private ClientProfiles builtIn() throws IOException {
        return KnownClients.of("", data);
    }

    private String taken(String manufacturer, String model, ClientBehaviour... behaviours) throws IOException {
        ClientTraits traits = ClientTraits.NONE.withObjectVersion("1.0");
        for (ClientBehaviour behaviour : behaviours) {
            traits = traits.with(behaviour);
        }
        return builtIn()
                .choose(Optional.empty(), new DeviceIdentity(manufacturer, model, ""), traits)
                .profile()
                .name();
    }

    @Test
    void every_client_of_the_field_is_there_and_the_careful_one() throws IOException {
        assertThat(builtIn().names())
                .containsExactlyInAnyOrder(
                        "careful", "spec", "anjay", "anjay-lite", "zephyr", "nrf", "wakaama", "modem");
    }

    @Test
    void clients_are_known_by_what_they_say_and_do() throws IOException {
        assertThat(taken("Anjay", "demo-client")).isEqualTo("anjay");
        assertThat(taken("Anjay Lite", "x")).isEqualTo("anjay-lite");
        assertThat(taken("Zephyr", "OMA-LWM2M Sample Client")).isEqualTo("zephyr");
        assertThat(taken("Acme", "P100", ClientBehaviour.RESET_IGNORED, ClientBehaviour.RESULT_LOST))
                .isEqualTo("zephyr");
        assertThat(taken("Nordic Semiconductor ASA", "nRF9160")).isEqualTo("nrf");
        assertThat(taken("Open Mobile Alliance", "Lightweight M2M Client")).isEqualTo("wakaama");
        assertThat(taken("Quectel", "BG96")).isEqualTo("modem");
        assertThat(taken("Acme", "P100")).isEqualTo("careful");
    }

    @Test
    void no_profile_takes_one_zero_byte_to_a_client_that_reads_an_image_in_it() throws IOException {
        for (String name : new String[] {"zephyr", "nrf", "careful"}) {
            ClientProfile profile = builtIn().named(name).orElseThrow();
            assertThat(profile.reset())
                    .filteredOn(step -> step.means() == ResetMeans.ZERO_BYTE)
                    .allMatch(step -> !step.isSafeIn(0) && !step.isSafeIn(1));
        }
    }

    @Test
    void what_a_file_says_is_what_the_driver_is_told() throws IOException {
        ClientProfile wakaama = builtIn().named("wakaama").orElseThrow();

        assertThat(wakaama.delivery()).isEqualTo(new ClientProfile.Delivery(DeliveryMethod.PUSH, 128, 0));
        assertThat(wakaama.object5().resultKept()).isEqualTo(ClientProfile.ResultKept.NEVER);
        assertThat(wakaama.reset().get(0).means()).isEqualTo(ResetMeans.NEW_PUSH);
    }

    @Test
    void a_file_may_say_which_patches_its_clients_take() throws IOException {
        Path folder = Files.createDirectory(data.resolve("clients"));
        String nrf = Files.readString(Path.of("..", "config", "clients", "nrf.yaml"));
        Files.writeString(folder.resolve("mine.yaml"), nrf + "deltas: [bsdiff]\n");

        assertThat(KnownClients.of("clients", data)
                        .named("nrf")
                        .orElseThrow()
                        .delivery()
                        .deltas())
                .containsExactly(Delta.Format.BSDIFF);
        assertThat(builtIn().named("nrf").orElseThrow().delivery().deltas()).isEmpty();
        Files.writeString(folder.resolve("mine.yaml"), nrf + "deltas: [xdelta]\n");
        assertThatThrownBy(() -> KnownClients.of("clients", data))
                .isInstanceOf(SettingsRefused.class)
                .hasMessageContaining("deltas: \"xdelta\" (expected: one of bsdiff)");
    }

    @Test
    void an_operators_file_takes_the_place_of_ours_and_a_bad_word_is_named() throws IOException {
        Path folder = Files.createDirectory(data.resolve("clients"));
        String mine = new String(
                        Files.readAllBytes(Path.of("..", "config", "clients", "modem.yaml")),
                        java.nio.charset.StandardCharsets.UTF_8)
                .replace("max-block: 512", "max-block: 64");
        Files.writeString(folder.resolve("mine.yaml"), mine);

        assertThat(KnownClients.of("clients", data)
                        .named("modem")
                        .orElseThrow()
                        .delivery()
                        .maxBlock())
                .isEqualTo(64);
        Files.writeString(folder.resolve("mine.yaml"), mine.replace("delivery: pull", "delivery: pulls"));
        assertThatThrownBy(() -> KnownClients.of("clients", data))
                .isInstanceOf(SettingsRefused.class)
                .hasMessageContaining("delivery: \"pulls\" (expected: one of pull, push, both)");
    }
}
