package wavegate.server.delivery;

import java.util.List;
import org.eclipse.leshan.core.link.lwm2m.attributes.LwM2mAttributeSet;
import org.eclipse.leshan.core.link.lwm2m.attributes.LwM2mAttributes;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.request.DownlinkRequest;
import org.eclipse.leshan.core.request.ObserveRequest;
import org.eclipse.leshan.core.request.WriteAttributesRequest;
import org.eclipse.leshan.core.response.LwM2mResponse;
import org.eclipse.leshan.core.response.ObserveResponse;
import org.eclipse.leshan.server.LeshanServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.object.FirmwareUpdateObject;
import wavegate.firmware.update.FirmwareSlot;
import wavegate.firmware.update.UpdateCommand;

/**
 * Observes State and Update Result, with a minimum period of 0 first, since a longer one hides short states. Goes through Leshan, which keeps
 * the observations. Best effort: a refused step is passed over.
 */
final class ObserveErrand extends Errand {
    private static final Logger LOG = LoggerFactory.getLogger(ObserveErrand.class);
    private static final List<Integer> WATCHED =
            List.of(FirmwareUpdateObject.STATE, FirmwareUpdateObject.UPDATE_RESULT);

    private final FirmwareSlot slot;
    private final LeshanServer server;
    private final long timeoutMillis;

    ObserveErrand(UpdateCommand.ObserveStatus command, LeshanServer server, long timeoutMillis, Surroundings around) {
        super(command.update().endpoint(), command.update(), command.step(), null, around);
        this.slot = command.slot();
        this.server = server;
        this.timeoutMillis = timeoutMillis;
    }

    @Override
    boolean answers() {
        return false;
    }

    @Override
    void begin() {
        if (Wire.byOscore(registration())) {
            // The library loses notifications under OSCORE; the loop reads in any case.
            end(null);
            return;
        }
        step(0);
    }

    private void step(int index) {
        if (isOver()) {
            return;
        }
        if (index == 2 * WATCHED.size()) {
            end(null);
            return;
        }
        LwM2mPath path = new LwM2mPath(slot.object(), slot.instance(), WATCHED.get(index / 2));
        if (index % 2 == 0) {
            LwM2mAttributeSet attributes =
                    new LwM2mAttributeSet(LwM2mAttributes.create(LwM2mAttributes.MINIMUM_PERIOD, 0L));
            ask(new WriteAttributesRequest(path.toString(), attributes), index);
        } else {
            ask(new ObserveRequest(path.toString()), index);
        }
    }

    private <T extends LwM2mResponse> void ask(DownlinkRequest<T> request, int index) {
        waiting();
        try {
            server.send(
                    registration(),
                    request,
                    timeoutMillis,
                    (T response) -> {
                        // Some answer an Observe as a plain Read.
                        boolean observed =
                                response instanceof ObserveResponse answer && answer.getObservation() != null;
                        if (index % 2 == 1 && !observed) {
                            observeRefused();
                        }
                        step(index + 1);
                    },
                    error -> end(null));
        } catch (RuntimeException e) {
            LOG.debug("observe ep={} not sent", endpoint(), e);
            end(null);
        }
    }
}
