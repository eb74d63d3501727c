package wavegate.server.api;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The body of a request as a stream for a worker. At most {@value #CHUNKS} chunks wait; the socket is read as fast as the worker takes them.
 * Filled on the event loop, read by one worker thread.
 */
final class UploadStream extends InputStream {
    private static final int CHUNKS = 8;
    private static final Duration RATE_AFTER = Duration.ofSeconds(30);
    private static final Piece END = new Piece(Buffer.buffer(), true);

    private final HttpServerRequest request;
    private final Context context;
    private final long maxBytes;
    private final Duration stall;
    private final long leastPerSecond;
    private final long began = System.nanoTime();
    private final BlockingQueue<Piece> pieces = new ArrayBlockingQueue<>(CHUNKS + 2);
    private Piece current = new Piece(Buffer.buffer(), false);
    private int position;
    private long taken;

    private record Piece(Buffer bytes, boolean last) {}

    /** The upload ended before its time, with what is to be answered. */
    static final class Broken extends IOException {
        private final transient Problem problem;

        Broken(Problem problem) {
            super(problem.detail());
            this.problem = problem;
        }

        Problem problem() {
            return problem;
        }
    }

    /** Takes over the body; must be called on the event loop before the handler returns. */
    UploadStream(HttpServerRequest request, Context context, long maxBytes, Duration stall, long leastPerSecond) {
        this.request = request;
        this.context = context;
        this.maxBytes = maxBytes;
        this.stall = stall;
        this.leastPerSecond = leastPerSecond;
        request.pause();
        request.handler(chunk -> pieces.add(new Piece(chunk, false)));
        request.endHandler(end -> pieces.add(END));
        request.fetch(CHUNKS);
    }

    @Override
    public int read() throws IOException {
        return more() ? current.bytes().getByte(position++) & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!more()) {
            return -1;
        }
        int count = Math.min(length, current.bytes().length() - position);
        current.bytes().getBytes(position, position + count, into, offset);
        position += count;
        return count;
    }

    /** Lets what nobody will read run out, so that the client sees the answer and the connection can be used again. */
    void discardRest() {
        context.runOnContext(ignored -> {
            if (!request.isEnded()) {
                request.handler(chunk -> {});
                request.endHandler(end -> {});
                request.resume();
            }
        });
    }

    private boolean more() throws IOException {
        while (position >= current.bytes().length()) {
            if (current.last()) {
                return false;
            }
            current = next();
            position = 0;
            taken += current.bytes().length();
            if (taken > maxBytes) {
                throw new Broken(new Problem(
                        413, "body-too-large", "body: more than " + maxBytes + " bytes (expected: at most that)"));
            }
            refuseDrips();
            context.runOnContext(ignored -> askForMore());
        }
        return true;
    }

    /** A byte now and then would hold one of few places for hours. */
    private void refuseDrips() throws Broken {
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
        if (seconds >= RATE_AFTER.toSeconds() && taken / seconds < leastPerSecond) {
            throw new Broken(new Problem(
                    408,
                    "upload-too-slow",
                    "upload: " + taken / seconds + " bytes per second (expected: " + leastPerSecond + " or more)"));
        }
    }

    private void askForMore() {
        if (!request.isEnded()) {
            request.fetch(1);
        }
    }

    private Piece next() throws IOException {
        try {
            Piece piece = pieces.poll(stall.toMillis(), TimeUnit.MILLISECONDS);
            if (piece == null) {
                throw new Broken(new Problem(
                        408, "upload-stalled", "no byte for " + stall.toSeconds() + " s (expected: a steady upload)"));
            }
            return piece;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while reading an upload", e);
        }
    }
}
