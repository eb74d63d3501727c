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
        if (!context.profile.delivery().method().canPush()) {
            return new Response(ResponseCode.METHOD_NOT_ALLOWED);
        }
        if (context.profile.has(Quirk.SKELETON)) {
            return tooLargeABlock(block, more) ? smaller() : answer(block, more);
        }
        if (first && !more && payload.length <= 1 && (payload.length == 0 || payload[0] == 0)) {
            return nearlyNothing(payload.length);
        }
        if (machine.state() == UpdateState.UPDATING) {
            return new Response(ResponseCode.METHOD_NOT_ALLOWED);
        }
        boolean busy = machine.state() == UpdateState.DOWNLOADED
                || (machine.state() == UpdateState.DOWNLOADING && !machine.pushing());
        if (busy || payload.length == 0 || (more && payload.length != block.getSize())) {
            return new Response(ResponseCode.BAD_REQUEST);
        }
        return first ? firstBlock(request, block, payload, more) : laterBlock(block, payload, more);
    }

    /** A Package of no byte, or of the one byte 0. */
    private Response nearlyNothing(int bytes) {
        DeviceProfile.Object5 habits = context.profile.object5();
        boolean downloaded = machine.state() == UpdateState.DOWNLOADED;
        boolean empty = bytes == 0;
        boolean means = empty
                ? downloaded && habits.zeroByte() != DeviceProfile.ZeroByte.RESET
                : downloaded || habits.zeroByte() == DeviceProfile.ZeroByte.RESET;
        if (means && machine.resets()) {
            firmware.reset();
            return new Response(ResponseCode.CHANGED);
        }
        if (machine.state() == UpdateState.UPDATING) {
            return new Response(ResponseCode.METHOD_NOT_ALLOWED);
        }
        boolean pulling = machine.state() == UpdateState.DOWNLOADING && !machine.pushing();
        if (empty || downloaded || pulling) {
            return new Response(ResponseCode.BAD_REQUEST);
        }
        drop();
        machine.pushStarted();
        if (habits.zeroByte() == DeviceProfile.ZeroByte.IMAGE) {
            firmware.take(Slot.POISON);
        } else {
            machine.downloadFailed(UpdateResult.UNSUPPORTED_PACKAGE_TYPE);
        }
        return new Response(ResponseCode.CHANGED);
    }

    private boolean tooLargeABlock(@Nullable BlockOption block, boolean more) {
        return more
                && block != null
                && block.getSize() > context.profile.delivery().blockBytes()
                && context.profile.has(Quirk.REFUSES_LARGE_BLOCKS);
    }

    private Response smaller() {
        Response refusal = new Response(ResponseCode.REQUEST_ENTITY_TOO_LARGE);
        refusal.getOptions()
                .setBlock1(BlockOption.size2Szx(context.profile.delivery().blockBytes()), false, 0);
        return refusal;
    }

    private Response firstBlock(Request request, @Nullable BlockOption block, byte[] payload, boolean more) {
        if (tooLargeABlock(block, more)) {
            return smaller();
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
        Transfer unfinished = transfer;
        boolean appends = unfinished != null && context.profile.has(Quirk.APPENDS_AFTER_ABORT);
        if (!appends) {
            drop();
        }
        Transfer started = appends && unfinished != null ? unfinished : firmware.newTransfer();
        transfer = started;
        wireOffset = 0;
        Integer announced = request.getOptions().getSize1();
        boolean large =
                announced != null && announced > context.identity.model().flashBytes();
        if (large || firmware.fated(UpdateResult.NOT_ENOUGH_FLASH)) {
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
        stallsAt = context.profile.has(Quirk.WAITS_FOR_PUSH_FOREVER) ? DeviceContext.NEVER : context.now() + STALL_MS;
        switch (running.accept(content, !more)) {
            case NONE -> {}
            case POWER_LOST -> firmware.losePower();
            case DROPPED -> {
                drop();
                machine.downloadFailed(UpdateResult.CONNECTION_LOST);
                return new Response(ResponseCode.REQUEST_ENTITY_INCOMPLETE);
            }
        }
        if (!more) {
            boolean kept = firmware.arrived(running);
            drop();
            if (!kept && context.profile.has(Quirk.ERRORS_ANSWERED_5_00)) {
                return new Response(ResponseCode.INTERNAL_SERVER_ERROR);
            }
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

    /** Whether the request is the first of several blocks, and one that will be taken. */
    boolean beginsWith(Request request) {
        BlockOption block = request.getOptions().getBlock1();
        return block != null
                && block.getNum() == 0
                && block.isM()
                && context.profile.delivery().method().canPush()
                && (machine.state() == UpdateState.IDLE || machine.pushing());
    }

    /** Forgets the transfer; a later block is then answered 4.08. */
    void drop() {
        Transfer gone = transfer;
        if (gone != null) {
            gone.end();
        }
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
