package wavegate.server.registration.limit;

import java.util.function.Consumer;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.network.CoapStackFactory;
import org.eclipse.californium.core.network.ExtendedCoapStackFactory;
import org.eclipse.californium.core.network.Outbox;
import org.eclipse.californium.core.network.stack.BaseCoapStack;
import org.eclipse.californium.core.network.stack.BlockwiseLayer;
import org.eclipse.californium.core.network.stack.CoapStack;
import org.eclipse.californium.core.network.stack.CongestionControlLayer;
import org.eclipse.californium.core.network.stack.ExchangeCleanupLayer;
import org.eclipse.californium.core.network.stack.Layer;
import org.eclipse.californium.core.network.stack.ObserveLayer;
import org.eclipse.californium.elements.EndpointContextMatcher;
import org.eclipse.californium.elements.config.Configuration;
import org.jspecify.annotations.Nullable;
import wavegate.config.LimitSettings;

/** Californium's layers, with {@link BodyLimit} among them. Runs on CoAP protocol threads. */
public final class BoundedStack extends BaseCoapStack {
    private BoundedStack(
            String tag,
            Configuration configuration,
            @Nullable EndpointContextMatcher matcher,
            Outbox outbox,
            LimitSettings limits) {
        super(outbox);
        setLayers(new Layer[] {
            new ExchangeCleanupLayer(configuration),
            new ObserveLayer(configuration),
            new BlockwiseLayer(tag, false, configuration, matcher),
            new BodyLimit(limits, System::nanoTime),
            CongestionControlLayer.newImplementation(tag, configuration)
        });
    }

    /** Gives an endpoint these layers. */
    @SuppressWarnings("deprecation") // Californium offers the extended factory only through the deprecated type.
    public static Consumer<CoapEndpoint.Builder> under(LimitSettings limits) {
        CoapStackFactory factory = new Factory(limits);
        return builder -> builder.setCoapStackFactory(factory);
    }

    private record Factory(LimitSettings limits) implements ExtendedCoapStackFactory {
        @Override
        public CoapStack createCoapStack(
                String protocol,
                String tag,
                Configuration configuration,
                EndpointContextMatcher matcher,
                Outbox outbox,
                @Nullable Object custom) {
            return new BoundedStack(tag, configuration, matcher, outbox, limits);
        }

        @Override
        @Deprecated
        public CoapStack createCoapStack(
                String protocol, String tag, Configuration configuration, Outbox outbox, @Nullable Object custom) {
            return new BoundedStack(tag, configuration, null, outbox, limits);
        }
    }
}
