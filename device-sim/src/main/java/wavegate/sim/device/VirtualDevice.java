package wavegate.sim.device;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.EmptyMessage;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.object.FirmwareStatus;
import wavegate.sim.coap.CoapCodec;
import wavegate.sim.coap.Psk;

/**
 * One module: power, radio and sleep around an LwM2M client with Object 5. Whoever owns it calls {@link #start} once, hands it every datagram
 * with {@link #receive}, and calls {@link #wake} no later than {@link #wakeAt}. All times are epoch milliseconds. Never throws on input from
 * the network.
 */
public final class VirtualDevice {
    /** How long a module hears at once after it has sent something, before it goes back to its paging times. */
    private static final long LISTENS_MS = 1000;

    private static final String PACKAGE_PATH = "5/0/0";
    /** Simulated. */
    private static final Duration FLASH_ERASE = Duration.ofSeconds(3);

    private final DeviceContext context;
    private final Exchanges exchanges;
    private final RecentAnswers recent;
    private final Registrar registrar;
    private final @Nullable BootstrapSession bootstrap;
    private final Observations observations;
    private final FirmwareSet firmware = new FirmwareSet();
    private final DeviceObject device;
    private final Health health;
    private final Telemetry telemetry;
    private final RequestHandler requests;

    private final ObjectTree tree;
    /** Null as long as nothing had to wait. */
    private @Nullable Inbox inbox;

    private boolean wasDown;
    private boolean bricked;
    private boolean on;
    private boolean everOn;
    private long powerOnAt = DeviceContext.NEVER;
    private long radioChangesAt = DeviceContext.NEVER;
    private long portChangesAt = DeviceContext.NEVER;

    /**
     * @param random the device's own; two devices with equal seeds behave alike
     * @param sharedImages where devices of one fleet find the image headers others already hold; used as a set
     */
    public static VirtualDevice of(
            ModuleIdentity identity,
            DeviceProfile profile,
            DeviceSettings settings,
            RandomGenerator random,
            Outlet outlet,
            SharedImages sharedImages) {
        Accounts accounts = settings.first().bootstrap() ? new Accounts(settings.first(), sharedImages) : null;
        DeviceContext context = new DeviceContext(identity, profile, settings, random, outlet, accounts);
        return new VirtualDevice(context, sharedImages, (from, trigger, to, result) -> {});
    }

    VirtualDevice(DeviceContext context, SharedImages images, UpdateMachine.Watcher watcher) {
        this.context = context;
        this.recent = images.answers();
        this.exchanges = new Exchanges(context);
        this.observations = new Observations(context, exchanges);
        FirmwareShape shape = context.profile.object5().shape();
        if (shape.hasComponents()) {
            firmware.consistOf(shape.components().stream()
                    .map(component -> part(component, images, watcher))
                    .toArray(FirmwareObject[]::new));
        } else {
            firmware.consistOf(part(null, images, watcher));
        }
        Flash flash = firmware.main().flash();
        this.registrar = new Registrar(context, exchanges, new AtTheServer());
        this.bootstrap = context.accounts == null
                ? null
                : new BootstrapSession(context, exchanges, context.accounts, new AfterBootstrap());
        this.health = new Health(context, flash);
        this.device = new DeviceObject(context, flash, health);
        this.telemetry = new Telemetry(context, exchanges, registrar, observations, device, health);
        List<ModuleObject> objects = new ArrayList<>(firmware.all());
        objects.addAll(List.of(new ServerObject(context, registrar, bootstrap), device, health));
        if (context.profile.has(Quirk.SHOWS_CELL)) {
            objects.add(new ConnectivityObject(context));
        }
        this.tree = new ObjectTree(context.profile.release(), objects);
        this.requests = new RequestHandler(context.profile, tree, observations);
    }

    private FirmwareObject part(@Nullable Component component, SharedImages images, UpdateMachine.Watcher watcher) {
        Slot factory = images.factory(context.identity.model());
        Flash flash = new Flash(context.identity.model().partitionLayout(), factory, context.random.nextLong());
        Announcer announcer =
                new Announcer(context, observations, component == null ? 0 : component.instance(), watcher);
        UpdateMachine machine = new UpdateMachine(context, flash, announcer);
        announcer.listensTo(machine);
        return new FirmwareObject(context, exchanges, machine, flash, images, component, firmware);
    }

    /** Powers the module on at the given moment, which may lie ahead. */
    public void start(long atMs) {
        powerOnAt = atMs;
    }

    /** When {@link #wake} is next due; {@link Long#MAX_VALUE} if only a datagram can move the device. */
    public long wakeAt() {
        if (!on) {
            return powerOnAt;
        }
        Reach limits = context.reach;
        Inbox waiting = inbox;
        long at = Math.min(
                waiting == null ? DeviceContext.NEVER : waiting.opensAt(),
                limits == null ? DeviceContext.NEVER : limits.nextEdge(context.now()));
        at = Math.min(at, Math.min(firmware.rebootAt(), health.nextCrashAt()));
        at = Math.min(at, Math.min(exchanges.wakeAt(), registrar.wakeAt()));
        at = Math.min(at, Math.min(firmware.wakeAt(), telemetry.wakeAt()));
        at = Math.min(at, bootstrap == null ? DeviceContext.NEVER : bootstrap.wakeAt());
        return Math.min(at, Math.min(observations.wakeAt(), Math.min(radioChangesAt, portChangesAt)));
    }

    public void wake(long nowMs) {
        context.now(nowMs);
        if (!on) {
            if (nowMs >= powerOnAt) {
                powerOn();
            }
            return;
        }
        if (nowMs >= radioChangesAt) {
            changeRadio();
        }
        if (context.reach != null && !reached(context.reach)) {
            return;
        }
        if (nowMs >= portChangesAt) {
            context.rebind();
            planRebind();
        }
        if (nowMs >= firmware.rebootAt()) {
            powerOff();
            return;
        }
        if (nowMs >= health.nextCrashAt()) {
            health.crashed();
            context.crashed(version());
            powerOff();
            return;
        }
        lookIntoInbox();
        exchanges.wake();
        if (bootstrap != null) {
            bootstrap.wake();
        }
        registrar.wake();
        firmware.wake();
        telemetry.wake();
        settle();
    }

    /**
     * What a duty cycle or a black-out changes: a module that is back tells the server at once.
     *
     * @return false if power is gone
     */
    private boolean reached(Reach limits) {
        boolean down = limits.down(context.now());
        long powerBackAt = limits.powerBackAt(context.now());
        if (powerBackAt > 0) {
            powerOff();
            powerOnAt = powerBackAt;
            return false;
        }
        if (wasDown && !down) {
            registrar.updateSoon();
        }
        wasDown = down;
        return true;
    }

    public void receive(long nowMs, InetSocketAddress peer, byte[] datagram) {
        context.now(nowMs);
        if (!on || context.outOfReach() || asleep()) {
            return;
        }
        long paging = context.profile.link().paging().toMillis();
        boolean pages = paging > 0 && nowMs > context.lastSentAt() + LISTENS_MS;
        Inbox waiting = inbox;
        if (waiting != null && waiting.closed(nowMs)) {
            waiting.hold(peer, datagram, waiting.opensAt());
        } else if (pages) {
            inbox().hold(peer, datagram, (nowMs / paging + 1) * paging);
        } else {
            look(peer, datagram, true);
        }
        settle();
    }

    private Inbox inbox() {
        Inbox known = inbox;
        if (known == null) {
            known = new Inbox();
            inbox = known;
        }
        return known;
    }

    private void lookIntoInbox() {
        Inbox waiting = inbox;
        if (waiting == null) {
            return;
        }
        Optional<Inbox.Held> next = waiting.next(context.now());
        while (next.isPresent()) {
            look(next.get().peer(), next.get().datagram(), false);
            next = waiting.next(context.now());
        }
    }

    /** @param mayWait whether flash may have to be erased first */
    private void look(InetSocketAddress peer, byte[] datagram, boolean mayWait) {
        CoapCodec.Decoded decoded = CoapCodec.decode(datagram);
        boolean erases = mayWait
                && decoded.message()
                        .filter(message -> message instanceof Request request
                                && request.getOptions().getUriPathString().equals(PACKAGE_PATH)
                                && answerTo(request).isEmpty()
                                && firmware.erasesBefore(request))
                        .isPresent();
        if (erases) {
            inbox().hold(peer, datagram, context.now() + context.settings.real(FLASH_ERASE));
            return;
        }
        decoded.reject().ifPresent(answer -> context.send(peer, answer));
        decoded.message().ifPresent(message -> dispatch(peer, message));
    }

    private void dispatch(InetSocketAddress peer, Message message) {
        if (message instanceof Request request) {
            onRequest(peer, request);
        } else if (message instanceof Response response) {
            exchanges.onResponse(peer, response);
        } else if (message.getType() == CoAP.Type.CON) {
            context.send(peer, EmptyMessage.newRST(message));
        } else {
            exchanges.onEmpty(peer, message);
            if (message.getType() == CoAP.Type.RST) {
                observations.onReset(peer, message.getMID());
            }
        }
    }

    private void onRequest(InetSocketAddress peer, Request request) {
        int life = context.tally.boots;
        Optional<byte[]> known = answerTo(request);
        if (known.isPresent()) {
            context.send(peer, known.get());
            return;
        }
        Response response = bootstrap != null && bootstrap.serves(peer)
                ? bootstrap.handle(request)
                : requests.handle(peer, request);
        response.setToken(request.getToken());
        if (request.getType() == CoAP.Type.CON) {
            response.setType(CoAP.Type.ACK).setMID(request.getMID());
        } else {
            response.setType(CoAP.Type.NON).setMID(context.nextMid());
        }
        recent.add(context.identity.index(), life, request.getMID(), context.send(peer, response), context.now());
    }

    private Optional<byte[]> answerTo(Request request) {
        return recent.answerTo(context.identity.index(), context.tally.boots, request.getMID(), context.now());
    }

    /** What a step has changed goes out after its answer; a reboot asked for comes last. */
    private void settle() {
        observations.flush(tree);
        telemetry.sendStatus(firmware.main());
        if (bootstrap != null) {
            bootstrap.settle();
        }
        if (device.rebootWanted()) {
            powerOff();
        }
    }

    private boolean asleep() {
        return context.profile.link().queueMode()
                && registrar.registered()
                && exchanges.idle()
                && context.now()
                        > context.lastSentAt()
                                + context.settings.timing().awake().toMillis();
    }

    private final class AtTheServer implements Registrar.Events {
        @Override
        public void registered() {
            if (context.accounts != null) {
                context.endSession(context.accounts.bootstrapServer());
            }
            firmware.registered();
            context.statusUnsent(true);
            telemetry.registered();
        }

        @Override
        public void refused() {
            if (bootstrap != null) {
                registrar.powerOff();
                bootstrap.begin();
            }
        }
    }

    /** To the server, which may be another one. What the old one asked for is void. */
    private final class AfterBootstrap implements BootstrapSession.Outcome {
        @Override
        public void bootstrapped() {
            observations.powerOff();
            registrar.powerOn();
            registrar.wake();
        }

        @Override
        public void failed() {
            if (context.accounts != null && context.accounts.current().isPresent() && bootstrap != null) {
                bootstrap.giveUp();
                registrar.powerOn();
            }
        }
    }

    private void powerOn() {
        Reach limits = context.reach;
        long powerBackAt = limits == null ? 0 : limits.powerBackAt(context.now());
        if (powerBackAt > 0) {
            powerOnAt = powerBackAt;
            return;
        }
        powerOnAt = DeviceContext.NEVER;
        if (context.fate.bricks() && firmware.installing()) {
            bricked = true;
            return;
        }
        on = true;
        context.tally.boots++;
        if (!firmware.powerOn()) {
            powerOff();
            return;
        }
        health.powerOn(!everOn);
        if (everOn && context.profile.has(Quirk.NEW_PORT_AT_BOOT)) {
            context.rebind();
        }
        if (!everOn) {
            planOffline();
            planRebind();
        }
        everOn = true;
        if (context.accounts != null
                && bootstrap != null
                && context.accounts.current().isEmpty()) {
            bootstrap.begin();
        } else {
            registrar.powerOn();
            registrar.wake();
        }
    }

    private void powerOff() {
        on = false;
        context.powerOff();
        exchanges.clear();
        if (bootstrap != null) {
            bootstrap.powerOff();
        }
        observations.powerOff();
        registrar.powerOff();
        telemetry.powerOff();
        health.powerOff();
        device.powerOff();
        firmware.powerOff();
        inbox = null;
        wasDown = false;
        long boot = context.settings.real(context.settings.timing().bootTime());
        powerOnAt = context.now() + boot - boot / 4 + context.random.nextLong(boot / 2 + 1);
    }

    private void planOffline() {
        Duration every = context.settings.faults().offlineEvery();
        radioChangesAt =
                every.isZero() ? DeviceContext.NEVER : context.now() + exponential(context.settings.real(every));
    }

    private void planRebind() {
        Duration every = context.settings.faults().rebindEvery();
        portChangesAt =
                every.isZero() ? DeviceContext.NEVER : context.now() + exponential(context.settings.real(every));
    }

    private void changeRadio() {
        if (context.radioOff()) {
            context.radioOff(false);
            planOffline();
        } else {
            context.radioOff(true);
            radioChangesAt = context.now()
                    + exponential(
                            context.settings.real(context.settings.faults().offlineFor()));
        }
    }

    private long exponential(long meanMs) {
        return Math.max(1, Math.round(meanMs * context.random.nextExponential()));
    }

    public ModuleIdentity identity() {
        return context.identity;
    }

    public String profileName() {
        return context.profile.name();
    }

    public boolean registered() {
        return on && registrar.registered();
    }

    public String version() {
        return firmware.main().flash().active().header().version();
    }

    public ImageSeen running() {
        return ImageSeen.of(firmware.main().flash().active());
    }

    /** A package received whole and not yet applied, or not to be. */
    public Optional<ImageSeen> held() {
        return Optional.ofNullable(firmware.main().machine().held()).map(ImageSeen::of);
    }

    public boolean userDataIntact() {
        for (FirmwareObject part : firmware.all()) {
            if (!part.flash().userDataIntact()) {
                return false;
            }
        }
        return true;
    }

    public DeviceCounters counters() {
        return context.tally.snapshot();
    }

    public DeviceReport report() {
        UpdateMachine machine = firmware.main().machine();
        return new DeviceReport(
                context.identity,
                context.profile.name(),
                registered(),
                version(),
                new FirmwareStatus(machine.visibleState(), machine.result()),
                userDataIntact(),
                health.lastBatteryPercent(),
                health.lastEnergyUsedMah(),
                machine.lastFailure(),
                counters(),
                serverUri(),
                bricked,
                context.fate.label(),
                firmware.versions());
    }

    private String serverUri() {
        Accounts own = context.accounts;
        if (own != null) {
            return own.current().map(ServerAccount::uri).orElse("");
        }
        FirstContact first = context.settings.first();
        return (first.secure() ? "coaps://" : "coap://") + first.address().getHostString() + ":"
                + first.address().getPort();
    }

    /** Whether the module speaks DTLS with that peer. */
    public boolean secures(InetSocketAddress peer) {
        FirstContact first = context.settings.first();
        return context.accounts == null
                ? first.secure() && peer.equals(first.address())
                : context.accounts.covers(peer);
    }

    /** The key the module was given for a peer by its bootstrap server; empty where the one from the factory holds. */
    public Optional<Psk> keyFor(InetSocketAddress peer) {
        return context.accounts == null ? Optional.empty() : context.accounts.key(peer);
    }
}
