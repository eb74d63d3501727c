package wavegate.sim.device;

import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import wavegate.firmware.object.FirmwareUpdateObject;

/** LwM2M Send of health and battery, once per period and right after every boot, with the time the values were taken. */
final class Telemetry implements Exchanges.Answer {
    private final DeviceContext context;
    private final Exchanges exchanges;
    private final Registrar registrar;
    private final Observations observations;
    private final ModuleObject device;
    private final ModuleObject health;
    private final boolean mute;
    private long nextAt = DeviceContext.NEVER;
    private boolean sending;

    Telemetry(
            DeviceContext context,
            Exchanges exchanges,
            Registrar registrar,
            Observations observations,
            ModuleObject device,
            ModuleObject health) {
        this.context = context;
        this.exchanges = exchanges;
        this.registrar = registrar;
        this.observations = observations;
        this.device = device;
        this.health = health;
        this.mute = context.random.nextDouble() < context.settings.faults().muteTelemetry();
    }

    void registered() {
        nextAt = mute ? DeviceContext.NEVER : context.now();
    }

    void powerOff() {
        nextAt = DeviceContext.NEVER;
        sending = false;
    }

    long wakeAt() {
        return nextAt;
    }

    void wake() {
        if (context.now() < nextAt) {
            return;
        }
        long period = context.settings.real(context.settings.timing().telemetryPeriod());
        nextAt = context.now() + period - period / 16 + context.random.nextLong(period / 8 + 1);
        observations.changed(health.id(), health.instance(), Observations.ANY);
        observations.changed(device.id(), device.instance(), Observations.ANY);
        if (context.profile.has(Quirk.SENDS_TELEMETRY) && registrar.registered() && !sending) {
            send();
        }
    }

    /** Sends State, Update Result and version if they are to be sent and nothing else is on its way. */
    void sendStatus(ModuleObject firmware) {
        boolean due = context.statusUnsent() && context.profile.has(Quirk.SENDS_STATUS);
        if (!due || sending || !registrar.registered()) {
            return;
        }
        context.statusUnsent(false);
        SenmlCbor pack = new SenmlCbor();
        add(pack, firmware, FirmwareUpdateObject.STATE);
        add(pack, firmware, FirmwareUpdateObject.UPDATE_RESULT);
        add(pack, device, DeviceObject.FIRMWARE_VERSION);
        send(pack);
    }

    private void send() {
        SenmlCbor pack = new SenmlCbor();
        for (int resource : health.resources()) {
            add(pack, health, resource);
        }
        add(pack, device, DeviceObject.BATTERY_LEVEL);
        add(pack, device, DeviceObject.VOLTAGE);
        add(pack, device, DeviceObject.ERROR_CODE);
        send(pack);
    }

    private void send(SenmlCbor pack) {
        Request request = new Request(CoAP.Code.POST, CoAP.Type.CON);
        request.getOptions().addUriPath("dp").setContentFormat(SenmlCbor.CONTENT_FORMAT);
        request.setPayload(pack.pack(context.now()));
        sending = true;
        exchanges.request(context.server(), request, this);
    }

    private static void add(SenmlCbor pack, ModuleObject object, int resource) {
        object.read(resource)
                .ifPresent(value -> pack.add(object.id() + "/" + object.instance() + "/" + resource, value));
    }

    @Override
    public void onResponse(Message message) {
        sending = false;
        boolean forgotten = message instanceof Response response && response.getCode() != ResponseCode.CHANGED;
        if (forgotten) {
            registrar.updateSoon();
        }
    }

    @Override
    public void onSilence(boolean reset) {
        sending = false;
        registrar.updateSoon();
    }
}
