package wavegate.firmware.campaign;

import java.time.Duration;
import java.util.List;
import wavegate.firmware.gate.GateDecision;
import wavegate.firmware.gate.Verdict;
import wavegate.firmware.pkg.Sha256;

/** What can happen to a campaign. */
public sealed interface CampaignEvent {
    /** What is asked for was written anew. */
    record Edited(CampaignSpec spec, String by) implements CampaignEvent {}

    /** Approval was asked for; {@code needed} must agree. */
    record Submitted(String by, int needed) implements CampaignEvent {}

    record Approved(String by, String reason) implements CampaignEvent {}

    record Rejected(String by, String reason) implements CampaignEvent {}

    /** Its membership was fixed and stored. {@code approvalsNeeded} as of now. */
    record Started(Sha256 membership, List<Wave> waves, int approvalsNeeded) implements CampaignEvent {
        public Started {
            waves = List.copyOf(waves);
        }

        public Started(Sha256 membership, List<Wave> waves) {
            this(membership, waves, 0);
        }
    }

    /** Time passed, or a counter moved. */
    record Looked() implements CampaignEvent {}

    /** The gate of the open wave was judged. */
    record Judged(GateDecision decision) implements CampaignEvent {}

    /** The server was away, or its clock leapt while it was: nobody watched for this long. Positive. */
    record WasUnwatched(Duration gap) implements CampaignEvent {}

    record PauseAsked(String reason) implements CampaignEvent {}

    record ResumeAsked() implements CampaignEvent {}

    record AbortAsked(String reason) implements CampaignEvent {}

    /** A human decided a held wave; INCONCLUSIVE: it is to be watched longer. */
    record Decided(int wave, Verdict verdict, String reason) implements CampaignEvent {}

    /** Another campaign has taken its place on every device it had still to begin. */
    record Superseded(String reason) implements CampaignEvent {}

    /** A kill switch that covers this campaign, or part of it, was raised. */
    record Killed(String reason) implements CampaignEvent {}

    /** What it updated is to be taken back by another campaign. */
    record RollbackAsked(String reason) implements CampaignEvent {}

    /** That campaign has ended; {@code done}: in its own time. */
    record RollbackEnded(boolean done, String how) implements CampaignEvent {}
}
