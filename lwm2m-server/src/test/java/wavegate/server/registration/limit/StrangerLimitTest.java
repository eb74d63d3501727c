package wavegate.server.registration.limit;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import wavegate.config.LimitSettings;

/** Who is let in when more arrives than can be served. Time is a number here. */
class StrangerLimitTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final StrangerLimit limit = new StrangerLimit(Bucket.Rate.of(100, 200), 1_000, 2_000, 7);

    private static long source(int n) {
        return 1L << 62 | n;
    }

    private int admitted(int datagrams, int sources, long from, long nanos) {
        int admitted = 0;
        Random random = new Random(from);
        for (int i = 0; i < datagrams; i++) {
            long now = from + i * (nanos / datagrams);
            if (limit.take(source(random.nextInt(sources)), random.nextLong(), now) == Admission.ADMITTED) {
                admitted++;
            }
        }
        return admitted;
    }

    @Test
    void a_source_gets_its_burst_and_then_its_rate_whatever_it_sends() {
        assertThat(admitted(100_000, 1, 0, SECOND)).isBetween(299, 301);
        assertThat(admitted(100_000, 1, SECOND, SECOND)).isBetween(99, 101);
    }

    @Test
    void a_flood_from_one_source_takes_nothing_from_another() {
        admitted(100_000, 1, 0, SECOND);

        assertThat(limit.take(source(2), 1, SECOND)).isEqualTo(Admission.ADMITTED);
    }

    @Test
    void all_strangers_together_get_the_burst_and_then_the_rate() {
        assertThat(admitted(100_000, 10_000, 0, SECOND)).isBetween(2_990, 3_010);
        assertThat(admitted(100_000, 10_000, SECOND, SECOND)).isBetween(990, 1_010);
    }

    @Test
    void who_repeats_itself_after_a_wait_gets_in_beside_a_flood_of_made_up_addresses() {
        int honest = 0;
        Random random = new Random(2);
        long now = 0;
        for (int i = 0; i < 500_000; i++) {
            now = i * (5 * SECOND / 500_000);
            limit.take(source(random.nextInt(1 << 24)), random.nextLong(), now);
            // 100 devices call in the second second, and again two seconds later.
            if (i >= 100_000 && i < 200_000 && i % 1_000 == 0) {
                limit.take(source((1 << 25) + i), i, now);
            }
            if (i >= 300_000 && i < 400_000 && i % 1_000 == 0) {
                int caller = i - 200_000;
                honest += limit.take(source((1 << 25) + caller), caller, now) == Admission.ADMITTED ? 1 : 0;
            }
        }
        assertThat(honest).isGreaterThanOrEqualTo(97);
    }

    @Test
    void an_admitted_caller_comes_back_three_times_and_no_more() {
        limit.take(source(1), 42, 0);

        assertThat(limit.comesBack(42, SECOND)).isTrue();
        assertThat(limit.comesBack(42, SECOND)).isTrue();
        assertThat(limit.comesBack(42, SECOND)).isTrue();
        assertThat(limit.comesBack(42, SECOND)).isFalse();
        assertThat(limit.comesBack(43, SECOND)).isFalse();
    }

    @Test
    void a_source_over_its_share_is_not_forgotten_however_many_others_appear() {
        admitted(10_000, 1, 0, SECOND / 10);
        Random random = new Random(3);
        for (int i = 0; i < 1_000_000; i++) {
            limit.take(source(random.nextInt(1 << 24) + 1), i, SECOND / 10);
        }

        // It may have just earned one, but not its burst.
        limit.take(source(0), 1, SECOND / 10);
        assertThat(limit.take(source(0), 1, SECOND / 10)).isEqualTo(Admission.SOURCE);
    }

    @Test
    void time_before_zero_is_time_too() {
        long begin = Long.MAX_VALUE - SECOND;
        StrangerLimit wraps = new StrangerLimit(Bucket.Rate.of(1, 1), 10, 10, 7);

        assertThat(wraps.take(source(1), 1, begin)).isEqualTo(Admission.ADMITTED);
        assertThat(wraps.take(source(1), 1, begin)).isEqualTo(Admission.SOURCE);
        assertThat(wraps.take(source(1), 1, begin + 3 * SECOND)).isEqualTo(Admission.ADMITTED);
    }

    @Test
    void a_datagram_that_is_shed_allocates_nothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        admitted(20_000, 100, 0, SECOND / 100);
        long before = threads.getCurrentThreadAllocatedBytes();
        int shed = 0;
        for (int i = 0; i < 100_000; i++) {
            shed += limit.take(source(i & 127), i, SECOND / 100) == Admission.ADMITTED ? 0 : 1;
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(shed).isGreaterThan(90_000);
        assertThat(allocated).isLessThan(10_000);
    }

    @Test
    void an_ipv4_source_is_a_24_and_an_ipv6_one_a_48() throws Exception {
        assertThat(Source.of(InetAddress.getByName("10.1.2.3")))
                .isEqualTo(Source.of(InetAddress.getByName("10.1.2.250")))
                .isNotEqualTo(Source.of(InetAddress.getByName("10.1.3.3")))
                .isEqualTo(1L << 62 | 0x0a0102);
        assertThat(Source.of(InetAddress.getByName("2001:db8:1:2::1")))
                .isEqualTo(Source.of(InetAddress.getByName("2001:db8:1:ffff::9")))
                .isNotEqualTo(Source.of(InetAddress.getByName("2001:db8:2::1")));
    }

    @Test
    void thirty_thousand_devices_at_full_speed_on_a_16_meet_no_limit() throws Exception {
        CoapGate gate = new CoapGate(LimitSettings.DEFAULT, sender -> false, () -> 0, 7);
        byte[] register = {0x40, 2, 0, 1};
        int shed = 0;
        for (int i = 0; i < 30_000; i++) {
            byte[] address = {127, 16, (byte) (i >> 8), (byte) i};
            InetSocketAddress device = new InetSocketAddress(InetAddress.getByAddress(address), 5683);
            // 7,600 a second is what a server on two cores takes; each is a stranger until its Register is answered.
            long now = i * (SECOND / 7_600);
            shed += gate.judge(register, 0, register.length, device, now) == Admission.ADMITTED ? 0 : 1;
        }
        assertThat(shed).isZero();
    }
}
