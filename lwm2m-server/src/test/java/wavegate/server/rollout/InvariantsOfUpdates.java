package wavegate.server.rollout;

import static wavegate.server.rollout.FifteenInvariants.require;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.KillReceipt;
import wavegate.firmware.campaign.Membership;
import wavegate.firmware.campaign.Schedule;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdateMachine;
import wavegate.firmware.update.UpdatePhase;

/** What is to hold of each update, judged from the facts in the order of the ledger. */
final class InvariantsOfUpdates {
    private final ToldSoFar told;
    private final Function<Endpoint, Set<FirmwareVersion>> ran;

    InvariantsOfUpdates(ToldSoFar told, Function<Endpoint, Set<FirmwareVersion>> ran) {
        this.told = told;
        this.ran = ran;
    }

    void fact(Fact fact) {
        if (fact instanceof Fact.UpdateChanged changed) {
            update(changed);
        } else if (fact instanceof Fact.UpdateAnnotated note) {
            invariant11OnlyEndsAreAnnotated(note.update());
        } else if (fact instanceof Fact.KillSwitchReported reported) {
            invariant4ReceiptTellsTheTruth(reported.receipt());
        }
    }

    private void update(Fact.UpdateChanged changed) {
        Update update = changed.update();
        @Nullable Update before = told.latest.get(update.id());
        // One that let another campaign go first begins anew; one that is declined is not begun.
        boolean begins = before == null || UpdateMachine.gaveWay(before);
        if (begins) {
            invariant7MembersStayWhereTheyAre(update);
        }
        if (begins && !update.isFinal()) {
            invariant2ReservedOnlyWhileItMay(update, changed.at());
            invariant8NoWaveBeforeThePassBeforeIt(update);
            invariant9ControlIsLeftAlone(update);
        }
        if (before != null && !begins) {
            invariant11EndsAreFinal(before, update);
            invariant4ApplyingIsLeftAlone(before, update, changed.row());
        }
        invariant1OneActiveUpdate(update);
        invariant5SuccessIsTrue(update);
    }

    private void invariant1OneActiveUpdate(Update update) {
        @Nullable UpdateId open = told.openOf.get(update.endpoint());
        require(
                1,
                update.isFinal() || open == null || open.equals(update.id()),
                update.id() + " is active beside " + open);
    }

    private void invariant2ReservedOnlyWhileItMay(Update update, Instant at) {
        Campaign campaign = told.campaign(update.campaign());
        require(
                2,
                campaign.phase() == CampaignPhase.RUNNING,
                update.id() + " was reserved while its campaign is " + campaign.phase());
        require(
                2,
                told.killOver(update.scope()).isEmpty(),
                update.id() + " was reserved under " + told.killOver(update.scope()));
        require(
                2,
                told.packages.containsKey(update.packageId())
                        && !told.packages.get(update.packageId()).revoked(),
                update.id() + " was reserved for a revoked package");
        Schedule schedule = campaign.spec().terms().schedule();
        require(
                2,
                schedule.contains(at, ZoneOffset.UTC),
                update.id() + " was reserved at " + at + ", outside " + schedule.windows());
    }

    private void invariant4ApplyingIsLeftAlone(Update before, Update update, String row) {
        boolean calledOff = before.phase().isApplying() && update.phase() == UpdatePhase.CANCELLED;
        // U2: the fence kept the Execute back. X4: the device was taken out of the fleet.
        require(
                4,
                !calledOff || row.equals("U2") || row.equals("X4"),
                update.id() + " was called off while it may be applying, by " + row);
    }

    private void invariant4ReceiptTellsTheTruth(KillReceipt receipt) {
        int left = 0;
        for (UpdateId id : told.openOf.values()) {
            Update update = Objects.requireNonNull(told.latest.get(id));
            if (receipt.killSwitch().scope().covers(update.scope())) {
                left++;
                require(
                        4,
                        update.phase().isApplying(),
                        update.id() + " is " + update.where() + " after the receipt of "
                                + receipt.killSwitch().scope());
            }
        }
        require(
                4,
                receipt.leftAlone() == left,
                "receipt says " + receipt.leftAlone() + " left alone, there are " + left);
    }

    private void invariant5SuccessIsTrue(Update update) {
        require(
                5,
                update.phase() != UpdatePhase.SUCCESS
                        || ran.apply(update.endpoint()).contains(update.target()),
                update.endpoint() + " is SUCCESS without ever having run " + update.target());
    }

    private void invariant7MembersStayWhereTheyAre(Update update) {
        Membership membership = told.members.get(update.campaign());
        require(
                7,
                membership != null
                        && update.wave() < membership.waves().size()
                        && membership.waves().get(update.wave()).members().contains(update.endpoint()),
                update.id() + " is no member of wave " + update.wave());
    }

    private void invariant8NoWaveBeforeThePassBeforeIt(Update update) {
        for (Wave wave : told.campaign(update.campaign()).waves()) {
            require(
                    8,
                    wave.index() >= update.wave() || wave.phase() == WavePhase.PASSED,
                    update.id() + " of wave " + update.wave() + " began while wave " + wave.index() + " is "
                            + wave.phase());
        }
    }

    private void invariant9ControlIsLeftAlone(Update update) {
        told.members.forEach((id, membership) -> {
            for (Wave wave : told.campaign(id).waves()) {
                boolean undecided = told.campaign(id).phase().isOpen()
                        && wave.phase() != WavePhase.PENDING
                        && !wave.phase().isFinal();
                require(
                        9,
                        !undecided
                                || !membership
                                        .waves()
                                        .get(wave.index())
                                        .control()
                                        .contains(update.endpoint()),
                        update.id() + " was reserved while control of " + id + " wave " + wave.index());
            }
        });
    }

    private static void invariant11EndsAreFinal(Update before, Update update) {
        boolean askedAgain = update.phase() == UpdatePhase.RETRY
                && update.detail() == UpdateDetail.ASKED
                && before.phase() != UpdatePhase.SUCCESS;
        require(
                11,
                !before.isFinal() || askedAgain,
                update.id() + " left its end " + before.where() + " for " + update.where());
        require(11, update.step() > before.step(), update.id() + " step " + before.step() + " -> " + update.step());
        require(
                11,
                update.wave() == before.wave() && update.packageId().equals(before.packageId()),
                update.id() + " is of another wave or package than it was");
    }

    private void invariant11OnlyEndsAreAnnotated(UpdateId id) {
        @Nullable Update update = told.latest.get(id);
        require(11, update != null && update.isFinal(), id + " was annotated before its end");
    }
}
