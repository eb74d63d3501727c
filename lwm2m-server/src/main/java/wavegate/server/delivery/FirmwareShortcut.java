package wavegate.server.delivery;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import wavegate.server.registration.limit.Shortcut;
import wavegate.server.rollout.ArtifactStore.Artifact;
import wavegate.server.rollout.Fence;
import wavegate.server.rollout.PullGrants;
import wavegate.server.rollout.PullGrants.Grant;

/**
 * Answers a confirmable GET of one block of {@code /fw/<token>} from memory, in the acknowledgement. The answer depends on nothing but the request,
 * so a repeated request is answered again and nothing is remembered of it. Everything else, above all what is to be refused, is left to
 * {@link FirmwareResource}, which answers the same. On the threads that receive.
 */
final class FirmwareShortcut implements Shortcut {
    private static final int HEADER = 4;
    private static final int LONGEST_TOKEN = 8;
    private static final int CONFIRMABLE_V1 = 4;
    private static final int GET = 1;
    private static final int ACKNOWLEDGEMENT_V1 = 0x60;
    private static final int CONTENT = 0x45;
    private static final int PAYLOAD = 0xff;

    private static final int URI_HOST = 3;
    private static final int URI_PORT = 7;
    private static final int URI_PATH = 11;
    private static final int ACCEPT = 17;
    private static final int BLOCK2 = 23;
    private static final int SIZE2 = 28;
    private static final int OCTET_STREAM = 42;

    private static final int ETAG_BYTES = 8;
    private static final int RESERVED_SZX = 7;
    private static final int NAME_BYTES = 16;
    /** ETag, Content-Format, Block2, Size2 and the payload mark. */
    private static final int MOST_OPTION_BYTES = 9 + 2 + 4 + 5 + 1;

    private static final int MOST_CALLERS = 16_384;

    private final PullGrants grants;
    private final Fence fence;
    private final Images images;
    private final PullProgress progress;
    private final int maxSzx;
    /** Where blocks went lately; those that ask there again are no strangers. */
    private final Map<InetSocketAddress, Boolean> callers = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<InetSocketAddress, Boolean> eldest) {
            return size() > MOST_CALLERS;
        }
    };

    FirmwareShortcut(PullGrants grants, Fence fence, Images images, PullProgress progress, int maxSzx) {
        this.grants = grants;
        this.fence = fence;
        this.images = images;
        this.progress = progress;
        this.maxSzx = maxSzx;
    }

    @Override
    public boolean knows(InetSocketAddress sender) {
        synchronized (callers) {
            return callers.containsKey(sender);
        }
    }

    @Override
    public boolean answer(byte[] data, int offset, int length, InetSocketAddress sender, Reply reply) {
        if (length < HEADER || data[offset + 1] != GET || (data[offset] & 0xff) >>> 4 != CONFIRMABLE_V1) {
            return false;
        }
        Ask ask = new Ask(data, offset, length);
        if (!ask.read()) {
            return false;
        }
        Optional<Grant> grant = grants.grant(ask.name);
        Optional<Artifact> image = grant.flatMap(found -> images.opened(found.artifact()));
        return grant.isPresent() && image.isPresent() && serve(ask, grant.get(), image.get(), sender, reply);
    }

    private boolean serve(Ask ask, Grant grant, Artifact image, InetSocketAddress sender, Reply reply) {
        int szx = ask.block < 0 ? maxSzx : Math.min(ask.block & 7, maxSzx);
        int size = 1 << (szx + 4);
        long from = ask.block < 0 ? 0 : (long) (ask.block >> 4) << ((ask.block & 7) + 4);
        long all = image.sizeBytes();
        if (from >= all || all > Integer.MAX_VALUE) {
            return false;
        }
        int length = (int) Math.min(size, all - from);
        boolean more = from + length < all;
        byte[] room = new byte[HEADER + ask.tokenLength + MOST_OPTION_BYTES + length];
        ByteBuffer answer = ByteBuffer.wrap(room);
        answer.put((byte) (ACKNOWLEDGEMENT_V1 | ask.tokenLength)).put((byte) CONTENT);
        answer.put(ask.data, ask.offset + 2, 2 + ask.tokenLength);
        answer.put((byte) (4 << 4 | ETAG_BYTES)).put(image.digest().bytes(), 0, ETAG_BYTES);
        answer.put((byte) (8 << 4 | 1)).put((byte) OCTET_STREAM);
        int block = (int) (from >> (szx + 4)) << 4 | (more ? 8 : 0) | szx;
        unsigned(answer, 11, block);
        if (from == 0) {
            unsigned(answer, 5, (int) all);
        }
        answer.put((byte) PAYLOAD);
        answer.limit(answer.position() + length);
        if (!image.readFromMemory(from, answer) || answer.hasRemaining()) {
            return false;
        }
        byte[] message = Arrays.copyOf(room, answer.position());
        if (!fence.dispatch(grant.scope(), () -> reply.send(message))) {
            return false;
        }
        if (progress.served(grant, from + length, all)) {
            synchronized (callers) {
                callers.put(sender, Boolean.TRUE);
            }
        }
        return true;
    }

    /** An option, {@code delta} above the one before, without leading zeros. */
    private static void unsigned(ByteBuffer out, int delta, int value) {
        int bytes = (Integer.SIZE - Integer.numberOfLeadingZeros(value) + 7) / 8;
        out.put((byte) (delta << 4 | bytes));
        for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
            out.put((byte) (value >> shift));
        }
    }

    /** A request, as far as it is one that is answered here. */
    private static final class Ask {
        private final byte[] data;
        private final int offset;
        private final int end;
        private final int tokenLength;
        private String name = "";
        private int segments;
        private int block = -1;

        Ask(byte[] data, int offset, int length) {
            this.data = data;
            this.offset = offset;
            this.end = offset + length;
            this.tokenLength = data[offset] & 15;
        }

        /** @return false if the request is malformed or holds anything that takes more thought */
        boolean read() {
            int at = offset + HEADER + tokenLength;
            if (tokenLength > LONGEST_TOKEN || at > end) {
                return false;
            }
            int number = 0;
            while (at < end) {
                int head = data[at++] & 0xff;
                int delta = head >> 4;
                int length = head & 15;
                // Longer ones and the payload mark: not in a plain GET of a block.
                if (delta > 13 || length > 13 || (delta == 13 && at >= end)) {
                    return false;
                }
                if (delta == 13) {
                    delta += data[at++] & 0xff;
                }
                if (length == 13) {
                    if (at >= end) {
                        return false;
                    }
                    length += data[at++] & 0xff;
                }
                number += delta;
                if (at + length > end || !option(number, at, length)) {
                    return false;
                }
                at += length;
            }
            return segments == 2;
        }

        private boolean option(int number, int at, int length) {
            switch (number) {
                case URI_HOST, URI_PORT, SIZE2:
                    return true;
                case URI_PATH:
                    return segment(at, length);
                case ACCEPT:
                    return length == 1 && data[at] == OCTET_STREAM;
                case BLOCK2:
                    if (length > 3 || block >= 0) {
                        return false;
                    }
                    block = 0;
                    for (int i = at; i < at + length; i++) {
                        block = block << 8 | (data[i] & 0xff);
                    }
                    return (block & 7) != RESERVED_SZX;
                default:
                    return false;
            }
        }

        private boolean segment(int at, int length) {
            segments++;
            if (segments == 1) {
                return length == 2 && data[at] == 'f' && data[at + 1] == 'w';
            }
            name = new String(data, at, length, StandardCharsets.ISO_8859_1);
            return segments == 2 && length == NAME_BYTES;
        }
    }
}
