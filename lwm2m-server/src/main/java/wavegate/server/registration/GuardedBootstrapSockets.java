package wavegate.server.registration;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.eclipse.californium.core.CoapServer;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.Connector;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.util.ExecutorsUtil;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.leshan.core.endpoint.EndpointUriUtil;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.eclipse.leshan.server.bootstrap.LeshanBootstrapServer;
import org.eclipse.leshan.server.californium.bootstrap.endpoint.CaliforniumBootstrapServerEndpointFactory;
import org.eclipse.leshan.server.californium.bootstrap.endpoint.coap.CoapBootstrapServerEndpointFactory;
import org.jspecify.annotations.Nullable;
import wavegate.bootstrap.BootstrapSockets;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.Use;
import wavegate.config.LimitSettings;
import wavegate.server.registration.limit.BoundedStack;
import wavegate.server.registration.limit.GuardedDtlsConnector;
import wavegate.server.registration.limit.GuardedUdpConnector;
import wavegate.server.registration.limit.ProtocolThreads;
import wavegate.server.registration.limit.ShedCounts;
import wavegate.server.registration.limit.Shortcut;

/** The sockets of a bootstrap server, with the same gates before them as {@link GuardedSockets}, and a probe of their own. */
public final class GuardedBootstrapSockets implements BootstrapSockets {
    /** One of them only schedules. */
    private static final int THREADS = 4;

    /** A device is asked one thing at a time and asks one itself. */
    private static final int REMEMBERED_OF_PEER = 8;

    private final LimitSettings limits;
    private final DtlsIdentities identities;
    private final @Nullable CertificateSide certificates;
    private final RandomGenerator random;
    private final ProtocolThreads threads;
    private final SocketProbe probe = new SocketProbe();
    private final List<ShedCounts> counts = new ArrayList<>();

    /**
     * @param certificates who the server is to devices with public keys and certificates, and whose it trusts; without, only PSK is served
     * @param random of cryptographic strength
     */
    public GuardedBootstrapSockets(
            LimitSettings limits,
            CredentialStore credentials,
            @Nullable CertificateSide certificates,
            RandomGenerator random) {
        this.limits = limits;
        this.identities =
                new DtlsIdentities(Use.BOOTSTRAP, credentials, certificates == null ? null : certificates.tenants());
        this.certificates = certificates;
        this.random = random;
        AtomicInteger number = new AtomicInteger();
        this.threads = new ProtocolThreads(THREADS, task -> {
            Thread thread = new Thread(task, "bootstrap-coap-" + number.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public CaliforniumBootstrapServerEndpointFactory coap(URI uri, Predicate<InetSocketAddress> inSession) {
        ShedCounts shed = counted("bootstrap-coap");
        return new CoapBootstrapServerEndpointFactory(uri, null, null, BoundedStack.under(limits)) {
            @Override
            protected Connector createConnector(InetSocketAddress address, Configuration configuration) {
                return new GuardedUdpConnector(
                        address,
                        configuration,
                        limits,
                        sender -> probe.isOwn(sender) || inSession.test(sender),
                        threads::backlog,
                        shed,
                        System::nanoTime,
                        () -> Shortcut.NONE,
                        random.nextLong());
            }

            @Override
            protected CoapEndpoint.Builder createEndpointBuilder(
                    InetSocketAddress address, Configuration configuration, LeshanBootstrapServer server) {
                return GuardedSockets.remembering(
                        super.createEndpointBuilder(address, configuration, server),
                        configuration,
                        limits.remembered(),
                        limits.remembered(),
                        REMEMBERED_OF_PEER,
                        peer -> peer instanceof InetSocketAddress sender && inSession.test(sender));
            }
        };
    }

    @Override
    public CaliforniumBootstrapServerEndpointFactory coaps(URI uri, Runnable onStranger) {
        ShedCounts shed = counted("bootstrap-coaps");
        Consumer<DtlsConnectorConfig.Builder> dtls = certificates == null
                ? builder -> {}
                // A bootstrap dialogue is over long before a certificate that was good when it began.
                : builder -> certificates.secure(
                        builder, new DeviceCertificates(certificates.tenants(), identities, onStranger, path -> {}));
        return new BoundBootstrapCoaps(uri, identities, dtls, BoundedStack.under(limits)) {
            @Override
            protected Connector createConnector(DtlsConnectorConfig configuration) {
                return new GuardedDtlsConnector(
                        configuration,
                        limits,
                        probe::isOwn,
                        threads::backlog,
                        shed,
                        System::nanoTime,
                        () -> Shortcut.NONE,
                        random.nextLong());
            }

            @Override
            protected CoapEndpoint.Builder createEndpointBuilder(
                    DtlsConnectorConfig connector, Configuration configuration) {
                return GuardedSockets.remembering(
                        super.createEndpointBuilder(connector, configuration),
                        configuration,
                        limits.remembered(),
                        limits.remembered() * 4,
                        REMEMBERED_OF_PEER,
                        peer -> true);
            }
        };
    }

    @Override
    public void run(CoapServer server) {
        server.setExecutors(threads, ExecutorsUtil.newDefaultSecondaryScheduler("bootstrap-coap-timer-"), false);
    }

    @Override
    public void listening(List<URI> uris) {
        for (URI uri : uris) {
            probe.add(
                    Objects.requireNonNull(Protocol.fromUri(uri.toString()), "protocol of " + uri),
                    EndpointUriUtil.getSocketAddr(uri));
        }
        probe.start();
    }

    /** Whether each socket has answered its latest probes. */
    public boolean answering() {
        return probe.answering();
    }

    /** What each socket has admitted and shed since the start. */
    public List<ShedCounts> shed() {
        return List.copyOf(counts);
    }

    private ShedCounts counted(String socket) {
        ShedCounts shed = new ShedCounts(socket);
        counts.add(shed);
        return shed;
    }

    @Override
    public void close() {
        probe.close();
    }
}
