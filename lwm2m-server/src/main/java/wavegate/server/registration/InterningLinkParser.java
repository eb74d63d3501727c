package wavegate.server.registration;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.leshan.core.link.Link;
import org.eclipse.leshan.core.link.LinkParseException;
import org.eclipse.leshan.core.link.attributes.AttributeModel;
import org.eclipse.leshan.core.link.attributes.Attributes;
import org.eclipse.leshan.core.link.lwm2m.DefaultLwM2mLinkParser;
import org.eclipse.leshan.core.link.lwm2m.LwM2mLink;
import org.eclipse.leshan.core.link.lwm2m.LwM2mLinkParser;
import org.eclipse.leshan.core.link.lwm2m.attributes.LwM2mAttributes;
import org.eclipse.leshan.core.link.lwm2m.attributes.ObjectVersionAttributeModel;
import org.jspecify.annotations.Nullable;

/**
 * Parses object lists, and gives devices that send the same bytes the same array: devices of one model do, and a parsed list costs 5 KiB. Nobody
 * changes the arrays. Takes {@code ver="1.1"} in quotes, as Anjay 2 sends it. Any thread.
 */
final class InterningLinkParser implements LwM2mLinkParser {
    private static final int REMEMBERED_LISTS = 1024;
    /** Longer lists are parsed each time: a memory of them could be filled on purpose. */
    private static final int LONGEST_REMEMBERED_BYTES = 4096;

    private final LwM2mLinkParser parser = new DefaultLwM2mLinkParser(attributes());
    private final LruCache<String, Link[]> seen = new LruCache<>(REMEMBERED_LISTS);
    private final int maxLinks;

    InterningLinkParser(int maxLinks) {
        this.maxLinks = maxLinks;
    }

    @Override
    public Link[] parseCoreLinkFormat(byte @Nullable [] bytes) throws LinkParseException {
        byte[] given = bytes == null ? new byte[0] : bytes;
        if (given.length > LONGEST_REMEMBERED_BYTES) {
            return parse(given);
        }
        String key = new String(given, StandardCharsets.ISO_8859_1);
        Link[] known = seen.get(key);
        if (known == null) {
            known = parse(given);
            seen.put(key, known);
        }
        return known;
    }

    @Override
    public LwM2mLink[] parseLwM2mLinkFromCoreLinkFormat(byte[] bytes, @Nullable String rootPath)
            throws LinkParseException {
        return parser.parseLwM2mLinkFromCoreLinkFormat(bytes, rootPath);
    }

    private Link[] parse(byte[] bytes) throws LinkParseException {
        Link[] links;
        try {
            links = parser.parseCoreLinkFormat(bytes);
        } catch (LinkParseException e) {
            // What it says would quote the sender, and make the answer longer than the question.
            throw new LinkParseException(e, "not a list of links");
        } catch (RuntimeException e) {
            throw new LinkParseException(e, "not a list of links");
        } catch (StackOverflowError e) {
            throw new LinkParseException("links nested too deeply");
        }
        if (links.length > maxLinks) {
            throw new LinkParseException("%d links (expected: at most %d)", links.length, maxLinks);
        }
        return links;
    }

    private static List<AttributeModel<?>> attributes() {
        List<AttributeModel<?>> models = new ArrayList<>(Attributes.ALL);
        for (AttributeModel<?> model : LwM2mAttributes.ALL) {
            models.add(model instanceof ObjectVersionAttributeModel ? new QuotedVersionModel() : model);
        }
        return models;
    }

    private static final class QuotedVersionModel extends ObjectVersionAttributeModel {
        @Override
        protected boolean tolerateQuote() {
            return true;
        }
    }
}
