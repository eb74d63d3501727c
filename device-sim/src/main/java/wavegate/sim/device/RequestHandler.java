package wavegate.sim.device;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.OptionSet;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.object.FirmwareUpdateObject;

/** The server's requests on the object tree: Read, Observe, Discover, Write, Write-Attributes, Execute. */
final class RequestHandler implements Observations.Reader {
    private static final int UNDEFINED = MediaTypeRegistry.UNDEFINED;

    private final FirmwareObject firmware;
    private final List<ModuleObject> objects;
    private final Observations observations;

    RequestHandler(FirmwareObject firmware, List<ModuleObject> objects, Observations observations) {
        this.firmware = firmware;
        this.objects = objects;
        this.observations = observations;
    }

    Response handle(InetSocketAddress peer, Request request) {
        ObjectPath path = ObjectPath.parse(request.getOptions().getUriPath()).orElse(null);
        ModuleObject object = path == null ? null : object(path);
        if (path == null
                || object == null
                || (path.instance() != ObjectPath.ALL && path.instance() != object.instance())) {
            return new Response(ResponseCode.NOT_FOUND);
        }
        if (path.resource() != ObjectPath.ALL && !known(object, path)) {
            return new Response(ResponseCode.NOT_FOUND);
        }
        return switch (request.getCode()) {
            case GET -> get(peer, request, object, path);
            case PUT -> put(request, object, path);
            case POST -> post(request, object, path);
            default -> new Response(ResponseCode.METHOD_NOT_ALLOWED);
        };
    }

    /** PkgName and PkgVersion come and go; a Package is always there to be written. */
    private static boolean known(ModuleObject object, ObjectPath path) {
        return object.has(path.resource());
    }

    private @Nullable ModuleObject object(ObjectPath path) {
        for (ModuleObject object : objects) {
            if (object.id() == path.object()) {
                return object;
            }
        }
        return null;
    }

    private Response get(InetSocketAddress peer, Request request, ModuleObject object, ObjectPath path) {
        int accept = request.getOptions().getAccept();
        if (accept == MediaTypeRegistry.APPLICATION_LINK_FORMAT) {
            Response response = new Response(ResponseCode.CONTENT);
            response.getOptions().setContentFormat(MediaTypeRegistry.APPLICATION_LINK_FORMAT);
            response.setPayload(links(object, path));
            return response;
        }
        if (path.resource() != ObjectPath.ALL && object.read(path.resource()).isEmpty()) {
            return new Response(ResponseCode.METHOD_NOT_ALLOWED);
        }
        Optional<Observations.Content> content = read(path, accept);
        if (content.isEmpty()) {
            boolean missing = path.resourceInstance() != ObjectPath.ALL && !instanceExists(object, path);
            return new Response(missing ? ResponseCode.NOT_FOUND : ResponseCode.NOT_ACCEPTABLE);
        }
        Response response = new Response(ResponseCode.CONTENT);
        content.get().into(response);
        Integer observe = request.getOptions().getObserve();
        if (observe != null && observe == 0) {
            observations.add(peer, request.getToken(), path, accept).ifPresent(sequence -> response.getOptions()
                    .setObserve(sequence));
        } else if (observe != null && observe == 1) {
            observations.cancel(peer, request.getToken());
        }
        return response;
    }

    private static boolean instanceExists(ModuleObject object, ObjectPath path) {
        return object.read(path.resource())
                .map(value -> value instanceof Value.Many many
                        && path.resourceInstance() < many.instances().size())
                .orElse(false);
    }

    @Override
    public Optional<Observations.Content> read(ObjectPath path, int accept) {
        ModuleObject object = object(path);
        if (object == null) {
            return Optional.empty();
        }
        if (path.resource() == ObjectPath.ALL) {
            return whole(object, path, accept);
        }
        Value value = object.read(path.resource()).orElse(null);
        if (value == null) {
            return Optional.empty();
        }
        if (path.resourceInstance() != ObjectPath.ALL) {
            boolean exists = value instanceof Value.Many many
                    && path.resourceInstance() < many.instances().size();
            if (!exists) {
                return Optional.empty();
            }
            value = ((Value.Many) value).instances().get(path.resourceInstance());
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
            String suffix = path.resourceInstance() == ObjectPath.ALL ? "" : "/" + path.resourceInstance();
            pack.add(object.id() + "/" + object.instance() + "/" + path.resource() + suffix, value);
            return content(SenmlCbor.CONTENT_FORMAT, pack.pack(null));
        }
        return Optional.empty();
    }

    private static Optional<Observations.Content> whole(ModuleObject object, ObjectPath path, int accept) {
        if (accept == SenmlCbor.CONTENT_FORMAT) {
            SenmlCbor pack = new SenmlCbor();
            for (int resource : object.resources()) {
                object.read(resource)
                        .ifPresent(value -> pack.add(object.id() + "/" + object.instance() + "/" + resource, value));
            }
            return content(SenmlCbor.CONTENT_FORMAT, pack.pack(null));
        }
        if (accept != UNDEFINED && accept != TlvWriter.CONTENT_FORMAT) {
            return Optional.empty();
        }
        TlvWriter resources = new TlvWriter();
        for (int resource : object.resources()) {
            object.read(resource).ifPresent(value -> resources.resource(resource, value));
        }
        if (path.isInstance()) {
            return content(TlvWriter.CONTENT_FORMAT, resources.bytes());
        }
        TlvWriter instance = new TlvWriter();
        instance.instance(object.instance(), resources.bytes());
        return content(TlvWriter.CONTENT_FORMAT, instance.bytes());
    }

    private static Optional<Observations.Content> content(int format, byte[] bytes) {
        return Optional.of(new Observations.Content(format, bytes));
    }

    private static String links(ModuleObject object, ObjectPath path) {
        String instance = "</" + object.id() + "/" + object.instance();
        if (path.resource() != ObjectPath.ALL) {
            return instance + "/" + path.resource() + ">";
        }
        StringJoiner links = new StringJoiner(",");
        if (path.isObject()) {
            links.add("</" + object.id() + ">");
        }
        links.add(instance + ">");
        for (int resource : object.resources()) {
            links.add(instance + "/" + resource + ">");
        }
        return links.toString();
    }

    private Response put(Request request, ModuleObject object, ObjectPath path) {
        OptionSet options = request.getOptions();
        if (request.getPayloadSize() == 0 && options.getURIQueryCount() > 0 && !options.hasContentFormat()) {
            return writeAttributes(options, path);
        }
        return write(request, object, path);
    }

    private Response post(Request request, ModuleObject object, ObjectPath path) {
        if (path.isResource() && !object.writable(path.resource())) {
            return new Response(object.execute(path.resource()));
        }
        return write(request, object, path);
    }

    private Response writeAttributes(OptionSet options, ObjectPath path) {
        int min = -1;
        int max = -1;
        for (String query : options.getUriQuery()) {
            int equals = query.indexOf('=');
            String name = equals < 0 ? query : query.substring(0, equals);
            String value = equals < 0 ? "" : query.substring(equals + 1);
            boolean period = name.equals("pmin") || name.equals("pmax");
            if (period && !value.matches("[0-9]{0,9}")) {
                return new Response(ResponseCode.BAD_REQUEST);
            }
            if (period && !value.isEmpty()) {
                int seconds = Integer.parseInt(value);
                min = name.equals("pmin") ? seconds : min;
                max = name.equals("pmax") ? seconds : max;
            }
        }
        observations.setAttributes(path, new Observations.Attributes(min, max));
        return new Response(ResponseCode.CHANGED);
    }

    private Response write(Request request, ModuleObject object, ObjectPath path) {
        if (path.isResource() && !object.writable(path.resource())) {
            return new Response(ResponseCode.METHOD_NOT_ALLOWED);
        }
        if (path.isResource() && object == firmware && path.resource() == FirmwareUpdateObject.PACKAGE) {
            return firmware.writePackage(request);
        }
        byte[] payload = request.getPayload() == null ? new byte[0] : request.getPayload();
        int format = request.getOptions().getContentFormat();
        if (format == TlvWriter.CONTENT_FORMAT) {
            return new Response(writeTlv(payload, object, path));
        }
        if (!path.isResource()) {
            return new Response(ResponseCode.METHOD_NOT_ALLOWED);
        }
        if (format != UNDEFINED && format != MediaTypeRegistry.TEXT_PLAIN) {
            return new Response(ResponseCode.UNSUPPORTED_CONTENT_FORMAT);
        }
        return new Response(object.write(path.resource(), new String(payload, StandardCharsets.UTF_8)));
    }

    /** A resource, or an instance holding resources; the first refusal is the answer. */
    private static ResponseCode writeTlv(byte[] payload, ModuleObject object, ObjectPath path) {
        int from = 0;
        int end = payload.length;
        Optional<TlvReader.Entry> head = TlvReader.entryAt(payload, 0);
        if (head.isPresent() && head.get().type() == TlvReader.TYPE_INSTANCE) {
            from = head.get().from();
            end = head.get().end();
        }
        Optional<List<TlvReader.Entry>> entries =
                end > payload.length ? Optional.empty() : TlvReader.entries(payload, from, end);
        if (entries.isEmpty() || entries.get().isEmpty()) {
            return ResponseCode.BAD_REQUEST;
        }
        for (TlvReader.Entry entry : entries.get()) {
            boolean meant = path.resource() == ObjectPath.ALL || path.resource() == entry.id();
            if (entry.type() != TlvReader.TYPE_RESOURCE || !meant) {
                return ResponseCode.BAD_REQUEST;
            }
            String text = new String(payload, entry.from(), entry.length(), StandardCharsets.UTF_8);
            ResponseCode answer =
                    object.writable(entry.id()) ? object.write(entry.id(), text) : ResponseCode.METHOD_NOT_ALLOWED;
            if (answer != ResponseCode.CHANGED) {
                return answer;
            }
        }
        return ResponseCode.CHANGED;
    }
}
