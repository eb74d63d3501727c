package wavegate.server.api;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.pkg.Sha256;

/** Entity tags of campaigns: another one whenever a phase, a reason or anything but a counter is another. */
final class CampaignTag {
    private CampaignTag() {}

    static String of(Campaign campaign) {
        byte[] text = campaign.toString().getBytes(StandardCharsets.UTF_8);
        return "\"" + Sha256.of(text).hex().substring(0, 16) + "\"";
    }

    /** What an If-Match header asks for; empty if it asks for nothing. */
    static Optional<Predicate<Campaign>> expected(@Nullable String ifMatch) {
        if (ifMatch == null || ifMatch.strip().equals("*")) {
            return Optional.empty();
        }
        var tags = Arrays.stream(ifMatch.split(",", -1)).map(String::strip).toList();
        return Optional.of(campaign -> tags.contains(of(campaign)));
    }
}
