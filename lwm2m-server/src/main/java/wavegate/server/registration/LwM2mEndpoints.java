package wavegate.server.registration;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.eclipse.californium.core.CoapServer;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.network.interceptors.MessageInterceptorAdapter;
import org.eclipse.californium.core.server.resources.Resource;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.SystemConfig;
import org.eclipse.californium.elements.config.UdpConfig;
import org.eclipse.californium.elements.util.ExecutorsUtil;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.leshan.core.endpoint.EndpointUriUtil;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.node.codec.DefaultLwM2mDecoder;
import org.eclipse.leshan.core.node.codec.LwM2mDecoder;
import org.eclipse.leshan.core.peer.LwM2mIdentity;
import org.eclipse.leshan.core.peer.OscoreIdentity;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.LeshanServerBuilder;
import org.eclipse.leshan.server.californium.endpoint.CaliforniumServerEndpointFactory;
import org.eclipse.leshan.server.californium.endpoint.CaliforniumServerEndpointsProvider;
import org.eclipse.leshan.server.californium.endpoint.coap.CoapServerProtocolProvider;
import org.eclipse.leshan.server.californium.endpoint.coaps.CoapsServerProtocolProvider;
import org.eclipse.leshan.server.endpoint.LwM2mServerEndpoint;
import org.eclipse.leshan.server.model.StaticModelProvider;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.StoreKey;
import wavegate.bootstrap.credential.Use;
import wavegate.firmware.device.Endpoint;
import wavegate.server.registration.limit.BodyLimit;
import wavegate.server.registration.limit.Newcomers;
import wavegate.server.registration.limit.ProtocolThreads;
import wavegate.server.registration.limit.ShedCounts;
import wavegate.server.registration.limit.Shortcut;
import wavegate.server.registration.oscore.OscoreSequences;
import wavegate.server.registration.oscore.OscoreSide;

/**
 * The sockets devices talk to, and the Leshan server behind them. Made open but silent: add listeners and resources, then {@link #start}.
 * Thread-safe after construction.
 */
public final class LwM2mEndpoints implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LwM2mEndpoints.class);

    /** Datagrams that wait for the socket; beyond that a send fails, as a lost datagram would. */
    private static final int LONGEST_SEND_QUEUE = 65_536;

    private final CaliforniumServerEndpointsProvider provider;
    private final LeshanServer server;
    private final CredentialAuthorizer authorizer;
    private final DtlsIdentities identities;
    private final Newcomers newcomers;
    private final EndedCredentials ended;
    private final CloneWatch clones;
    private final SuspectedClones suspected;
    private final CertificateEnds certificateEnds = new CertificateEnds();
    private final InstantSource clock = InstantSource.system();
    private final @Nullable TenantAuthorities tenants;
    private final @Nullable DeviceCertificates verifier;
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(named("tenants"));
    private volatile @Nullable SavedConnections saved;
    private final DtlsCounters counters = new DtlsCounters();
    private final SocketProbe probe = new SocketProbe();
    private final GuardedSockets sockets;
    private volatile Predicate<String> elsewhere = name -> false;
    /** Tenants were read again, and connections not looked at since. On the thread of the watch only. */
    private boolean tenantsChanged;

    private volatile Predicate<Endpoint> seenBefore = endpoint -> false;

    private final AtomicLong malformed = new AtomicLong();
    private final AtomicLong strangers = new AtomicLong();

    /**
     * @param models one model for each object id that is read, observed or sent; versions beside are decoded with the same model
     * @param stack sets the layers of each CoAP endpoint
     */
    public LwM2mEndpoints(
            LwM2mSettings settings,
            CredentialStore credentials,
            Collection<ObjectModel> models,
            Consumer<CoapEndpoint.Builder> stack) {
        this(settings, credentials, null, models, stack);
    }

    /** @param certificates who the server is to devices with public keys and certificates, and whose it trusts; without, only PSK is served */
    public LwM2mEndpoints(
            LwM2mSettings settings,
            CredentialStore credentials,
            @Nullable CertificateSide certificates,
            Collection<ObjectModel> models,
            Consumer<CoapEndpoint.Builder> stack) {
        this(settings, credentials, certificates, null, models, stack);
    }

    /** @param sequences kept of OSCORE over restarts; must be there where that is on */
    public LwM2mEndpoints(
            LwM2mSettings settings,
            CredentialStore credentials,
            @Nullable CertificateSide certificates,
            @Nullable OscoreSequences sequences,
            Collection<ObjectModel> models,
            Consumer<CoapEndpoint.Builder> stack) {
        if (settings.oscore().on() && sequences == null) {
            throw new IllegalArgumentException("sequences: none (expected: those of OSCORE, which is on)");
        }
        tenants = certificates == null ? null : certificates.tenants();
        CredentialHolders holders = new CredentialHolders(credentials);
        identities = new DtlsIdentities(Use.LWM2M, credentials, tenants);
        verifier = certificates == null
                ? null
                : new DeviceCertificates(
                        certificates.tenants(), identities, strangers::incrementAndGet, certificateEnds::note);
        authorizer = new CredentialAuthorizer(holders);
        InterningDataExtractor extractor = new InterningDataExtractor();
        ExpiringRegistrationStore store =
                new ExpiringRegistrationStore(settings.expiryPeriod().toMillis(), new SharedRegistrations(extractor));
        ProtocolThreads threads = new ProtocolThreads(settings.protocolThreads(), named("coap"));
        sockets = new GuardedSockets(settings, threads, probe, new SecureRandom());
        OscoreSide oscore = sequences == null || !settings.oscore().on()
                ? null
                : new OscoreSide(credentials, sequences, address -> recipientId(store, address));
        provider = createProvider(settings, stack, store, identities, oscore, builder -> secure(builder, certificates));
        LwM2mDecoder decoder = new StrictDecoder(new DefaultLwM2mDecoder());

        LeshanServerBuilder builder = new LeshanServerBuilder()
                .setEndpointsProviders(provider)
                .setSecurityStore(new CredentialSecurityStore(credentials))
                .setRegistrationStore(store)
                .setAuthorizer(authorizer)
                .setObjectModelProvider(new StaticModelProvider(models))
                .setDecoder(decoder)
                // Leshan's queue-mode sender throws in the caller's thread and does not count a Send as a sign of life.
                .disableQueueModeSupport();
        builder.setRegistrationIdProvider(new SecureRegistrationIds());
        builder.setLinkParser(new InterningLinkParser(settings.limits().links()));
        builder.setRegistrationDataExtractor(extractor);
        server = builder.build();
        coap().setExecutors(threads, ExecutorsUtil.newDefaultSecondaryScheduler("coap-timer-"), false);

        newcomers = new Newcomers(settings.limits(), sockets.counts(), System::nanoTime);
        RegisterCheck wellFormed =
                new RegisterCheck(settings.limits(), store, newcomers, endpoint -> seenBefore.test(endpoint));
        SameCredentialCheck sameCredential = new SameCredentialCheck(holders, identities, store);
        SendCheck ownSend = new SendCheck(holders, identities, store, decoder);
        suspected = new SuspectedClones(credentials);
        clones = new CloneWatch(identities, holders, suspected, clock, watch);
        guard("rd", request -> {
            clones.saw(request);
            return wellFormed
                    .apply(request)
                    .or(() -> sameCredential.apply(request))
                    .or(() -> takenName(request));
        });
        guard("dp", request -> {
            clones.saw(request);
            return ownSend.apply(request);
        });
        ended = new EndedCredentials(store, identities, holders, dtls().orElse(null), certificateEnds);
        watchNotifications();
        credentials.addListener(ended);
        credentials.addListener(clones);
    }

    private void watchNotifications() {
        for (org.eclipse.californium.core.network.Endpoint each :
                provider.getCoapServer().getEndpoints()) {
            each.addInterceptor(new MessageInterceptorAdapter() {
                @Override
                public void receiveResponse(Response response) {
                    if (response.isNotification()) {
                        clones.saw(response);
                    }
                }
            });
        }
    }

    private static Optional<byte[]> recipientId(RegistrationStore registrations, InetSocketAddress address) {
        Registration registration = registrations.getRegistrationByAdress(address);
        return registration != null
                        && registration.getClientTransportData().getIdentity() instanceof OscoreIdentity identity
                ? Optional.of(identity.getRecipientId())
                : Optional.empty();
    }

    /** A name that something else answers to now is not registered over LwM2M too. */
    private Optional<GuardedResource.Refusal> takenName(Request request) {
        boolean registers = request.getOptions().getUriPath().size() == 1;
        boolean taken = registers
                && request.getOptions().getUriQuery().stream()
                        .anyMatch(query -> query.startsWith("ep=") && elsewhere.test(query.substring(3)));
        return taken
                ? Optional.of(new GuardedResource.Refusal(
                        ResponseCode.FORBIDDEN, "ep: a terminal asks for versions by this name"))
                : Optional.empty();
    }

    private Optional<DTLSConnector> dtls() {
        return provider.getCoapServer().getEndpoints().stream()
                .filter(CoapEndpoint.class::isInstance)
                .map(endpoint -> ((CoapEndpoint) endpoint).getConnector())
                .filter(DTLSConnector.class::isInstance)
                .map(DTLSConnector.class::cast)
                .findFirst();
    }

    private void guard(String name, Function<Request, Optional<GuardedResource.Refusal>> check) {
        Resource root = provider.getCoapServer().getRoot();
        Resource original = root.getChild(name);
        root.delete(original);
        root.add(new GuardedResource(original, check, malformed));
    }

    public LeshanServer leshan() {
        return server;
    }

    public CaliforniumServerEndpointsProvider provider() {
        return provider;
    }

    /** Where further CoAP resources go. */
    public CoapServer coap() {
        return provider.getCoapServer();
    }

    /** What is asked before the CoAP stack, on all sockets. Call before {@link #start}. */
    public void shortcut(Shortcut next) {
        sockets.shortcut(next);
    }

    /** Carries DTLS connections over from the last {@link #close}, and to the next start. Call before {@link #start}. */
    public void carryConnections(Path file, StoreKey key) throws IOException {
        SavedConnections carried = new SavedConnections(file, key);
        dtls().ifPresent(carried::load);
        saved = carried;
    }

    /** @param known whether a device of that name is known, registered or not: it is let in before those that are not. Asked on CoAP threads */
    public void seenBefore(Predicate<Endpoint> known) {
        seenBefore = known;
    }

    public void start() {
        server.start();
        // Those that came over the restart, while their credential did not.
        ended.endConnectionsOfNobody();
        if (tenants != null) {
            Future<?> unused = watch.scheduleWithFixedDelay(this::lookAtTenants, 1, 1, TimeUnit.SECONDS);
        }
        for (LwM2mServerEndpoint endpoint : server.getEndpoints()) {
            LOG.info("listening uri={}", endpoint.getURI());
            probe.add(endpoint.getProtocol(), EndpointUriUtil.getSocketAddr(endpoint.getURI()));
        }
        probe.start();
    }

    /** What it throws would end the periodic look for good. */
    private void lookAtTenants() {
        try {
            if (tenants != null && tenants.reload()) {
                tenantsChanged = true;
            }
            if (tenantsChanged || certificateEnds.isOver(clock.instant())) {
                ended.endConnectionsOfNobody();
                tenantsChanged = false;
            }
        } catch (RuntimeException e) {
            LOG.error("look at tenants failed, the next one goes on", e);
        }
    }

    /** Handshakes refused for a public key or a certificate that is no device's. */
    public long strangers() {
        return strangers.get();
    }

    /** @param told the name of an endpoint whose credential is in use from two places; once until the credential is changed */
    public void onClone(Consumer<String> told) {
        clones.onClone(told);
    }

    /** Keeps over a restart whose credential was in use from two places. Call before {@link #start}. */
    public void rememberClones(Path file) {
        suspected.keptIn(file);
    }

    /** @param taken whether an endpoint name is in use elsewhere now; asked on CoAP threads */
    public void namesElsewhere(Predicate<String> taken) {
        elsewhere = taken;
    }

    /** Whether who sent a request may speak for an endpoint, by the same rule as in a Register. */
    public boolean maySpeakFor(String endpoint, Request request) {
        clones.saw(request);
        Optional<LwM2mIdentity> identity = identities.of(request.getSourceContext());
        return identity.isPresent() && authorizer.maySpeakFor(endpoint, identity.get());
    }

    /** Whether a device is taken in now: always with a credential or if it was seen before, else at the pace of newcomers. */
    public boolean mayCome(Endpoint endpoint, Request request) {
        return identities
                        .of(request.getSourceContext())
                        .filter(LwM2mIdentity::isSecure)
                        .isPresent()
                || seenBefore.test(endpoint)
                || newcomers.mayCome(request.getSourceContext().getPeerAddress().getAddress());
    }

    /** Whether the endpoint's credential was in use from two places. */
    public boolean cloneSuspected(String endpoint) {
        return clones.isSuspected(endpoint);
    }

    /** Credentials found in use from two places since the start. */
    public long clones() {
        return clones.count();
    }

    /** The address bound for a protocol; empty if it is off or not started. */
    public Optional<InetSocketAddress> address(Protocol protocol) {
        LwM2mServerEndpoint endpoint = server.getEndpoint(protocol);
        return endpoint == null ? Optional.empty() : Optional.of(EndpointUriUtil.getSocketAddr(endpoint.getURI()));
    }

    /** DTLS connections, half-open ones included. */
    public int connections() {
        dtls().ifPresent(DTLSConnector::updateHealth);
        return counters.connections();
    }

    /** DTLS handshakes completed, abbreviated ones included. */
    public long handshakes() {
        return counters.handshakes();
    }

    /** DTLS handshakes that came to nothing. */
    public long failedHandshakes() {
        return counters.failedHandshakes();
    }

    /** Requests answered 4.00 or 4.03 before Leshan saw them. */
    public long malformed() {
        return malformed.get();
    }

    /** Requests whose sender may not speak for the endpoint it names. */
    public long foreign() {
        return authorizer.refused();
    }

    /** Whether each socket has answered its latest probes. */
    public boolean answering() {
        return probe.answering();
    }

    /** What each socket has admitted and shed since the start. */
    public List<ShedCounts> shed() {
        return sockets.counts();
    }

    @Override
    public void close() {
        probe.close();
        watch.shutdownNow();
        SavedConnections carried = saved;
        if (carried != null) {
            server.stop();
            dtls().ifPresent(carried::save);
        }
        server.destroy();
    }

    private CaliforniumServerEndpointsProvider createProvider(
            LwM2mSettings settings,
            Consumer<CoapEndpoint.Builder> stack,
            RegistrationStore registrations,
            DtlsIdentities identities,
            @Nullable OscoreSide oscore,
            Consumer<DtlsConnectorConfig.Builder> dtls) {
        CaliforniumServerEndpointsProvider.Builder builder = new CaliforniumServerEndpointsProvider.Builder(
                new CoapServerProtocolProvider(), new CoapsServerProtocolProvider());
        builder.setConfiguration(configuration -> configure(configuration, settings));
        List<CaliforniumServerEndpointFactory> factories = new ArrayList<>();
        if (settings.coap().on()) {
            factories.add(sockets.coap(stack, sender -> registrations.getRegistrationByAdress(sender) != null));
            LOG.warn("****************************************************************************");
            LOG.warn(
                    "* NoSec is on: coap://{}:{} believes every sender.",
                    settings.coap().host(),
                    settings.coap().port());
            LOG.warn("* Whoever reaches this port can pose as any device without a credential.    *");
            LOG.warn("****************************************************************************");
        }
        if (settings.coaps().on()) {
            factories.add(sockets.coaps(stack, identities, dtls));
        }
        if (oscore != null) {
            factories.add(
                    sockets.oscore(stack, sender -> registrations.getRegistrationByAdress(sender) != null, oscore));
        }
        if (factories.isEmpty()) {
            throw new IllegalArgumentException("lwm2m settings: no endpoint is on (expected: coap, coaps, oscore)");
        }
        factories.forEach(builder::addEndpoint);
        return builder.build();
    }

    private void secure(DtlsConnectorConfig.Builder builder, @Nullable CertificateSide certificates) {
        builder.setHealthHandler(counters);
        builder.setSerializationLabel("coaps");
        if (certificates != null && verifier != null) {
            certificates.secure(builder, verifier);
        }
    }

    private static ThreadFactory named(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + count.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        };
    }

    // Resumption without a cookie is deprecated and goes in the next Californium; until then it has to be shut off.
    @SuppressWarnings("deprecation")
    private static void configure(Configuration c, LwM2mSettings settings) {
        c.set(
                CoapConfig.MAX_ACTIVE_PEERS,
                Math.max(settings.maxPeers(), settings.dtls().maxConnections()));
        c.set(CoapConfig.PROTOCOL_STAGE_THREAD_COUNT, settings.protocolThreads());
        c.set(CoapConfig.PREFERRED_BLOCK_SIZE, settings.blockSize());
        c.set(CoapConfig.MAX_MESSAGE_SIZE, 1024);
        c.set(CoapConfig.MAX_RESOURCE_BODY_SIZE, settings.limits().body());
        c.set(CoapConfig.BLOCKWISE_STATUS_LIFETIME, BodyLimit.LIFETIME_SECONDS, TimeUnit.SECONDS);
        c.set(CoapConfig.ACK_TIMEOUT, (int) settings.ackTimeout().toMillis(), TimeUnit.MILLISECONDS);
        c.set(CoapConfig.MAX_RETRANSMIT, settings.maxRetransmit());
        c.set(UdpConfig.UDP_RECEIVE_BUFFER_SIZE, settings.socketBufferBytes());
        c.set(UdpConfig.UDP_SEND_BUFFER_SIZE, settings.socketBufferBytes());
        c.set(DtlsConfig.DTLS_RECEIVE_BUFFER_SIZE, settings.socketBufferBytes());
        c.set(DtlsConfig.DTLS_SEND_BUFFER_SIZE, settings.socketBufferBytes());
        c.set(UdpConfig.UDP_CONNECTOR_OUT_CAPACITY, LONGEST_SEND_QUEUE);
        c.set(DtlsConfig.DTLS_MAX_CONNECTIONS, settings.dtls().maxConnections());
        c.set(DtlsConfig.DTLS_MAX_PENDING_INBOUND_JOBS, settings.limits().backlog() * 4);
        c.set(DtlsConfig.DTLS_USE_HELLO_VERIFY_REQUEST, true);
        c.set(DtlsConfig.DTLS_VERIFY_PEERS_ON_RESUMPTION_THRESHOLD, 0);
        if (settings.dtls().connectionIdLength() > 0) {
            c.set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, settings.dtls().connectionIdLength());
        }
        // An address is taken over only from an authentic record newer than all before: a replayed one moves nobody.
        c.set(DtlsConfig.DTLS_USE_ANTI_REPLAY_FILTER, true);
        c.set(DtlsConfig.DTLS_UPDATE_ADDRESS_USING_CID_ON_NEWER_RECORDS, true);
        c.set(
                DtlsConfig.DTLS_MAC_ERROR_FILTER_QUIET_TIME,
                (int) settings.dtls().macErrorQuiet().toMillis(),
                TimeUnit.MILLISECONDS);
        c.set(DtlsConfig.DTLS_MAC_ERROR_FILTER_THRESHOLD, settings.dtls().macErrors());
        c.set(SystemConfig.HEALTH_STATUS_INTERVAL, 0, TimeUnit.SECONDS);
    }
}
