package wavegate.server.terminal;

import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.object.DeliveryMethod;
import wavegate.firmware.object.FirmwareStatus;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;
import wavegate.firmware.update.DeviceStatus;
import wavegate.server.rollout.VersionDesk.Format;
import wavegate.server.rollout.VersionDesk.Reply;

/**
 * A question that waits for its answer: as long as it does, the terminal can be read. Whoever ends it first answers it. The fields that change
 * belong to the rollout thread, but for the end.
 */
final class Exchange {
    /** No result of a terminal: a package on it that is not the one asked about. It ends attempts and is never executed. */
    private static final UpdateResult NOT_OURS = new UpdateResult(255);

    final CheckIn checkIn;
    final UpdateProtocol by;
    final Format format;
    final long overdueMillis;
    private final Reply reply;

    /** Answers given to the loop for it, and how many of them a turn is known to have taken. */
    int given;

    int taken;
    int rounds;
    /** The server has forgotten an old result; the terminal does with the next offer. */
    boolean cleared;

    /** What the terminal would have to say of the offer; nothing was sent. Null while nothing speaks against it. */
    @Nullable UpdateResult foreseen;

    private boolean over;

    Exchange(CheckIn checkIn, UpdateProtocol by, Format format, Reply reply, long overdueMillis) {
        this.checkIn = checkIn;
        this.by = by;
        this.format = format;
        this.reply = reply;
        this.overdueMillis = overdueMillis;
    }

    synchronized boolean isOver() {
        return over;
    }

    /** @return whether it was open: then the caller answers it */
    synchronized boolean end() {
        boolean was = !over;
        over = true;
        return was;
    }

    Reply reply() {
        return reply;
    }

    Set<UpdateProtocol> fetches() {
        return checkIn.fetches().isEmpty() ? Set.of(by) : checkIn.fetches();
    }

    boolean secure() {
        return by == UpdateProtocol.COAPS || by == UpdateProtocol.HTTPS;
    }

    /**
     * What a burst of reads would have shown.
     *
     * @param ours whether what the terminal says is about the update that reads it, and not about an earlier one
     * @param offered whether an offer of that update stands: a terminal that has not begun is on its way
     */
    DeviceStatus status(boolean ours, boolean offered) {
        return new DeviceStatus(
                true,
                firmware(ours, offered),
                checkIn.version(),
                checkIn.identity(),
                DeliveryMethod.PULL,
                fetches(),
                checkIn.batteryPercent(),
                checkIn.freeBytes().isPresent()
                        ? OptionalLong.of(checkIn.freeBytes().getAsLong() / 1024)
                        : OptionalLong.empty());
    }

    private FirmwareStatus firmware(boolean ours, boolean offered) {
        UpdateResult ahead = foreseen;
        if (ahead != null) {
            return new FirmwareStatus(UpdateState.IDLE, ahead);
        }
        if (checkIn.state() == UpdateState.IDLE) {
            UpdateResult result = ours && !cleared ? checkIn.result() : UpdateResult.INITIAL;
            boolean onItsWay = offered && result.equals(UpdateResult.INITIAL);
            return new FirmwareStatus(onItsWay ? UpdateState.DOWNLOADING : UpdateState.IDLE, result);
        }
        if (checkIn.state() == UpdateState.DOWNLOADED && !ours) {
            return new FirmwareStatus(UpdateState.DOWNLOADED, NOT_OURS);
        }
        return new FirmwareStatus(checkIn.state(), checkIn.result());
    }
}
