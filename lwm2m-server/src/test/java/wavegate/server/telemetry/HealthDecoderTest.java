package wavegate.server.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.leshan.core.node.LwM2mMultipleResource;
import org.eclipse.leshan.core.node.LwM2mNode;
import org.eclipse.leshan.core.node.LwM2mObjectInstance;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.LwM2mSingleResource;
import org.junit.jupiter.api.Test;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.telemetry.Metric;

class HealthDecoderTest {
    private static final Endpoint EP = new Endpoint("m-1");
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    private final HealthDecoder decoder = new HealthDecoder();

    private HealthReport decoded(Map<LwM2mPath, LwM2mNode> nodes) {
        return decoder.decode(EP, null, NOW, nodes).orElseThrow();
    }

    @Test
    void an_instance_gives_all_its_metrics() {
        LwM2mObjectInstance health = new LwM2mObjectInstance(
                0,
                List.of(
                        LwM2mSingleResource.newIntegerResource(0, 3),
                        LwM2mSingleResource.newStringResource(1, "watchdog"),
                        LwM2mSingleResource.newFloatResource(4, 12.5)));

        assertThat(decoded(Map.of(new LwM2mPath(27001, 0), health)).values())
                .isEqualTo(Map.of(Metric.CRASH_COUNT, 3.0, Metric.ENERGY_USED_MAH, 12.5));
    }

    @Test
    void of_several_error_codes_the_gravest_counts() {
        LwM2mNode codes = LwM2mMultipleResource.newIntegerResource(11, Map.of(0, 0L, 1, 8L, 2, 4L));

        assertThat(decoded(Map.of(new LwM2mPath(3, 0, 11), codes)).value(Metric.ERROR_CODE))
                .hasValue(8);
    }

    @Test
    void what_is_no_finite_number_of_zero_or_more_is_left_out_and_counted() {
        for (double garbage : new double[] {Double.NaN, Double.POSITIVE_INFINITY, -1}) {
            assertThat(decoder.decode(
                            EP,
                            null,
                            NOW,
                            Map.of(new LwM2mPath(27001, 0, 4), LwM2mSingleResource.newFloatResource(4, garbage))))
                    .isEmpty();
        }
        assertThat(decoder.decode(
                        EP,
                        null,
                        NOW,
                        Map.of(new LwM2mPath(3, 0, 9), LwM2mSingleResource.newStringResource(9, "full"))))
                .isEmpty();
        assertThat(decoder.garbage()).isEqualTo(4);
    }

    @Test
    void the_devices_clock_is_believed_unless_it_runs_wild() {
        Map<LwM2mPath, LwM2mNode> nodes = Map.of(new LwM2mPath(3, 0, 9), LwM2mSingleResource.newIntegerResource(9, 50));
        Instant hourAgo = NOW.minus(Duration.ofHours(1));

        assertThat(decoder.decode(EP, hourAgo, NOW, nodes).orElseThrow().deviceTime())
                .isEqualTo(hourAgo);
        for (Instant wild : List.of(Instant.EPOCH, NOW.plus(Duration.ofDays(2)))) {
            assertThat(decoder.decode(EP, wild, NOW, nodes).orElseThrow().deviceTime())
                    .isEqualTo(NOW);
        }
    }

    @Test
    void what_is_no_metric_is_no_report() {
        assertThat(decoder.decode(
                        EP, null, NOW, Map.of(new LwM2mPath(5, 0, 3), LwM2mSingleResource.newIntegerResource(3, 2))))
                .isEmpty();
        assertThat(decoder.garbage()).isZero();
    }
}
