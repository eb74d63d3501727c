package wavegate.server.ledger;

import java.util.Optional;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.event.Fact;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdateMachine;

/**
 * Which facts stand in for those before them. A state is the same whether it was folded from every fact or from these alone: devices first, so
 * that what comes after can share their names, then the rest in the order of the ledger; of each key the latest, and besides it every fact that
 * leaves a mark. A fact without a key is always kept: that is right for a type that is not named here too, and only costs space.
 */
public final class FactKeys {
    /** How many kinds there are. */
    public static final int KINDS = 2;

    private static final int DEVICE = 0;
    private static final int REST = 1;

    private FactKeys() {}

    /**
     * Which comes first: 0 before 1.
     *
     * @param follows whether a fact that {@link #leavesMark leaves a mark} was the latest of its key
     */
    public static int kind(Fact fact, boolean follows) {
        // A device that was removed once comes again after the fact that removes it.
        return fact instanceof Fact.DeviceChanged && !follows ? DEVICE : REST;
    }

    /** What the fact tells the latest of; empty if it is kept whatever comes later. */
    public static Optional<String> key(Fact fact) {
        if (fact instanceof Fact.DeviceChanged changed) {
            return Optional.of("d" + changed.device().endpoint().name());
        }
        if (fact instanceof Fact.DeviceRemoved removed) {
            return Optional.of("d" + removed.endpoint().name());
        }
        if (fact instanceof Fact.UpdateChanged changed) {
            return Optional.of("u" + changed.update().campaign().value() + '\0'
                    + changed.update().endpoint().name());
        }
        if (fact instanceof Fact.EvidenceNoted noted) {
            return Optional.of("e" + noted.campaign().value() + '\0' + noted.wave() + '\0'
                    + noted.evidence().endpoint().name());
        }
        return Optional.empty();
    }

    /**
     * Whether a fact counts although later ones of its key hide it. An integrity failure is a mark against the package for good, unless it was a
     * delta's, which only the row before tells; a closed artifact stays closed; a removal takes a device out of its campaigns. Such a fact is kept,
     * and the one after it.
     */
    public static boolean leavesMark(Fact fact, boolean follows) {
        if (fact instanceof Fact.DeviceRemoved) {
            return true;
        }
        if (fact instanceof Fact.DeviceChanged) {
            return follows;
        }
        if (!(fact instanceof Fact.UpdateChanged changed)) {
            return false;
        }
        Update update = changed.update();
        return update.lastResult().equals(UpdateResult.INTEGRITY_FAILURE)
                || update.detail() == UpdateDetail.INTEGRITY
                || update.detail() == UpdateDetail.DELTA_FAILED
                || UpdateMachine.closesArtifact(update);
    }

    /** The device whose removal asks what had become of it by then: such a fact is kept when that device is removed after it. */
    public static Optional<Endpoint> about(Fact fact) {
        if (fact instanceof Fact.UpdateChanged changed) {
            return Optional.of(changed.update().endpoint());
        }
        return fact instanceof Fact.EvidenceNoted noted
                ? Optional.of(noted.evidence().endpoint())
                : Optional.empty();
    }
}
