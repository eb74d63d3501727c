package wavegate.sim.device;

import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.OptionSet;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import wavegate.firmware.object.FirmwareUpdateObject;

/** The server's requests on the object tree: Read, Observe and their composite forms, Discover, Write, Write-Attributes, Execute. */
final class RequestHandler {
    private static final int UNDEFINED = MediaTypeRegistry.UNDEFINED;

    private final DeviceProfile profile;
    private final ObjectTree tree;
    private final Observations observations;

    RequestHandler(DeviceProfile profile, ObjectTree tree, Observations observations) {
        this.profile = profile;
        this.tree = tree;
        this.observations = observations;
    }

    Response handle(InetSocketAddress peer, Request request) {
        if (request.getCode() == CoAP.Code.FETCH && request.getOptions().getURIPathCount() == 0) {
            return fetch(peer, request);
        }
        ObjectPath path = ObjectPath.parse(request.getOptions().getUriPath()).orElse(null);
        ModuleObject object = path == null ? null : tree.object(path);
        if (path == null || object == null) {
            return new Response(ResponseCode.NOT_FOUND);
        }
        if (path.resource() != ObjectPath.ALL && !object.has(path.resource())) {
            return new Response(ResponseCode.NOT_FOUND);
        }
        return switch (request.getCode()) {
            case GET -> get(peer, request, object, path);
            case PUT -> put(request, object, path);
            case POST -> post(request, object, path);
            default -> new Response(ResponseCode.METHOD_NOT_ALLOWED);
        };
    }

    private Response get(InetSocketAddress peer, Request request, ModuleObject object, ObjectPath path) {
        int accept = request.getOptions().getAccept();
        if (accept == MediaTypeRegistry.APPLICATION_LINK_FORMAT) {
            return discover(object, path);
        }
        if (path.resource() != ObjectPath.ALL && object.read(path.resource()).isEmpty()) {
            return new Response(ResponseCode.METHOD_NOT_ALLOWED);
        }
        Optional<Observations.Content> content = tree.read(path, accept);
        if (content.isEmpty()) {
            boolean missing = path.resourceInstance() != ObjectPath.ALL && !instanceExists(object, path);
            return new Response(missing ? ResponseCode.NOT_FOUND : ResponseCode.NOT_ACCEPTABLE);
        }
        Response response = new Response(ResponseCode.CONTENT);
        content.get().into(response);
        observe(request, response, () -> observations.add(peer, request.getToken(), path, accept));
        if (Integer.valueOf(1).equals(request.getOptions().getObserve())) {
            observations.cancel(peer, request.getToken());
        }
        return response;
    }

    private Response discover(ModuleObject object, ObjectPath path) {
        if (object.id() == profile.object5().shape().objectId() && profile.has(Quirk.NO_DISCOVER)) {
            return new Response(ResponseCode.NOT_IMPLEMENTED);
        }
        Response response = new Response(ResponseCode.CONTENT);
        response.getOptions().setContentFormat(MediaTypeRegistry.APPLICATION_LINK_FORMAT);
        response.setPayload(tree.links(path));
        return response;
    }

    private void observe(Request request, Response response, Supplier<Optional<Integer>> accepted) {
        Integer observe = request.getOptions().getObserve();
        if (observe == null || observe != 0 || profile.has(Quirk.NO_OBSERVE)) {
            return;
        }
        if (profile.has(Quirk.SILENT_OBSERVE)) {
            response.getOptions().setObserve(0);
        } else {
            accepted.get().ifPresent(sequence -> response.getOptions().setObserve(sequence));
        }
    }

    /** Read-Composite and Observe-Composite. */
    private Response fetch(InetSocketAddress peer, Request request) {
        if (!profile.release().composite()) {
            return new Response(ResponseCode.METHOD_NOT_ALLOWED);
        }
        OptionSet options = request.getOptions();
        if (options.getContentFormat() != SenmlCbor.CONTENT_FORMAT) {
            return new Response(ResponseCode.UNSUPPORTED_CONTENT_FORMAT);
        }
        if (options.hasAccept() && options.getAccept() != SenmlCbor.CONTENT_FORMAT) {
            return new Response(ResponseCode.NOT_ACCEPTABLE);
        }
        byte[] payload = request.getPayload() == null ? new byte[0] : request.getPayload();
        List<ObjectPath> paths = new ArrayList<>();
        for (String name : CborReader.names(payload).orElse(List.of())) {
            String trimmed = name.startsWith("/") ? name.substring(1) : name;
            ObjectPath.parse(List.of(trimmed.split("/", -1))).ifPresent(paths::add);
        }
        if (paths.isEmpty()) {
            return new Response(ResponseCode.BAD_REQUEST);
        }
        Response response = new Response(ResponseCode.CONTENT);
        tree.readAll(paths).ifPresent(content -> content.into(response));
        observe(request, response, () -> observations.addAll(peer, request.getToken(), paths));
        if (Integer.valueOf(1).equals(options.getObserve())) {
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

    private Response put(Request request, ModuleObject object, ObjectPath path) {
        OptionSet options = request.getOptions();
        if (request.getPayloadSize() == 0 && options.getURIQueryCount() > 0 && !options.hasContentFormat()) {
            return writeAttributes(options, path);
        }
        return write(request, object, path);
    }

    private Response post(Request request, ModuleObject object, ObjectPath path) {
        if (path.isResource() && !object.writable(path.resource())) {
            String arguments =
                    request.getPayload() == null ? "" : new String(request.getPayload(), StandardCharsets.UTF_8);
            return new Response(object.execute(path.resource(), arguments));
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
        boolean toFirmware = object.id() == profile.object5().shape().objectId();
        if (path.isResource() && toFirmware && path.resource() == FirmwareUpdateObject.PACKAGE) {
            return object.writePackage(request);
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
            String text = object.numeric(entry.id())
                    ? number(payload, entry)
                    : new String(payload, entry.from(), entry.length(), StandardCharsets.UTF_8);
            ResponseCode answer =
                    object.writable(entry.id()) ? object.write(entry.id(), text) : ResponseCode.METHOD_NOT_ALLOWED;
            if (answer != ResponseCode.CHANGED) {
                return answer;
            }
        }
        return ResponseCode.CHANGED;
    }

    private static String number(byte[] payload, TlvReader.Entry entry) {
        return entry.length() < 1 || entry.length() > 8
                ? ""
                : new BigInteger(payload, entry.from(), entry.length()).toString();
    }
}
