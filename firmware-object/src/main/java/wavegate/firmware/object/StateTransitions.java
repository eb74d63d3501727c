package wavegate.firmware.object;

import static wavegate.firmware.object.UpdateState.DOWNLOADED;
import static wavegate.firmware.object.UpdateState.DOWNLOADING;
import static wavegate.firmware.object.UpdateState.IDLE;
import static wavegate.firmware.object.UpdateState.UPDATING;

import java.util.List;
import java.util.Set;

/** The transitions T1 to T15 that OMA draws for a conforming device. The figure is "a possible implementation": a server must not rely on it. */
public final class StateTransitions {
    /** What makes a device move. */
    public enum Trigger {
        PACKAGE_WRITTEN,
        URI_WRITTEN,
        DOWNLOAD_FINISHED,
        DOWNLOAD_FAILED,
        URI_UNUSABLE,
        INTEGRITY_FAILED,
        CANCEL_EXECUTED,
        UPDATE_EXECUTED,
        UPDATE_DEFERRED,
        RESET_WRITTEN,
        UPDATE_SUCCEEDED,
        UPDATE_FAILED
    }

    /** One row: a device in {@code from} that meets {@code trigger} goes to {@code to} and then shows one of {@code results}. */
    public record Row(String id, UpdateState from, Trigger trigger, UpdateState to, Set<Integer> results) {}

    public static final List<Row> ROWS = List.of(
            new Row("T1", IDLE, Trigger.PACKAGE_WRITTEN, DOWNLOADING, Set.of(0)),
            new Row("T2", IDLE, Trigger.URI_WRITTEN, DOWNLOADING, Set.of(0)),
            new Row("T3", DOWNLOADING, Trigger.DOWNLOAD_FINISHED, DOWNLOADED, Set.of(0)),
            new Row("T4", DOWNLOADING, Trigger.DOWNLOAD_FAILED, IDLE, Set.of(2, 3, 4)),
            new Row("T5", DOWNLOADING, Trigger.URI_UNUSABLE, IDLE, Set.of(6, 7, 9)),
            new Row("T6", DOWNLOADING, Trigger.INTEGRITY_FAILED, IDLE, Set.of(5)),
            new Row("T7", DOWNLOADING, Trigger.CANCEL_EXECUTED, IDLE, Set.of(10)),
            new Row("T8", DOWNLOADED, Trigger.UPDATE_EXECUTED, UPDATING, Set.of(0)),
            new Row("T9", DOWNLOADED, Trigger.UPDATE_DEFERRED, DOWNLOADED, Set.of(11)),
            new Row("T10", DOWNLOADED, Trigger.RESET_WRITTEN, IDLE, Set.of(0)),
            new Row("T11", DOWNLOADED, Trigger.CANCEL_EXECUTED, IDLE, Set.of(10)),
            new Row("T12", UPDATING, Trigger.UPDATE_SUCCEEDED, IDLE, Set.of(1)),
            new Row("T13", UPDATING, Trigger.INTEGRITY_FAILED, IDLE, Set.of(5)),
            new Row("T14", UPDATING, Trigger.UPDATE_FAILED, IDLE, Set.of(8)),
            new Row("T15", UPDATING, Trigger.UPDATE_FAILED, DOWNLOADED, Set.of(8)));

    private StateTransitions() {}

    /** The rows a device in {@code from} may take on {@code trigger}; empty where OMA draws none. */
    public static List<Row> from(UpdateState from, Trigger trigger) {
        return ROWS.stream()
                .filter(row -> row.from() == from && row.trigger() == trigger)
                .toList();
    }
}
