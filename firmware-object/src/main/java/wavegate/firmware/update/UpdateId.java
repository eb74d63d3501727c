package wavegate.firmware.update;

import java.util.Comparator;
import wavegate.firmware.device.Endpoint;

/** An update is one device in one campaign. */
public record UpdateId(CampaignId campaign, Endpoint endpoint) implements Comparable<UpdateId> {
    private static final Comparator<UpdateId> ORDER =
            Comparator.comparing(UpdateId::campaign).thenComparing(UpdateId::endpoint);

    @Override
    public int compareTo(UpdateId other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return campaign + "/" + endpoint;
    }
}
