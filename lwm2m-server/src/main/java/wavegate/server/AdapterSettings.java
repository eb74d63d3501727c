package wavegate.server;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import wavegate.config.Settings;
import wavegate.firmware.device.ClientProfiles;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.server.delivery.DeliverySettings;
import wavegate.server.registration.LwM2mSettings;
import wavegate.server.registration.LwM2mSettings.Listener;
import wavegate.server.rollout.RolloutSettings;
import wavegate.server.telemetry.TelemetrySettings;

/** What of an operator's settings each adapter is told. Decided once, when the ports are known; any thread. */
record AdapterSettings(Settings settings, Listener coap, Listener coaps) {
    private static final int READS_PER_SECOND = 500;

    /** @throws IOException if no free port can be had */
    static AdapterSettings of(Settings settings) throws IOException {
        return new AdapterSettings(
                settings,
                listener(
                        settings.coap().enabled(),
                        settings.coap().host(),
                        settings.coap().port()),
                listener(
                        settings.coaps().enabled(),
                        settings.coaps().host(),
                        settings.coaps().port()));
    }

    /** Port 0 has to become a number before the endpoint is open: it stands in every Package URI. */
    private static Listener listener(boolean enabled, String host, int port) throws IOException {
        if (!enabled) {
            return Listener.OFF;
        }
        if (port != 0) {
            return Listener.at(host, port);
        }
        try (DatagramSocket probe = new DatagramSocket(0, InetAddress.getByName(host))) {
            return Listener.at(host, probe.getLocalPort());
        }
    }

    LwM2mSettings lwm2m() {
        return LwM2mSettings.defaults()
                .listening(coap, coaps)
                .within(settings.limits())
                .with(dtls());
    }

    private LwM2mSettings.Dtls dtls() {
        LwM2mSettings.Dtls d = LwM2mSettings.Dtls.DEFAULT;
        return new LwM2mSettings.Dtls(
                settings.coaps().connectionIdLength(),
                settings.coaps().maxConnections(),
                d.macErrorQuiet(),
                d.macErrors());
    }

    RolloutSettings rollout(ClientProfiles clients) {
        Set<UpdateProtocol> served = new HashSet<>();
        if (settings.coap().enabled()) {
            served.add(UpdateProtocol.COAP);
        }
        if (settings.coaps().enabled()) {
            served.add(UpdateProtocol.COAPS);
        }
        return new RolloutSettings(
                settings.rollout().tick(),
                settings.rollout().gateInterval(),
                settings.rollout().inboxSize(),
                settings.rollout().batch(),
                settings.rollout().reserveChunk(),
                served,
                delivery().longestUri(),
                clients);
    }

    TelemetrySettings telemetry() {
        TelemetrySettings d = TelemetrySettings.defaults();
        return new TelemetrySettings(
                settings.telemetry().observe()
                        ? TelemetrySettings.Observe.ALL
                        : TelemetrySettings.Observe.THOSE_THAT_CANNOT_SEND,
                shorter(d.minPeriod(), settings.telemetry().period()),
                settings.telemetry().period(),
                d.devicesPerSecond());
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    /** A device writes its answers to the address in the URI, so where none is configured it is the one listened at. */
    DeliverySettings delivery() {
        String given = settings.publicUri();
        DeliverySettings d = DeliverySettings.reachableAt(
                given.startsWith("coap:") ? given : base("coap", coap),
                given.startsWith("coaps:") ? given : base("coaps", coaps));
        return new DeliverySettings(
                d.blockSize(),
                d.responseTimeout(),
                d.queueLength(),
                READS_PER_SECOND,
                d.maxPacedReads(),
                d.hintDebounce(),
                d.awakeTime(),
                d.coapBase(),
                d.coapsBase());
    }

    /** How devices reach this server. */
    String uri() {
        if (!settings.publicUri().isEmpty()) {
            return settings.publicUri();
        }
        return coaps.on() ? base("coaps", coaps) : base("coap", coap);
    }

    private static String base(String scheme, Listener at) {
        return at.on() ? scheme + "://" + at.host() + ":" + at.port() : "";
    }
}
