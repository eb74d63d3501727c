package wavegate.server.delivery;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.eclipse.californium.core.coap.BlockOption;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.network.CoapStackFactory;
import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.core.network.ExtendedCoapStackFactory;
import org.eclipse.californium.core.network.Outbox;
import org.eclipse.californium.core.network.stack.AbstractLayer;
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
import wavegate.server.registration.limit.BodyLimit;
import wavegate.server.registration.oscore.OscoreSide;
import wavegate.server.rollout.Dispatch;
import wavegate.server.rollout.Fence;

/**
 * Californium's layers with three changes. Package blocks go around the block-wise layer, which would copy the whole image for each device and
 * swallow a 2.31 it did not cause; so do answers that are dispatches, of which it would keep copies that no fence is asked about. Requests that come in blocks are bounded below that layer ({@link BodyLimit}). And the last layer before the wire asks the fence at every send of a dispatch; it lies below the layer
 * that retransmits, so a retransmission is asked about too. Runs on CoAP protocol threads.
 */
public final class DeliveryStack extends BaseCoapStack {
    /** The fence was up when the request was to be sent. */
    static final class Fenced extends Exception {
        private final boolean sentBefore;

        Fenced(boolean sentBefore) {
            super("the fence is up", null, false, false);
            this.sentBefore = sentBefore;
        }

        /** Whether this was a retransmission, so that the device may have the request all the same. */
        boolean sentBefore() {
            return sentBefore;
        }
    }

    private DeliveryStack(
            String tag,
            Configuration configuration,
            @Nullable EndpointContextMatcher matcher,
            Outbox outbox,
            Fence fence,
            LimitSettings limits,
            @Nullable OscoreSide oscore) {
        super(outbox);
        AboveBlockwise above = new AboveBlockwise();
        BelowBlockwise below = new BelowBlockwise(above);
        above.below = below;
        List<Layer> layers = new ArrayList<>(List.of(
                new ExchangeCleanupLayer(configuration),
                new ObserveLayer(configuration),
                above,
                new BlockwiseLayer(tag, false, configuration, matcher),
                below,
                new BodyLimit(limits, System::nanoTime)));
        if (oscore != null) {
            layers.add(new NoDispatches());
            layers.addAll(oscore.layers());
        }
        layers.add(CongestionControlLayer.newImplementation(tag, configuration));
        layers.add(new FenceLayer(fence));
        setLayers(layers.toArray(Layer[]::new));
    }

    /** Gives an endpoint these layers. */
    @SuppressWarnings("deprecation") // Californium offers the extended factory only through the deprecated type.
    public static Consumer<CoapEndpoint.Builder> under(Fence fence, LimitSettings limits) {
        CoapStackFactory factory = new Factory(fence, limits);
        return builder -> builder.setCoapStackFactory(factory);
    }

    private record Factory(Fence fence, LimitSettings limits) implements ExtendedCoapStackFactory {
        @Override
        public CoapStack createCoapStack(
                String protocol,
                String tag,
                Configuration configuration,
                EndpointContextMatcher matcher,
                Outbox outbox,
                @Nullable Object custom) {
            return new DeliveryStack(
                    tag,
                    configuration,
                    matcher,
                    outbox,
                    fence,
                    limits,
                    custom instanceof OscoreSide side ? side : null);
        }

        @Override
        @Deprecated
        public CoapStack createCoapStack(
                String protocol, String tag, Configuration configuration, Outbox outbox, @Nullable Object custom) {
            return new DeliveryStack(
                    tag, configuration, null, outbox, fence, limits, custom instanceof OscoreSide side ? side : null);
        }
    }

    private static boolean isPackageBlock(@Nullable Request request) {
        return request instanceof DeviceRequest device && device.isPackageBlock();
    }

    private static final class AboveBlockwise extends AbstractLayer {
        private @Nullable BelowBlockwise below;

        @Override
        public void sendRequest(Exchange exchange, Request request) {
            BelowBlockwise around = below;
            if (around != null && isPackageBlock(request)) {
                exchange.setCurrentRequest(request);
                around.sendRequest(exchange, request);
            } else {
                super.sendRequest(exchange, request);
            }
        }

        /** The block-wise layer would make another response of one that is long or asked for in small blocks, and that one is no dispatch any more. */
        @Override
        public void sendResponse(Exchange exchange, Response response) {
            BelowBlockwise around = below;
            if (around == null || !(response instanceof Dispatch)) {
                super.sendResponse(exchange, response);
                return;
            }
            BlockOption asked = exchange.getBlock1ToAck();
            if (asked != null) {
                exchange.setBlock1ToAck(null);
                response.getOptions().setBlock1(asked);
            }
            around.sendResponse(exchange, response);
        }
    }

    private static final class BelowBlockwise extends AbstractLayer {
        private final AboveBlockwise above;

        BelowBlockwise(AboveBlockwise above) {
            this.above = above;
        }

        @Override
        public void receiveResponse(Exchange exchange, Response response) {
            if (isPackageBlock(exchange.getRequest())) {
                exchange.setResponse(response);
                above.receiveResponse(exchange, response);
            } else {
                super.receiveResponse(exchange, response);
            }
        }
    }

    /**
     * No answer that is a dispatch leaves under OSCORE, neither an image that is fetched nor a word to a terminal: the fence, which lies below, could
     * not tell it from other answers any more. Such devices are pushed to.
     */
    private static final class NoDispatches extends AbstractLayer {
        @Override
        public void sendResponse(Exchange exchange, Response response) {
            super.sendResponse(
                    exchange,
                    response instanceof Dispatch
                            ? FenceLayer.refusalInsteadOf(response, ResponseCode.METHOD_NOT_ALLOWED)
                            : response);
        }
    }

    private static final class FenceLayer extends AbstractLayer {
        private final Fence fence;

        FenceLayer(Fence fence) {
            this.fence = fence;
        }

        @Override
        public void sendRequest(Exchange exchange, Request request) {
            // OSCORE has made another request of it, that says nothing of what is in it.
            Request whole = request instanceof DeviceRequest ? request : exchange.getRequest();
            if (!(whole instanceof DeviceRequest device) || device.scope() == null) {
                super.sendRequest(exchange, request);
                return;
            }
            boolean sent = fence.dispatch(device.scope(), () -> {
                device.markDispatched();
                super.sendRequest(exchange, request);
            });
            if (!sent) {
                request.setSendError(new Fenced(device.dispatched()));
            }
        }

        @Override
        public void sendResponse(Exchange exchange, Response response) {
            if (!(response instanceof Dispatch dispatch)) {
                super.sendResponse(exchange, response);
            } else if (!fence.dispatch(dispatch.scope(), () -> super.sendResponse(exchange, response))) {
                super.sendResponse(exchange, refusalInsteadOf(response, ResponseCode.FORBIDDEN));
            }
        }

        static Response refusalInsteadOf(Response block, ResponseCode code) {
            Response refusal = new Response(code);
            refusal.setType(block.getType());
            refusal.setMID(block.getMID());
            refusal.setToken(block.getToken());
            refusal.setDestinationContext(block.getDestinationContext());
            return refusal;
        }
    }
}
