package wavegate.server.delivery.http;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.server.rollout.ArtifactStore.Artifact;
import wavegate.server.rollout.PullGrants.Grant;

/**
 * One image, or a range of it, on its way to one device. Holds a piece at a time; the next one is read when the socket has room. Before each piece
 * the fence is asked and the grant looked at; if either says no, the connection is closed after what is
 * queued, and a device sees a body shorter than announced. On the
 * event loop.
 */
final class ImageResponse {
    private static final Logger LOG = LoggerFactory.getLogger(ImageResponse.class);
    /** Divides the chunks that artifacts are checked in. */
    private static final int PIECE = 16 << 10;

    private static final int QUEUE = 2 * PIECE;
    /** A piece is added as long as the queue is not full. */
    static final int MOST_QUEUED = QUEUE + PIECE;

    private final Vertx vertx;
    private final ImageSource source;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final String token;
    private final Grant grant;
    private final Artifact image;
    private final ByteRange range;
    private long at;
    private boolean over;

    ImageResponse(
            Vertx vertx,
            ImageSource source,
            HttpServerRequest request,
            String token,
            Grant grant,
            Artifact image,
            ByteRange range) {
        this.vertx = vertx;
        this.source = source;
        this.request = request;
        this.response = request.response();
        this.token = token;
        this.grant = grant;
        this.image = image;
        this.range = range;
        this.at = range.from();
    }

    Grant grant() {
        return grant;
    }

    /** Sends the body; headers are set, and go with the first piece. */
    void begin() {
        response.setWriteQueueMaxSize(QUEUE);
        pump();
    }

    /** No further byte is dispatched. Closing waits for what is in the queue already. */
    void cut() {
        if (!over) {
            over = true;
            request.connection().close();
        }
    }

    /** The connection is gone, or the response complete. */
    void ended() {
        over = true;
    }

    private void pump() {
        while (!over && at < range.end()) {
            if (response.writeQueueFull()) {
                response.drainHandler(drained -> pump());
                return;
            }
            byte[] piece = new byte[(int) Math.min(PIECE - at % PIECE, range.end() - at)];
            if (!image.readFromMemory(at, ByteBuffer.wrap(piece))) {
                vertx.executeBlocking(() -> read(piece), false)
                        .onSuccess(this::readAndGoOn)
                        .onFailure(this::unreadable);
                return;
            }
            write(piece);
        }
        if (!over) {
            over = true;
            response.end();
        }
    }

    private byte[] read(byte[] piece) throws IOException {
        ByteBuffer into = ByteBuffer.wrap(piece);
        image.read(at, into);
        if (into.hasRemaining()) {
            throw new IOException("artifact " + grant.artifact() + " ends at " + (at + into.position()));
        }
        return piece;
    }

    private void readAndGoOn(byte[] piece) {
        if (!over) {
            write(piece);
            pump();
        }
    }

    private void write(byte[] piece) {
        boolean granted = source.grants().grant(token).filter(grant::equals).isPresent();
        if (!granted || !source.fence().dispatch(grant.scope(), () -> response.write(Buffer.buffer(piece)))) {
            cut();
            return;
        }
        at += piece.length;
        source.progress().served(grant, at, image.sizeBytes());
    }

    private void unreadable(Throwable failure) {
        if (over) {
            return;
        }
        source.images().distrust(grant.artifact());
        LOG.error("pull {} image={} offset={} unreadable", grant.update(), grant.artifact(), at, failure);
        if (response.headWritten()) {
            cut();
        } else {
            over = true;
            response.headers().clear();
            response.setStatusCode(500).end();
        }
    }
}
