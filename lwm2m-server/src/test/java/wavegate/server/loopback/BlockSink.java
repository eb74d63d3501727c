package wavegate.server.loopback;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.eclipse.californium.core.coap.BlockOption;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.jspecify.annotations.Nullable;

/** A strict receiver of /5/0/0: blocks in order, 4.08 for a gap, block 0 begins anew. Can be told what to answer instead. */
final class BlockSink implements Function<Request, @Nullable Response> {
    /** Asked first; an answer of its own is given instead, and the block is not taken. */
    interface Whim {
        @Nullable Response of(Request block, int num);
    }

    /** Answers nothing. */
    static final Response SILENCE = new Response(ResponseCode.VALID);

    final List<String> seen = new CopyOnWriteArrayList<>();
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private final int ownSzx;
    private volatile Whim whim = (block, num) -> null;
    private volatile boolean complete;

    /** @param ownSzx largest block size the device wants, asked for in 2.31 */
    BlockSink(int ownSzx) {
        this.ownSzx = ownSzx;
    }

    void whim(Whim next) {
        whim = next;
    }

    /** As after a reboot. */
    synchronized void forget() {
        taken.reset();
    }

    synchronized byte[] taken() {
        return taken.toByteArray();
    }

    boolean complete() {
        return complete;
    }

    @Override
    public synchronized @Nullable Response apply(Request request) {
        BlockOption block = request.getOptions().getBlock1();
        if (block == null) {
            return new Response(ResponseCode.CHANGED);
        }
        seen.add(block.getNum() + "/" + block.getSize());
        Response own = whim.of(request, block.getNum());
        if (own != null) {
            return own == SILENCE ? null : own;
        }
        if (block.getNum() == 0) {
            taken.reset();
        }
        if (block.getOffset() != taken.size()) {
            return new Response(ResponseCode.REQUEST_ENTITY_INCOMPLETE);
        }
        taken.writeBytes(request.getPayload());
        complete = !block.isM();
        Response response = new Response(block.isM() ? ResponseCode.CONTINUE : ResponseCode.CHANGED);
        response.getOptions().setBlock1(Math.min(ownSzx, block.getSzx()), block.isM(), block.getNum());
        return response;
    }
}
