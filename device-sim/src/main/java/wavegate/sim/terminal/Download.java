package wavegate.sim.terminal;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;
import org.eclipse.californium.core.coap.BlockOption;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import wavegate.firmware.object.UpdateResult;
import wavegate.sim.device.IncomingImage;
import wavegate.sim.device.ModuleModel;

/** Block2 GETs of an offered image, one block in flight; goes on at the same block after silences. */
final class Download implements Confirmed.Answer {
    private static final int BLOCK_BYTES = 1024;
    private static final int MOST_SILENCES = 3;

    /** How it ended. */
    interface End {
        void arrived(IncomingImage.Firmware firmware);

        void failed(UpdateResult result);

        /** A block has come, or is to be asked for again: the next one may be asked for. */
        void goOn(long pauseMs, long bytes);
    }

    final Instruction offer;
    private final ModuleModel model;
    private final long pauseMs;
    private final End end;
    private final IncomingImage image = new IncomingImage();
    private int blockBytes = BLOCK_BYTES;
    private int silences;

    Download(Instruction offer, ModuleModel model, long pauseMs, End end) {
        this.offer = offer;
        this.model = model;
        this.pauseMs = pauseMs;
        this.end = end;
    }

    /** Of what was received, for it ends well only if both are the same. */
    String sha256() {
        return offer.sha256().map(digest -> digest.hex()).orElse("");
    }

    /** Why it cannot even begin; empty if it can. */
    static Optional<UpdateResult> judge(Instruction offer, boolean secure, ModuleModel model) {
        if (offer.sizeBytes() > model.flashBytes()) {
            return Optional.of(UpdateResult.NOT_ENOUGH_FLASH);
        }
        if (offer.uri().startsWith(secure ? "coaps://" : "coap://")
                && offer.sha256().isPresent()) {
            return Optional.empty();
        }
        return Optional.of(offer.uri().contains("://") ? UpdateResult.UNSUPPORTED_PROTOCOL : UpdateResult.INVALID_URI);
    }

    /** @param server where the image's own address names no other port */
    void ask(long now, Confirmed exchange, InetSocketAddress server) {
        URI uri = URI.create(offer.uri());
        Request request = new Request(CoAP.Code.GET);
        for (String segment : uri.getPath().split("/", -1)) {
            if (!segment.isEmpty()) {
                request.getOptions().addUriPath(segment);
            }
        }
        request.getOptions().setBlock2(BlockOption.size2Szx(blockBytes), false, (int) (image.received() / blockBytes));
        int port = uri.getPort() < 0 ? server.getPort() : uri.getPort();
        exchange.ask(now, new InetSocketAddress(server.getAddress(), port), request, this);
    }

    @Override
    public void answered(Response response) {
        if (response.getCode() != ResponseCode.CONTENT) {
            end.failed(
                    response.getCode() == ResponseCode.NOT_FOUND
                            ? UpdateResult.INVALID_URI
                            : UpdateResult.CONNECTION_LOST);
            return;
        }
        silences = 0;
        byte[] bytes = response.getPayload() == null ? new byte[0] : response.getPayload();
        BlockOption block = response.getOptions().getBlock2();
        long offset = block == null ? 0 : (long) block.getNum() * block.getSize();
        if (offset != image.received() || offset + bytes.length > offer.sizeBytes()) {
            end.failed(UpdateResult.INTEGRITY_FAILURE);
            return;
        }
        image.feed(bytes);
        if (block != null && block.isM()) {
            blockBytes = block.getSize();
            end.goOn(0, bytes.length);
            return;
        }
        IncomingImage.Judged judged =
                image.finish(offer.sizeBytes(), offer.sha256().orElseThrow(), model);
        if (judged.firmware().isPresent()) {
            end.goOn(Confirmed.NEVER, bytes.length);
            end.arrived(judged.firmware().get());
        } else {
            end.failed(judged.result());
        }
    }

    @Override
    public void silent() {
        silences++;
        if (silences > MOST_SILENCES) {
            end.failed(UpdateResult.CONNECTION_LOST);
        } else {
            end.goOn(pauseMs, 0);
        }
    }
}
