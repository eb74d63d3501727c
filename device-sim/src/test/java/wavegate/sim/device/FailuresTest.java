package wavegate.sim.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.junit.jupiter.api.Test;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.pkg.FirmwareVersion;

/** Failures that are asked for, and where they land. */
class FailuresTest {
    private static final String URI = "coap://127.0.0.1:5683/fw/2.0.0";
    private static final byte[] GOOD = DeviceRig.image(DeviceRig.good());

    private static DeviceRig rig(DeviceProfile profile, Failures failures) {
        return new DeviceRig(profile, failures).registered();
    }

    private static DeviceRig pushed(DeviceProfile profile, Failures failures) {
        DeviceRig rig = rig(profile, failures);
        rig.push(GOOD, 512);
        return rig;
    }

    private static DeviceRig pulled(DeviceProfile profile, Failures failures) {
        DeviceRig rig = rig(profile, failures);
        rig.write("5/0/1", URI);
        rig.run(Duration.ofSeconds(1));
        if (rig.sent.stream().anyMatch(Request.class::isInstance)) {
            rig.servePull(GOOD);
        }
        return rig;
    }

    private static DeviceRig executed(DeviceRig rig) {
        rig.execute("5/0/2");
        rig.run(Duration.ofMinutes(2));
        return rig;
    }

    @Test
    void a_download_ends_with_the_result_that_was_asked_for_pushed_or_pulled() {
        for (int result : List.of(2, 3, 4, 5, 6, 10)) {
            Failures failures = Failures.always(result);
            assertThat(pushed(DeviceProfile.SPEC, failures).status()).isEqualTo("0/" + result);
            assertThat(pulled(DeviceProfile.SPEC, failures).status()).isEqualTo("0/" + result);
        }
        for (int result : List.of(7, 9)) {
            assertThat(pulled(DeviceProfile.SPEC, Failures.always(result)).status())
                    .isEqualTo("0/" + result);
            assertThat(pushed(DeviceProfile.SPEC, Failures.always(result)).status())
                    .as("a push has no URI")
                    .isEqualTo("2/0");
        }
    }

    @Test
    void flash_that_is_full_refuses_the_first_block() {
        DeviceRig rig = rig(DeviceProfile.SPEC, Failures.always(2));

        assertThat(rig.block(GOOD, 0, 512).getCode()).isEqualTo(ResponseCode.REQUEST_ENTITY_TOO_LARGE);

        assertThat(rig.status()).isEqualTo("0/2");
    }

    @Test
    void a_device_that_cannot_know_a_result_never_shows_it() {
        assertThat(pushed(DeviceProfile.SPEC_1_0, Failures.always(10)).status()).isEqualTo("2/0");
        assertThat(executed(pushed(DeviceProfile.SPEC_1_0, Failures.always(11))).status())
                .isEqualTo("0/1");
    }

    @Test
    void a_failed_installation_lands_where_the_family_lands() {
        Map<DeviceProfile, String> landings = Map.of(
                DeviceProfile.SPEC,
                "0/8",
                DeviceProfile.ANJAY,
                "2/8",
                DeviceProfile.ZEPHYR,
                "0/0",
                DeviceProfile.NRF,
                "0/8",
                DeviceProfile.ANJAY_LITE,
                "0/0");
        landings.forEach((profile, landing) -> {
            DeviceRig rig = executed(pushed(profile, Failures.always(8)));
            assertThat(rig.status()).as(profile.name()).isEqualTo(landing);
            assertThat(rig.text("3/0/3")).isEqualTo("1.0.0");
            assertThat(rig.device.report().lastFailure()).isEqualTo("installation failed");
            assertThat(rig.device.report().fate()).isEqualTo("result 8");
        });
    }

    @Test
    void a_user_says_no_with_a_code_of_the_vendor() {
        assertThat(executed(pushed(DeviceProfile.SPEC, Failures.always(100))).status())
                .isEqualTo("0/100");
    }

    @Test
    void a_failure_that_comes_once_is_over_at_the_second_attempt() {
        DeviceRig rig = rig(DeviceProfile.SPEC, Failures.always(5).atMost(1));
        rig.push(GOOD, 512);
        assertThat(rig.status()).isEqualTo("0/5");

        rig.push(GOOD, 512);

        assertThat(executed(rig).status()).isEqualTo("0/1");
    }

    @Test
    void an_update_deferred_for_as_long_as_it_may_begins_by_itself() {
        DeviceRig rig = rig(DeviceProfile.SPEC, Failures.always(11));
        assertThat(rig.write("5/0/13", "120")).isEqualTo(ResponseCode.CHANGED);
        assertThat(rig.text("5/0/13")).isEqualTo("120");
        rig.push(GOOD, 512);
        rig.execute("5/0/2");
        assertThat(rig.status()).isEqualTo("2/11");
        rig.run(Duration.ofSeconds(100));
        assertThat(rig.status()).isEqualTo("2/11");

        rig.run(Duration.ofMinutes(2));

        assertThat(rig.status()).isEqualTo("0/1");
        assertThat(rig.device.counters().executes()).isEqualTo(1);
    }

    @Test
    void a_server_that_allows_no_deferral_gets_none() {
        DeviceRig rig = rig(DeviceProfile.DEFERRING, Failures.NONE);
        rig.write("5/0/13", "0");
        rig.push(GOOD, 1024);

        assertThat(executed(rig).status()).isEqualTo("0/1");
    }

    @Test
    void a_bricked_device_never_comes_back() {
        DeviceRig rig = executed(pushed(DeviceProfile.SPEC, Failures.NONE.withBricks(1)));

        rig.run(Duration.ofDays(30));

        assertThat(rig.device.registered()).isFalse();
        assertThat(rig.device.wakeAt()).isEqualTo(DeviceContext.NEVER);
        assertThat(rig.device.report().bricked()).isTrue();
    }

    @Test
    void a_device_that_reverts_shows_the_new_version_for_a_while() {
        DeviceRig rig = executed(pushed(DeviceProfile.SPEC, Failures.NONE.withReverts(1)));
        assertThat(rig.text("3/0/3")).isEqualTo("2.0.0");
        assertThat(rig.status()).isEqualTo("0/1");

        rig.run(Duration.ofMinutes(15));

        assertThat(rig.text("3/0/3")).isEqualTo("1.0.0");
        assertThat(rig.status()).isEqualTo("0/8");
    }

    @Test
    void a_transfer_that_is_dropped_is_answered_4_08_and_may_begin_again() {
        DeviceRig rig = rig(DeviceProfile.SPEC, Failures.always(4).atMost(1));
        rig.block(GOOD, 0, 512);

        assertThat(rig.block(GOOD, 1, 512).getCode()).isEqualTo(ResponseCode.REQUEST_ENTITY_INCOMPLETE);
        assertThat(rig.block(GOOD, 2, 512).getCode()).isEqualTo(ResponseCode.REQUEST_ENTITY_INCOMPLETE);
        assertThat(rig.status()).isEqualTo("0/4");

        assertThat(rig.push(GOOD, 512).getCode()).isEqualTo(ResponseCode.CHANGED);
        assertThat(rig.status()).isEqualTo("2/0");
    }

    @Test
    void firmware_crashes_more_from_a_version_on() {
        Failures failures = Failures.NONE.withRegression(new Failures.Regression(FirmwareVersion.of("2.0.0"), 40, 3));

        assertThat(failures.crashes("1.9.9")).isEqualTo(1);
        assertThat(failures.crashes("2.0.0")).isEqualTo(40);
        assertThat(failures.energy("2.1.0")).isEqualTo(3);

        DeviceRig rig = executed(pushed(DeviceProfile.SPEC, failures));
        double before = rig.device.report().energyUsedMah();
        rig.run(Duration.ofHours(10));
        rig.get("3/0/9");
        double perHour = (rig.device.report().energyUsedMah() - before) / 10;
        // A healthy module draws 4 mAh an hour, times a factor of its own near 1.
        assertThat(perHour).isBetween(8.0, 18.0);
    }

    @Test
    void a_duty_cycle_takes_the_device_off_the_network_and_brings_it_back_with_an_update() {
        Failures.Duty duty = new Failures.Duty(Duration.ofMinutes(10), Duration.ofMinutes(50));
        DeviceRig rig = new DeviceRig(DeviceProfile.SPEC, Failures.NONE.withDuty(duty));
        rig.device.start(rig.now);
        rig.run(Duration.ofHours(2));
        int updates = rig.updates;

        rig.run(Duration.ofHours(5));

        assertThat(rig.updates - updates).isBetween(4, 12);
    }

    @Test
    void shares_are_shares_of_the_devices() {
        Failures failures = Failures.NONE.withResult(5, 0.1).withResult(8, 0.2).withBricks(0.05);
        Map<String, Integer> drawn = new TreeMap<>();
        SplittableRandom seeds = new SplittableRandom(1);
        for (int i = 0; i < 10_000; i++) {
            drawn.merge(Fate.draw(failures, seeds.split()).label(), 1, Integer::sum);
        }

        assertThat(drawn.get("result 5")).isBetween(850, 1050);
        assertThat(drawn.get("result 8")).isBetween(1750, 2050);
        assertThat(drawn.get("brick")).isBetween(270, 430);
        assertThat(Fate.draw(Failures.NONE, seeds).bears(UpdateResult.UPDATE_FAILED))
                .isFalse();
    }

    @Test
    void what_no_device_can_show_is_refused() {
        assertThatThrownBy(() -> Failures.always(1)).hasMessageContaining("result: 1 (expected: 2..13 or 100)");
        assertThatThrownBy(() -> Failures.NONE.withResult(5, 0.6).withResult(6, 0.6))
                .hasMessageContaining("shares of all results: 1.2");
        assertThatThrownBy(() -> Failures.NONE.withBricks(-1)).hasMessageContaining("bricks: -1.0");
    }

    @Test
    void an_unanswered_block_is_not_an_end() {
        DeviceRig rig = rig(DeviceProfile.SPEC, Failures.NONE.withDrops(1));
        rig.write("5/0/1", URI);
        rig.run(Duration.ofSeconds(1));
        Request first = rig.nextGet();
        rig.answer(first, DeviceRig.blockOf(GOOD, first, new byte[] {1}));
        Request second = rig.nextGet();
        rig.answer(second, DeviceRig.blockOf(GOOD, second, new byte[] {1}));

        assertThat(rig.status()).isEqualTo("0/4");
        assertThat(rig.sent).noneMatch(message -> message instanceof Response);
    }
}
