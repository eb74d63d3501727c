package wavegate.server.rollout;

import wavegate.firmware.device.Endpoint;
import wavegate.firmware.update.CampaignId;

/** The only node there is. */
public final class SingleNode implements ShardOwnership {
    @Override
    public boolean owns(Endpoint endpoint) {
        return true;
    }

    @Override
    public boolean owns(CampaignId campaign) {
        return true;
    }

    @Override
    public long epoch() {
        return 1;
    }
}
