package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.eclipse.californium.core.coap.BlockOption;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import wavegate.firmware.campaign.KillScope;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.ResetMeans;
import wavegate.firmware.update.DispatchScope;
import wavegate.firmware.update.UpdateCommand;
import wavegate.firmware.update.UpdateSignal;
import wavegate.firmware.update.UpdateSignal.LinkFailed;
import wavegate.server.registration.LwM2mSettings;
import wavegate.server.telemetry.TelemetrySettings;

/** The Block1 sender against a device that sees every block. */
class PushTest {
    private static final String EP = "raw-1";
    private static final KillScope ALL = new KillScope(KillScope.Kind.ALL, "");

    private ServerUnderTest server;

    @BeforeEach
    void start() throws Exception {
        server = new ServerUnderTest(
                LwM2mSettings.defaults().retransmitting(Duration.ofMillis(300), 3),
                TelemetrySettings.defaults(),
                Duration.ofSeconds(20));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void push(byte[] image, int step) {
        DispatchScope scope = server.packageOf(image);
        server.link.pushPackage(new UpdateCommand.PushPackage(server.update(EP), step, scope));
    }

    private RawDevice registered(BlockSink sink) throws Exception {
        RawDevice device = new RawDevice(server, sink);
        device.register(EP);
        server.inbox.registered(new Endpoint(EP));
        return device;
    }

    @Test
    void the_first_block_tells_the_size_and_all_carry_one_token() throws Exception {
        byte[] image = ServerUnderTest.image(5000);
        BlockSink sink = new BlockSink(6);
        try (RawDevice device = registered(sink)) {
            push(image, 1);

            assertThat(server.inbox.answerTo(1)).isInstanceOf(UpdateSignal.PackageAccepted.class);
            assertThat(sink.taken()).isEqualTo(image);
            assertThat(sink.seen).containsExactly("0/1024", "1/1024", "2/1024", "3/1024", "4/1024");
            assertThat(device.wire.get(0).getOptions().getSize1()).isEqualTo(5000);
            assertThat(device.wire.get(1).getOptions().hasSize1()).isFalse();
            assertThat(device.wire.stream().map(Request::getToken).distinct()).hasSize(1);
            assertThat(device.wire)
                    .allSatisfy(block ->
                            assertThat(block.getOptions().getContentFormat()).isEqualTo(42));
        }
    }

    @Test
    void a_device_that_asks_for_smaller_blocks_in_2_31_gets_them_from_there_on() throws Exception {
        byte[] image = ServerUnderTest.image(3000);
        BlockSink sink = new BlockSink(4);
        try (RawDevice device = registered(sink)) {
            push(image, 1);

            assertThat(server.inbox.answerTo(1)).isInstanceOf(UpdateSignal.PackageAccepted.class);
            assertThat(sink.taken()).isEqualTo(image);
            assertThat(sink.seen).startsWith("0/1024", "4/256", "5/256").endsWith("11/256");
            assertThat(device.wire).hasSize(9);
        }
    }

    @Test
    void a_device_that_answers_4_13_with_a_size_is_begun_anew_with_it() throws Exception {
        byte[] image = ServerUnderTest.image(2000);
        BlockSink sink = new BlockSink(5);
        sink.whim((request, num) -> {
            BlockOption block = request.getOptions().getBlock1();
            if (block.getSzx() <= 5) {
                return null;
            }
            Response tooLarge = new Response(ResponseCode.REQUEST_ENTITY_TOO_LARGE);
            tooLarge.getOptions().setBlock1(5, true, 0);
            return tooLarge;
        });
        try (RawDevice device = registered(sink)) {
            push(image, 1);

            assertThat(server.inbox.answerTo(1)).isInstanceOf(UpdateSignal.PackageAccepted.class);
            assertThat(sink.taken()).isEqualTo(image);
            assertThat(sink.seen).containsExactly("0/1024", "0/512", "1/512", "2/512", "3/512");
            assertThat(device.wire).hasSize(5);
        }
    }

    @Test
    void a_4_13_without_a_size_ends_the_push() throws Exception {
        BlockSink sink = new BlockSink(6);
        sink.whim((request, num) -> new Response(ResponseCode.REQUEST_ENTITY_TOO_LARGE));
        try (RawDevice device = registered(sink)) {
            push(ServerUnderTest.image(2000), 1);

            assertThat(server.inbox.answerTo(1)).isEqualTo(new UpdateSignal.Refused(413));
            assertThat(device.wire).hasSize(1);
        }
    }

    @Test
    void a_device_that_lost_its_place_is_begun_anew_once() throws Exception {
        byte[] image = ServerUnderTest.image(4000);
        BlockSink sink = new BlockSink(6);
        int[] gaps = {1};
        sink.whim((request, num) ->
                num == 2 && gaps[0]-- > 0 ? new Response(ResponseCode.REQUEST_ENTITY_INCOMPLETE) : null);
        try (RawDevice device = registered(sink)) {
            push(image, 1);
            assertThat(server.inbox.answerTo(1)).isInstanceOf(UpdateSignal.PackageAccepted.class);
            assertThat(sink.taken()).isEqualTo(image);

            gaps[0] = 2;
            push(image, 2);
            assertThat(server.inbox.answerTo(2)).isEqualTo(new UpdateSignal.Refused(408));
            assertThat(device.wire).isNotEmpty();
        }
    }

    @Test
    void a_device_that_falls_silent_is_given_up_after_the_retransmissions() throws Exception {
        BlockSink sink = new BlockSink(6);
        sink.whim((request, num) -> num == 1 ? BlockSink.SILENCE : null);
        try (RawDevice device = registered(sink)) {
            push(ServerUnderTest.image(4000), 1);

            assertThat(server.inbox.answerTo(1)).isEqualTo(new LinkFailed(LinkFailed.Why.TIMEOUT));
            assertThat(device.wire).hasSize(1 + 1 + 3);
            await().until(() -> server.link.busyDevices() == 0);
        }
    }

    @Test
    void a_device_that_moves_gets_the_same_block_at_its_new_address() throws Exception {
        byte[] image = ServerUnderTest.image(20_000);
        BlockSink sink = new BlockSink(6);
        sink.whim((request, num) -> num == 7 ? BlockSink.SILENCE : null);
        RawDevice device = new RawDevice(server, sink);
        try (device) {
            String id = device.register(EP);
            server.inbox.registered(new Endpoint(EP));
            push(image, 1);
            await().until(() -> sink.seen.contains("7/1024"));

            device.move();
            sink.whim((request, num) -> null);
            device.updateRegistration(id);

            assertThat(server.inbox.answerTo(1)).isInstanceOf(UpdateSignal.PackageAccepted.class);
            assertThat(sink.taken()).isEqualTo(image);
            assertThat(sink.seen).filteredOn("0/1024"::equals).hasSize(1);
        }
    }

    @Test
    void a_device_that_registers_anew_and_kept_its_place_is_sent_the_rest() throws Exception {
        byte[] image = ServerUnderTest.image(20_000);
        BlockSink sink = new BlockSink(6);
        sink.whim((request, num) -> num == 7 ? BlockSink.SILENCE : null);
        RawDevice device = new RawDevice(server, sink);
        try (device) {
            device.register(EP);
            server.inbox.registered(new Endpoint(EP));
            push(image, 1);
            await().until(() -> sink.seen.contains("7/1024"));

            device.move();
            sink.whim((request, num) -> null);
            device.register(EP);

            assertThat(server.inbox.answerTo(1)).isInstanceOf(UpdateSignal.PackageAccepted.class);
            assertThat(sink.taken()).isEqualTo(image);
            assertThat(sink.seen).filteredOn("0/1024"::equals).hasSize(1);
        }
    }

    @Test
    void a_device_that_registers_anew_and_lost_its_place_is_sent_the_image_from_the_start() throws Exception {
        byte[] image = ServerUnderTest.image(20_000);
        BlockSink sink = new BlockSink(6);
        sink.whim((request, num) -> num == 7 ? BlockSink.SILENCE : null);
        RawDevice device = new RawDevice(server, sink);
        try (device) {
            device.register(EP);
            server.inbox.registered(new Endpoint(EP));
            push(image, 1);
            await().until(() -> sink.seen.contains("7/1024"));

            device.move();
            sink.forget();
            sink.whim((request, num) -> null);
            device.register(EP);

            assertThat(server.inbox.answerTo(1)).isInstanceOf(UpdateSignal.PackageAccepted.class);
            assertThat(sink.taken()).isEqualTo(image);
            assertThat(sink.seen).filteredOn("0/1024"::equals).hasSize(2);
        }
    }

    @Test
    void no_block_leaves_after_the_fence_is_up() throws Exception {
        BlockSink sink = new BlockSink(6);
        try (RawDevice device = registered(sink)) {
            push(ServerUnderTest.image(4 << 20), 1);
            await().pollInterval(Duration.ofMillis(1)).until(() -> device.wire.size() > 100);

            server.fence.raise(ALL);
            int seenWhenUp = device.wire.size();

            assertThat(server.inbox.answerTo(1)).isEqualTo(new LinkFailed(LinkFailed.Why.FENCED));
            // One block may be between the socket buffers; none may follow.
            await().during(Duration.ofMillis(700))
                    .atMost(Duration.ofSeconds(3))
                    .until(() -> device.wire.size() <= seenWhenUp + 1);
            assertThat(sink.complete()).isFalse();
        }
    }

    @Test
    void a_retransmission_stops_at_the_fence() throws Exception {
        BlockSink sink = new BlockSink(6);
        sink.whim((request, num) -> num == 3 ? BlockSink.SILENCE : null);
        try (RawDevice device = registered(sink)) {
            push(ServerUnderTest.image(64 * 1024), 1);
            await().until(() -> sink.seen.contains("3/1024"));

            server.fence.raise(ALL);
            int seenWhenUp = device.wire.size();

            await().during(Duration.ofMillis(1500))
                    .atMost(Duration.ofSeconds(4))
                    .until(() -> device.wire.size() <= seenWhenUp);
            assertThat(server.inbox.answersTo(1)).containsExactly(new LinkFailed(LinkFailed.Why.FENCED));
        }
    }

    @Test
    void an_execute_that_may_have_arrived_is_not_called_unsent() throws Exception {
        try (RawDevice device = new RawDevice(server, request -> null)) {
            device.register(EP);
            server.inbox.registered(new Endpoint(EP));
            DispatchScope scope = server.packageOf(new byte[] {1});
            server.link.executeUpdate(new UpdateCommand.ExecuteUpdate(server.update(EP), 1, scope));
            await().until(() -> !device.wire.isEmpty());

            server.fence.raise(ALL);

            assertThat(server.inbox.answerTo(1)).isEqualTo(new LinkFailed(LinkFailed.Why.BROKEN));
            assertThat(device.wire.size()).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void a_fence_up_before_lets_nothing_out_and_resets_still_pass() throws Exception {
        BlockSink sink = new BlockSink(6);
        try (RawDevice device = registered(sink)) {
            server.fence.raise(ALL);
            DispatchScope scope = server.packageOf(new byte[] {1});
            server.link.pushPackage(new UpdateCommand.PushPackage(server.update(EP), 1, scope));
            server.link.executeUpdate(new UpdateCommand.ExecuteUpdate(server.update(EP), 2, scope));
            server.link.writePackageUri(
                    new UpdateCommand.WritePackageUri(server.update(EP), 3, scope, "0011223344556677"));
            server.link.resetObject(new UpdateCommand.ResetObject(server.update(EP), 4, ResetMeans.EMPTY_URI));

            for (int step = 1; step <= 3; step++) {
                assertThat(server.inbox.answerTo(step)).isEqualTo(new LinkFailed(LinkFailed.Why.FENCED));
            }
            assertThat(server.inbox.answerTo(4)).isInstanceOf(UpdateSignal.ResetAnswered.class);
            assertThat(device.wire).hasSize(1);
        }
    }

    @Test
    void a_forgotten_push_stops_and_answers_nothing() throws Exception {
        BlockSink sink = new BlockSink(6);
        sink.whim((request, num) -> num == 3 ? BlockSink.SILENCE : null);
        try (RawDevice device = registered(sink)) {
            push(ServerUnderTest.image(64 * 1024), 1);
            await().until(() -> sink.seen.contains("3/1024"));

            server.link.forget(server.update(EP));
            int seen = device.wire.size();

            await().during(Duration.ofMillis(900))
                    .atMost(Duration.ofSeconds(3))
                    .until(() -> device.wire.size() <= seen);
            assertThat(server.inbox.answersTo(1)).isEmpty();
            assertThat(server.link.busyDevices()).isZero();
        }
    }

    @Test
    void a_reset_calls_off_the_push_under_way() throws Exception {
        BlockSink sink = new BlockSink(6);
        sink.whim((request, num) -> num == 3 ? BlockSink.SILENCE : null);
        try (RawDevice device = registered(sink)) {
            push(ServerUnderTest.image(64 * 1024), 1);
            await().until(() -> sink.seen.contains("3/1024"));

            server.link.resetObject(new UpdateCommand.ResetObject(server.update(EP), 2, ResetMeans.EMPTY_URI));

            assertThat(server.inbox.answerTo(1)).isEqualTo(new LinkFailed(LinkFailed.Why.BROKEN));
            assertThat(server.inbox.answerTo(2)).isInstanceOf(UpdateSignal.ResetAnswered.class);
            assertThat(device.wire).isNotEmpty();
        }
    }

    @Test
    void a_damaged_artifact_ends_the_push_and_sends_nothing_wrong() throws Exception {
        BlockSink sink = new BlockSink(6);
        try (RawDevice device = registered(sink)) {
            server.artifacts.damaged = true;

            push(ServerUnderTest.image(64 * 1024), 1);

            assertThat(server.inbox.answerTo(1)).isEqualTo(new LinkFailed(LinkFailed.Why.BROKEN));
            assertThat(device.wire).isEmpty();
        }
    }
}
