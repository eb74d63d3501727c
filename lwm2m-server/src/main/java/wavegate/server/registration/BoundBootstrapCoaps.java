package wavegate.server.registration;

import java.net.URI;
import java.util.function.Consumer;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.EndpointContextMatcher;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.leshan.core.californium.identity.IdentityHandler;
import org.eclipse.leshan.server.californium.bootstrap.endpoint.coaps.CoapsBootstrapServerEndpointFactory;

/** {@link BoundCoaps} of a bootstrap server. */
class BoundBootstrapCoaps extends CoapsBootstrapServerEndpointFactory {
    private final DtlsIdentities identities;

    BoundBootstrapCoaps(
            URI uri,
            DtlsIdentities identities,
            Consumer<DtlsConnectorConfig.Builder> dtls,
            Consumer<CoapEndpoint.Builder> stack) {
        super(uri, null, null, dtls, stack);
        this.identities = identities;
    }

    @Override
    public IdentityHandler createIdentityHandler() {
        return new BoundIdentities(identities, super.createIdentityHandler());
    }

    @Override
    protected EndpointContextMatcher createEndpointContextMatcher() {
        return new BoundContexts(identities);
    }
}
