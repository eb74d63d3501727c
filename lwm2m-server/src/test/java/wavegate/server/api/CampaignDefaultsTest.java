package wavegate.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import wavegate.firmware.campaign.WavePlan;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.update.UpdatePolicy;

class CampaignDefaultsTest {
    @Test
    void the_settings_default_to_what_the_core_defaults_to() {
        assertThat(CampaignDefaults.STANDARD.waves()).isEqualTo(WavePlan.DEFAULT);
        assertThat(CampaignDefaults.STANDARD.gate()).isEqualTo(GatePolicy.DEFAULT);
        assertThat(CampaignDefaults.STANDARD.update()).isEqualTo(UpdatePolicy.DEFAULT);
    }
}
