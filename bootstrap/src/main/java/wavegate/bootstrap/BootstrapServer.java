package wavegate.bootstrap;

import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.leshan.core.endpoint.EndpointUriUtil;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.eclipse.leshan.core.peer.LwM2mPeer;
import org.eclipse.leshan.core.request.BootstrapDownlinkRequest;
import org.eclipse.leshan.core.request.BootstrapRequest;
import org.eclipse.leshan.core.request.BootstrapWriteRequest;
import org.eclipse.leshan.core.response.LwM2mResponse;
import org.eclipse.leshan.server.bootstrap.BootstrapFailureCause;
import org.eclipse.leshan.server.bootstrap.BootstrapSession;
import org.eclipse.leshan.server.bootstrap.BootstrapSessionAdapter;
import org.eclipse.leshan.server.bootstrap.DefaultBootstrapSessionManager;
import org.eclipse.leshan.server.bootstrap.LeshanBootstrapServer;
import org.eclipse.leshan.server.bootstrap.LeshanBootstrapServerBuilder;
import org.eclipse.leshan.server.bootstrap.endpoint.LwM2mBootstrapServerEndpoint;
import org.eclipse.leshan.server.californium.bootstrap.endpoint.CaliforniumBootstrapServerEndpointsProvider;
import org.eclipse.leshan.server.californium.bootstrap.endpoint.coap.CoapBootstrapServerProtocolProvider;
import org.eclipse.leshan.server.californium.bootstrap.endpoint.coaps.CoapsBootstrapServerProtocolProvider;
import org.eclipse.leshan.server.model.StandardBootstrapModelProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives devices their LwM2M server and the key for it. Started by its owner; works on CoAP threads. */
public final class BootstrapServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BootstrapServer.class);

    private final LeshanBootstrapServer server;
    private final AtomicLong completed = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();

    public BootstrapServer(BootstrapSettings settings) {
        CaliforniumBootstrapServerEndpointsProvider.Builder endpoints =
                new CaliforniumBootstrapServerEndpointsProvider.Builder(
                        new CoapBootstrapServerProtocolProvider(), new CoapsBootstrapServerProtocolProvider());
        endpoints.setConfiguration(BootstrapServer::configure);
        add(endpoints, Protocol.COAP, settings.coap());
        add(endpoints, Protocol.COAPS, settings.coaps());
        AccountSecurity accounts = new AccountSecurity(settings);
        AccountTasks tasks = new AccountTasks(accounts);
        server = new LeshanBootstrapServerBuilder()
                .setEndpointsProviders(endpoints.build())
                .setSecurityStore(accounts)
                .setSessionManager(new WriteOrFail(tasks, accounts))
                .build();
        server.addListener(new Log());
    }

    public void start() {
        server.start();
        for (LwM2mBootstrapServerEndpoint endpoint : server.getEndpoints()) {
            LOG.info("bootstrap listening uri={}", endpoint.getURI());
        }
    }

    /** The address bound for a protocol; empty if it is off. */
    public Optional<InetSocketAddress> address(Protocol protocol) {
        LwM2mBootstrapServerEndpoint endpoint = server.getEndpoint(protocol);
        return endpoint == null ? Optional.empty() : Optional.of(EndpointUriUtil.getSocketAddr(endpoint.getURI()));
    }

    /** Devices that took everything and were told so. */
    public long completed() {
        return completed.get();
    }

    /** Sessions that ended otherwise, refused ones included. */
    public long failed() {
        return failed.get();
    }

    @Override
    public void close() {
        server.destroy();
    }

    private static void add(
            CaliforniumBootstrapServerEndpointsProvider.Builder endpoints,
            Protocol protocol,
            BootstrapSettings.Listener listener) {
        if (listener.enabled()) {
            endpoints.addEndpoint(new InetSocketAddress(listener.host(), listener.port()), protocol);
        }
    }

    private static void configure(Configuration configuration) {
        // One of them only schedules.
        configuration.set(CoapConfig.PROTOCOL_STAGE_THREAD_COUNT, 4);
        configuration.set(CoapConfig.DEDUPLICATOR, CoapConfig.DEDUPLICATOR_PEERS_MARK_AND_SWEEP);
        configuration.set(CoapConfig.PEERS_MARK_AND_SWEEP_MESSAGES, 8);
    }

    /** Leshan would finish after a refused Write too, and leave the device with half an account. */
    private static final class WriteOrFail extends DefaultBootstrapSessionManager {
        WriteOrFail(AccountTasks tasks, AccountSecurity accounts) {
            super(tasks, new StandardBootstrapModelProvider(), accounts);
        }

        @Override
        public BootstrapPolicy onResponseError(
                BootstrapSession session,
                BootstrapDownlinkRequest<? extends LwM2mResponse> request,
                LwM2mResponse response) {
            if (request instanceof BootstrapWriteRequest) {
                LOG.warn(
                        "bootstrap ep={} refused {} with {}",
                        session.getEndpoint(),
                        request.getPath(),
                        response.getCode());
                return BootstrapPolicy.failed();
            }
            return super.onResponseError(session, request, response);
        }
    }

    private final class Log extends BootstrapSessionAdapter {
        @Override
        public void end(BootstrapSession session) {
            completed.incrementAndGet();
            LOG.info("bootstrapped ep={}", session.getEndpoint());
        }

        @Override
        public void failed(BootstrapSession session, BootstrapFailureCause cause) {
            failed.incrementAndGet();
            LOG.info("bootstrap ep={} failed cause={}", session.getEndpoint(), cause);
        }

        @Override
        public void unAuthorized(BootstrapRequest request, LwM2mPeer client) {
            failed.incrementAndGet();
            LOG.debug("bootstrap refused, not the holder of the endpoint's key");
        }
    }
}
