package wavegate.server.terminal;

import java.util.Optional;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.UpdatePolicy;

/** How campaigns update their devices. Any thread. */
public interface Policies {
    Optional<UpdatePolicy> of(CampaignId campaign);
}
