package wavegate.sim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.sim.coap.DtlsTransport;
import wavegate.sim.coap.Psk;
import wavegate.sim.coap.PskKeys;
import wavegate.sim.coap.Transport;
import wavegate.sim.coap.Transports;
import wavegate.sim.device.DeviceProfile;
import wavegate.sim.device.DeviceReport;
import wavegate.sim.device.DeviceSettings;
import wavegate.sim.device.ImageSeen;
import wavegate.sim.device.ModuleIdentity;
import wavegate.sim.device.ModuleModel;
import wavegate.sim.device.Outlet;
import wavegate.sim.device.SharedImages;
import wavegate.sim.device.SmallRandom;
import wavegate.sim.device.VirtualDevice;
import wavegate.sim.fault.FaultyTransport;
import wavegate.sim.fault.LineFaults;
import wavegate.sim.scenario.Region;
import wavegate.sim.scenario.Scenario;
import wavegate.sim.scenario.Weighted;
import wavegate.sim.terminal.TerminalFleet;

/**
 * A running fleet of virtual modules against one LwM2M server, stepped by one thread, {@code sim-0}. It outlives restarts of the server: the
 * devices come back by themselves. All methods may be called from any thread.
 */
public final class VirtualFleet implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VirtualFleet.class);

    private static final long LONGEST_WAIT_MS = 20;
    /** Between two looks at the network, so that a fleet that is switched on at once does not overflow its receive buffer. */
    private static final int MOST_WAKES_PER_TURN = 256;

    private static final long REPORT_TIMEOUT_SECONDS = 30;
    private static final double GOLDEN = 0.618_033_988_749_895;
    private static final double SILVER = 0.414_213_562_373_095;
    private static final double BRONZE = 0.302_775_637_731_995;
    private static final double ROOT_THREE = 0.732_050_807_568_877;

    private final FleetPlan plan;
    private final InstantSource clock;
    private final Transport transport;
    private final VirtualDevice[] devices;
    private final LineFaults[] lines;
    private final WakeQueue queue;
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Thread thread;

    private Optional<TerminalFleet> terminals = Optional.empty();
    private volatile boolean closing;
    private volatile boolean stopped;
    private volatile @Nullable Throwable failure;
    private final Map<String, Long> crashesByVersion = new HashMap<>();
    private long datagramsIn;
    private long datagramsOut;
    private long bytesIn;
    private long bytesOut;
    private long retransmitted;

    private VirtualFleet(FleetPlan plan, InstantSource clock) throws IOException {
        this.plan = plan;
        this.clock = clock;
        Scenario scenario = plan.scenario();
        this.devices = new VirtualDevice[plan.devices()];
        Transport line = Transports.open(plan.transport(), plan.devices(), plan.server());
        this.lines = new LineFaults[plan.devices()];
        Transport lossy = scenario.misfortune().perfectLines()
                ? line
                : new FaultyTransport(line, device -> lines[device], new SplittableRandom(plan.seed()), clock);
        boolean dtls = plan.first().secure() || plan.first().bootstrap();
        this.transport = dtls
                ? new DtlsTransport(
                        lossy,
                        plan.devices(),
                        new DeviceKeys(plan, devices),
                        scenario.coap().ackTimeoutMs(),
                        scenario.coap().maxRetransmit(),
                        clock)
                : lossy;
        this.queue = new WakeQueue(plan.devices());
        createDevices();
        this.thread = new Thread(this::run, "sim-0");
        this.thread.setDaemon(true);
    }

    /**
     * Starts a fleet; its devices register over the plan's ramp-up.
     *
     * @throws UncheckedIOException if no sockets can be had
     */
    public static VirtualFleet start(FleetPlan plan) {
        try {
            VirtualFleet fleet = new VirtualFleet(TerminalShare.withoutTerminals(plan), InstantSource.system());
            fleet.terminals =
                    TerminalShare.of(plan).map(terminals -> TerminalFleet.start(terminals, UnaryOperator.identity()));
            fleet.thread.start();
            LOG.info(
                    "fleet started devices={} first={} scenario={} seed={} time-factor={} transport={}",
                    plan.devices(),
                    plan.first(),
                    plan.scenario().name(),
                    plan.seed(),
                    plan.timeFactor(),
                    fleet.transport.getClass().getSimpleName());
            return fleet;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class DeviceOutlet implements Outlet {
        private final int index;

        DeviceOutlet(int index) {
            this.index = index;
        }

        @Override
        public void send(InetSocketAddress peer, byte[] datagram) {
            datagramsOut++;
            bytesOut += datagram.length;
            transport.send(index, peer, datagram);
        }

        @Override
        public void sendAgain(InetSocketAddress peer, byte[] datagram) {
            retransmitted++;
            send(peer, datagram);
        }

        @Override
        public void crashed(String version) {
            crashesByVersion.merge(version, 1L, Long::sum);
        }

        @Override
        public void rebind() {
            transport.rebind(index);
        }

        @Override
        public void powerOff() {
            transport.powerOff(index);
        }

        @Override
        public void renewSession(InetSocketAddress peer) {
            transport.renewSession(index, peer);
        }

        @Override
        public void endSession(InetSocketAddress peer) {
            transport.endSession(index, peer);
        }
    }

    private record DeviceKeys(FleetPlan plan, VirtualDevice[] devices) implements PskKeys {
        @Override
        public boolean covers(int device, InetSocketAddress peer) {
            return devices[device].secures(peer);
        }

        @Override
        public Optional<Psk> key(int device, InetSocketAddress peer) {
            Optional<Psk> given = devices[device].keyFor(peer);
            return given.isEmpty() && peer.equals(plan.server())
                    ? plan.keys().of(devices[device].identity().endpoint())
                    : given;
        }
    }

    private void createDevices() {
        Scenario scenario = plan.scenario();
        SharedImages images = new SharedImages(devices.length);
        scenario.population().images().forEach(images::provide);
        SplittableRandom seeds = new SplittableRandom(plan.seed());
        double offset = seeds.nextDouble();
        long now = clock.millis();
        long ramp = plan.rampUp().toMillis();
        IdentityHashMap<Scenario.Misfortune, DeviceSettings> settings = new IdentityHashMap<>();
        for (int i = 0; i < devices.length; i++) {
            // Multiples of irrational numbers spread every share evenly over any stretch of the fleet, independently of
            // each other.
            Region region = Weighted.at(scenario.population().regions(), fraction(offset + i * GOLDEN));
            String carrier = Weighted.at(region.carriers(), fraction(offset + i * SILVER));
            ModuleModel model = Weighted.at(scenario.population().models(), fraction(offset + i * BRONZE));
            DeviceProfile profile = Weighted.at(scenario.population().profiles(), fraction(offset + i * ROOT_THREE));
            ModuleIdentity identity =
                    new ModuleIdentity(i, ModuleIdentity.endpoint(plan.seed(), i), model, region.name(), carrier);
            Scenario.Misfortune misfortune = scenario.misfortune().of(identity, profile);
            lines[i] = misfortune.line();
            DeviceSettings shared = settings.computeIfAbsent(misfortune, of -> settings(of, now));
            devices[i] = VirtualDevice.of(
                    identity, profile, shared, new SmallRandom(seeds.nextLong()), new DeviceOutlet(i), images);
            devices[i].start(now + ramp * i / devices.length);
            queue.set(i, devices[i].wakeAt());
        }
    }

    private DeviceSettings settings(Scenario.Misfortune misfortune, long now) {
        Scenario scenario = plan.scenario();
        List<DeviceSettings.Outage> outages = misfortune.blackOuts().stream()
                .map(blackOut -> {
                    long from = now + Math.round(blackOut.at().toMillis() / plan.timeFactor());
                    long lasts = Math.max(1, Math.round(blackOut.lasts().toMillis() / plan.timeFactor()));
                    return new DeviceSettings.Outage(from, from + lasts, blackOut.power());
                })
                .toList();
        return new DeviceSettings(
                plan.first(),
                plan.timeFactor(),
                scenario.timing(),
                scenario.health(),
                scenario.coap(),
                misfortune.devices(),
                misfortune.failures(),
                outages);
    }

    private static double fraction(double value) {
        return value - Math.floor(value);
    }

    private void run() {
        try {
            while (!closing) {
                runTasks();
                wakeDue();
                long wait = Math.max(0, Math.min(LONGEST_WAIT_MS, queue.nextAt() - clock.millis()));
                transport.poll(wait, this::deliver);
            }
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
            LOG.error("fleet stopped by a fault", e);
        } finally {
            transport.close();
            stopped = true;
            runTasks();
        }
    }

    private void runTasks() {
        Runnable task = tasks.poll();
        while (task != null) {
            task.run();
            task = tasks.poll();
        }
    }

    private void wakeDue() {
        long now = clock.millis();
        for (int i = 0; i < MOST_WAKES_PER_TURN && queue.nextAt() <= now; i++) {
            int due = queue.next();
            devices[due].wake(now);
            queue.set(due, devices[due].wakeAt());
        }
    }

    private void deliver(int device, InetSocketAddress peer, byte[] datagram) {
        datagramsIn++;
        bytesIn += datagram.length;
        devices[device].receive(clock.millis(), peer, datagram);
        queue.set(device, devices[device].wakeAt());
    }

    /** Those of the scenario's devices that ask for versions instead of registering. They are in no report of this fleet. */
    public Optional<TerminalFleet> terminals() {
        return terminals;
    }

    public FleetPlan plan() {
        return plan;
    }

    /**
     * Counts over all devices at one moment between two steps.
     *
     * @throws IllegalStateException if the fleet was stopped by a fault
     */
    public FleetReport report() {
        return onLoop(() -> {
            Census census = new Census();
            for (VirtualDevice device : devices) {
                census.add(device);
            }
            Traffic traffic = new Traffic(datagramsIn, datagramsOut, bytesIn, bytesOut, retransmitted);
            return census.report(crashesByVersion, traffic, transport.handshakes());
        });
    }

    /** The images that run, as the devices' own boot stages know them, and on how many devices each does. */
    public Map<ImageSeen, Integer> images() {
        return onLoop(() -> {
            Map<ImageSeen, Integer> running = new HashMap<>();
            for (VirtualDevice device : devices) {
                running.merge(device.running(), 1, Integer::sum);
            }
            return running;
        });
    }

    /** Shows every device, by index, on the fleet's own thread, which stands still meanwhile. */
    void each(Consumer<VirtualDevice> visitor) {
        onLoop(() -> {
            for (VirtualDevice device : devices) {
                visitor.accept(device);
            }
            return devices.length;
        });
    }

    /** Every device, by index. */
    public List<DeviceReport> devices() {
        return onLoop(() -> all(device -> true));
    }

    public Optional<DeviceReport> device(String endpoint) {
        return onLoop(
                () -> all(device -> device.endpoint().equals(endpoint)).stream().findFirst());
    }

    /** Writes and Executes on Object 5 seen by the devices that match, as the devices counted them. */
    public long writesTo5(Predicate<ModuleIdentity> which) {
        return onLoop(() -> all(which).stream()
                .mapToLong(device -> device.counters().writesTo5())
                .sum());
    }

    private List<DeviceReport> all(Predicate<ModuleIdentity> which) {
        List<DeviceReport> reports = new ArrayList<>();
        for (VirtualDevice device : devices) {
            if (which.test(device.identity())) {
                reports.add(device.report());
            }
        }
        return reports;
    }

    private <T> T onLoop(Supplier<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        tasks.add(() -> {
            try {
                answer.complete(question.get());
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        if (stopped) {
            synchronized (this) {
                runTasks();
            }
        }
        Throwable fault = failure;
        if (fault != null) {
            throw new IllegalStateException("the fleet was stopped by a fault", fault);
        }
        try {
            return answer.get(REPORT_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking the fleet", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the fleet does not answer", e);
        }
    }

    /** Switches all devices off without a farewell, as a power cut does. Reports still work afterwards. */
    @Override
    public void close() {
        terminals.ifPresent(TerminalFleet::close);
        closing = true;
        try {
            thread.join(TimeUnit.SECONDS.toMillis(REPORT_TIMEOUT_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
