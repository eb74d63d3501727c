package wavegate.firmware.update;

import java.util.List;
import java.util.Optional;
import wavegate.firmware.device.ClientBehaviour;

/**
 * What one signal does to an update.
 *
 * @param next the row afterwards; the same object if nothing changed
 * @param commands to send once {@code next} is in the ledger, in order
 * @param shown what the device has shown of its client by this, if anything
 * @param row id of the table row taken; empty if no row matched and the signal is ignored
 */
public record UpdateStep(Update next, List<UpdateCommand> commands, Optional<ClientBehaviour> shown, String row) {
    UpdateStep(Update next, List<UpdateCommand> commands, String row) {
        this(next, commands, Optional.empty(), row);
    }

    public UpdateStep {
        commands = List.copyOf(commands);
    }

    public boolean ignored() {
        return row.isEmpty();
    }
}
