package wavegate.sim.device;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.jspecify.annotations.Nullable;

/** The objects of a device, and what is read from them, in the encodings its release of LwM2M knows. */
final class ObjectTree implements Observations.Reader {
    private static final int UNDEFINED = MediaTypeRegistry.UNDEFINED;

    private final LwM2mRelease release;
    /** No list: there is one of these per device of a fleet. */
    private final ModuleObject[] objects;

    ObjectTree(LwM2mRelease release, List<ModuleObject> objects) {
        this.release = release;
        this.objects = objects.toArray(ModuleObject[]::new);
    }

    /** The instance a path leads to; for the path of an object, its first. */
    @Nullable ModuleObject object(ObjectPath path) {
        for (ModuleObject object : objects) {
            if (object.id() == path.object()
                    && (path.instance() == ObjectPath.ALL || path.instance() == object.instance())) {
                return object;
            }
        }
        return null;
    }

    private List<ModuleObject> instances(ObjectPath path) {
        return Arrays.stream(objects)
                .filter(object -> object.id() == path.object()
                        && (path.instance() == ObjectPath.ALL || path.instance() == object.instance()))
                .toList();
    }

    @Override
    public Optional<Observations.Content> read(ObjectPath path, int accept) {
        ModuleObject object = object(path);
        if (object == null || (accept == SenmlCbor.CONTENT_FORMAT && !release.composite())) {
            return Optional.empty();
        }
        if (path.resource() == ObjectPath.ALL) {
            return whole(path, accept);
        }
        Value value = value(object, path).orElse(null);
        if (value == null) {
            return Optional.empty();
        }
        boolean single = !(value instanceof Value.Many);
        if (single && (accept == UNDEFINED || accept == MediaTypeRegistry.TEXT_PLAIN)) {
            return content(MediaTypeRegistry.TEXT_PLAIN, value.text().getBytes(StandardCharsets.UTF_8));
        }
        if (accept == UNDEFINED || accept == TlvWriter.CONTENT_FORMAT) {
            TlvWriter out = new TlvWriter();
            if (path.resourceInstance() != ObjectPath.ALL) {
                out.resourceInstance(path.resourceInstance(), value.tlv());
            } else {
                out.resource(path.resource(), value);
            }
            return content(TlvWriter.CONTENT_FORMAT, out.bytes());
        }
        if (accept == SenmlCbor.CONTENT_FORMAT) {
            SenmlCbor pack = new SenmlCbor();
            add(pack, object, path);
            return content(SenmlCbor.CONTENT_FORMAT, pack.pack(null));
        }
        return Optional.empty();
    }

    /** A resource, or an instance of one that has several. */
    private static Optional<Value> value(ModuleObject object, ObjectPath path) {
        Value value = object.read(path.resource()).orElse(null);
        if (value == null || path.resourceInstance() == ObjectPath.ALL) {
            return Optional.ofNullable(value);
        }
        boolean exists = value instanceof Value.Many many
                && path.resourceInstance() < many.instances().size();
        return exists ? Optional.of(((Value.Many) value).instances().get(path.resourceInstance())) : Optional.empty();
    }

    private static void add(SenmlCbor pack, ModuleObject object, ObjectPath path) {
        String suffix = path.resourceInstance() == ObjectPath.ALL ? "" : "/" + path.resourceInstance();
        value(object, path)
                .ifPresent(value ->
                        pack.add(object.id() + "/" + object.instance() + "/" + path.resource() + suffix, value));
    }

    @Override
    public Optional<Observations.Content> readAll(List<ObjectPath> paths) {
        SenmlCbor pack = new SenmlCbor();
        for (ObjectPath path : paths) {
            for (ModuleObject object : instances(path)) {
                if (path.resource() == ObjectPath.ALL) {
                    addAll(pack, object);
                } else {
                    add(pack, object, path);
                }
            }
        }
        return content(SenmlCbor.CONTENT_FORMAT, pack.pack(null));
    }

    private static void addAll(SenmlCbor pack, ModuleObject object) {
        for (int resource : object.resources()) {
            object.read(resource)
                    .ifPresent(value -> pack.add(object.id() + "/" + object.instance() + "/" + resource, value));
        }
    }

    private Optional<Observations.Content> whole(ObjectPath path, int accept) {
        if (accept == SenmlCbor.CONTENT_FORMAT) {
            return readAll(List.of(path));
        }
        if (accept != UNDEFINED && accept != TlvWriter.CONTENT_FORMAT) {
            return Optional.empty();
        }
        TlvWriter all = new TlvWriter();
        for (ModuleObject object : instances(path)) {
            TlvWriter resources = new TlvWriter();
            for (int resource : object.resources()) {
                object.read(resource).ifPresent(value -> resources.resource(resource, value));
            }
            if (path.isInstance()) {
                return content(TlvWriter.CONTENT_FORMAT, resources.bytes());
            }
            all.instance(object.instance(), resources.bytes());
        }
        return content(TlvWriter.CONTENT_FORMAT, all.bytes());
    }

    private static Optional<Observations.Content> content(int format, byte[] bytes) {
        return Optional.of(new Observations.Content(format, bytes));
    }

    /** What Discover answers. */
    String links(ObjectPath path) {
        StringJoiner links = new StringJoiner(",");
        if (path.isObject()) {
            links.add("</" + path.object() + ">");
        }
        for (ModuleObject object : instances(path)) {
            String instance = "</" + object.id() + "/" + object.instance();
            if (path.resource() != ObjectPath.ALL) {
                links.add(instance + "/" + path.resource() + ">");
                continue;
            }
            links.add(instance + ">");
            for (int resource : object.resources()) {
                links.add(instance + "/" + resource + ">");
            }
        }
        return links.toString();
    }
}
