package wavegate.server.registration;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.network.InMemoryMessageExchangeStore;
import org.eclipse.californium.core.network.RandomTokenGenerator;
import org.eclipse.californium.core.network.TokenGenerator;
import org.eclipse.californium.core.observe.ObservationStore;
import org.eclipse.californium.elements.Connector;
import org.eclipse.californium.elements.EndpointContext;
import org.eclipse.californium.elements.UdpEndpointContextMatcher;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.leshan.core.californium.identity.IdentityHandler;
import org.eclipse.leshan.core.endpoint.EndpointUriUtil;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.californium.endpoint.CaliforniumServerEndpointFactory;
import org.eclipse.leshan.server.californium.endpoint.coap.CoapServerEndpointFactory;
import org.eclipse.leshan.server.observation.LwM2mNotificationReceiver;
import wavegate.server.registration.limit.BoundedDeduplicator;
import wavegate.server.registration.limit.GuardedDtlsConnector;
import wavegate.server.registration.limit.GuardedUdpConnector;
import wavegate.server.registration.limit.ProtocolThreads;
import wavegate.server.registration.limit.ShedCounts;
import wavegate.server.registration.limit.Shortcut;
import wavegate.server.registration.oscore.OscoreSide;

/** Makes the endpoints with a gate before each socket. */
final class GuardedSockets {
    private final LwM2mSettings settings;
    private final ProtocolThreads threads;
    private final SocketProbe probe;
    private final RandomGenerator random;
    private final List<ShedCounts> counts = new ArrayList<>();
    private volatile Shortcut shortcut = Shortcut.NONE;

    GuardedSockets(LwM2mSettings settings, ProtocolThreads threads, SocketProbe probe, RandomGenerator random) {
        this.probe = probe;
        this.settings = settings;
        this.threads = threads;
        this.random = random;
    }

    /** @param registered whether a device is registered from that address */
    CaliforniumServerEndpointFactory coap(
            Consumer<CoapEndpoint.Builder> stack, Predicate<InetSocketAddress> registered) {
        ShedCounts shed = counted("coap");
        return new CoapServerEndpointFactory(uri(Protocol.COAP, settings.coap()), null, null, stack) {
            @Override
            protected Connector createConnector(InetSocketAddress address, Configuration configuration) {
                return new GuardedUdpConnector(
                        address,
                        configuration,
                        settings.limits(),
                        sender -> probe.isOwn(sender) || registered.test(sender) || shortcut.knows(sender),
                        threads::backlog,
                        shed,
                        System::nanoTime,
                        () -> shortcut,
                        random.nextLong());
            }

            @Override
            protected CoapEndpoint.Builder createEndpointBuilder(
                    InetSocketAddress address,
                    Configuration configuration,
                    LwM2mNotificationReceiver notifications,
                    LeshanServer server) {
                return remembering(
                                super.createEndpointBuilder(address, configuration, notifications, server),
                                configuration,
                                settings.limits().remembered(),
                                settings.limits().remembered(),
                                settings.dedupMessagesPerPeer(),
                                peer -> peer instanceof InetSocketAddress sender && registered.test(sender))
                        .setEndpointContextMatcher(new WithoutDtls());
            }
        };
    }

    /** Observations of all endpoints lie in one store; one made over DTLS is not answered without, not even from the same address. */
    private static final class WithoutDtls extends UdpEndpointContextMatcher {
        @Override
        public boolean isResponseRelatedToRequest(EndpointContext asked, EndpointContext answering) {
            return asked.getPeerIdentity() == null && super.isResponseRelatedToRequest(asked, answering);
        }
    }

    /** @param registered whether a device is registered from that address */
    CaliforniumServerEndpointFactory oscore(
            Consumer<CoapEndpoint.Builder> stack, Predicate<InetSocketAddress> registered, OscoreSide side) {
        ShedCounts shed = counted("oscore");
        return new CoapServerEndpointFactory(uri(Protocol.COAP, settings.oscore()), null, null, stack) {
            @Override
            protected Connector createConnector(InetSocketAddress address, Configuration configuration) {
                return new GuardedUdpConnector(
                        address,
                        configuration,
                        settings.limits(),
                        sender -> probe.isOwn(sender) || registered.test(sender),
                        threads::backlog,
                        shed,
                        System::nanoTime,
                        () -> Shortcut.NONE,
                        random.nextLong());
            }

            @Override
            protected CoapEndpoint.Builder createEndpointBuilder(
                    InetSocketAddress address,
                    Configuration configuration,
                    LwM2mNotificationReceiver notifications,
                    LeshanServer server) {
                return remembering(
                                super.createEndpointBuilder(address, configuration, notifications, server),
                                configuration,
                                settings.limits().remembered(),
                                settings.limits().remembered(),
                                settings.dedupMessagesPerPeer(),
                                peer -> peer instanceof InetSocketAddress sender && registered.test(sender))
                        .setEndpointContextMatcher(new WithoutDtls())
                        .setCustomCoapStackArgument(side);
            }

            @Override
            public IdentityHandler createIdentityHandler() {
                return new OscoreIdentities(super.createIdentityHandler());
            }
        };
    }

    /** @param dtls has the last word on the connector's settings */
    CaliforniumServerEndpointFactory coaps(
            Consumer<CoapEndpoint.Builder> stack,
            DtlsIdentities identities,
            Consumer<DtlsConnectorConfig.Builder> dtls) {
        ShedCounts shed = counted("coaps");
        return new BoundCoaps(uri(Protocol.COAPS, settings.coaps()), identities, dtls, stack) {
            @Override
            protected Connector createConnector(DtlsConnectorConfig configuration) {
                return new GuardedDtlsConnector(
                        configuration,
                        settings.limits(),
                        probe::isOwn,
                        threads::backlog,
                        shed,
                        System::nanoTime,
                        () -> shortcut,
                        random.nextLong());
            }

            @Override
            protected CoapEndpoint.Builder createEndpointBuilder(
                    DtlsConnectorConfig connector, Configuration configuration, ObservationStore observations) {
                return remembering(
                        super.createEndpointBuilder(connector, configuration, observations),
                        configuration,
                        settings.limits().remembered(),
                        settings.limits().remembered() * 4,
                        settings.dedupMessagesPerPeer(),
                        peer -> true);
            }
        };
    }

    /**
     * Bounds what an endpoint keeps to recognise repetitions.
     *
     * @param strangers requests of strangers; {@code known} those of known devices, whose repetitions matter more
     * @param perPeer requests of one peer
     * @param isKnown whether a peer, as the stack identifies it, is a known device
     */
    static CoapEndpoint.Builder remembering(
            CoapEndpoint.Builder builder,
            Configuration configuration,
            int strangers,
            int known,
            int perPeer,
            Predicate<Object> isKnown) {
        TokenGenerator tokens = new RandomTokenGenerator(configuration);
        InMemoryMessageExchangeStore exchanges = new InMemoryMessageExchangeStore(configuration, tokens);
        exchanges.setDeduplicator(new BoundedDeduplicator(
                strangers,
                known,
                perPeer,
                configuration.get(CoapConfig.EXCHANGE_LIFETIME, TimeUnit.NANOSECONDS),
                isKnown,
                System::nanoTime));
        return builder.setTokenGenerator(tokens).setMessageExchangeStore(exchanges);
    }

    /** What is asked before the stack, from now on. */
    void shortcut(Shortcut next) {
        shortcut = next;
    }

    /** What each socket has admitted and shed. */
    List<ShedCounts> counts() {
        return List.copyOf(counts);
    }

    private ShedCounts counted(String socket) {
        ShedCounts shed = new ShedCounts(socket);
        counts.add(shed);
        return shed;
    }

    private static URI uri(Protocol protocol, LwM2mSettings.Listener listener) {
        return EndpointUriUtil.createUri(
                protocol.getUriScheme(), new InetSocketAddress(listener.host(), listener.port()));
    }
}
