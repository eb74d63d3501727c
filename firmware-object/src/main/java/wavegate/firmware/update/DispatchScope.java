package wavegate.firmware.update;

import wavegate.firmware.pkg.PackageId;

/** What a dispatch belongs to, so that a kill switch can find it. {@code region} is the device's when its wave reserved it; empty if it has none. */
public record DispatchScope(CampaignId campaign, PackageId packageId, String region) {}
