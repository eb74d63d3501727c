package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.update.UpdatePhase;

/** What a kill switch calls off may be more than one batch of the ledger can hold. */
class LargeKillTest {
    private static final int DEVICES = 36_000;
    private static final int CANARIES = 1000;
    /** In DOWNLOADING. */
    private static final int ROWS = 3;

    @TempDir
    private Path data;

    @Test
    void a_kill_switch_calls_off_thirty_six_thousand_updates_at_once() throws Exception {
        new LargeFleet(data.resolve("data"), DEVICES, CANARIES, ROWS).write();
        try (WholeServer server = new WholeServer(data)) {
            var receipt = server.rest.post("/kill-switches", "{\"scope\": \"all\", \"reason\": \"trial\"}");

            assertThat(receipt.path("cancelled").asInt()).isEqualTo(DEVICES);
            assertThat(server.status().campaign().phase()).isEqualTo(CampaignPhase.PAUSED);
            assertThat(server.status().phases())
                    .isEqualTo(List.of(
                            Map.of(UpdatePhase.CANCELLED, CANARIES),
                            Map.of(UpdatePhase.CANCELLED, DEVICES - CANARIES)));
            assertThat(server.rest.raw("GET", "/../../metrics", "", Map.of()).lines())
                    .filteredOn(line -> line.startsWith("wavegate_invariant_violations_total{"))
                    .isNotEmpty()
                    .allMatch(line -> line.endsWith(" 0"));
            assertThat(server.verified().sound()).isTrue();
        }
    }
}
