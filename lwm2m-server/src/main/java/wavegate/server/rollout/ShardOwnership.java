package wavegate.server.rollout;

import wavegate.firmware.device.Endpoint;
import wavegate.firmware.update.CampaignId;

/** Port: which devices and campaigns this node may write. A single node owns all of them. Asked on the rollout thread before a turn. */
public interface ShardOwnership {
    boolean owns(Endpoint endpoint);

    boolean owns(CampaignId campaign);

    /** Grows with every change of ownership; a writer that holds an older one is refused. */
    long epoch();
}
