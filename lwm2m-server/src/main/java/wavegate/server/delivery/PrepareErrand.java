package wavegate.server.delivery;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.leshan.core.node.LwM2mPath;
import wavegate.firmware.object.FirmwareUpdateObject;
import wavegate.firmware.update.UpdateCommand;

/** Writes how a delivery is to be handled, one resource after the other. Best effort: what is refused or lost is passed over. */
final class PrepareErrand extends Errand {
    private record Value(int resource, String text) {}

    private final UpdateCommand.PrepareObject command;
    private final Deque<Value> left = new ArrayDeque<>();

    PrepareErrand(UpdateCommand.PrepareObject command, Surroundings around) {
        super(command.update().endpoint(), command.update(), command.step(), null, around);
        this.command = command;
        command.severity()
                .ifPresent(value -> left.add(new Value(FirmwareUpdateObject.SEVERITY, Integer.toString(value))));
        command.deferSeconds()
                .ifPresent(
                        value -> left.add(new Value(FirmwareUpdateObject.MAXIMUM_DEFER_PERIOD, Long.toString(value))));
        if (command.holdUpgrade()) {
            left.add(new Value(FirmwareUpdateObject.AUTOMATIC_UPGRADE, "0"));
        }
    }

    @Override
    boolean answers() {
        return false;
    }

    @Override
    void begin() {
        Value value = left.poll();
        if (value == null) {
            end(null);
            return;
        }
        LwM2mPath path = new LwM2mPath(command.slot().object(), command.slot().instance(), value.resource());
        send(
                DeviceRequest.write(
                        registration(),
                        path,
                        MediaTypeRegistry.TEXT_PLAIN,
                        value.text().getBytes(StandardCharsets.UTF_8),
                        null),
                response -> begin());
    }
}
