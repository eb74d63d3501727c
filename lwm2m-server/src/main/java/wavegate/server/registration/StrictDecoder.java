package wavegate.server.registration;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.eclipse.leshan.core.model.LwM2mModel;
import org.eclipse.leshan.core.node.LwM2mNode;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.TimestampedLwM2mNode;
import org.eclipse.leshan.core.node.TimestampedLwM2mNodes;
import org.eclipse.leshan.core.node.codec.CodecException;
import org.eclipse.leshan.core.node.codec.LwM2mDecoder;
import org.eclipse.leshan.core.request.ContentFormat;
import org.jspecify.annotations.Nullable;

/**
 * Leshan's decoder, which fails with {@link CodecException} alone. Its own lets number formats, buffer ends and node checks through as they are,
 * and those are taken for faults of the server: 5.00 and a stack trace for each. Thread-safe.
 */
final class StrictDecoder implements LwM2mDecoder {
    private final LwM2mDecoder decoder;

    StrictDecoder(LwM2mDecoder decoder) {
        this.decoder = decoder;
    }

    private static <T> T strictly(Supplier<T> decoding) {
        try {
            return decoding.get();
        } catch (CodecException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new CodecException("not a payload of its format", e);
        } catch (StackOverflowError e) {
            throw new CodecException("nested too deeply");
        }
    }

    @Override
    public @Nullable LwM2mNode decode(
            byte @Nullable [] content, @Nullable ContentFormat format, LwM2mPath path, LwM2mModel model) {
        return strictly(() -> decoder.decode(content, format, path, model));
    }

    @Override
    public <T extends LwM2mNode> T decode(
            byte @Nullable [] content,
            @Nullable ContentFormat format,
            LwM2mPath path,
            LwM2mModel model,
            Class<T> nodeClass) {
        return strictly(() -> decoder.decode(content, format, path, model, nodeClass));
    }

    @Override
    public Map<LwM2mPath, LwM2mNode> decodeNodes(
            byte @Nullable [] content,
            @Nullable ContentFormat format,
            @Nullable List<LwM2mPath> paths,
            LwM2mModel model) {
        return strictly(() -> decoder.decodeNodes(content, format, paths, model));
    }

    @Override
    public List<TimestampedLwM2mNode> decodeTimestampedData(
            byte @Nullable [] content, @Nullable ContentFormat format, LwM2mPath path, LwM2mModel model) {
        return strictly(() -> decoder.decodeTimestampedData(content, format, path, model));
    }

    @Override
    public TimestampedLwM2mNodes decodeTimestampedNodes(
            byte @Nullable [] content,
            @Nullable ContentFormat format,
            @Nullable List<LwM2mPath> paths,
            LwM2mModel model) {
        TimestampedLwM2mNodes nodes = strictly(() -> decoder.decodeTimestampedNodes(content, format, paths, model));
        // Leshan takes such a Send for a fault of its own.
        if (nodes.isEmpty()
                || nodes.getNodes().isEmpty()
                || nodes.getNodes().values().stream().anyMatch(Objects::isNull)) {
            throw new CodecException("nothing in it");
        }
        return nodes;
    }

    @Override
    public List<LwM2mPath> decodePaths(byte @Nullable [] content, @Nullable ContentFormat format) {
        return strictly(() -> decoder.decodePaths(content, format));
    }

    @Override
    public boolean isSupported(@Nullable ContentFormat format) {
        return decoder.isSupported(format);
    }

    @Override
    public Set<ContentFormat> getSupportedContentFormat() {
        return decoder.getSupportedContentFormat();
    }
}
