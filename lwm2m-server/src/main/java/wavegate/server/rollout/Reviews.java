package wavegate.server.rollout;

import java.util.Optional;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignEvent;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.Review;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.update.CampaignId;
import wavegate.server.rollout.OrderRefused.Kind;

/** What becomes of a campaign before it starts: it is rewritten, submitted, and others agree to it or do not. Rollout thread only. */
final class Reviews {
    private final RolloutEngine engine;

    Reviews(RolloutEngine engine) {
        this.engine = engine;
    }

    /** How many others must agree before it may start: what its class asks, or more if it asks for more itself. A rollback waits for nobody. */
    int needed(CampaignSpec spec) {
        if (spec.terms().rollbackOf().isPresent()) {
            return 0;
        }
        int byClass = engine.state()
                .find(spec.packageId())
                .map(found -> ruleOf(found).approvals())
                .orElse(0);
        return Math.max(byClass, spec.terms().approvals());
    }

    private CampaignRules.ClassRule ruleOf(FirmwarePackage firmwarePackage) {
        return engine.parts().settings().rules().of(firmwarePackage);
    }

    /** @throws OrderRefused if not enough have agreed to start it */
    void expectEnough(Campaign campaign) {
        int needed = needed(campaign.spec());
        int given = campaign.review().approvals().size();
        if (given < needed) {
            throw new OrderRefused(
                    Kind.CONFLICT,
                    "approval-missing",
                    "campaign \"%s\" has %d of %d approvals (%s)"
                            .formatted(
                                    campaign.id(),
                                    given,
                                    needed,
                                    campaign.phase() == CampaignPhase.DRAFT
                                            ? "submit it first"
                                            : "others than its authors must approve it"));
        }
    }

    Campaign edit(CampaignId id, CampaignSpec spec, String by) {
        CampaignRun run = runOf(id);
        if (run.campaign().spec().equals(spec)) {
            return run.campaign();
        }
        expectNoRollback(run, "edit");
        spec.selection().supersedes().ifPresent(this::runOf);
        Optional<FirmwarePackage> firmwarePackage = engine.state().find(spec.packageId());
        if (firmwarePackage.isEmpty()) {
            throw new OrderRefused(
                    Kind.NOT_FOUND, "unknown-package", "package \"" + spec.packageId() + "\" does not exist");
        }
        if (firmwarePackage.get().revoked()) {
            throw new OrderRefused(Kind.CONFLICT, "package-revoked", "package " + spec.packageId() + " is revoked");
        }
        return moved(run, new CampaignEvent.Edited(spec, by), by, "edit");
    }

    Campaign submit(CampaignId id, String by) {
        CampaignRun run = runOf(id);
        expectNoRollback(run, "submit");
        return run.campaign().phase() == CampaignPhase.PENDING_APPROVAL
                ? run.campaign()
                : moved(
                        run,
                        new CampaignEvent.Submitted(by, needed(run.campaign().spec())),
                        by,
                        "submit");
    }

    /** What it takes back, from whom and to which package is settled, and another campaign waits for its end. */
    private static void expectNoRollback(CampaignRun run, String what) {
        run.campaign().spec().terms().rollbackOf().ifPresent(parent -> {
            throw new OrderRefused(
                    Kind.CONFLICT,
                    "is-a-rollback",
                    "campaign \"" + run.campaign().id() + "\" takes back \"" + parent + "\": cannot " + what);
        });
    }

    /** @param admin whether {@code by} is one */
    Campaign approve(CampaignId id, String reason, String by, boolean admin) {
        CampaignRun run = pending(id, "approve");
        Review review = run.campaign().review();
        boolean byAdmins = engine.state()
                .find(run.campaign().spec().packageId())
                .filter(found -> ruleOf(found).byAdmins())
                .isPresent();
        if (byAdmins && !admin) {
            throw new OrderRefused(
                    Kind.CONFLICT, "not-an-approver", "campaigns with packages of this class are approved by admins");
        }
        if (review.approvals().stream().anyMatch(given -> given.by().equals(by))) {
            return run.campaign();
        }
        if (!review.mayApprove(by)) {
            throw new OrderRefused(
                    Kind.CONFLICT,
                    "own-campaign",
                    "campaign \"" + id + "\" was written or submitted by " + by
                            + " (expected: somebody else approves)");
        }
        return moved(run, new CampaignEvent.Approved(by, reason), by, "approve");
    }

    Campaign reject(CampaignId id, String reason, String by) {
        return moved(pending(id, "reject"), new CampaignEvent.Rejected(by, reason), by, "reject");
    }

    private CampaignRun pending(CampaignId id, String what) {
        CampaignRun run = runOf(id);
        if (run.campaign().phase() != CampaignPhase.PENDING_APPROVAL) {
            throw wrongPhase(run, what);
        }
        return run;
    }

    private Campaign moved(CampaignRun run, CampaignEvent event, String by, String what) {
        if (!engine.campaignEvent(run, event, by)) {
            throw wrongPhase(run, what);
        }
        return run.campaign();
    }

    private static OrderRefused wrongPhase(CampaignRun run, String what) {
        return new OrderRefused(
                Kind.CONFLICT,
                "wrong-phase",
                "campaign \"" + run.campaign().id() + "\" is " + run.campaign().phase() + ": cannot " + what);
    }

    private CampaignRun runOf(CampaignId id) {
        return engine.state()
                .run(id)
                .orElseThrow(() ->
                        new OrderRefused(Kind.NOT_FOUND, "unknown-campaign", "campaign \"" + id + "\" does not exist"));
    }
}
