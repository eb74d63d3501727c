package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.request.ContentFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.telemetry.Metric;
import wavegate.server.registration.LwM2mSettings;
import wavegate.server.rollout.RolloutInput;
import wavegate.server.telemetry.TelemetrySettings;

/** Health as devices send it, and as it is observed. */
class TelemetryTest {
    private static final String LINKS = "</>;rt=\"oma.lwm2m\",</1/0>,</3/0>,</5/0>,</27001/0>";

    private ServerUnderTest server;

    @BeforeEach
    void start() throws Exception {
        server = new ServerUnderTest(
                LwM2mSettings.defaults().retransmitting(Duration.ofMillis(300), 1),
                new TelemetrySettings(
                        TelemetrySettings.Observe.THOSE_THAT_CANNOT_SEND, Duration.ZERO, Duration.ofSeconds(60), 100),
                Duration.ofSeconds(20));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static Request sendOf(String senMl) {
        Request request = new Request(Code.POST);
        request.getOptions().addUriPath("dp").setContentFormat(110);
        request.setPayload(senMl.getBytes(StandardCharsets.UTF_8));
        return request;
    }

    @Test
    void what_a_device_sends_is_stored_and_offered() {
        try (LeshanModule module = LeshanModule.noSec("m-1", server)) {
            server.inbox.registered(new Endpoint("m-1"));
            module.sender.collectData(
                    List.of(new LwM2mPath("/27001/0/0"), new LwM2mPath("/27001/0/4"), new LwM2mPath("/3/0/9")));

            module.sender.sendCollectedData(module.registeredAt(), ContentFormat.SENML_CBOR, 5000, false);

            HealthReport report = server.inbox
                    .next(RolloutInput.HealthReported.class, input -> true)
                    .report();
            assertThat(report.endpoint()).isEqualTo(new Endpoint("m-1"));
            assertThat(report.values())
                    .isEqualTo(Map.of(
                            Metric.CRASH_COUNT, 3.0, Metric.ENERGY_USED_MAH, 12.5, Metric.BATTERY_PERCENT, 87.0));
            assertThat(server.stored).contains(report);
        }
    }

    @Test
    void each_moment_in_a_send_is_a_report_with_the_devices_time() throws Exception {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        try (RawDevice device = new RawDevice(server, request -> null)) {
            device.register(LINKS, "ep=m-1", "lt=300", "lwm2m=1.1");

            assertThat(device.send(sendOf(
                                    "[{\"bn\":\"/27001/0/\",\"n\":\"0\",\"v\":4,\"t\":" + (now.getEpochSecond() - 60)
                                            + "},{\"n\":\"0\",\"v\":5,\"t\":" + now.getEpochSecond() + "}]"))
                            .getCode())
                    .isEqualTo(ResponseCode.CHANGED);

            await().until(() -> server.stored.size() == 2);
            assertThat(server.stored)
                    .extracting(HealthReport::deviceTime)
                    .containsExactlyInAnyOrder(now.minusSeconds(60), now);
            assertThat(server.stored)
                    .extracting(report -> report.value(Metric.CRASH_COUNT).orElseThrow())
                    .containsExactlyInAnyOrder(4.0, 5.0);
        }
    }

    @Test
    void garbage_is_left_out_and_counted() throws Exception {
        try (RawDevice device = new RawDevice(server, request -> null)) {
            device.register(LINKS, "ep=m-1", "lt=300", "lwm2m=1.1");

            device.send(sendOf("[{\"n\":\"/27001/0/0\",\"v\":-4},{\"n\":\"/27001/0/2\",\"v\":7}]"));
            await().until(() -> server.stored.size() == 1);
            assertThat(server.stored.get(0).values()).isEqualTo(Map.of(Metric.BOOT_COUNT, 7.0));
            assertThat(server.telemetry.garbage()).isEqualTo(1);

            assertThat(device.send(sendOf("[{\"n\":")).getCode()).isEqualTo(ResponseCode.BAD_REQUEST);
            await().until(() -> server.telemetry.garbage() == 2);
            assertThat(server.stored).hasSize(1);
        }
    }

    @Test
    void a_send_without_registration_or_known_format_is_refused() throws Exception {
        try (RawDevice device = new RawDevice(server, request -> null)) {
            assertThat(device.send(sendOf("[{\"n\":\"/3/0/9\",\"v\":4}]")).getCode())
                    .isEqualTo(ResponseCode.BAD_REQUEST);
            Request bare = new Request(Code.POST);
            bare.getOptions().addUriPath("dp");
            bare.setPayload("x");
            assertThat(device.send(bare).getCode()).isEqualTo(ResponseCode.BAD_REQUEST);
            assertThat(server.stored).isEmpty();
        }
    }

    @Test
    void a_device_too_old_to_send_is_observed() throws Exception {
        try (RawDevice device = new RawDevice(server, Observed::answer)) {
            device.register(LINKS, "ep=m-1", "lt=300", "lwm2m=1.0");

            await().until(() -> server.stored.stream()
                    .anyMatch(report -> report.value(Metric.BATTERY_PERCENT).orElse(-1) == 64));
            assertThat(device.wire.stream()
                            .filter(request -> request.getCode() == Code.PUT)
                            .map(request -> request.getOptions().getUriQueryString()))
                    .contains("pmin=0&pmax=60");
        }
    }

    @Test
    void a_device_that_did_not_answer_is_observed_when_it_is_heard_again() throws Exception {
        AtomicBoolean awake = new AtomicBoolean();
        try (RawDevice device = new RawDevice(server, request -> awake.get() ? Observed.answer(request) : null)) {
            Response created = device.register(LINKS, "ep=m-1", "lt=300", "lwm2m=1.0");
            String id = created.getOptions().getLocationPath().get(1);
            await().until(() -> !device.wire.isEmpty());
            awake.set(true);

            // The server gives up somewhere between two of them.
            await().pollInterval(Duration.ofMillis(200))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> {
                        assertThat(device.updateRegistration(id).getCode()).isEqualTo(ResponseCode.CHANGED);
                        return server.stored.stream()
                                .anyMatch(report ->
                                        report.value(Metric.BATTERY_PERCENT).orElse(-1) == 64);
                    });
        }
    }

    @Test
    void a_device_that_can_send_is_left_alone() throws Exception {
        try (RawDevice device = new RawDevice(server, Observed::answer)) {
            device.register(LINKS, "ep=m-1", "lt=300", "lwm2m=1.1");
            server.inbox.registered(new Endpoint("m-1"));

            await().during(Duration.ofMillis(500)).atMost(Duration.ofSeconds(2)).until(() -> device.wire.isEmpty());
        }
    }

    /** Accepts attributes and observations; has a battery at 64 percent and no Modem Health. */
    private static final class Observed {
        private Observed() {}

        static Response answer(Request request) {
            if (request.getCode() == Code.PUT) {
                return new Response(ResponseCode.CHANGED);
            }
            if (!request.getOptions().getUriPathString().equals("3/0/9")) {
                return new Response(ResponseCode.NOT_FOUND);
            }
            Response value = new Response(ResponseCode.CONTENT);
            value.getOptions().setObserve(1).setContentFormat(0);
            value.setPayload("64");
            return value;
        }
    }
}
