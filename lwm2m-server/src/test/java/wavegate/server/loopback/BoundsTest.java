package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import wavegate.config.SettingsReader;
import wavegate.server.registration.LwM2mSettings;
import wavegate.server.telemetry.TelemetrySettings;

/** What a device may leave behind at a server: so many half-finished requests, so many registrations, so long a body. */
class BoundsTest {
    private ServerUnderTest server;

    @BeforeEach
    void start() throws Exception {
        server = new ServerUnderTest(
                LwM2mSettings.defaults()
                        .within(SettingsReader.parse(
                                        "limits: {bodies: 3, device-bodies: 2, source-registrations: 2, links: 4}",
                                        Map.of())
                                .limits()),
                TelemetrySettings.defaults(),
                Duration.ofSeconds(20));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private RawDevice device() throws Exception {
        return new RawDevice(server, request -> null);
    }

    private static Request firstBlock(String path, int size) {
        Request request = new Request(Code.POST);
        request.getOptions()
                .setUriPath(path)
                .addUriQuery("ep=m-1")
                .setContentFormat(40)
                .setBlock1(2, true, 0);
        if (size > 0) {
            request.getOptions().setSize1(size);
        }
        request.setPayload(new byte[64]);
        return request;
    }

    @Test
    void a_device_has_two_uploads_under_way_and_all_together_three() throws Exception {
        try (RawDevice one = device();
                RawDevice two = device()) {
            assertThat(one.send(firstBlock("rd", 0)).getCode()).isEqualTo(ResponseCode.CONTINUE);
            assertThat(one.send(firstBlock("rd/a", 0)).getCode()).isEqualTo(ResponseCode.CONTINUE);
            assertThat(one.send(firstBlock("rd/b", 0)).getCode()).isEqualTo(ResponseCode.TOO_MANY_REQUESTS);
            assertThat(two.send(firstBlock("rd", 0)).getCode()).isEqualTo(ResponseCode.CONTINUE);
            assertThat(two.send(firstBlock("dp", 0)).getCode()).isEqualTo(ResponseCode.TOO_MANY_REQUESTS);
            // One that is under way goes on.
            assertThat(one.send(firstBlock("rd", 0)).getCode()).isEqualTo(ResponseCode.CONTINUE);
        }
    }

    /** Each query has a buffer of its own. */
    @Test
    void another_query_is_another_upload() throws Exception {
        try (RawDevice device = device()) {
            assertThat(device.send(asking("q=1", true)).getCode()).isEqualTo(ResponseCode.CONTINUE);
            assertThat(device.send(asking("q=2", true)).getCode()).isEqualTo(ResponseCode.CONTINUE);
            assertThat(device.send(asking("q=3", true)).getCode()).isEqualTo(ResponseCode.TOO_MANY_REQUESTS);
            // The end of a third one frees neither of the two.
            device.send(asking("q=4", false));
            assertThat(device.send(asking("q=5", true)).getCode()).isEqualTo(ResponseCode.TOO_MANY_REQUESTS);
            device.send(asking("q=1", false));
            assertThat(device.send(asking("q=6", true)).getCode()).isEqualTo(ResponseCode.CONTINUE);
        }
    }

    private static Request asking(String query, boolean more) {
        Request request = firstBlock("rd", 0);
        request.getOptions().addUriQuery(query).setBlock1(2, more, more ? 0 : 1);
        return request;
    }

    @Test
    void an_upload_that_will_be_too_long_is_refused_with_its_first_block() throws Exception {
        try (RawDevice device = device()) {
            Response refused = device.send(firstBlock("rd", 20_000));

            assertThat(refused.getCode()).isEqualTo(ResponseCode.REQUEST_ENTITY_TOO_LARGE);
            assertThat(refused.getOptions().getSize1()).isEqualTo(16_384);
        }
    }

    @Test
    void a_block_far_behind_the_longest_body_is_refused_without_a_buffer() throws Exception {
        try (RawDevice device = device()) {
            Request late = firstBlock("rd", 0);
            late.getOptions().setBlock1(6, true, 1_000_000);
            late.setPayload(new byte[1024]);

            assertThat(device.send(late).getCode()).isEqualTo(ResponseCode.REQUEST_ENTITY_TOO_LARGE);
        }
    }

    @Test
    void a_block_that_is_shorter_than_it_says_is_the_fault_of_the_device() throws Exception {
        try (RawDevice device = device()) {
            for (int length : new int[] {0, 63}) {
                Request odd = firstBlock("rd", 0);
                odd.setPayload(new byte[length]);
                assertThat(device.send(odd).getCode()).as("%d bytes", length).isEqualTo(ResponseCode.BAD_REQUEST);
            }
            Request nothing = firstBlock("rd", 0);
            nothing.getOptions().setSize1(0);
            assertThat(device.send(nothing).getCode()).isEqualTo(ResponseCode.BAD_REQUEST);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "[",
                "",
                "[{}]",
                "[{\"bn\":\"/3/0/9\"}]",
                "[{\"n\":\"/3/0/9\",\"v\":1e999}]",
                "null",
                "[null]"
            })
    void a_send_that_holds_nothing_to_read_is_the_fault_of_the_device(String payload) throws Exception {
        try (RawDevice device = device()) {
            device.register("m-1");
            Request send = new Request(Code.POST);
            send.getOptions().setUriPath("dp").setContentFormat(110);
            send.setPayload(payload);

            assertThat(device.send(send).getCode()).isEqualTo(ResponseCode.BAD_REQUEST);
        }
    }

    @Test
    void only_what_takes_bodies_takes_blocks() throws Exception {
        try (RawDevice device = device()) {
            assertThat(device.send(firstBlock("fw/x", 0)).getCode()).isEqualTo(ResponseCode.METHOD_NOT_ALLOWED);
            assertThat(device.send(firstBlock(".well-known/core", 0)).getCode())
                    .isEqualTo(ResponseCode.METHOD_NOT_ALLOWED);
        }
    }

    @Test
    void a_source_without_dtls_registers_so_many_devices_and_those_may_register_again() throws Exception {
        try (RawDevice device = device()) {
            device.register("m-1");
            device.register("m-2");

            Response third = device.register(RawDevice.LINKS, "ep=m-3", "lt=300", "lwm2m=1.1");

            assertThat(third.getCode()).isEqualTo(ResponseCode.TOO_MANY_REQUESTS);
            assertThat(device.register("m-2")).isNotEmpty();
        }
    }

    @Test
    void what_says_a_thing_twice_or_too_much_is_the_fault_of_the_device() throws Exception {
        try (RawDevice device = device()) {
            assertThat(device.register(RawDevice.LINKS, "ep=m-1", "ep=m-2", "lwm2m=1.1")
                            .getCode())
                    .isEqualTo(ResponseCode.BAD_REQUEST);
            assertThat(device.register(RawDevice.LINKS, "ep=m-1", "lt=300", "lt=301", "lwm2m=1.1")
                            .getCode())
                    .isEqualTo(ResponseCode.BAD_REQUEST);
            assertThat(device.register(RawDevice.LINKS, "ep=m-1", "sms=drop table", "lwm2m=1.1")
                            .getCode())
                    .isEqualTo(ResponseCode.BAD_REQUEST);
            assertThat(device.register("</1>,</2>,</3>,</4>,</5>", "ep=m-1", "lwm2m=1.1")
                            .getCode())
                    .isEqualTo(ResponseCode.BAD_REQUEST);
            String[] many = new String[40];
            for (int i = 0; i < many.length; i++) {
                many[i] = i == 0 ? "ep=m-1" : "k" + i + "=v";
            }
            assertThat(device.register(RawDevice.LINKS, many).getCode()).isEqualTo(ResponseCode.BAD_REQUEST);
        }
    }
}
