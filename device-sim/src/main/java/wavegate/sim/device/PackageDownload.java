package wavegate.sim.device;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import org.eclipse.californium.core.coap.BlockOption;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.object.UpdateResult;

/** A pull: Block2 GETs of the Package URI, one block in flight, going on where it stopped after a lost answer or a reboot if the client can. */
final class PackageDownload implements Exchanges.Answer {
    private static final int MAX_SILENCES = 3;
    private static final int MAX_RESTARTS = 3;

    private final DeviceContext context;
    private final Exchanges exchanges;
    private final FirmwareObject firmware;

    private @Nullable InetSocketAddress peer;
    private @Nullable URI uri;
    private @Nullable Transfer transfer;
    private byte @Nullable [] etag;
    private int blockBytes;
    private int silences;
    private int restarts;
    private boolean asking;
    private long nextAt = DeviceContext.NEVER;

    PackageDownload(DeviceContext context, Exchanges exchanges, FirmwareObject firmware) {
        this.context = context;
        this.exchanges = exchanges;
        this.firmware = firmware;
    }

    /** The Update Result a URI earns on sight; {@link UpdateResult#INITIAL} if it can be tried. */
    UpdateResult judge(String text) {
        try {
            URI parsed = new URI(text);
            if (parsed.getScheme() == null || parsed.getHost() == null) {
                return UpdateResult.INVALID_URI;
            }
            boolean secure = CoapAddress.secure(parsed);
            if (!parsed.getScheme().equalsIgnoreCase(CoAP.COAP_URI_SCHEME) && !(secure && context.secure())) {
                return UpdateResult.UNSUPPORTED_PROTOCOL;
            }
            InetSocketAddress address = CoapAddress.of(parsed, context.server());
            // The only key there is for CoAPS is the one for the module's own server.
            boolean reachable = secure ? address.equals(context.server()) : !address.isUnresolved();
            return reachable ? UpdateResult.INITIAL : UpdateResult.INVALID_URI;
        } catch (URISyntaxException e) {
            return UpdateResult.INVALID_URI;
        }
    }

    void start(String text) {
        URI parsed = URI.create(text);
        uri = parsed;
        peer = CoapAddress.of(parsed, context.server());
        etag = null;
        silences = 0;
        restarts = 0;
        asking = false;
        beginAgain();
        nextAt = context.now();
    }

    private void beginAgain() {
        drop();
        transfer = firmware.newTransfer();
        blockBytes = context.profile.delivery().blockBytes();
        etag = null;
    }

    boolean running() {
        return transfer != null;
    }

    void drop() {
        Transfer gone = transfer;
        if (gone != null) {
            gone.end();
        }
        transfer = null;
        nextAt = DeviceContext.NEVER;
    }

    /** Power went: the question in flight is forgotten, the rest is in flash. */
    void suspend() {
        asking = false;
        nextAt = DeviceContext.NEVER;
    }

    /** Back on the network after a boot. */
    void resume() {
        if (running() && !asking) {
            nextAt = context.now();
        }
    }

    long wakeAt() {
        return asking ? DeviceContext.NEVER : nextAt;
    }

    void wake() {
        if (running() && !asking && context.now() >= nextAt) {
            ask();
        }
    }

    private void ask() {
        Transfer running = transfer;
        URI target = uri;
        InetSocketAddress to = peer;
        if (running == null || target == null || to == null) {
            return;
        }
        Request request = new Request(CoAP.Code.GET, CoAP.Type.CON);
        for (String segment : target.getPath().split("/", -1)) {
            if (!segment.isEmpty()) {
                request.getOptions().addUriPath(segment);
            }
        }
        if (target.getQuery() != null) {
            Arrays.stream(target.getQuery().split("&")).forEach(request.getOptions()::addUriQuery);
        }
        request.getOptions()
                .setBlock2(BlockOption.size2Szx(blockBytes), false, (int) (running.received() / blockBytes));
        asking = true;
        nextAt = DeviceContext.NEVER;
        exchanges.request(to, request, this);
    }

    @Override
    public void onResponse(Message message) {
        asking = false;
        if (!running() || !(message instanceof Response response)) {
            return;
        }
        if (response.getCode() == ResponseCode.CONTENT) {
            onBlock(response);
        } else {
            fail(
                    response.getCode() == ResponseCode.NOT_FOUND
                                    && !context.profile.has(Quirk.NOT_FOUND_IS_CONNECTION_LOST)
                            ? UpdateResult.INVALID_URI
                            : UpdateResult.CONNECTION_LOST);
        }
    }

    private void onBlock(Response response) {
        Transfer running = transfer;
        if (running == null) {
            return;
        }
        silences = 0;
        byte[] payload = response.getPayload() == null ? new byte[0] : response.getPayload();
        BlockOption block = response.getOptions().getBlock2();
        boolean more = block != null && block.isM();
        long offset = block == null ? 0 : (long) block.getNum() * block.getSize();
        Integer announced = response.getOptions().getSize2();
        long flash = context.identity.model().flashBytes();
        boolean large = (announced != null && announced > flash) || offset + payload.length > flash;
        if (large || (offset == 0 && firmware.fated(UpdateResult.NOT_ENOUGH_FLASH))) {
            fail(UpdateResult.NOT_ENOUGH_FLASH);
            return;
        }
        if (!sameResource(response) || offset != running.received() || (more && payload.length != block.getSize())) {
            restart();
            return;
        }
        if (block != null) {
            blockBytes = block.getSize();
        }
        context.tally.blocks++;
        context.tally.bytes += payload.length;
        Transfer.Effect effect = running.accept(payload, !more);
        if (effect == Transfer.Effect.DROPPED) {
            fail(UpdateResult.CONNECTION_LOST);
        } else if (!more) {
            firmware.arrived(running);
            drop();
        } else if (effect == Transfer.Effect.POWER_LOST) {
            firmware.losePower();
        } else {
            ask();
        }
    }

    /** An entity tag that changes under way means that other bytes are being served. */
    private boolean sameResource(Response response) {
        byte[] tag = response.getOptions().getETagCount() == 0
                ? new byte[0]
                : response.getOptions().getETags().get(0);
        byte[] known = etag;
        etag = tag;
        return known == null || Arrays.equals(known, tag);
    }

    private void restart() {
        restarts++;
        if (restarts > MAX_RESTARTS) {
            fail(UpdateResult.CONNECTION_LOST);
            return;
        }
        beginAgain();
        ask();
    }

    @Override
    public void onSilence(boolean reset) {
        asking = false;
        if (!running()) {
            return;
        }
        silences++;
        if (silences > MAX_SILENCES) {
            fail(UpdateResult.CONNECTION_LOST);
            return;
        }
        if (!context.profile.has(Quirk.RESUMES_PULL)) {
            beginAgain();
        }
        long pause = context.settings.real(context.settings.timing().retryAfter());
        nextAt = context.now() + pause + context.random.nextLong(pause / 2 + 1);
    }

    private void fail(UpdateResult result) {
        drop();
        firmware.downloadFailed(result);
    }
}
