package wavegate.server.delivery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.coap.BlockOption;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.server.resources.CoapExchange;
import org.eclipse.californium.core.server.resources.Resource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.server.registration.limit.Shortcut;
import wavegate.server.rollout.ArtifactStore.Artifact;
import wavegate.server.rollout.Fence;
import wavegate.server.rollout.PullGrants;
import wavegate.server.rollout.PullGrants.Grant;

/**
 * Serves {@code /fw/<token>} block by block. Each Block2 GET is answered by itself from the artifact, so nothing is held between two of them: a
 * device may come back at any block, from another address, after a restart of the server. Runs on CoAP protocol threads.
 *
 * <pre>
 * 2.05  the block, with ETag, and Size2 on the first      4.04  no open update has this token
 * 4.02  a block beyond the end                            4.03  the fence is up
 * 5.00  the artifact is damaged
 * </pre>
 */
public final class FirmwareResource extends CoapResource {
    static final String NAME = "fw";

    private static final Logger LOG = LoggerFactory.getLogger(FirmwareResource.class);

    private final PullGrants grants;
    private final Fence fence;
    private final Images images;
    private final PullProgress progress;
    private final int maxSzx;
    private final AtomicLong damaged = new AtomicLong();

    /** @param blockSize largest block served; smaller ones if the device asks for them */
    public FirmwareResource(PullGrants grants, Fence fence, Images images, PullProgress progress, int blockSize) {
        super(NAME);
        setVisible(false);
        this.grants = grants;
        this.fence = fence;
        this.images = images;
        this.progress = progress;
        this.maxSzx = BlockOption.size2Szx(blockSize);
    }

    /** Answers most GETs of blocks before they come here. */
    public Shortcut shortcut() {
        return new FirmwareShortcut(grants, fence, images, progress, maxSzx);
    }

    /** Blocks that could not be served because the artifact could not be read. */
    public long damaged() {
        return damaged.get();
    }

    @Override
    public Resource getChild(String name) {
        return this;
    }

    @Override
    public void handleGET(CoapExchange exchange) {
        List<String> path = exchange.getRequestOptions().getUriPath();
        Optional<Grant> found = path.size() == 2 ? grants.grant(path.get(1)) : Optional.empty();
        if (found.isEmpty()) {
            exchange.respond(ResponseCode.NOT_FOUND);
            return;
        }
        Grant grant = found.get();
        if (fence.isUp(grant.scope())) {
            exchange.respond(ResponseCode.FORBIDDEN);
            return;
        }
        CompletableFuture<Artifact> image = images.open(grant.artifact());
        if (image.isDone()) {
            serve(exchange, grant, image);
        } else {
            exchange.accept();
            Future<?> unused = image.whenComplete((artifact, failure) -> serve(exchange, grant, image));
        }
    }

    private void serve(CoapExchange exchange, Grant grant, CompletableFuture<Artifact> image) {
        try {
            if (image.isCompletedExceptionally()) {
                throw new IOException("artifact " + grant.artifact() + " cannot be opened");
            }
            serve(exchange, grant, image.join());
        } catch (IOException e) {
            damaged.incrementAndGet();
            images.distrust(grant.artifact());
            LOG.error("pull {} image={} unreadable", grant.update(), grant.artifact(), e);
            exchange.respond(ResponseCode.INTERNAL_SERVER_ERROR);
        }
    }

    private void serve(CoapExchange exchange, Grant grant, Artifact image) throws IOException {
        BlockOption asked = exchange.getRequestOptions().getBlock2();
        int szx = asked == null ? maxSzx : Math.min(asked.getSzx(), maxSzx);
        int size = BlockOption.szx2Size(szx);
        long offset = asked == null ? 0 : asked.getOffset();
        if (offset >= image.sizeBytes()) {
            exchange.respond(ResponseCode.BAD_OPTION);
            return;
        }
        int length = (int) Math.min(size, image.sizeBytes() - offset);
        ByteBuffer bytes = ByteBuffer.allocate(length);
        image.read(offset, bytes);
        if (bytes.hasRemaining()) {
            throw new IOException("artifact " + grant.artifact() + " ends at " + (offset + bytes.position()));
        }
        ImageBlock block = new ImageBlock(grant.scope());
        block.setPayload(bytes.array());
        block.getOptions()
                .setBlock2(szx, offset + length < image.sizeBytes(), (int) (offset / size))
                .setContentFormat(MediaTypeRegistry.APPLICATION_OCTET_STREAM)
                .addETag(Arrays.copyOf(image.digest().bytes(), 8));
        if (offset == 0) {
            block.getOptions().setSize2((int) Math.min(Integer.MAX_VALUE, image.sizeBytes()));
        }
        exchange.respond(block);
        progress.served(grant, offset + length, image.sizeBytes());
    }
}
