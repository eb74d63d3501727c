package wavegate.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.DispatchScope;
import wavegate.firmware.update.UpdateId;
import wavegate.server.rollout.Inbox;
import wavegate.server.rollout.PullGrants.Grant;
import wavegate.server.rollout.RolloutInput;

class PullProgressTest {
    private static final long ALL = 5000;

    private final List<RolloutInput> told = new ArrayList<>();
    private final Inbox inbox = new Inbox() {
        @Override
        public boolean offer(RolloutInput input) {
            return told.add(input);
        }

        @Override
        public boolean concerns(Endpoint endpoint) {
            return true;
        }

        @Override
        public boolean watches(Endpoint endpoint) {
            return false;
        }
    };
    private long now = 1_000_000;
    private final PullProgress progress = new PullProgress(inbox, endpoint -> {}, () -> Instant.ofEpochMilli(now));
    private final CampaignId campaign = new CampaignId("trial");
    private final Grant grant = new Grant(
            new UpdateId(campaign, new Endpoint("m-1")),
            new DispatchScope(campaign, PackageId.ofManifest(new byte[] {1}), ""),
            Sha256.of(new byte[] {1}),
            ALL);

    @Test
    void the_end_is_told_at_once_and_a_block_that_is_asked_for_again_and_again_once_a_second() {
        assertThat(progress.served(grant, 1024, ALL)).isTrue();
        assertThat(progress.served(grant, 2048, ALL)).isFalse();
        assertThat(progress.served(grant, ALL, ALL)).isTrue();
        for (int i = 0; i < 100; i++) {
            assertThat(progress.served(grant, ALL, ALL)).isFalse();
        }
        now += 1000;
        assertThat(progress.served(grant, ALL, ALL)).isTrue();
        assertThat(told).hasSize(3);
    }
}
