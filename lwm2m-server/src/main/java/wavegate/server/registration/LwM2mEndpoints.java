package wavegate.server.registration;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.eclipse.californium.core.CoapServer;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.server.resources.Resource;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.SystemConfig;
import org.eclipse.californium.elements.config.UdpConfig;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.leshan.core.endpoint.EndpointUriUtil;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.node.codec.DefaultLwM2mDecoder;
import org.eclipse.leshan.core.node.codec.LwM2mDecoder;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.LeshanServerBuilder;
import org.eclipse.leshan.server.californium.endpoint.CaliforniumServerEndpointFactory;
import org.eclipse.leshan.server.californium.endpoint.CaliforniumServerEndpointsProvider;
import org.eclipse.leshan.server.californium.endpoint.coap.CoapServerEndpointFactory;
import org.eclipse.leshan.server.californium.endpoint.coap.CoapServerProtocolProvider;
import org.eclipse.leshan.server.californium.endpoint.coaps.CoapsServerEndpointFactory;
import org.eclipse.leshan.server.californium.endpoint.coaps.CoapsServerProtocolProvider;
import org.eclipse.leshan.server.endpoint.LwM2mServerEndpoint;
import org.eclipse.leshan.server.model.StaticModelProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.bootstrap.credential.CredentialStore;

/**
 * The sockets devices talk to, and the Leshan server behind them. Made open but silent: add listeners and resources, then {@link #start}.
 * Thread-safe after construction.
 */
public final class LwM2mEndpoints implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LwM2mEndpoints.class);

    private final CaliforniumServerEndpointsProvider provider;
    private final LeshanServer server;
    private final CredentialAuthorizer authorizer;
    private final DtlsCounters counters = new DtlsCounters();
    private final AtomicLong malformed = new AtomicLong();

    /**
     * @param models one model for each object id that is read, observed or sent; versions beside are decoded with the same model
     * @param stack sets the layers of each CoAP endpoint
     */
    public LwM2mEndpoints(
            LwM2mSettings settings,
            CredentialStore credentials,
            Collection<ObjectModel> models,
            Consumer<CoapEndpoint.Builder> stack) {
        provider = createProvider(settings, stack);
        CredentialHolders holders = new CredentialHolders(credentials);
        DtlsIdentities identities = new DtlsIdentities();
        authorizer = new CredentialAuthorizer(holders);
        InterningDataExtractor extractor = new InterningDataExtractor();
        ExpiringRegistrationStore store =
                new ExpiringRegistrationStore(settings.expiryPeriod().toMillis(), new SharedRegistrations(extractor));
        LwM2mDecoder decoder = new DefaultLwM2mDecoder();

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
        builder.setLinkParser(new InterningLinkParser(settings.maxLinks()));
        builder.setRegistrationDataExtractor(extractor);
        server = builder.build();

        guard("rd", new RegisterCheck(settings));
        guard("dp", new SendCheck(holders, identities, store, decoder));
        credentials.addListener(new EndedCredentials(store, identities, dtls().orElse(null)));
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

    public void start() {
        server.start();
        for (LwM2mServerEndpoint endpoint : server.getEndpoints()) {
            LOG.info("listening uri={}", endpoint.getURI());
        }
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

    @Override
    public void close() {
        server.destroy();
    }

    private CaliforniumServerEndpointsProvider createProvider(
            LwM2mSettings settings, Consumer<CoapEndpoint.Builder> stack) {
        CaliforniumServerEndpointsProvider.Builder builder = new CaliforniumServerEndpointsProvider.Builder(
                new CoapServerProtocolProvider(), new CoapsServerProtocolProvider());
        builder.setConfiguration(configuration -> configure(configuration, settings));
        List<CaliforniumServerEndpointFactory> factories = new ArrayList<>();
        if (settings.coap().on()) {
            factories.add(new CoapServerEndpointFactory(uri(Protocol.COAP, settings.coap()), null, null, stack));
            LOG.warn(
                    "NoSec is on: coap://{}:{} takes any device at its word",
                    settings.coap().host(),
                    settings.coap().port());
        }
        if (settings.coaps().on()) {
            factories.add(new CoapsServerEndpointFactory(
                    uri(Protocol.COAPS, settings.coaps()), null, null, this::secure, stack));
        }
        if (factories.isEmpty()) {
            throw new IllegalArgumentException("lwm2m settings: no endpoint is on (expected: coap, coaps or both)");
        }
        factories.forEach(builder::addEndpoint);
        return builder.build();
    }

    private void secure(DtlsConnectorConfig.Builder builder) {
        builder.setHealthHandler(counters);
    }

    private static URI uri(Protocol protocol, LwM2mSettings.Listener listener) {
        return EndpointUriUtil.createUri(
                protocol.getUriScheme(), new InetSocketAddress(listener.host(), listener.port()));
    }

    private static void configure(Configuration c, LwM2mSettings settings) {
        c.set(CoapConfig.MAX_ACTIVE_PEERS, settings.maxPeers());
        c.set(CoapConfig.PROTOCOL_STAGE_THREAD_COUNT, settings.protocolThreads());
        c.set(CoapConfig.DEDUPLICATOR, CoapConfig.DEDUPLICATOR_PEERS_MARK_AND_SWEEP);
        c.set(CoapConfig.PEERS_MARK_AND_SWEEP_MESSAGES, settings.dedupMessagesPerPeer());
        c.set(CoapConfig.PREFERRED_BLOCK_SIZE, settings.blockSize());
        c.set(CoapConfig.MAX_MESSAGE_SIZE, 1024);
        c.set(CoapConfig.MAX_RESOURCE_BODY_SIZE, settings.maxBodyBytes());
        c.set(CoapConfig.BLOCKWISE_STATUS_LIFETIME, 60, TimeUnit.SECONDS);
        c.set(CoapConfig.ACK_TIMEOUT, (int) settings.ackTimeout().toMillis(), TimeUnit.MILLISECONDS);
        c.set(CoapConfig.MAX_RETRANSMIT, settings.maxRetransmit());
        c.set(UdpConfig.UDP_RECEIVE_BUFFER_SIZE, settings.socketBufferBytes());
        c.set(UdpConfig.UDP_SEND_BUFFER_SIZE, settings.socketBufferBytes());
        c.set(DtlsConfig.DTLS_RECEIVE_BUFFER_SIZE, settings.socketBufferBytes());
        c.set(DtlsConfig.DTLS_SEND_BUFFER_SIZE, settings.socketBufferBytes());
        c.set(DtlsConfig.DTLS_MAX_CONNECTIONS, settings.maxPeers());
        c.set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, 6);
        c.set(DtlsConfig.DTLS_MAC_ERROR_FILTER_QUIET_TIME, 4, TimeUnit.SECONDS);
        c.set(DtlsConfig.DTLS_MAC_ERROR_FILTER_THRESHOLD, 8);
        c.set(SystemConfig.HEALTH_STATUS_INTERVAL, 0, TimeUnit.SECONDS);
    }
}
