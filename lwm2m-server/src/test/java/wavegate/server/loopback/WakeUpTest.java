package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.WavePlan;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdatePolicy;

/**
 * A queue-mode device that falls asleep in the midst of its update, again and again. What is to be asked of it waits in the ledger, over a restart
 * too, and goes out one at a time as soon as it is heard: by an Update, a Send, a Register.
 */
class WakeUpTest {
    private static final Endpoint NAME = new Endpoint("m-1");
    private static final UpdateId UPDATE = new UpdateId(WholeServer.CAMPAIGN, NAME);
    private static final Duration AT_ONCE = Duration.ofSeconds(2);
    /** As long as it takes to give up a message, and more. */
    private static final Duration GIVEN_UP = Duration.ofSeconds(20);

    private static final Map<String, String> RESOURCES =
            Map.of("3/0/0", "Acme", "3/0/1", "M-1", "3/0/3", "1.0.0", "3/0/18", "rev-b", "5/0/3", "0", "5/0/5", "0");

    @TempDir
    private Path directory;

    /** What the device does not answer, and all after it: it sleeps from there on. Empty: it is awake. */
    private final AtomicReference<String> sleepsAt = new AtomicReference<>("");

    private volatile boolean asleep;

    private @Nullable Response answer(Request request) {
        String path = request.getOptions().getUriPathString();
        asleep |= !sleepsAt.get().isEmpty() && (request.getCode() + " " + path).equals(sleepsAt.get());
        if (asleep) {
            return null;
        }
        if (request.getCode() != Code.GET) {
            return new Response(ResponseCode.CHANGED);
        }
        String text = RESOURCES.get(path);
        if (text == null) {
            return new Response(ResponseCode.METHOD_NOT_ALLOWED);
        }
        Response response = new Response(ResponseCode.CONTENT);
        response.getOptions().setContentFormat(0);
        response.setPayload(text);
        return response;
    }

    private WholeServer server(int port) throws Exception {
        return new WholeServer(
                directory,
                "coap: {enabled: true, host: 127.0.0.1, port: " + port + "}\ndelivery: {ack-timeout: 100ms}");
    }

    private static Update update(WholeServer server) {
        return server.server.view().update(UPDATE).orElseThrow();
    }

    private static void waits(WholeServer server, String where) {
        await(where).atMost(GIVEN_UP).untilAsserted(() -> assertThat(
                        server.server.view().update(UPDATE).map(Update::where))
                .contains(where));
    }

    /** Hears nothing for a while, and what it did hear since it fell asleep was one message and its repetitions. */
    private static void isLeftAlone(RawDevice device, int before) {
        int heard = device.wire.size();
        assertThat(device.wire.subList(before, heard).stream().map(Request::getMID))
                .as("message ids while asleep")
                .hasSizeGreaterThan(1)
                .containsOnly(device.wire.get(before).getMID());
        await().during(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(2)).until(() -> device.wire.size() == heard);
    }

    private void wakes(RawDevice device, String next, String sleepsNextAt, Wake wake) throws Exception {
        int heard = device.wire.size();
        sleepsAt.set(sleepsNextAt);
        asleep = false;
        wake.up();
        await("asked at once").atMost(AT_ONCE).until(() -> device.wire.size() > heard);
        assertThat(device.wire.get(heard).getOptions().getUriPathString()).isEqualTo(next);
        await("asleep again").atMost(AT_ONCE).until(() -> asleep || sleepsNextAt.isEmpty());
    }

    private interface Wake {
        void up() throws Exception;
    }

    private static int firstUnanswered(RawDevice device, String path) {
        int last = -1;
        for (int i = 0; i < device.wire.size(); i++) {
            boolean repeated = last >= 0
                    && device.wire.get(i).getMID() == device.wire.get(last).getMID();
            if (!repeated && device.wire.get(i).getOptions().getUriPathString().equals(path)) {
                last = i;
            }
        }
        return last;
    }

    @Test
    void what_waits_for_a_sleeper_goes_out_when_it_is_heard_also_after_a_restart() throws Exception {
        int port;
        try (DatagramSocket free = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Release release = Release.of(directory, Release.bytes(4000), "Acme", "M-1", "rev-b");
        try (RawDevice device =
                new RawDevice(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), this::answer)) {
            String id;
            try (WholeServer first = server(port)) {
                id = registered(device);
                first.knows(1, Duration.ofSeconds(20));
                sleepsAt.set("GET 5/0");
                WavePlan waves = new WavePlan("", 1, 1, 1, List.of(1.0), 9, 5000, 1, Duration.ofMinutes(10));
                first.start(new CampaignSpec(
                        "sleeper",
                        first.upload(release),
                        DeviceFilter.ALL,
                        waves,
                        Trial.QUICK.gate(),
                        UpdatePolicy.DEFAULT,
                        0.001,
                        10,
                        1));
                waits(first, "CHECKING/waiting-for-device");
                isLeftAlone(device, firstUnanswered(device, "5/0"));
            }
            try (WholeServer second = server(port)) {
                int heard = device.wire.size();
                assertThat(update(second).where()).isEqualTo("CHECKING/waiting-for-device");
                await().during(Duration.ofSeconds(1))
                        .atMost(Duration.ofSeconds(2))
                        .until(() -> device.wire.size() == heard);

                wakes(device, "5/0", "GET 3/0", () -> assertThat(
                                device.updateRegistration(id).getCode())
                        .isEqualTo(ResponseCode.CHANGED));
                waits(second, "CHECKING/waiting-for-device");
                isLeftAlone(device, firstUnanswered(device, "3/0"));

                wakes(device, "5/0", "PUT 5/0/1", () -> assertThat(
                                device.send(battery()).getCode())
                        .isEqualTo(ResponseCode.CHANGED));
                waits(second, "DOWNLOADING/waiting-for-device");
                isLeftAlone(device, firstUnanswered(device, "5/0/1"));

                // Observed anew first: what was observed is gone with the old registration.
                wakes(device, "5/0/3", "", () -> registered(device));
                await("goes on")
                        .atMost(AT_ONCE)
                        .untilAsserted(() -> assertThat(update(second).where()).isEqualTo("DOWNLOADING/pull"));
                assertThat(update(second).attempt()).isEqualTo(1);
                await("Package URI on the wire").atMost(AT_ONCE).untilAsserted(() -> assertThat(device.wire.stream()
                                .filter(request -> request.getCode() == Code.PUT
                                        && request.getOptions()
                                                .getUriPathString()
                                                .equals("5/0/1"))
                                .map(Request::getMID)
                                .distinct())
                        .hasSize(2));
            }
        }
    }

    private static String registered(RawDevice device) throws InterruptedException {
        Response response = device.register(RawDevice.LINKS, "ep=" + NAME, "lt=300", "lwm2m=1.1", "b=U", "Q");
        assertThat(response.getCode()).isEqualTo(ResponseCode.CREATED);
        return response.getOptions().getLocationPath().get(1);
    }

    private static Request battery() {
        Request request = new Request(Code.POST);
        request.getOptions().addUriPath("dp").setContentFormat(110);
        request.setPayload("[{\"n\":\"/3/0/9\",\"v\":50}]".getBytes(StandardCharsets.UTF_8));
        return request;
    }
}
