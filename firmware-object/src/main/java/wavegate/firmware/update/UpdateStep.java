package wavegate.firmware.update;

import java.util.List;

/**
 * What one signal does to an update.
 *
 * @param next the row afterwards; the same object if nothing changed
 * @param commands to send once {@code next} is in the ledger, in order
 * @param row id of the table row taken; empty if no row matched and the signal is ignored
 */
public record UpdateStep(Update next, List<UpdateCommand> commands, String row) {
    public UpdateStep {
        commands = List.copyOf(commands);
    }

    public boolean ignored() {
        return row.isEmpty();
    }
}
