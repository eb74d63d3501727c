package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import wavegate.config.SettingsReader;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.device.Device;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Update;
import wavegate.server.Server;
import wavegate.server.api.CampaignJson;
import wavegate.server.ledger.LedgerReport;
import wavegate.server.ledger.LedgerVerifier;
import wavegate.server.rollout.CampaignStatus;

/** A whole server in this process, on ports of its own, and an operator who uses its API. */
final class WholeServer implements AutoCloseable {
    static final CampaignId CAMPAIGN = new CampaignId("trial");

    final Server server;
    final Rest rest;

    private static final String WITHOUT_DTLS = "coap: {enabled: true, host: 127.0.0.1, port: 0}";

    /** Of role admin. */
    final String token;

    private final Path data;
    private final List<Throwable> fatal = new CopyOnWriteArrayList<>();

    WholeServer(Path directory) throws IOException {
        this(directory, "");
    }

    /**
     * @param directory for the data, and beside them their key
     * @param more settings besides those every trial has, as YAML
     */
    WholeServer(Path directory, String more) throws IOException {
        this(directory, 0, more);
    }

    /** @param coapsPort where CoAPS is served; 0 for any */
    WholeServer(Path directory, int coapsPort, String more) throws IOException {
        this.data = directory.resolve("data");
        String[] first = {""};
        server = new Server(
                SettingsReader.parse(
                        """
                        data-dir: "%1$s/data"
                        packages: {trusted-keys: "%1$s/keys"}
                        %4$s
                        coaps: {enabled: true, host: 127.0.0.1, port: %3$d}
                        http: {host: 127.0.0.1, port: 0}
                        rollout: {tick: 50ms}
                        %2$s
                        """
                                .formatted(directory, more, coapsPort, more.contains("coap: {") ? "" : WITHOUT_DTLS),
                        Map.of()),
                made -> first[0] = made,
                fatal::add);
        token = first[0];
        rest = new Rest(server.httpPort(), token);
    }

    PackageId upload(Release release) throws IOException {
        return new PackageId(rest.upload(release.envelope()).path("id").asText());
    }

    void knows(int devices, Duration limit) {
        await("devices registered and read").atMost(limit).untilAsserted(() -> assertThat(
                        devices().stream().filter(device -> device.firmware().known()))
                .hasSize(devices));
    }

    List<Device> devices() {
        List<Device> all = new ArrayList<>();
        String cursor = "";
        do {
            var page = server.view().devices(device -> true, cursor, 1000);
            all.addAll(page.items());
            cursor = page.next();
        } while (!cursor.isEmpty());
        return all;
    }

    List<Update> updates() {
        List<Update> all = new ArrayList<>();
        String cursor = "";
        do {
            var page = server.view().updates(CAMPAIGN, update -> true, cursor, 1000);
            all.addAll(page.items());
            cursor = page.next();
        } while (!cursor.isEmpty());
        return all;
    }

    void start(CampaignSpec spec) throws IOException {
        ObjectNode json = CampaignJson.write(spec);
        json.put("id", CAMPAIGN.value());
        rest.post("/campaigns", json.toString());
        rest.post("/campaigns/" + CAMPAIGN + "/actions/start", "{}");
    }

    CampaignStatus status() {
        return server.loop().operations().status(CAMPAIGN).orElseThrow();
    }

    CampaignStatus ended(Duration limit) {
        await("campaign ended")
                .atMost(limit)
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> assertThat(status().campaign().phase().isFinal())
                        .as("%s", status())
                        .isTrue());
        return status();
    }

    /** The same where guardrails are expected to hold waves, and an operator looks at each and lets it go on. */
    CampaignStatus endedWithHeldWavesLetThrough(Duration limit) {
        await("campaign ended")
                .atMost(limit)
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> {
                    letHeldWavesThrough();
                    assertThat(status().campaign().phase().isFinal())
                            .as("%s", status())
                            .isTrue();
                });
        return status();
    }

    /** Waits for a canary too healthy to prove anything to be held, and opens the next wave. */
    void letsThroughTheCanary(Duration limit) {
        await("canary let through")
                .atMost(limit)
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> {
                    letHeldWavesThrough();
                    assertThat(status().campaign().waves().get(0).phase())
                            .as("%s", status())
                            .isEqualTo(WavePhase.PASSED);
                });
    }

    private void letHeldWavesThrough() throws IOException {
        for (Wave wave : status().campaign().waves()) {
            if (wave.phase() == WavePhase.HELD) {
                rest.ask(
                        "/campaigns/" + CAMPAIGN + "/waves/" + wave.index() + "/actions/decide",
                        "{\"verdict\": \"PASS\", \"reason\": \"looked at\"}");
            }
        }
    }

    /** Ends the server and reads its ledger from the first record to the last. */
    LedgerReport verified() throws IOException {
        close();
        return LedgerVerifier.verify(data.resolve("ledger"));
    }

    @Override
    public void close() {
        server.close();
        assertThat(fatal).isEmpty();
    }
}
