package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.eclipse.leshan.client.object.Security;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.bootstrap.BootstrapAccount;
import wavegate.bootstrap.BootstrapSettings;
import wavegate.bootstrap.credential.Credential;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.WavePlan;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdatePhase;
import wavegate.firmware.update.UpdatePolicy.DeliveryChoice;

/** The independent other side: devices of Leshan's client with an Object 5 of this test's own, updated by a campaign of the whole server. */
class LeshanClientCampaignTest {
    private static final byte[] SERVER_KEY = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] IMAGE = Release.bytes(20_000);
    private static final Trial TRIAL = Trial.QUICK;

    @TempDir
    private Path data;

    @Test
    void a_leshan_client_without_security_is_updated_by_pull() throws Exception {
        Release release = Release.of(data, IMAGE, "Acme", "M-1", "rev-b");
        try (WholeServer server = new WholeServer(data)) {
            String uri = "coap://127.0.0.1:"
                    + server.server.coapAddress().orElseThrow().getPort();
            try (LeshanModule module = new LeshanModule("m-1", Security.noSec(uri, 1), Map.of("region", "north"))) {
                updated(server, release, module, DeliveryChoice.PULL);
                assertThat(module.firmware.uri).startsWith(uri + "/");
            }
        }
    }

    @Test
    void a_leshan_client_comes_by_bootstrap_registers_over_coaps_and_is_updated_by_push() throws Exception {
        Release release = Release.of(data, IMAGE, "Acme", "M-1", "rev-b");
        Provisioned.with(data.resolve("data"), new Credential.Psk("m-1", "id-1", SERVER_KEY));
        try (WholeServer server = new WholeServer(data, "")) {
            String uri = "coaps://127.0.0.1:"
                    + server.server.coapsAddress().orElseThrow().getPort();
            BootstrapSettings settings = new BootstrapSettings(
                    BootstrapUnderTest.OFF,
                    BootstrapUnderTest.ANY_PORT,
                    List.of(new BootstrapAccount(
                            "m-1", "bs-1", BootstrapUnderTest.KEY, uri, "id-1", SERVER_KEY, 300, "U")));
            try (BootstrapUnderTest bootstrap =
                    new BootstrapUnderTest(data.resolve("elsewhere"), settings, BootstrapUnderTest.NO_SHARDS, false)) {
                try (LeshanModule module = bootstrap.device("m-1", "bs-1")) {
                    updated(server, release, module, DeliveryChoice.PUSH);
                    assertThat(module.firmware.uri).isEmpty();
                    assertThat(bootstrap.server.completed()).isEqualTo(1);
                }
            }
        }
    }

    private static void updated(WholeServer server, Release release, LeshanModule module, DeliveryChoice delivery)
            throws Exception {
        server.knows(1, Duration.ofSeconds(20));
        var packageId = server.upload(release);
        WavePlan waves = new WavePlan("", 1, 1, 1, List.of(1.0), 9, 5000, 1, Duration.ofSeconds(30));
        server.start(new CampaignSpec(
                "one device", packageId, DeviceFilter.ALL, waves, TRIAL.gate(), TRIAL.update(delivery), 0.001, 10, 1));

        await("Execute").atMost(Duration.ofSeconds(30)).until(() -> !module.firmware.executed.isEmpty());
        assertThat(module.firmware.image).isEqualTo(IMAGE);
        module.bootsInto(Release.VERSION);

        UpdateId id = new UpdateId(WholeServer.CAMPAIGN, new Endpoint("m-1"));
        await("SUCCESS").atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                        server.server.view().update(id).map(Update::phase))
                .contains(UpdatePhase.SUCCESS));
        assertThat(module.firmware.executed).hasSize(1);
        assertThat(server.server
                        .view()
                        .device(new Endpoint("m-1"))
                        .orElseThrow()
                        .firmware()
                        .text())
                .isEqualTo(Release.VERSION);
    }
}
