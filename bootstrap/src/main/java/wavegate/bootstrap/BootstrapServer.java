package wavegate.bootstrap;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.UdpConfig;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.leshan.core.endpoint.EndpointUriUtil;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.eclipse.leshan.server.bootstrap.BootstrapHandler;
import org.eclipse.leshan.server.bootstrap.LeshanBootstrapServer;
import org.eclipse.leshan.server.bootstrap.LeshanBootstrapServerBuilder;
import org.eclipse.leshan.server.bootstrap.endpoint.LwM2mBootstrapServerEndpoint;
import org.eclipse.leshan.server.bootstrap.request.BootstrapDownlinkRequestSender;
import org.eclipse.leshan.server.californium.bootstrap.endpoint.CaliforniumBootstrapServerEndpoint;
import org.eclipse.leshan.server.californium.bootstrap.endpoint.CaliforniumBootstrapServerEndpointsProvider;
import org.eclipse.leshan.server.californium.bootstrap.endpoint.coap.CoapBootstrapServerProtocolProvider;
import org.eclipse.leshan.server.californium.bootstrap.endpoint.coaps.CoapsBootstrapServerProtocolProvider;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.bootstrap.BootstrapCounters.Event;
import wavegate.bootstrap.account.Accounts;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.shard.Assignment;
import wavegate.bootstrap.shard.ShardRing;

/** Gives devices their LwM2M servers and the keys for them. Started by its owner; works on CoAP threads and two workers. */
public final class BootstrapServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BootstrapServer.class);
    private static final int SOCKET_BUFFER_BYTES = 4 * 1024 * 1024;
    private static final int FEWEST_PEERS = 20_000;

    /** Datagrams that wait for the socket; beyond that a send fails, as a lost datagram would. */
    private static final int LONGEST_SEND_QUEUE = 65_536;

    /** A device's DTLS connection is of no use to anybody a moment after its session. */
    private static final int STALE_SECONDS = 120;

    private final LeshanBootstrapServer server;
    private final Provisioning provisioning;
    private final SingleUse spending;
    private final Accounts accounts;
    private final BootstrapCounters counters = new BootstrapCounters();
    private final ExecutorService workers = Executors.newFixedThreadPool(2, named("bootstrap-worker"));
    private final ScheduledExecutorService timers = Executors.newScheduledThreadPool(1, named("bootstrap-timer"));
    private final BootstrapSockets sockets;
    private final SessionHandler sessions;

    /**
     * What it works with; its owner closes them after it.
     *
     * @param credentials what devices bootstrap with, and what those of fixed servers are given
     * @param sockets its network; closed with the server
     * @param seesRegistrations whether {@link #registered} is told of the devices of the server of that name; if it is told of none that a
     *     device was given, a credential for a single use is spent by the Finish
     */
    public record Ports(
            CredentialStore credentials,
            CredentialSink sink,
            Accounts accounts,
            BootstrapAudit audit,
            BootstrapSockets sockets,
            Predicate<String> seesRegistrations) {}

    /** @throws IOException if a key of a shard cannot be read, or the accounts of the settings cannot be taken over */
    public BootstrapServer(BootstrapSettings settings, Ports ports, InstantSource clock, SecureRandom random)
            throws IOException {
        accounts = ports.accounts();
        provisioning = new Provisioning(
                accounts,
                ports.credentials(),
                ports.sink(),
                ShardKeys.termsOf(settings),
                settings.overrides(),
                clock,
                random);
        AccountImport.take(settings.accounts(), accounts, ports.credentials(), ports.audit());
        spending = new SingleUse(provisioning, workers, ports.seesRegistrations());
        spending.goOn(accounts, ports.credentials());
        DeviceProof proof = new DeviceProof(ports.credentials());
        SessionHandler.Surroundings around = new SessionHandler.Surroundings(
                accounts, provisioning, counters, ports.audit(), settings.limits(), workers, timers, spending);
        HandlerOnce handler = new HandlerOnce(around, proof);
        sockets = ports.sockets();
        CaliforniumBootstrapServerEndpointsProvider endpoints = endpoints(settings, handler);
        server = new LeshanBootstrapServerBuilder()
                .setEndpointsProviders(endpoints)
                .setSecurityStore(proof)
                .setLinkParser(new WireNodes.UnreadLinks())
                .setBootstrapHandlerFactory((sender, manager, listener) -> handler.with(sender))
                .build();
        sockets.run(endpoints.getCoapServer());
        sessions = handler.made();
        if (settings.coap().enabled()) {
            LOG.warn(
                    "NoSec is on: coap://{}:{} gives accounts to any device with the right name",
                    settings.coap().host(),
                    settings.coap().port());
        }
    }

    /** Leshan asks for the handler while it is built. */
    private static final class HandlerOnce {
        private final SessionHandler.Surroundings around;
        private final DeviceProof proof;
        private volatile @Nullable SessionHandler handler;

        HandlerOnce(SessionHandler.Surroundings around, DeviceProof proof) {
            this.around = around;
            this.proof = proof;
        }

        BootstrapHandler with(BootstrapDownlinkRequestSender sender) {
            SessionHandler made = new SessionHandler(around, proof, sender);
            handler = made;
            return made;
        }

        boolean inSession(InetSocketAddress address) {
            SessionHandler made = handler;
            return made != null && made.inSession(address);
        }

        SessionHandler made() {
            return java.util.Objects.requireNonNull(handler);
        }
    }

    /** @throws IllegalStateException if an address cannot be listened at, though others can; names it */
    public void start() {
        try {
            server.start();
        } catch (IllegalStateException e) {
            throw new IllegalStateException("cannot listen at " + deaf(), e);
        }
        List<URI> deaf = deaf();
        if (!deaf.isEmpty()) {
            throw new IllegalStateException("cannot listen at " + deaf);
        }
        for (LwM2mBootstrapServerEndpoint endpoint : server.getEndpoints()) {
            LOG.info("bootstrap listening uri={}", endpoint.getURI());
        }
        sockets.listening(server.getEndpoints().stream()
                .map(LwM2mBootstrapServerEndpoint::getURI)
                .toList());
    }

    /** Californium is content with one address out of several. */
    private List<URI> deaf() {
        return server.getEndpoints().stream()
                .filter(endpoint -> endpoint instanceof CaliforniumBootstrapServerEndpoint californium
                        && !californium.getCoapEndpoint().isStarted())
                .map(LwM2mBootstrapServerEndpoint::getURI)
                .toList();
    }

    /** The address bound for a protocol; empty if it is off. */
    public Optional<InetSocketAddress> address(Protocol protocol) {
        LwM2mBootstrapServerEndpoint endpoint = server.getEndpoint(protocol);
        return endpoint == null ? Optional.empty() : Optional.of(EndpointUriUtil.getSocketAddr(endpoint.getURI()));
    }

    public BootstrapCounters counters() {
        return counters;
    }

    public int openSessions() {
        return sessions.openSessions();
    }

    /** Devices that took everything and were told so. */
    public long completed() {
        return counters.of(Event.COMPLETED);
    }

    /** Sessions that ended otherwise, and requests that were refused. */
    public long failed() {
        return counters.of(Event.FAILED) + counters.refused();
    }

    public ShardRing ring() {
        return provisioning.ring();
    }

    /** The shard a device is given when it comes next; empty if there is none. */
    public Optional<Assignment> assignment(String endpoint) {
        return provisioning.assignment(endpoint);
    }

    /**
     * A device has registered in this process: what it bootstrapped with is spent if it was for a single use. Any thread; returns at once.
     */
    public void registered(String endpoint) {
        spending.registered(endpoint);
    }

    @Override
    public void close() {
        sockets.close();
        server.destroy();
        timers.shutdownNow();
        workers.shutdown();
        try {
            if (!workers.awaitTermination(5, TimeUnit.SECONDS)) {
                workers.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private CaliforniumBootstrapServerEndpointsProvider endpoints(BootstrapSettings settings, HandlerOnce handler) {
        CaliforniumBootstrapServerEndpointsProvider.Builder endpoints =
                new CaliforniumBootstrapServerEndpointsProvider.Builder(
                        new CoapBootstrapServerProtocolProvider(), new CoapsBootstrapServerProtocolProvider());
        endpoints.setConfiguration(configuration -> configure(configuration, settings.limits()));
        if (settings.coap().enabled()) {
            endpoints.addEndpoint(sockets.coap(uri(Protocol.COAP, settings.coap()), handler::inSession));
        }
        if (settings.coaps().enabled()) {
            endpoints.addEndpoint(
                    sockets.coaps(uri(Protocol.COAPS, settings.coaps()), () -> counters.count(Event.STRANGERS)));
        }
        return endpoints.build();
    }

    private static URI uri(Protocol protocol, BootstrapSettings.Listener listener) {
        return EndpointUriUtil.createUri(
                protocol.getUriScheme(), new InetSocketAddress(listener.host(), listener.port()));
    }

    // The setting against CVE-2022-2576 is announced to go, and without it a forged ClientHello costs a handshake.
    @SuppressWarnings("deprecation")
    private static void configure(Configuration c, BootstrapSettings.Limits limits) {
        int peers = Math.max(FEWEST_PEERS, 10 * limits.sessionsPerMinute());
        c.set(CoapConfig.MAX_ACTIVE_PEERS, peers);
        c.set(CoapConfig.MAX_RESOURCE_BODY_SIZE, 16 * 1024);
        c.set(CoapConfig.BLOCKWISE_STATUS_LIFETIME, 60, TimeUnit.SECONDS);
        c.set(UdpConfig.UDP_RECEIVE_BUFFER_SIZE, SOCKET_BUFFER_BYTES);
        c.set(UdpConfig.UDP_SEND_BUFFER_SIZE, SOCKET_BUFFER_BYTES);
        c.set(UdpConfig.UDP_CONNECTOR_OUT_CAPACITY, LONGEST_SEND_QUEUE);
        c.set(DtlsConfig.DTLS_RECEIVE_BUFFER_SIZE, SOCKET_BUFFER_BYTES);
        c.set(DtlsConfig.DTLS_SEND_BUFFER_SIZE, SOCKET_BUFFER_BYTES);
        c.set(DtlsConfig.DTLS_MAX_CONNECTIONS, peers);
        c.set(DtlsConfig.DTLS_STALE_CONNECTION_THRESHOLD, STALE_SECONDS, TimeUnit.SECONDS);
        c.set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, 6);
        c.set(DtlsConfig.DTLS_VERIFY_PEERS_ON_RESUMPTION_THRESHOLD, 0);
        c.set(DtlsConfig.DTLS_MAC_ERROR_FILTER_QUIET_TIME, 4, TimeUnit.SECONDS);
        c.set(DtlsConfig.DTLS_MAC_ERROR_FILTER_THRESHOLD, 8);
    }

    private static ThreadFactory named(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + count.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        };
    }
}
