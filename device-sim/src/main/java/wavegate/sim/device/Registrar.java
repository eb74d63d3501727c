package wavegate.sim.device;

import java.util.List;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;

/**
 * Keeps the device registered: Register after every boot, Update before the lifetime ends or when asked, Register again when the server
 * does not know the registration any more or stays silent.
 */
final class Registrar implements Exchanges.Answer {
    /** What the rest of the device hears of. */
    interface Events {
        void registered();

        /** The server was not reached, or has refused, several times in a row. */
        void refused();
    }

    private enum Phase {
        OFF,
        UNREGISTERED,
        REGISTERING,
        REGISTERED,
        UPDATING
    }

    /** At most this many times the pause between two attempts that failed. */
    private static final int MAX_BACK_OFF = 8;

    /** After so many attempts a module with a bootstrap server doubts its account. */
    private static final int REFUSALS_IN_A_ROW = 5;

    private static final String RESOURCE = "rd";

    private final DeviceContext context;
    private final Exchanges exchanges;
    private final Events events;
    private Phase phase = Phase.OFF;
    private List<String> location = List.of();
    private long nextAt = DeviceContext.NEVER;
    private int failures;
    private boolean updateWanted;

    Registrar(DeviceContext context, Exchanges exchanges, Events events) {
        this.context = context;
        this.exchanges = exchanges;
        this.events = events;
    }

    boolean registered() {
        return phase == Phase.REGISTERED || phase == Phase.UPDATING;
    }

    void powerOn() {
        phase = Phase.UNREGISTERED;
        nextAt = context.now();
        failures = 0;
        updateWanted = false;
    }

    void powerOff() {
        phase = Phase.OFF;
        nextAt = DeviceContext.NEVER;
    }

    /** The server asked for an Update, or something suggests that it has forgotten us. */
    void updateSoon() {
        updateWanted = true;
        if (phase == Phase.REGISTERED) {
            nextAt = context.now();
        }
    }

    long wakeAt() {
        return nextAt;
    }

    void wake() {
        if (context.now() < nextAt) {
            return;
        }
        nextAt = DeviceContext.NEVER;
        if (phase == Phase.UNREGISTERED) {
            register();
        } else if (phase == Phase.REGISTERED) {
            if (context.profile.has(Quirk.WAKES_BY_REGISTERING)
                    && context.profile.link().queueMode()) {
                register();
            } else {
                update();
            }
        }
    }

    private void register() {
        phase = Phase.REGISTERING;
        updateWanted = false;
        DeviceProfile profile = context.profile;
        boolean old = profile.release() == LwM2mRelease.V1_0;
        boolean queue = profile.link().queueMode();
        Request request = new Request(CoAP.Code.POST, CoAP.Type.CON);
        request.getOptions()
                .addUriPath(RESOURCE)
                .setContentFormat(MediaTypeRegistry.APPLICATION_LINK_FORMAT)
                .addUriQuery("ep=" + context.identity.endpoint())
                .addUriQuery("lt=" + context.lifetimeSeconds())
                .addUriQuery("lwm2m=" + profile.release().text())
                .addUriQuery("b=" + binding(old && queue));
        if (queue && !old) {
            request.getOptions().addUriQuery("Q");
        }
        if (!context.identity.region().isEmpty()) {
            request.getOptions().addUriQuery("region=" + context.identity.region());
        }
        if (!context.identity.carrier().isEmpty()) {
            request.getOptions().addUriQuery("carrier=" + context.identity.carrier());
        }
        if (profile.has(Quirk.DELTA)) {
            request.getOptions().addUriQuery("delta=bsdiff");
        }
        request.setPayload(RegistrationLinks.of(profile, context.serverInstance()));
        exchanges.request(context.server(), request, this);
    }

    /** 1.0 has queue mode in the binding; 1.2 may name another transport besides. */
    private String binding(boolean queue) {
        return switch (context.profile.release()) {
            case V1_0 -> queue ? "UQ" : "U";
            case V1_1 -> "U";
            case V1_2 -> "UT";
        };
    }

    private void update() {
        phase = Phase.UPDATING;
        updateWanted = false;
        Request request = new Request(CoAP.Code.POST, CoAP.Type.CON);
        location.forEach(request.getOptions()::addUriPath);
        exchanges.request(context.server(), request, this);
    }

    @Override
    public void onResponse(Message message) {
        if (!(message instanceof Response response)) {
            return;
        }
        if (phase == Phase.REGISTERING) {
            onRegistered(response);
        } else if (phase == Phase.UPDATING) {
            onUpdated(response);
        }
    }

    private void onRegistered(Response response) {
        if (response.getCode() != ResponseCode.CREATED || response.getOptions().getLocationPathCount() == 0) {
            retryRegistration();
            return;
        }
        // A list that cannot grow, and one name of the resource they all have: there is a location per device of the
        // fleet.
        location = List.copyOf(response.getOptions().getLocationPath().stream()
                .map(segment -> segment.equals(RESOURCE) ? RESOURCE : segment)
                .toList());
        context.tally.registrations++;
        settled();
        events.registered();
    }

    private void onUpdated(Response response) {
        if (response.getCode() == ResponseCode.CHANGED) {
            context.tally.registrationUpdates++;
            settled();
        } else {
            phase = Phase.UNREGISTERED;
            nextAt = context.now();
        }
    }

    private void settled() {
        phase = Phase.REGISTERED;
        failures = 0;
        DeviceSettings.Timing timing = context.settings.timing();
        long halfLife = context.lifetimeSeconds() * 500L;
        long period = Math.min(halfLife, context.settings.real(timing.registrationUpdate()));
        nextAt = updateWanted ? context.now() : context.now() + period - context.random.nextLong(period / 8 + 1);
    }

    private void retryRegistration() {
        phase = Phase.UNREGISTERED;
        failures++;
        long pause = context.settings.real(context.settings.timing().retryAfter());
        long backedOff = pause * Math.min(MAX_BACK_OFF, 1L << Math.min(failures - 1, 3));
        nextAt = context.now() + backedOff / 2 + context.random.nextLong(backedOff + 1);
        if (failures % REFUSALS_IN_A_ROW == 0) {
            events.refused();
        }
    }

    @Override
    public void onSilence(boolean reset) {
        if (phase == Phase.REGISTERING || phase == Phase.UPDATING) {
            retryRegistration();
        }
    }
}
