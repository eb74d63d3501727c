package wavegate.server;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import wavegate.config.BudgetSettings;
import wavegate.config.HttpSettings;
import wavegate.config.PullListenerSettings;
import wavegate.config.Settings;
import wavegate.config.TlsSettings;
import wavegate.firmware.campaign.TransferBudget;
import wavegate.firmware.device.ClientProfiles;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.server.api.CampaignDefaults;
import wavegate.server.delivery.DeliverySettings;
import wavegate.server.delivery.PackageUris;
import wavegate.server.delivery.http.ImageListener;
import wavegate.server.registration.LwM2mSettings;
import wavegate.server.registration.LwM2mSettings.Listener;
import wavegate.server.rollout.RolloutSettings;
import wavegate.server.telemetry.TelemetrySettings;
import wavegate.server.terminal.TerminalSettings;

/** What of an operator's settings each adapter is told. Decided once, when the ports are known; any thread. */
record AdapterSettings(
        Settings settings,
        Listener coap,
        Listener coaps,
        Listener oscore,
        Optional<ImageListener> http,
        Optional<ImageListener> https) {
    private static final int READS_PER_SECOND = 500;
    /** Of a confirmable message, as RFC 7252 has it. */
    private static final int MAX_RETRANSMIT = 4;

    private static final Duration SEPARATE_ANSWER = Duration.ofSeconds(17);

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
                        settings.coaps().port()),
                listener(
                        settings.oscore().enabled(),
                        settings.oscore().host(),
                        settings.oscore().port()),
                images(settings.delivery().http(), Optional.empty()),
                images(
                        settings.delivery().https(),
                        Optional.of(settings.http().tls())
                                .filter(TlsSettings::enabled)
                                .map(tls ->
                                        new ImageListener.Tls(tls.certificateFile(), tls.keyFile(), tls.reload()))));
    }

    private static Optional<ImageListener> images(PullListenerSettings at, Optional<ImageListener.Tls> tls)
            throws IOException {
        if (!at.enabled()) {
            return Optional.empty();
        }
        int port = at.port();
        if (port == 0) {
            try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getByName(at.host()))) {
                port = probe.getLocalPort();
            }
        }
        return Optional.of(ImageListener.at(at.host(), port, at.connections(), tls));
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
                .withOscore(oscore)
                .within(settings.limits())
                .retransmitting(settings.delivery().ackTimeout(), MAX_RETRANSMIT)
                .with(dtls());
    }

    /** As long as CoAP itself may take to give a message up, and some time for an answer that comes apart from its acknowledgement. */
    private Duration responseTimeout() {
        long waits = (1L << (MAX_RETRANSMIT + 1)) - 1;
        return settings.delivery()
                .ackTimeout()
                .multipliedBy(waits * 3)
                .dividedBy(2)
                .plus(SEPARATE_ANSWER);
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
        return new RolloutSettings(
                settings.rollout().tick(),
                settings.rollout().gateInterval(),
                settings.rollout().inboxSize(),
                settings.rollout().batch(),
                settings.rollout().reserveChunk(),
                uris().bases().keySet(),
                uris().longest(),
                clients,
                budget(settings.delivery().budget()),
                CampaignDefaults.rules(settings));
    }

    private static TransferBudget.Rules budget(BudgetSettings b) {
        return new TransferBudget.Rules(
                new TransferBudget.Limit(b.transfers(), b.rate().bytes()),
                new TransferBudget.Limit(b.regionTransfers(), b.regionRate().bytes()),
                new TransferBudget.Limit(b.carrierTransfers(), b.carrierRate().bytes()),
                new TransferBudget.Limit(b.cellTransfers(), b.cellRate().bytes()),
                b.jitter());
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

    TerminalSettings terminals() {
        wavegate.config.TerminalSettings t = settings.terminals();
        return new TerminalSettings(
                t.interval(), t.watchedInterval(), t.busyInterval(), t.sessions(), TerminalSettings.ANSWER_WITHIN);
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    DeliverySettings delivery() {
        DeliverySettings d = DeliverySettings.reachableAt(uris());
        return new DeliverySettings(
                d.blockSize(),
                responseTimeout(),
                d.queueLength(),
                READS_PER_SECOND,
                d.maxPacedReads(),
                d.hintDebounce(),
                d.awakeTime(),
                d.uris());
    }

    /**
     * A device writes its answers to the address in the URI, so where none is configured it is the one listened at. What listens at every address
     * is left out: devices are pushed to.
     */
    private PackageUris uris() {
        String given = settings.publicUri();
        Map<UpdateProtocol, String> bases = new EnumMap<>(UpdateProtocol.class);
        put(bases, UpdateProtocol.COAP, given.startsWith("coap:") ? given : reached("coap", coap));
        put(bases, UpdateProtocol.COAPS, given.startsWith("coaps:") ? given : reached("coaps", coaps));
        http.ifPresent(at ->
                put(bases, UpdateProtocol.HTTP, or(settings.delivery().http().publicUri(), "http", at)));
        https.ifPresent(at ->
                put(bases, UpdateProtocol.HTTPS, or(settings.delivery().https().publicUri(), "https", at)));
        return new PackageUris(bases, settings.delivery().allowClear());
    }

    private static void put(Map<UpdateProtocol, String> bases, UpdateProtocol scheme, String base) {
        if (!base.isEmpty()) {
            bases.put(scheme, base);
        }
    }

    private static String or(String given, String scheme, ImageListener at) {
        return given.isEmpty() ? base(scheme, at.host(), at.port()) : given;
    }

    /** How devices reach this server. */
    String uri() {
        if (!settings.publicUri().isEmpty()) {
            return settings.publicUri();
        }
        return coaps.on() ? base("coaps", coaps) : base("coap", coap);
    }

    /** The same by OSCORE: at the host of the public address, if there is one. Empty if that is off, or nobody said which host. */
    String oscoreUri() {
        String host = settings.publicUri().isEmpty()
                ? oscore.host()
                : URI.create(settings.publicUri()).getHost();
        return oscore.on() && !HttpSettings.isEveryHost(host) ? base("coap", host, oscore.port()) : "";
    }

    private static String base(String scheme, Listener at) {
        return at.on() ? base(scheme, at.host(), at.port()) : "";
    }

    private static String reached(String scheme, Listener at) {
        return HttpSettings.isEveryHost(at.host()) ? "" : base(scheme, at);
    }

    /** @param host an IPv6 address with or without its brackets */
    static String base(String scheme, String host, int port) {
        boolean bare = host.contains(":") && !host.startsWith("[");
        return scheme + "://" + (bare ? "[" + host + "]" : host) + ":" + port;
    }
}
