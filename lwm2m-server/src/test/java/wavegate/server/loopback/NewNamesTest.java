package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Token;
import org.eclipse.californium.core.network.serialization.UdpDataParser;
import org.eclipse.californium.core.network.serialization.UdpDataSerializer;
import org.eclipse.californium.elements.AddressEndpointContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names made up by whoever can send a datagram: how many of them become devices, and what a device notices of it. */
class NewNamesTest {
    private static final int FROM_ONE_SOURCE = 20;
    private static final int FROM_ALL = 50;

    private static int nextMid = 1;

    @TempDir
    Path directory;

    @Test
    void so_many_made_up_names_become_devices_and_a_known_device_registers_at_once() throws Exception {
        String limits =
                """
                limits:
                  new-names-per-minute: %d
                  source-new-names-per-minute: %d
                """
                        .formatted(FROM_ALL, FROM_ONE_SOURCE);
        try (WholeServer whole = new WholeServer(directory, limits)) {
            InetSocketAddress coap = whole.server.coapAddress().orElseThrow();
            long begun = System.nanoTime();
            assertThat(register(coap, "127.40.0.1", "pump-1")).isEqualTo(ResponseCode.CREATED);
            await("known").until(() -> whole.server.view().deviceCount() == 1);
            end(coap, whole, "pump-1");

            int taken = 0;
            int refused = 0;
            for (int source = 0; source < 5; source++) {
                for (int name = 0; name < 60; name++) {
                    ResponseCode code = register(coap, "127.40." + source + ".2", "made-up-" + source + "-" + name);
                    taken += code == ResponseCode.CREATED ? 1 : 0;
                    refused += code == ResponseCode.TOO_MANY_REQUESTS ? 1 : 0;
                }
                assertThat(taken).as("of %d sources", source + 1).isLessThanOrEqualTo(atMost(begun, source + 1));
            }

            assertThat(taken + refused).isEqualTo(300);
            long known = 1L + taken;
            await("in the view")
                    .untilAsserted(
                            () -> assertThat(whole.server.view().deviceCount()).isEqualTo(known));
            assertThat(taken).isGreaterThanOrEqualTo(FROM_ALL - 1);
            // From the source that has used up its share, and from one that made up all of its names.
            long at = System.nanoTime();
            assertThat(register(coap, "127.40.0.1", "pump-1")).isEqualTo(ResponseCode.CREATED);
            assertThat(Duration.ofNanos(System.nanoTime() - at)).isLessThan(Duration.ofSeconds(2));
            assertThat(register(coap, "127.40.4.2", "pump-1")).isEqualTo(ResponseCode.CREATED);
            assertThat(register(coap, "127.40.4.2", "pump-2")).isEqualTo(ResponseCode.TOO_MANY_REQUESTS);
        }
    }

    /** What is there at once, and what has come since. */
    private static int atMost(long begun, int sources) {
        double minutes = (System.nanoTime() - begun) / 60e9;
        return (int) Math.ceil(Math.min(FROM_ALL * (1 + minutes), sources * FROM_ONE_SOURCE * (1 + minutes)));
    }

    private static void end(InetSocketAddress coap, WholeServer whole, String name) throws IOException {
        String id = whole.server
                .sessions()
                .find(new wavegate.firmware.device.Endpoint(name))
                .orElseThrow()
                .registrationId();
        assertThat(exchange(coap, "127.40.0.1", new Request(Code.DELETE), "rd/" + id))
                .isEqualTo(ResponseCode.DELETED);
    }

    private static ResponseCode register(InetSocketAddress coap, String from, String name) throws IOException {
        Request request = new Request(Code.POST);
        request.getOptions()
                .addUriQuery("ep=" + name)
                .addUriQuery("lt=300")
                .addUriQuery("lwm2m=1.1")
                .addUriQuery("b=U")
                .setContentFormat(40);
        request.setPayload("</1/0>,</3/0>".getBytes(StandardCharsets.US_ASCII));
        return exchange(coap, from, request, "rd");
    }

    /** Sent again each second, like a device would. */
    private static ResponseCode exchange(InetSocketAddress coap, String from, Request request, String path)
            throws IOException {
        request.setConfirmable(true);
        request.getOptions().setUriPath(path);
        request.setToken(new Token(new byte[] {1, 2, 3, 4}));
        // One each: a port that comes again with the same id would be answered for the request before.
        request.setMID(nextMid++);
        request.setDestinationContext(new AddressEndpointContext(coap));
        byte[] bytes = new UdpDataSerializer().getByteArray(request);
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.getByName(from), 0))) {
            socket.setSoTimeout(1000);
            int lost = 0;
            while (lost < 10) {
                socket.send(new DatagramPacket(bytes, bytes.length, coap));
                try {
                    while (true) {
                        DatagramPacket answer = new DatagramPacket(new byte[2048], 2048);
                        socket.receive(answer);
                        byte[] got = java.util.Arrays.copyOf(answer.getData(), answer.getLength());
                        if (new UdpDataParser().parseMessage(got)
                                instanceof org.eclipse.californium.core.coap.Response response) {
                            return response.getCode();
                        }
                    }
                } catch (SocketTimeoutException e) {
                    lost++;
                }
            }
        }
        throw new IOException("no answer to " + request);
    }
}
