package wavegate.sim.device;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.eclipse.californium.core.coap.BlockOption;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.EmptyMessage;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import wavegate.firmware.object.StateTransitions.Trigger;
import wavegate.firmware.object.UpdateState;
import wavegate.sim.coap.CoapCodec;

/** One device on the bench: a clock turned by hand, its messages in a tray, a server that answers Register, Update and Send by itself. */
final class DeviceRig {
    record Taken(UpdateState from, Trigger trigger, UpdateState to, int result) {}

    static final InetSocketAddress SERVER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 5683);
    static final DeviceSettings.Timing TIMING = new DeviceSettings.Timing(
            300,
            Duration.ofMinutes(15),
            Duration.ofMinutes(5),
            Duration.ofSeconds(20),
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(93));
    static final DeviceSettings.Health STEADY = new DeviceSettings.Health(0, 0, 4, 0);
    static final ModuleModel MODEL =
            new ModuleModel("Wavegate Labs", "WG-100", "rev-b", "1.0.0", "ab-8m", 64 << 10, 2400);

    final List<Taken> transitions = new ArrayList<>();
    final List<Request> sendRequests = new ArrayList<>();
    final List<Request> registrations = new ArrayList<>();
    final Deque<Message> sent = new ArrayDeque<>();
    final VirtualDevice device;
    final List<InetSocketAddress> ended = new ArrayList<>();
    final List<InetSocketAddress> renewed = new ArrayList<>();
    InetSocketAddress lastPeer = SERVER;
    int rebinds;
    boolean serverUp = true;
    boolean registrationKnown;
    int registers;
    int updates;
    int sends;
    long now = 1_700_000_000_000L;
    private int mid = 100;

    DeviceRig(DeviceProfile profile) {
        this(profile, STEADY, DeviceSettings.Faults.NONE, 1);
    }

    DeviceRig(DeviceProfile profile, DeviceSettings.Health health, DeviceSettings.Faults faults, double timeFactor) {
        this(profile, FirstContact.plain(SERVER), health, faults, Failures.NONE, timeFactor);
    }

    /** A device with a fate. */
    DeviceRig(DeviceProfile profile, Failures failures) {
        this(profile, FirstContact.plain(SERVER), STEADY, DeviceSettings.Faults.NONE, failures, 1);
    }

    static DeviceRig of(DeviceProfile profile, ModuleModel model) {
        return new DeviceRig(
                profile,
                FirstContact.plain(SERVER),
                STEADY,
                DeviceSettings.Faults.NONE,
                Failures.NONE,
                1,
                new SharedImages(),
                model);
    }

    /** A device that left the factory with the image, whose bytes are known. */
    static DeviceRig withBase(DeviceProfile profile, byte[] image) {
        SharedImages known = new SharedImages();
        known.provide(image);
        return new DeviceRig(
                profile,
                FirstContact.plain(SERVER),
                STEADY,
                DeviceSettings.Faults.NONE,
                Failures.NONE,
                1,
                known,
                MODEL);
    }

    /** A device that begins with a bootstrap server; its request for an account stays in the tray. */
    static DeviceRig bootstrapping(FirstContact first) {
        return new DeviceRig(DeviceProfile.SPEC, first, STEADY, DeviceSettings.Faults.NONE, Failures.NONE, 1);
    }

    private DeviceRig(
            DeviceProfile profile,
            FirstContact first,
            DeviceSettings.Health health,
            DeviceSettings.Faults faults,
            Failures failures,
            double timeFactor) {
        this(profile, first, health, faults, failures, timeFactor, new SharedImages(), MODEL);
    }

    private DeviceRig(
            DeviceProfile profile,
            FirstContact first,
            DeviceSettings.Health health,
            DeviceSettings.Faults faults,
            Failures failures,
            double timeFactor,
            SharedImages images,
            ModuleModel model) {
        DeviceSettings settings = new DeviceSettings(
                first, timeFactor, TIMING, health, DeviceSettings.Coap.STANDARD, faults, failures, List.of());
        ModuleIdentity identity = new ModuleIdentity(0, ModuleIdentity.endpoint(1, 0), model, "north", "aurora");
        Outlet outlet = new Outlet() {
            @Override
            public void send(InetSocketAddress peer, byte[] datagram) {
                lastPeer = peer;
                sent.add(CoapCodec.decode(datagram).message().orElseThrow());
            }

            @Override
            public void rebind() {
                rebinds++;
            }

            @Override
            public void endSession(InetSocketAddress peer) {
                ended.add(peer);
            }

            @Override
            public void renewSession(InetSocketAddress peer) {
                renewed.add(peer);
            }
        };
        DeviceContext context = new DeviceContext(
                identity,
                profile,
                settings,
                new SplittableRandom(7),
                outlet,
                first.bootstrap() ? new Accounts(first, new SharedImages()) : null);
        device = new VirtualDevice(
                context,
                images,
                (from, trigger, to, result) -> transitions.add(new Taken(from, trigger, to, result.code())));
    }

    DeviceRig registered() {
        device.start(now);
        run(Duration.ofSeconds(1));
        if (!device.registered()) {
            throw new AssertionError("the device did not register");
        }
        return this;
    }

    /** Turns the clock, waking the device whenever it asks, and plays the server's part for the device's own requests. */
    void run(Duration time) {
        long end = now + time.toMillis();
        serve();
        while (device.wakeAt() <= end) {
            now = Math.max(now, device.wakeAt());
            device.wake(now);
            serve();
        }
        now = end;
    }

    /** The Sends that tell of State and Update Result. */
    List<Request> statusSends() {
        return sendRequests.stream()
                .filter(request -> new String(request.getPayload(), StandardCharsets.ISO_8859_1).contains("5/0/5"))
                .toList();
    }

    /** Answers Register, Update, Send and confirmable notifications; everything else stays in the tray. */
    private void serve() {
        List<Message> rest = new ArrayList<>();
        while (!sent.isEmpty()) {
            Message message = sent.remove();
            if (!serverUp) {
                continue;
            }
            boolean forServer = message instanceof Request request
                    && !request.getOptions().getUriPathString().equals("bs");
            if (forServer && message instanceof Request request && request.getCode() == CoAP.Code.POST) {
                answerPost(request);
            } else {
                if (message instanceof Response response && response.getType() == CoAP.Type.CON) {
                    receive(EmptyMessage.newACK(response));
                }
                rest.add(message);
            }
        }
        sent.addAll(rest);
    }

    private void answerPost(Request request) {
        List<String> path = request.getOptions().getUriPath();
        Response response = new Response(registrationKnown ? ResponseCode.CHANGED : ResponseCode.NOT_FOUND);
        if (path.equals(List.of("rd"))) {
            registers++;
            registrations.add(request);
            registrationKnown = true;
            response = new Response(ResponseCode.CREATED);
            response.getOptions().addLocationPath("rd").addLocationPath("a" + registers);
        } else if (path.get(0).equals("rd")) {
            updates++;
        } else {
            sends++;
            sendRequests.add(request);
        }
        answer(request, response);
    }

    void answer(Request request, Response response) {
        response.setType(CoAP.Type.ACK).setMID(request.getMID());
        response.setToken(request.getToken());
        receive(response);
    }

    void receive(Message message) {
        device.receive(now, lastPeer, CoapCodec.encode(message));
    }

    /** A request from another peer than the server, and its answer out of the tray. */
    Response askFrom(InetSocketAddress peer, Request request) {
        mid++;
        request.setType(CoAP.Type.CON).setMID(mid).setToken(new byte[] {(byte) mid, 2});
        device.receive(now, peer, CoapCodec.encode(request));
        return takeAnswer(request);
    }

    /** Sends a request to the device and takes its answer out of the tray. */
    Response ask(Request request) {
        mid++;
        request.setType(CoAP.Type.CON).setMID(mid);
        if (request.getToken() == null) {
            request.setToken(new byte[] {(byte) mid, 1});
        }
        return askAgain(request);
    }

    Response askAgain(Request request) {
        receive(request);
        return takeAnswer(request);
    }

    /** A module may take its time. */
    private Response takeAnswer(Request request) {
        Optional<Response> answer = answerTo(request);
        for (int i = 0; i < 20 && answer.isEmpty(); i++) {
            run(Duration.ofMillis(250));
            answer = answerTo(request);
        }
        return answer.orElseThrow(() -> new AssertionError("no answer to " + request));
    }

    private Optional<Response> answerTo(Request request) {
        for (Message message : List.copyOf(sent)) {
            if (message instanceof Response response
                    && response.getType() == CoAP.Type.ACK
                    && response.getMID() == request.getMID()) {
                sent.remove(message);
                return Optional.of(response);
            }
        }
        return Optional.empty();
    }

    static Request request(CoAP.Code code, String path) {
        Request request = new Request(code, CoAP.Type.CON);
        request.getOptions().setUriPath(path);
        return request;
    }

    Response get(String path) {
        return ask(request(CoAP.Code.GET, path));
    }

    String text(String path) {
        return get(path).getPayloadString();
    }

    /** State and Update Result as read, {@code "2/0"}. */
    String status() {
        return text("5/0/3") + "/" + text("5/0/5");
    }

    ResponseCode write(String path, String text) {
        Request request = request(CoAP.Code.PUT, path);
        request.getOptions().setContentFormat(MediaTypeRegistry.TEXT_PLAIN);
        request.setPayload(text);
        return ask(request).getCode();
    }

    ResponseCode execute(String path) {
        return ask(request(CoAP.Code.POST, path)).getCode();
    }

    Response block(byte[] image, int num, int size) {
        Request request = request(CoAP.Code.PUT, "5/0/0");
        int from = num * size;
        int to = Math.min(image.length, from + size);
        request.getOptions()
                .setContentFormat(MediaTypeRegistry.APPLICATION_OCTET_STREAM)
                .setBlock1(BlockOption.size2Szx(size), to < image.length, num);
        request.setPayload(Arrays.copyOfRange(image, from, to));
        return ask(request);
    }

    /** Pushes the whole image; the answer is that to the last block. */
    Response push(byte[] image, int size) {
        Response last = block(image, 0, size);
        for (int num = 1; num * size < image.length; num++) {
            last = block(image, num, size);
        }
        return last;
    }

    /** The device's next GET; what lies before it in the tray is dropped. */
    Request nextGet() {
        while (!sent.isEmpty()) {
            if (sent.remove() instanceof Request request && request.getCode() == CoAP.Code.GET) {
                return request;
            }
        }
        throw new AssertionError("the device asks for nothing");
    }

    /** Answers block requests out of the image until the device stops asking. */
    void servePull(byte[] image) {
        while (sent.stream().anyMatch(Request.class::isInstance)) {
            Request request = nextGet();
            answer(request, blockOf(image, request, new byte[] {1}));
        }
    }

    static Response blockOf(byte[] image, Request request, byte[] etag) {
        BlockOption wanted = request.getOptions().getBlock2();
        int to = Math.min(image.length, wanted.getOffset() + wanted.getSize());
        Response response = new Response(ResponseCode.CONTENT);
        response.getOptions()
                .setBlock2(wanted.getSzx(), to < image.length, wanted.getNum())
                .addETag(etag);
        response.setPayload(Arrays.copyOfRange(image, wanted.getOffset(), to));
        return response;
    }

    static byte[] image(ImageSpec spec) {
        byte[] payload = new byte[3000];
        new SplittableRandom(3).nextBytes(payload);
        return ModuleImage.wrap(payload, spec);
    }

    static ImageSpec good() {
        return ImageSpec.good("2.0.0", MODEL.partitionLayout());
    }
}
