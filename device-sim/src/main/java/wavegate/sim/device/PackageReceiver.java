package wavegate.sim.device;

import java.util.Arrays;
import org.eclipse.californium.core.coap.BlockOption;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;

/** The receiving end of a push: Block1 on /5/0/0. Keeps the next offset and running digests, never a block. */
final class PackageReceiver {
    private static final long STALL_MS = 240_000;

    private final DeviceContext context;
    private final UpdateMachine machine;
    private final FirmwareObject firmware;
    private @Nullable Transfer transfer;
    private long wireOffset;
    private int lastBlockBytes;
    private long stallsAt = DeviceContext.NEVER;

    PackageReceiver(DeviceContext context, UpdateMachine machine, FirmwareObject firmware) {
        this.context = context;
        this.machine = machine;
        this.firmware = firmware;
    }

    Response receive(Request request) {
        BlockOption block = request.getOptions().getBlock1();
        byte[] payload = request.getPayload() == null ? new byte[0] : request.getPayload();
        boolean first = block == null || block.getNum() == 0;
        boolean more = block != null && block.isM();
        if (first) {
            context.tally.packageWrites++;
        }
        if (!context.profile.delivery().method().canPush() || machine.state() == UpdateState.UPDATING) {
            return new Response(ResponseCode.METHOD_NOT_ALLOWED);
        }
        if (first && !more && payload.length == 1 && payload[0] == 0 && machine.resets()) {
            firmware.reset();
            return new Response(ResponseCode.CHANGED);
        }
        boolean busy = machine.state() == UpdateState.DOWNLOADED
                || (machine.state() == UpdateState.DOWNLOADING && !machine.pushing());
        if (busy || payload.length == 0 || (more && payload.length != block.getSize())) {
            return new Response(ResponseCode.BAD_REQUEST);
        }
        return first ? firstBlock(request, block, payload, more) : laterBlock(block, payload, more);
    }

    private Response firstBlock(Request request, @Nullable BlockOption block, byte[] payload, boolean more) {
        int wanted = context.profile.delivery().blockBytes();
        if (more
                && block != null
                && block.getSize() > wanted
                && context.profile.delivery().refusesLargeBlocks()) {
            Response refusal = new Response(ResponseCode.REQUEST_ENTITY_TOO_LARGE);
            refusal.getOptions().setBlock1(BlockOption.size2Szx(wanted), false, 0);
            return refusal;
        }
        int skipped = 0;
        int format = request.getOptions().getContentFormat();
        if (format == TlvWriter.CONTENT_FORMAT) {
            TlvReader.Entry entry = TlvReader.entryAt(payload, 0).orElse(null);
            if (entry == null || entry.type() != TlvReader.TYPE_RESOURCE || entry.id() != 0) {
                return new Response(ResponseCode.BAD_REQUEST);
            }
            skipped = entry.from();
        } else if (format != MediaTypeRegistry.APPLICATION_OCTET_STREAM && format != MediaTypeRegistry.UNDEFINED) {
            return new Response(ResponseCode.UNSUPPORTED_CONTENT_FORMAT);
        }
        machine.pushStarted();
        Transfer started = new Transfer(context.settings.faults(), context.random);
        transfer = started;
        wireOffset = 0;
        Integer announced = request.getOptions().getSize1();
        if (announced != null && announced > context.identity.model().flashBytes()) {
            return tooLarge();
        }
        byte[] content = skipped == 0 ? payload : Arrays.copyOfRange(payload, skipped, payload.length);
        return take(started, block, content, payload.length, more);
    }

    private Response laterBlock(BlockOption block, byte[] payload, boolean more) {
        Transfer running = transfer;
        if (running == null) {
            return new Response(ResponseCode.REQUEST_ENTITY_INCOMPLETE);
        }
        long offset = (long) block.getNum() * block.getSize();
        boolean repeated = more && offset + payload.length == wireOffset && payload.length == lastBlockBytes;
        if (repeated) {
            return answer(block, true);
        }
        if (offset != wireOffset) {
            return new Response(ResponseCode.REQUEST_ENTITY_INCOMPLETE);
        }
        return take(running, block, payload, payload.length, more);
    }

    private Response take(Transfer running, @Nullable BlockOption block, byte[] content, int wireBytes, boolean more) {
        if (running.received() + content.length > context.identity.model().flashBytes()) {
            return tooLarge();
        }
        context.tally.blocks++;
        context.tally.bytes += content.length;
        wireOffset += wireBytes;
        lastBlockBytes = wireBytes;
        stallsAt = context.now() + STALL_MS;
        if (running.accept(content, !more)) {
            firmware.losePower();
        }
        if (!more) {
            drop();
            firmware.arrived(running);
        }
        return answer(block, more);
    }

    private Response tooLarge() {
        drop();
        machine.downloadFailed(UpdateResult.NOT_ENOUGH_FLASH);
        return new Response(ResponseCode.REQUEST_ENTITY_TOO_LARGE);
    }

    private Response answer(@Nullable BlockOption block, boolean more) {
        Response response = new Response(more ? ResponseCode.CONTINUE : ResponseCode.CHANGED);
        if (block != null) {
            int szx = Math.min(
                    block.getSzx(),
                    BlockOption.size2Szx(context.profile.delivery().blockBytes()));
            response.getOptions().setBlock1(szx, more, block.getNum());
        }
        return response;
    }

    /** Forgets the transfer; a later block is then answered 4.08. */
    void drop() {
        transfer = null;
        stallsAt = DeviceContext.NEVER;
    }

    long wakeAt() {
        return stallsAt;
    }

    void wake() {
        if (context.now() >= stallsAt) {
            drop();
            machine.downloadFailed(UpdateResult.CONNECTION_LOST);
        }
    }
}
