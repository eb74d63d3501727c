package wavegate.firmware.campaign;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Who wrote a campaign, who asked for approval, and who gave it.
 *
 * @param authors everyone who wrote or changed what is asked for; none of them may approve
 * @param submittedBy who asked for approval; empty: nobody yet
 * @param needed how many must agree; as of the submission
 */
public record Review(List<String> authors, String submittedBy, int needed, List<Approval> approvals) {
    public static final Review NONE = new Review(List.of(), "", 0, List.of());

    /** One human's agreement. */
    public record Approval(String by, String reason, Instant at) {}

    public Review {
        authors = List.copyOf(authors);
        approvals = List.copyOf(approvals);
    }

    public static Review writtenBy(String author) {
        return new Review(List.of(author), "", 0, List.of());
    }

    public boolean submitted() {
        return !submittedBy.isEmpty();
    }

    public boolean enough() {
        return approvals.size() >= needed;
    }

    /** Whether they may still agree: no author, not who asked, and not twice. */
    public boolean mayApprove(String who) {
        return !authors.contains(who)
                && !submittedBy.equals(who)
                && approvals.stream().noneMatch(approval -> approval.by().equals(who));
    }

    Review submit(String by, int asked) {
        return new Review(authors, by, asked, List.of());
    }

    Review approved(String by, String reason, Instant now) {
        List<Approval> more = new ArrayList<>(approvals);
        more.add(new Approval(by, reason, now));
        return new Review(authors, submittedBy, needed, more);
    }

    /** What was agreed to is not what is asked for any more. */
    Review edited(String by) {
        List<String> all = new ArrayList<>(authors);
        if (!all.contains(by)) {
            all.add(by);
        }
        return new Review(all, "", 0, List.of());
    }
}
