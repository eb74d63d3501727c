package wavegate.server.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.sim.coap.Transport;
import wavegate.sim.coap.Transports;

/**
 * 100,000 broken datagrams at each socket of a server that lets them all through to its parsers. It goes on serving, says 5.00 to none of them, and
 * nothing of what it knows is changed by them.
 */
class MutationTest {
    private static final int DATAGRAMS = 100_000;
    private static final int SOURCES = 4_096;
    /** Else most would be shed before they are parsed. */
    private static final String WIDE_OPEN =
            """
            limits:
              source-rate: 1000000
              source-burst: 1000000
              stranger-rate: 1000000
              stranger-burst: 1000000
              source-hellos: 1000000
              hellos: 1000000
            """;

    @TempDir
    Path directory;

    private final Map<String, Integer> answers = new TreeMap<>();

    @Test
    void a_hundred_thousand_mutated_datagrams_at_each_socket_break_nothing() throws Exception {
        try (Target target = new Target(directory, 3, WIDE_OPEN);
                HonestDevice victim = new HonestDevice(0)) {
            assertThat(victim.register(target.coaps, Duration.ofSeconds(20))).isPresent();
            target.knows(1);
            String before = target.ask("device " + HonestDevice.name(0));
            long heap = target.number("heap");
            long log = target.logBytes();

            long sequence = target.number("sequence");
            fuzz(target.coaps, new Datagrams(1)::mutatedDtls);
            Optional<Duration> during = registered(target, 1);
            target.knows(2);
            assertThat(target.number("sequence") - sequence)
                    .as("facts beside the registration of an honest device")
                    .isLessThanOrEqualTo(2);

            fuzz(target.coap, new Datagrams(2)::mutatedCoap);
            Optional<Duration> after = registered(target, 2);

            long growth = target.number("heap") - heap;
            System.out.printf(
                    "mutated datagrams=2x%d answers=%s registered-after=%s,%s heap-growth=%.1fMiB log=%dB devices=%d%n  %s%n",
                    DATAGRAMS,
                    answers,
                    during,
                    after,
                    growth / 1048576.0,
                    target.logBytes() - log,
                    target.number("devices"),
                    target.ask("shed"));
            assertThat(during).isPresent();
            assertThat(after).isPresent();
            assertThat(answers).as("answers by code").isNotEmpty().doesNotContainKey("5.00");
            assertThat(target.ask("device " + HonestDevice.name(0))).isEqualTo(before);
            assertThat(target.number("orders")).isZero();
            assertThat(target.logBytes() - log).as(target.log()).isLessThan(256 * 1024);
            assertThat(growth).isLessThan(64L << 20);
            assertThat(target.ready(200)).isEqualTo(200);
        }
    }

    private static Optional<Duration> registered(Target target, int number) throws Exception {
        try (HonestDevice device = new HonestDevice(number)) {
            return device.register(target.coaps, Duration.ofSeconds(5));
        }
    }

    private interface Source {
        byte[] next();
    }

    private void fuzz(InetSocketAddress at, Source datagrams) throws IOException {
        try (Transport transport = Transports.open(Transports.Kind.AUTO, SOURCES, at)) {
            for (int i = 0; i < DATAGRAMS; i++) {
                transport.send(i % SOURCES, at, datagrams.next());
                if (i % 64 == 0) {
                    transport.poll(0, (device, peer, answer) -> count(answer));
                    // Some 40,000 a second: no faster than two cores parse them.
                    LockSupport.parkNanos(1_000_000);
                }
            }
            int quiet = 0;
            while (quiet < 5) {
                quiet = transport.poll(100, (device, peer, answer) -> count(answer)) == 0 ? quiet + 1 : 0;
            }
        }
    }

    /** By CoAP code, or the kind of DTLS record. */
    private void count(byte[] answer) {
        boolean dtls = answer.length > 1 && (answer[1] & 0xff) == 0xfe;
        int code = answer.length > 1 ? answer[1] & 0xff : 0;
        answers.merge(
                dtls ? "dtls-" + answer[0] : (code >> 5) + "." + String.format("%02d", code & 31), 1, Integer::sum);
    }
}
