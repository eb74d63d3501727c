package wavegate.server.rollout;

import static wavegate.server.rollout.FifteenInvariants.require;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.campaign.Schedule;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.update.DispatchScope;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateId;

/** What is to hold of all that leaves for a device, and of what the device then does. */
final class InvariantsOfDispatches {
    private final ToldSoFar told;
    private final Set<UpdateId> dispatchedUnread = new HashSet<>();

    InvariantsOfDispatches(ToldSoFar told) {
        this.told = told;
    }

    /** A Package URI, the first block of a push or an Execute leaves. */
    void dispatched(UpdateId update, DispatchScope scope) {
        invariant3NothingLeavesUnderAKillSwitch(scope);
        invariant5NothingIsSentAgainUnread(update);
    }

    /** A block leaves. */
    void served(DispatchScope scope) {
        invariant3NothingLeavesUnderAKillSwitch(scope);
    }

    /** The server wants an Execute to leave, as soon as what was sent before it is through. */
    void executes(UpdateId update, Instant at) {
        Schedule schedule = told.campaign(update.campaign()).spec().terms().schedule();
        require(
                2,
                schedule.contains(at, ZoneOffset.UTC),
                update + " was told to execute at " + at + ", outside " + schedule.windows());
    }

    /** The server was told what the device shows. */
    void read(UpdateId update) {
        dispatchedUnread.remove(update);
    }

    private void invariant3NothingLeavesUnderAKillSwitch(DispatchScope scope) {
        require(3, told.killOver(scope).isEmpty(), "a dispatch of " + scope + " under " + told.killOver(scope));
        require(
                3,
                !told.packages.get(scope.packageId()).revoked(),
                "a dispatch of package " + scope.packageId() + ", which is revoked");
    }

    private void invariant5NothingIsSentAgainUnread(UpdateId update) {
        require(5, dispatchedUnread.add(update), update + " was sent again before it was read");
        @Nullable Update row = told.latest.get(update);
        require(5, row != null && !row.isFinal(), update + " was sent, and is not open in the ledger");
    }

    /** What the boot stage of a device counts. */
    void applied(Endpoint endpoint, String image, int times) {
        require(5, times == 1, endpoint + " applied download " + image + " " + times + " times");
        require(5, !image.equals("foreign"), endpoint + " was told to apply an image that is not ours");
    }
}
