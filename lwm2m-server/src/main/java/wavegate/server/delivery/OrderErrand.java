package wavegate.server.delivery;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.server.registration.Registration;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.ResetMeans;
import wavegate.firmware.object.FirmwareUpdateObject;
import wavegate.firmware.update.DispatchScope;
import wavegate.firmware.update.FirmwareSlot;
import wavegate.firmware.update.UpdateCommand;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdateSignal;
import wavegate.firmware.update.UpdateSignal.LinkFailed;
import wavegate.firmware.update.UpdateSignal.Refused;

/** A Write or Execute of a few bytes: reset, cancel, Package URI, Update, Registration Update Trigger. */
final class OrderErrand extends Errand {
    private static final LwM2mPath REBOOT = new LwM2mPath(3, 0, 4);

    /** Sends the first request of an order. */
    private interface Opening {
        void of(OrderErrand order, Registration to);
    }

    private final Opening opening;

    private OrderErrand(
            Endpoint endpoint,
            @Nullable UpdateId update,
            int step,
            @Nullable DispatchScope scope,
            Opening opening,
            Surroundings around) {
        super(endpoint, update, step, scope, around);
        this.opening = opening;
    }

    static OrderErrand reset(UpdateCommand.ResetObject command, Surroundings around) {
        return plain(
                command,
                (order, to) -> order.send(reset(to, command.slot(), command.means()), order::resetAnswered),
                around);
    }

    /** Cancel exists since object version 1.1, which devices have without saying so: it is tried, and a refusal means an empty Package URI. */
    static OrderErrand cancel(UpdateCommand.CancelDownload command, Surroundings around) {
        return plain(
                command,
                (order, to) -> order.send(
                        DeviceRequest.execute(to, path(command.slot(), FirmwareUpdateObject.CANCEL), null),
                        response -> {
                            if (response.isSuccess()) {
                                order.resetAnswered(response);
                            } else {
                                order.send(emptyUri(order.registration(), command.slot()), order::resetAnswered);
                            }
                        }),
                around);
    }

    /** @param uriFor the URI for a device registered with or without security; where there is none, the order has no way */
    static OrderErrand uri(
            UpdateCommand.WritePackageUri command, Function<Boolean, Optional<String>> uriFor, Surroundings around) {
        return dispatch(
                command,
                command.scope(),
                (order, to) -> uriFor.apply(Wire.secure(to))
                        .ifPresentOrElse(
                                uri -> order.send(
                                        DeviceRequest.write(
                                                to,
                                                path(command.slot(), FirmwareUpdateObject.PACKAGE_URI),
                                                MediaTypeRegistry.TEXT_PLAIN,
                                                uri.getBytes(StandardCharsets.UTF_8),
                                                command.scope()),
                                        response -> order.endWith(response, new UpdateSignal.UriAccepted())),
                                () -> order.end(new LinkFailed(LinkFailed.Why.BROKEN))),
                around);
    }

    static OrderErrand execute(UpdateCommand.ExecuteUpdate command, Surroundings around) {
        return dispatch(
                command,
                command.scope(),
                (order, to) -> order.send(
                        DeviceRequest.execute(
                                to,
                                path(command.slot(), FirmwareUpdateObject.UPDATE),
                                command.scope(),
                                command.argument()),
                        response -> order.endWith(response, new UpdateSignal.ExecuteAccepted())),
                around);
    }

    /** Executes a resource of our own Server object instance, the first the device registered. */
    static OrderErrand trigger(Endpoint endpoint, int resource, Surroundings around) {
        return new OrderErrand(
                endpoint,
                null,
                0,
                null,
                (order, to) -> {
                    int instance = to.getAvailableInstances().stream()
                            .filter(path -> path.getObjectId() == 1)
                            .mapToInt(LwM2mPath::getObjectInstanceId)
                            .findFirst()
                            .orElse(0);
                    order.send(
                            DeviceRequest.execute(to, new LwM2mPath(1, instance, resource), null),
                            response -> order.end(null));
                },
                around);
    }

    @Override
    void begin() {
        opening.of(this, registration());
    }

    private void resetAnswered(Response response) {
        end(new UpdateSignal.ResetAnswered());
    }

    private void endWith(Response response, UpdateSignal accepted) {
        end(response.isSuccess() ? accepted : new Refused(code(response)));
    }

    private static OrderErrand plain(UpdateCommand command, Opening opening, Surroundings around) {
        return new OrderErrand(command.update().endpoint(), command.update(), command.step(), null, opening, around);
    }

    private static OrderErrand dispatch(
            UpdateCommand command, DispatchScope scope, Opening opening, Surroundings around) {
        return new OrderErrand(command.update().endpoint(), command.update(), command.step(), scope, opening, around);
    }

    private static DeviceRequest reset(Registration to, FirmwareSlot slot, ResetMeans means) {
        return switch (means) {
            case CANCEL -> DeviceRequest.execute(to, path(slot, FirmwareUpdateObject.CANCEL), null);
            case ZERO_BYTE ->
                DeviceRequest.write(
                        to,
                        path(slot, FirmwareUpdateObject.PACKAGE),
                        MediaTypeRegistry.APPLICATION_OCTET_STREAM,
                        new byte[1],
                        null);
            case REBOOT -> DeviceRequest.execute(to, REBOOT, null);
            // A new push is a delivery, and never asked for as a reset.
            case EMPTY_URI, NEW_PUSH -> emptyUri(to, slot);
        };
    }

    private static DeviceRequest emptyUri(Registration to, FirmwareSlot slot) {
        return DeviceRequest.write(
                to, path(slot, FirmwareUpdateObject.PACKAGE_URI), MediaTypeRegistry.TEXT_PLAIN, new byte[0], null);
    }

    private static LwM2mPath path(FirmwareSlot slot, int resource) {
        return new LwM2mPath(slot.object(), slot.instance(), resource);
    }
}
