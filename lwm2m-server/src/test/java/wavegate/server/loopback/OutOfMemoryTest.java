package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Token;
import org.eclipse.californium.core.network.serialization.UdpDataSerializer;
import org.eclipse.californium.elements.AddressEndpointContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.sim.coap.Transport;
import wavegate.sim.coap.Transports;

/** A server whose heap is too small for the fleet it is asked to serve: it ends, instead of holding its ports and answering nobody. */
class OutOfMemoryTest {
    private static final String TOKEN = "a-token-for-tests";
    private static final int LABELLED = 20;
    private static final int MOST_DEVICES = 60_000;

    @TempDir
    Path directory;

    @Test
    void a_server_out_of_memory_ends_and_another_on_its_data_has_all_that_was_acknowledged() throws Exception {
        Path data = Files.createDirectories(directory.resolve("data"));
        Path output = directory.resolve("server.log");
        int httpPort = ChildServer.freeTcpPort();
        InetSocketAddress coap = new InetSocketAddress(InetAddress.getLoopbackAddress(), ServerUnderTest.freePort());
        Map<String, String> environment = new HashMap<>(ChildServer.withoutDtls(data, TOKEN, coap.getPort(), httpPort));
        environment.put("WAVEGATE_LIMITS_LINKS", "128");
        Rest rest = new Rest(httpPort, TOKEN);
        Map<String, String> acknowledged = new TreeMap<>();

        List<String> options = new java.util.ArrayList<>(launchersOptions());
        options.add("-Xmx56m");
        Duration died;
        try (ChildServer server = ChildServer.start(output, environment, options, "server");
                Transport transport = Transports.open(Transports.Kind.PKTINFO, MOST_DEVICES, coap)) {
            server.answers(rest);
            int registered = 0;
            for (; registered < LABELLED; registered++) {
                transport.send(registered, coap, register(registered));
            }
            transport.poll(0, (device, peer, datagram) -> {});
            await("devices known")
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> rest.all("/devices?limit=100").size() == LABELLED);
            for (int i = 0; i < LABELLED; i++) {
                String region = "region-" + i;
                rest.patch("/devices/" + name(i), "{\"region\": \"" + region + "\"}");
                acknowledged.put(name(i), region);
            }
            rest.post("/kill-switches", "{\"scope\": \"region\", \"value\": \"region-7\", \"reason\": \"test\"}");

            // The fleet comes: each device with as many objects as it may have.
            while (server.isAlive() && registered < MOST_DEVICES) {
                for (int i = 0; i < 20 && registered < MOST_DEVICES; i++, registered++) {
                    transport.send(registered, coap, register(registered));
                }
                transport.poll(10, (device, peer, datagram) -> {});
            }
            long at = System.nanoTime();
            int code = server.ended();
            died = Duration.ofNanos(System.nanoTime() - at);
            System.out.printf("out of memory: exit code %d after %d devices%n", code, registered);

            assertThat(code).isNotZero();
            assertThat(server.output()).contains("OutOfMemoryError");
            assertThat(died).isLessThan(Duration.ofSeconds(10));
        }
        portIsFree(httpPort);

        try (ChildServer server = ChildServer.start(output, environment)) {
            server.answers(rest);
            Map<String, String> regions = new TreeMap<>();
            for (JsonNode device : rest.all("/devices?limit=1000")) {
                String name = device.path("endpoint").asText();
                if (acknowledged.containsKey(name)) {
                    regions.put(
                            name, device.path("operatorLabels").path("region").asText());
                }
            }
            assertThat(regions).isEqualTo(acknowledged);
            assertThat(rest.get("/kill-switches").path("items")).hasSize(1);
            assertThat(server.terminate()).isIn(0, 143);
        }
    }

    /** What the launcher gives the JVM, from the launcher itself. */
    private static List<String> launchersOptions() throws IOException {
        String launcher = Files.readString(Path.of("..", "wavegate"));
        Matcher line = Pattern.compile("(?m)^exec \"\\$java\"(.*)").matcher(launcher);
        assertThat(line.find()).as("a line of the launcher that runs Java").isTrue();
        List<String> options = Pattern.compile("-XX:\\S+")
                .matcher(line.group(1))
                .results()
                .map(java.util.regex.MatchResult::group)
                .toList();
        assertThat(options).isNotEmpty();
        return options;
    }

    private static void portIsFree(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        }
    }

    private static String name(int device) {
        return "module-" + device;
    }

    private static byte[] register(int device) {
        Request request = new Request(Code.POST);
        request.setConfirmable(true);
        request.setMID(device & 0xffff);
        request.setToken(new Token(new byte[] {(byte) (device >> 8), (byte) device}));
        request.getOptions()
                .setUriPath("rd")
                .addUriQuery("ep=" + name(device))
                .addUriQuery("lt=86400")
                .addUriQuery("lwm2m=1.1")
                .addUriQuery("b=U")
                .setContentFormat(40);
        // No two devices have the same, so that nothing can be shared between them.
        String links = IntStream.range(0, 100)
                .mapToObj(object -> "</" + object + "/" + device % 10_000 + ">")
                .collect(Collectors.joining(",", "</1/0>,</3/0>,", ""));
        request.setPayload(links.getBytes(StandardCharsets.US_ASCII));
        request.setDestinationContext(new AddressEndpointContext("127.0.0.1", 5683));
        return new UdpDataSerializer().getByteArray(request);
    }
}
