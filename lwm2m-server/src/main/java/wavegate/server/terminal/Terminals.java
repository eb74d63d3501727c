package wavegate.server.terminal;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.update.DeviceLink;
import wavegate.server.rollout.Inbox;
import wavegate.server.rollout.OpenUpdates;
import wavegate.server.rollout.Packages;
import wavegate.server.rollout.PullGrants;
import wavegate.server.rollout.RolloutInput;
import wavegate.server.rollout.TelemetryStore;
import wavegate.server.rollout.VersionDesk;

/**
 * The version server's desk. A question is given to the loop and answered when the loop has decided and committed all that follows from it,
 * which may take several turns; or with "wait" when that takes too long. Any thread.
 */
public final class Terminals implements VersionDesk, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Terminals.class);
    private static final long SWEEP_MILLIS = 250;
    private static final int SWEEPS_BETWEEN_SESSIONS = 20;
    private static final int MOST_OPEN = 16_384;
    /** A terminal's clock is believed as far as a module's. */
    private static final Duration FARTHEST_AHEAD = Duration.ofDays(1);

    private static final Duration OLDEST_BELIEVED = Duration.ofDays(400);
    /** Far more turns than any road through the table takes with one terminal at hand. */
    private static final int MOST_ROUNDS = 24;

    /** What the desk stands on. {@code isRegistered} says whether a name is registered over LwM2M. */
    public record Ports(
            Inbox inbox,
            OpenUpdates updates,
            Packages packages,
            PullGrants grants,
            TelemetryStore telemetry,
            Policies policies,
            PackageSource uris,
            Predicate<Endpoint> isRegistered) {}

    private final Ports ports;
    private final TerminalSettings settings;
    private final TerminalSessions sessions;
    private final InstantSource clock;
    private final Patience patience;
    private final Exchanges exchanges = new Exchanges();
    private final TerminalLink link;
    private volatile boolean closed;
    private int sweeps;

    /** @param random of the jitter; thread-safe */
    public Terminals(
            Ports ports,
            TerminalSettings settings,
            TerminalSessions sessions,
            InstantSource clock,
            RandomGenerator random) {
        this.ports = ports;
        this.settings = settings;
        this.sessions = sessions;
        this.clock = clock;
        this.patience = new Patience(settings, ports.inbox(), random);
        this.link = new TerminalLink(
                ports.inbox(),
                exchanges,
                ports.updates(),
                ports.packages(),
                ports.grants(),
                ports.policies(),
                ports.uris(),
                patience);
    }

    /** The way to terminals. */
    public DeviceLink link() {
        return link;
    }

    /** @param executor stays the caller's to shut down, after this is closed */
    public void start(ScheduledExecutorService executor) {
        Future<?> unused =
                executor.scheduleWithFixedDelay(this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** The terminal has lost its credential, or is no terminal any more. */
    public void end(Endpoint endpoint) {
        if (sessions.end(endpoint)) {
            ports.inbox().offer(new RolloutInput.Deregistered(endpoint));
        }
    }

    @Override
    public void close() {
        closed = true;
        exchanges.forEach(this::give);
    }

    // ---- a question

    @Override
    public void check(byte[] question, Format format, Sender sender, Reply reply) {
        try {
            CheckIn checkIn = CheckInReader.read(question, format);
            if (!sender.maySpeakFor(checkIn.endpoint().name())) {
                reply.refuse(Refusal.FORBIDDEN, "not the holder of this endpoint's credential");
            } else if (ports.isRegistered().test(checkIn.endpoint())) {
                reply.refuse(Refusal.CONFLICT, "registered over LwM2M: one name is one device");
            } else if (isFull(checkIn.endpoint(), sender)) {
                reply.refuse(Refusal.TOO_MANY, "no room for more terminals now");
            } else {
                seat(checkIn, format, sender, reply);
            }
        } catch (CheckInReader.Malformed e) {
            reply.refuse(Refusal.MALFORMED, e.why());
        } catch (RuntimeException e) {
            LOG.error("a question could not be taken", e);
            reply.refuse(Refusal.TOO_MANY, "not now");
        }
    }

    private boolean isFull(Endpoint endpoint, Sender sender) {
        return closed || exchanges.count() >= MOST_OPEN || (!sessions.has(endpoint) && !sender.mayCome(endpoint));
    }

    private void seat(CheckIn checkIn, Format format, Sender sender, Reply reply) {
        TerminalSessions.Came came = sessions.came(
                checkIn,
                sender.address(),
                sender.by(),
                clock.millis(),
                settings.interval().toMillis());
        switch (came) {
            case TOO_OFTEN -> reply.refuse(Refusal.TOO_MANY, "asks too often (expected: at most twice a second)");
            case NO_ROOM -> reply.refuse(Refusal.TOO_MANY, "no room for more terminals");
            case FIRST, AGAIN, RESTARTED ->
                begin(
                        new Exchange(
                                checkIn,
                                sender.by(),
                                format,
                                reply,
                                clock.millis() + settings.answerWithin().toMillis()),
                        came == TerminalSessions.Came.RESTARTED);
        }
    }

    private void begin(Exchange exchange, boolean restarted) {
        CheckIn checkIn = exchange.checkIn;
        exchanges.begin(exchange).filter(Exchange::end).ifPresent(this::sayWait);
        reportHealth(checkIn);
        boolean taken = ports.inbox()
                .offer(new RolloutInput.CheckedIn(
                        checkIn.endpoint(),
                        checkIn.labels(),
                        checkIn.identity(),
                        checkIn.version(),
                        restarted,
                        () -> decided(exchange)));
        if (!taken && exchanges.end(exchange)) {
            sayWait(exchange);
        }
    }

    private void reportHealth(CheckIn checkIn) {
        if (checkIn.health().isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        Instant at = checkIn.at()
                .filter(told -> told.isAfter(now.minus(OLDEST_BELIEVED)) && told.isBefore(now.plus(FARTHEST_AHEAD)))
                .orElse(now);
        HealthReport report = new HealthReport(checkIn.endpoint(), at, now, checkIn.health());
        ports.telemetry().append(report);
        if (ports.inbox().watches(checkIn.endpoint())) {
            ports.inbox().offer(new RolloutInput.HealthReported(report));
        }
    }

    // ---- its answer

    /** A turn has been committed. What it sent may have been answered meanwhile: then the next turn decides on. Rollout thread. */
    private void decided(Exchange exchange) {
        if (exchange.isOver()) {
            return;
        }
        if (exchange.given > exchange.taken && exchange.rounds < MOST_ROUNDS) {
            exchange.taken = exchange.given;
            exchange.rounds++;
            ports.inbox().offer(new RolloutInput.Awaited(() -> decided(exchange)));
        } else {
            give(exchange);
        }
    }

    private void give(Exchange exchange) {
        if (!exchanges.end(exchange)) {
            return;
        }
        CheckIn checkIn = exchange.checkIn;
        Optional<Offer> offer =
                link.offer(checkIn.endpoint()).filter(standing -> wants(checkIn, standing) && isDeliverable(standing));
        if (offer.isPresent()) {
            Answer answer = Answer.offers(offer.get(), after(checkIn.endpoint()));
            exchange.reply().dispatch(offer.get().scope(), answer.bytes(exchange.format), left -> {
                if (left == Left.FENCED) {
                    sayWait(exchange);
                }
            });
        } else if (link.isLeftOver(checkIn)) {
            exchange.reply()
                    .say(Answer.discards(checkIn.token(), patience.busySeconds())
                            .bytes(exchange.format));
        } else {
            exchange.reply().say(Answer.waits(after(checkIn.endpoint())).bytes(exchange.format));
        }
    }

    /** Not one that has just told how the very same offer failed. */
    private boolean wants(CheckIn checkIn, Offer offer) {
        return checkIn.state() == UpdateState.IDLE
                && (checkIn.result().equals(UpdateResult.INITIAL) || !link.isAbout(checkIn, offer.update()));
    }

    /** A package may be revoked while an offer of it stands. */
    private boolean isDeliverable(Offer offer) {
        return ports.packages()
                .find(offer.firmwarePackage().id())
                .filter(found -> !found.revoked())
                .isPresent();
    }

    private void sayWait(Exchange exchange) {
        exchange.reply().say(Answer.waits(patience.busySeconds()).bytes(exchange.format));
    }

    private long after(Endpoint endpoint) {
        long seconds = patience.seconds(endpoint);
        sessions.told(endpoint, clock.millis(), seconds * 1000);
        return seconds;
    }

    private void sweep() {
        try {
            long now = clock.millis();
            exchanges.forEach(exchange -> {
                if (exchange.overdueMillis <= now) {
                    give(exchange);
                }
            });
            if (++sweeps % SWEEPS_BETWEEN_SESSIONS == 0) {
                sessions.takeOverdue(now)
                        .forEach(endpoint -> ports.inbox().offer(new RolloutInput.Deregistered(endpoint)));
            }
        } catch (RuntimeException e) {
            LOG.error("sweep of terminals failed, the next one goes on", e);
        }
    }
}
