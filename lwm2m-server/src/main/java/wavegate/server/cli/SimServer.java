package wavegate.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.child.ChildJvm;
import wavegate.sim.LocalServer;
import wavegate.sim.device.ModuleModel;

/** The server the simulator starts for itself: {@link SimServerMain} in a child process, its data in a temporary directory. */
final class SimServer implements LocalServer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int IMAGE_BYTES = 256 * 1024;
    private static final int LEAST_HEAP_MIB = 384;
    /** What a registered device with its messages of the last minutes takes of the heap, with room for the collector. */
    private static final int HEAP_BYTES_PER_DEVICE = 12 * 1024;

    private final Order order;
    private final WorkDirectory directory;
    private final ChildJvm child;
    private final InetSocketAddress coap;
    private final String page;
    private Optional<String> released = Optional.empty();

    private SimServer(Order order, WorkDirectory directory) throws IOException {
        this.order = order;
        this.directory = directory;
        this.child = new ChildJvm(
                List.of(),
                List.of(
                        "-Xmx" + heapMib(order.devices()) + "m",
                        "-XX:+UseG1GC",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-DWAVEGATE_LOG_LEVEL=WARN"),
                SimServerMain.class,
                List.of(directory.path().toString(), String.valueOf(order.devices()), String.valueOf(order.seed())),
                directory.path().resolve("server.log"));
        JsonNode ready = JSON.readTree(child.ready());
        this.coap = new InetSocketAddress(
                InetAddress.getByName("127.0.0.1"), ready.path("coap").asInt());
        this.page = "http://127.0.0.1:" + ready.path("http").asInt() + "/";
    }

    /** @throws IOException if it does not come up */
    static SimServer start(Order order) throws IOException {
        WorkDirectory directory = WorkDirectory.of(null, "wavegate-sim-");
        try {
            return new SimServer(order, directory);
        } catch (IOException e) {
            directory.close();
            throw e;
        }
    }

    static int heapMib(int devices) {
        return LEAST_HEAP_MIB + (int) (((long) devices * HEAP_BYTES_PER_DEVICE) >> 20);
    }

    @Override
    public InetSocketAddress coap() {
        return coap;
    }

    @Override
    public String page() {
        return page;
    }

    @Override
    public long processId() {
        return child.processId();
    }

    private JsonNode ask(ObjectNode question) throws IOException {
        JsonNode answer = JSON.readTree(child.ask(question.toString()));
        if (answer.has("error")) {
            throw new IOException("the server refused: " + answer.get("error").asText());
        }
        return answer;
    }

    private static ObjectNode question(String what) {
        return JsonNodeFactory.instance.objectNode().put("ask", what);
    }

    @Override
    public long identified() throws IOException {
        return ask(question("identified")).path("identified").asLong();
    }

    @Override
    public Optional<String> released() {
        return released;
    }

    @Override
    public void startCampaign(CampaignOrder campaign) throws IOException {
        byte[] payload = new byte[IMAGE_BYTES];
        new Random(order.seed()).nextBytes(payload);
        Path image = directory.path().resolve("firmware.img");
        Files.write(image, order.scenario().firmware(payload, SimServerMain.NEW_VERSION));
        ModuleModel model = order.scenario().population().models().get(0).value();
        ask(question("campaign")
                .put("image", image.toString())
                .put("manufacturer", model.manufacturer())
                .put("model", model.model())
                .put("hardware", model.hardware())
                .put("share", campaign.share())
                .put("leftMs", campaign.left().toMillis())
                .put("telemetryMs", campaign.telemetryPeriod().toMillis())
                .put("crashesPerHour", campaign.crashesPerHour()));
        released = Optional.of(Sha256.of(payload).hex());
    }

    @Override
    public CampaignView campaign() throws IOException {
        JsonNode status = ask(question("status"));
        SortedMap<String, Integer> updates = new TreeMap<>();
        status.path("updates")
                .properties()
                .forEach(entry -> updates.put(entry.getKey(), entry.getValue().asInt()));
        return new CampaignView(
                status.path("phase").asText(),
                status.path("reason").asText(),
                status.path("gate").asText(),
                status.path("waveSize").asInt(),
                updates,
                status.path("stopped").asBoolean());
    }

    @Override
    public void close() {
        child.close();
        try {
            directory.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the data of the server is left in " + directory.path(), e);
        }
    }
}
