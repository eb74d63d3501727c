package wavegate.server.delivery;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.leshan.core.node.LwM2mNode;
import org.eclipse.leshan.core.node.LwM2mObject;
import org.eclipse.leshan.core.node.LwM2mObjectInstance;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.node.ObjectLink;
import org.eclipse.leshan.core.node.codec.CodecException;
import org.eclipse.leshan.core.node.codec.LwM2mDecoder;
import org.eclipse.leshan.core.request.ContentFormat;
import org.eclipse.leshan.server.model.LwM2mModelProvider;
import org.eclipse.leshan.server.registration.Registration;

/** Turns the answer to a Read into resources, and resources into numbers and texts. A device may send anything; nothing here throws for it. */
final class NodeReader {
    /** The end of the year 9999. */
    private static final long LAST_SECOND = 253_402_300_799L;

    private final LwM2mDecoder decoder;
    private final LwM2mModelProvider models;

    NodeReader(LwM2mDecoder decoder, LwM2mModelProvider models) {
        this.decoder = decoder;
        this.models = models;
    }

    /** Resources by id; empty if the payload cannot be read as what was asked for. */
    Optional<Map<Integer, LwM2mResource>> resources(Registration from, Response response, LwM2mPath path) {
        return node(from, response, path).flatMap(NodeReader::resources);
    }

    private Optional<LwM2mNode> node(Registration from, Response response, LwM2mPath path) {
        ContentFormat format = response.getOptions().hasContentFormat()
                ? ContentFormat.fromCode(response.getOptions().getContentFormat())
                // Small stacks leave the format out and mean the simplest.
                : path.isResource() ? ContentFormat.TEXT : ContentFormat.TLV;
        try {
            return decoder.isSupported(format)
                    ? Optional.of(decoder.decode(response.getPayload(), format, path, models.getObjectModel(from)))
                    : Optional.empty();
        } catch (CodecException | IllegalArgumentException | IllegalStateException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    /** The instances of an object, each with its resources; empty if the payload cannot be read as an object. */
    Map<Integer, Map<Integer, LwM2mResource>> instances(Registration from, Response response, LwM2mPath object) {
        Map<Integer, Map<Integer, LwM2mResource>> found = new TreeMap<>();
        node(from, response, object)
                .filter(LwM2mObject.class::isInstance)
                .map(LwM2mObject.class::cast)
                .ifPresent(node -> node.getInstances()
                        .forEach((id, instance) -> found.put(id, new TreeMap<>(instance.getResources()))));
        return found;
    }

    private static Optional<Map<Integer, LwM2mResource>> resources(LwM2mNode node) {
        Map<Integer, LwM2mResource> found = new TreeMap<>();
        if (node instanceof LwM2mResource resource) {
            found.put(resource.getId(), resource);
        } else if (node instanceof LwM2mObjectInstance instance) {
            found.putAll(instance.getResources());
        } else if (node instanceof LwM2mObject object && object.getInstance(0) != null) {
            found.putAll(object.getInstance(0).getResources());
        } else {
            return Optional.empty();
        }
        return Optional.of(found);
    }

    static OptionalLong number(Map<Integer, LwM2mResource> resources, int id) {
        List<Object> values = values(resources, id);
        return values.isEmpty() ? OptionalLong.empty() : number(values.get(0));
    }

    static List<Long> numbers(Map<Integer, LwM2mResource> resources, int id) {
        List<Long> numbers = new ArrayList<>();
        for (Object value : values(resources, id)) {
            number(value).ifPresent(numbers::add);
        }
        return numbers;
    }

    /** At most 255 characters, control characters left out; empty if there is none. */
    static String text(Map<Integer, LwM2mResource> resources, int id) {
        List<Object> values = values(resources, id);
        if (values.isEmpty()) {
            return "";
        }
        Object value = values.get(0);
        String raw = value instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : value.toString();
        String clean = raw.codePoints()
                .filter(c -> !Character.isISOControl(c))
                .limit(255)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString()
                .strip();
        return clean.length() > 255 ? clean.substring(0, 255) : clean;
    }

    static List<String> texts(Map<Integer, LwM2mResource> resources, int id) {
        return values(resources, id).stream().map(Object::toString).toList();
    }

    /** Instances of one object that a resource links to; links to others, and what is no link, are passed over. */
    static Set<Integer> linkedInstances(Map<Integer, LwM2mResource> resources, int id, int object) {
        Set<Integer> instances = new TreeSet<>();
        for (Object value : values(resources, id)) {
            if (value instanceof ObjectLink link && link.getObjectId() == object) {
                instances.add(link.getObjectInstanceId());
            }
        }
        return instances;
    }

    /** Empty if there is none, or no time. */
    static Optional<Instant> time(Map<Integer, LwM2mResource> resources, int id) {
        List<Object> values = values(resources, id);
        if (values.isEmpty()) {
            return Optional.empty();
        }
        if (values.get(0) instanceof Date date) {
            return Optional.of(date.toInstant());
        }
        OptionalLong seconds = number(values.get(0));
        return seconds.isPresent() && seconds.getAsLong() >= 0 && seconds.getAsLong() <= LAST_SECOND
                ? Optional.of(Instant.ofEpochSecond(seconds.getAsLong()))
                : Optional.empty();
    }

    private static List<Object> values(Map<Integer, LwM2mResource> resources, int id) {
        LwM2mResource resource = resources.get(id);
        List<Object> values = new ArrayList<>();
        if (resource == null) {
            return values;
        }
        if (resource.isMultiInstances()) {
            resource.getInstances().values().forEach(instance -> values.add(instance.getValue()));
        } else if (resource.getValue() != null) {
            values.add(resource.getValue());
        }
        return values;
    }

    private static OptionalLong number(Object value) {
        if (value instanceof Number number) {
            return OptionalLong.of(number.longValue());
        }
        try {
            return OptionalLong.of(Long.parseLong(value.toString().strip()));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
