package wavegate.firmware.event;

import java.time.Instant;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.KillReceipt;
import wavegate.firmware.campaign.KillSwitch;
import wavegate.firmware.device.Device;
import wavegate.firmware.gate.GateDecision;
import wavegate.firmware.gate.MemberEvidence;
import wavegate.firmware.gate.WaveEvidence;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateId;

/** Something that changed state, with when it did. The name of each record is its type in the ledger: never rename one. */
public sealed interface Fact {
    Instant at();

    /** A device was first seen, read, or labelled. */
    record DeviceChanged(Instant at, Device device) implements Fact {}

    /** A package was checked and stored, or revoked. */
    record PackageChanged(Instant at, FirmwarePackage firmwarePackage, String by) implements Fact {}

    /** A campaign or one of its waves moved. {@code cause} says why, {@code by} who: a token's name, or {@code server}. */
    record CampaignChanged(Instant at, Campaign campaign, String cause, String by) implements Fact {}

    /** An update moved. {@code row} names the line of the transition table that was taken. */
    record UpdateChanged(Instant at, Update update, String row) implements Fact {}

    /** A device's evidence for a wave changed. */
    record EvidenceNoted(Instant at, CampaignId campaign, int wave, MemberEvidence evidence) implements Fact {}

    /** A gate was judged and its wave moved by it, or a planned look was spent. */
    record GateJudged(Instant at, CampaignId campaign, WaveEvidence evidence, GateDecision decision) implements Fact {}

    /** The old version was seen on a device after its update had ended in SUCCESS, or another note on an ended update. */
    record UpdateAnnotated(Instant at, UpdateId update, int wave, String note) implements Fact {}

    record KillSwitchRaised(Instant at, KillSwitch killSwitch) implements Fact {}

    /** What the kill switch did, once its updates were called off. */
    record KillSwitchReported(Instant at, KillReceipt receipt) implements Fact {}

    record KillSwitchLifted(Instant at, String killSwitchId, String reason, String by) implements Fact {}
}
