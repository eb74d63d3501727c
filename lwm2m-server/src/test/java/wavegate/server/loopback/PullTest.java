package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.AddressEndpointContext;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.pskstore.AdvancedSinglePskStore;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import wavegate.bootstrap.credential.Credential;
import wavegate.firmware.campaign.KillScope;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.DispatchScope;
import wavegate.server.rollout.RolloutInput;

/** The Block2 resource, block by block. */
class PullTest {
    private static final String TOKEN = "0123456789abcdef";

    private ServerUnderTest server;
    private RawDevice device;
    private byte[] image;

    @BeforeEach
    void start() throws Exception {
        server = new ServerUnderTest();
        device = new RawDevice(server, request -> null);
        image = ServerUnderTest.image(100_000);
        DispatchScope scope = server.packageOf(image);
        server.grant(TOKEN, "raw-1", scope, image);
    }

    @AfterEach
    void stop() {
        device.close();
        server.close();
    }

    private static Request get(String token, int szx, int num) {
        Request request = new Request(Code.GET);
        request.getOptions().addUriPath("fw").addUriPath(token).setBlock2(szx, false, num);
        return request;
    }

    @Test
    void every_block_is_served_by_itself_in_any_order() throws Exception {
        byte[] pulled = new byte[image.length];
        for (int num = (image.length - 1) / 512; num >= 0; num--) {
            Response response = device.send(get(TOKEN, 5, num));

            assertThat(response.getCode()).isEqualTo(ResponseCode.CONTENT);
            assertThat(response.getOptions().getBlock2().getNum()).isEqualTo(num);
            assertThat(response.getOptions().getBlock2().isM()).isEqualTo((num + 1) * 512 < image.length);
            System.arraycopy(response.getPayload(), 0, pulled, num * 512, response.getPayloadSize());
        }
        assertThat(pulled).isEqualTo(image);
    }

    @Test
    void a_get_without_block_option_begins_with_the_largest_block() throws Exception {
        Request request = new Request(Code.GET);
        request.getOptions().addUriPath("fw").addUriPath(TOKEN);

        Response response = device.send(request);

        assertThat(response.getPayload()).isEqualTo(Arrays.copyOf(image, 1024));
        assertThat(response.getOptions().getSize2()).isEqualTo(image.length);
        assertThat(response.getOptions().getContentFormat()).isEqualTo(42);
        assertThat(response.getOptions().getETags())
                .containsExactly(Arrays.copyOf(Sha256.of(image).bytes(), 8));
    }

    @Test
    void a_device_that_moves_goes_on_where_it_was() throws Exception {
        ByteArrayOutputStream pulled = new ByteArrayOutputStream();
        for (int num = 0; num * 1024 < image.length; num++) {
            if (num == 40) {
                device.move();
            }
            pulled.writeBytes(device.send(get(TOKEN, 6, num)).getPayload());
        }
        assertThat(pulled.toByteArray()).isEqualTo(image);
    }

    @Test
    void blocks_are_served_over_dtls_too() throws Exception {
        byte[] key = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
        server.knows(new Credential.Psk("raw-1", "id-1", key));
        Configuration configuration = Configuration.createStandardWithoutFile();
        // No block-wise layer: each block is a request of its own.
        configuration.set(CoapConfig.MAX_RESOURCE_BODY_SIZE, 0);
        DtlsConnectorConfig dtls = DtlsConnectorConfig.builder(configuration)
                .setAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .setAdvancedPskStore(new AdvancedSinglePskStore("id-1", key))
                .build();
        CoapEndpoint endpoint = CoapEndpoint.builder()
                .setConfiguration(configuration)
                .setConnector(new DTLSConnector(dtls))
                .build();
        endpoint.start();
        try {
            for (int num : new int[] {0, 50, 97}) {
                Request request = get(TOKEN, 6, num);
                request.setDestinationContext(new AddressEndpointContext(server.address(Protocol.COAPS)));
                endpoint.sendRequest(request);

                Response response = request.waitForResponse(10_000);
                assertThat(response.getPayload())
                        .isEqualTo(Arrays.copyOfRange(image, num * 1024, Math.min(image.length, (num + 1) * 1024)));
            }
        } finally {
            endpoint.destroy();
        }
    }

    @Test
    void a_block_from_memory_and_one_from_disk_are_the_same_message() throws Exception {
        for (int[] block : new int[][] {{6, 0}, {6, 97}, {2, 0}, {2, 300}, {0, 6249}}) {
            server.artifacts.onDisk = true;
            Response slow = device.send(get(TOKEN, block[0], block[1]));
            server.artifacts.onDisk = false;
            Response fast = device.send(get(TOKEN, block[0], block[1]));

            assertThat(fast.getPayload()).isEqualTo(slow.getPayload());
            assertThat(fast.getOptions()).hasToString(slow.getOptions().toString());
            assertThat(fast.getCode()).isEqualTo(slow.getCode());
        }
    }

    @Test
    void what_is_answered_below_the_stack_counts_as_a_dispatch_and_as_progress() throws Exception {
        device.send(get(TOKEN, 6, 0));
        device.send(get(TOKEN, 6, 97));

        server.inbox.next(RolloutInput.BytesMoved.class, moved -> moved.bytesSoFar() == image.length);
        assertThat(server.fence.raise(new KillScope(KillScope.Kind.ALL, "")).lastDispatchAt())
                .isPresent();
        assertThat(device.send(get(TOKEN, 6, 0)).getCode()).isEqualTo(ResponseCode.FORBIDDEN);
    }

    @Test
    void a_token_nobody_gave_is_not_found() throws Exception {
        assertThat(device.send(get("ffffffffffffffff", 6, 0)).getCode()).isEqualTo(ResponseCode.NOT_FOUND);
        Request bare = new Request(Code.GET);
        bare.getOptions().addUriPath("fw");
        assertThat(device.send(bare).getCode()).isEqualTo(ResponseCode.NOT_FOUND);
    }

    @Test
    void a_block_beyond_the_end_is_a_bad_option() throws Exception {
        assertThat(device.send(get(TOKEN, 6, 98)).getCode()).isEqualTo(ResponseCode.BAD_OPTION);
        assertThat(device.send(get(TOKEN, 6, 97)).getCode()).isEqualTo(ResponseCode.CONTENT);
    }

    @Test
    void a_damaged_artifact_is_an_error_of_the_server_and_counted() throws Exception {
        server.artifacts.damaged = true;

        assertThat(device.send(get(TOKEN, 6, 0)).getCode()).isEqualTo(ResponseCode.INTERNAL_SERVER_ERROR);
        assertThat(server.firmware.damaged()).isEqualTo(1);
    }

    @Test
    void the_fence_refuses_new_blocks_and_blocks_asked_for_again() throws Exception {
        // The image is opened with the first block; blocks after that are answered in the acknowledgement.
        assertThat(device.send(get(TOKEN, 6, 0)).getCode()).isEqualTo(ResponseCode.CONTENT);
        Request first = get(TOKEN, 6, 5);
        assertThat(device.send(first).getCode()).isEqualTo(ResponseCode.CONTENT);

        server.fence.raise(new KillScope(KillScope.Kind.REGION, "eu"));

        assertThat(device.send(get(TOKEN, 6, 1)).getCode()).isEqualTo(ResponseCode.FORBIDDEN);
        Request again = get(TOKEN, 6, 5);
        again.setMID(first.getMID());
        again.setToken(first.getToken());
        Response answer = device.send(again);
        assertThat(answer.getCode()).isEqualTo(ResponseCode.FORBIDDEN);
        assertThat(answer.getPayloadSize()).isZero();
    }
}
