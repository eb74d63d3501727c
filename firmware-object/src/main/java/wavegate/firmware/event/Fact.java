package wavegate.firmware.event;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.KillReceipt;
import wavegate.firmware.campaign.KillSwitch;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.SavedFilter;
import wavegate.firmware.gate.GateDecision;
import wavegate.firmware.gate.JudgedBy;
import wavegate.firmware.gate.MemberEvidence;
import wavegate.firmware.gate.WaveEvidence;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.Sha256;
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
    record GateJudged(
            Instant at, CampaignId campaign, WaveEvidence evidence, GateDecision decision, Optional<JudgedBy> by)
            implements Fact {
        /** As it was recorded before the rules were: by the policy of the campaign. */
        public GateJudged(Instant at, CampaignId campaign, WaveEvidence evidence, GateDecision decision) {
            this(at, campaign, evidence, decision, Optional.empty());
        }
    }

    /** The old version was seen on a device after its update had ended in SUCCESS, or another note on an ended update. */
    record UpdateAnnotated(Instant at, UpdateId update, int wave, String note) implements Fact {}

    record KillSwitchRaised(Instant at, KillSwitch killSwitch) implements Fact {}

    /** What the kill switch did, once its updates were called off. */
    record KillSwitchReported(Instant at, KillReceipt receipt) implements Fact {}

    record KillSwitchLifted(Instant at, String killSwitchId, String reason, String by) implements Fact {}

    /** A device was taken out of the fleet. What registers under its name later is another device. */
    record DeviceRemoved(Instant at, Endpoint endpoint, String by) implements Fact {}

    /** Devices that came to match a campaign's filter after its start joined its last wave. */
    record MembersJoined(Instant at, CampaignId campaign, int wave, List<Endpoint> members) implements Fact {
        public MembersJoined {
            members = List.copyOf(members);
        }
    }

    /** An image that was closed for a device may be tried on it again. */
    record ArtifactReopened(Instant at, Endpoint endpoint, Sha256 artifact, String reason, String by) implements Fact {}

    record FilterSaved(Instant at, SavedFilter filter, String by) implements Fact {}

    record FilterRemoved(Instant at, String name, String by) implements Fact {}

    /**
     * Somebody asked for a change, whatever came of it. It moves nothing: what was changed is a fact of its own.
     *
     * @param actor who asked, such as {@code token:k3x9}; never a secret
     * @param action what was asked, such as {@code startCampaign}
     * @param subject on what, such as {@code campaigns/release-2}
     * @param outcome {@code done}, or the code of the refusal
     * @param details at most {@value #MOST_DETAILS}
     */
    record Audited(
            Instant at, String actor, String action, String subject, String outcome, SortedMap<String, String> details)
            implements Fact {
        public static final int LONGEST_NAME = 128;
        public static final int LONGEST_TEXT = 512;
        public static final int MOST_DETAILS = 16;

        public Audited {
            bounded("actor", actor, LONGEST_NAME);
            bounded("action", action, LONGEST_NAME);
            bounded("subject", subject, LONGEST_TEXT);
            bounded("outcome", outcome, LONGEST_NAME);
            if (details.size() > MOST_DETAILS) {
                throw new IllegalArgumentException(
                        "audit details: " + details.size() + " (expected: at most " + MOST_DETAILS + ")");
            }
            details.forEach((name, value) -> {
                bounded("detail name", name, LONGEST_NAME);
                bounded("detail", value, LONGEST_TEXT);
            });
            details = Collections.unmodifiableSortedMap(new TreeMap<>(details));
        }

        /** The same from any text: what is too long or too many is cut, control characters become {@code ?}. */
        public static Audited cut(
                Instant at, String actor, String action, String subject, String outcome, Map<String, String> details) {
            SortedMap<String, String> kept = new TreeMap<>();
            for (Map.Entry<String, String> detail : new TreeMap<>(details).entrySet()) {
                if (kept.size() < MOST_DETAILS) {
                    kept.put(cut(detail.getKey(), LONGEST_NAME), cut(detail.getValue(), LONGEST_TEXT));
                }
            }
            return new Audited(
                    at,
                    cut(actor, LONGEST_NAME),
                    cut(action, LONGEST_NAME),
                    cut(subject, LONGEST_TEXT),
                    cut(outcome, LONGEST_NAME),
                    kept);
        }

        private static String cut(String text, int longest) {
            String head = text.length() > longest ? text.substring(0, longest) : text;
            return head.replaceAll("[\\p{Cntrl}\\p{Cs}\\u2028\\u2029]", "?");
        }

        private static void bounded(String what, String text, int longest) {
            if (text.length() > longest) {
                throw new IllegalArgumentException(
                        "audit " + what + ": " + text.length() + " characters (expected: at most " + longest + ")");
            }
        }
    }
}
