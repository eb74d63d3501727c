package wavegate.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What may get into the log, and how much of it. */
class LogTest {
    /** Logs with the server's own configuration, and gives back what it wrote. */
    private static String written(java.util.function.Consumer<LoggerContext> talk) throws Exception {
        PrintStream before = System.err;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        try {
            JoranConfigurator configurator = new JoranConfigurator();
            configurator.setContext(context);
            configurator.doConfigure(LogTest.class.getResource("/logback.xml"));
            talk.accept(context);
        } finally {
            context.stop();
            System.setErr(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void a_name_with_a_line_break_a_nul_or_a_turn_of_direction_stays_one_visible_line() throws Exception {
        String text = written(context -> context.getLogger("wavegate.test")
                .info("registered ep={}", "a\r\n2026-01-01 INFO forged\u0000\u202e\u2028\u009b31m\ud83d"));

        assertThat(text.lines()).hasSize(1);
        assertThat(text)
                .contains("registered ep=a\\u000d\\u000a2026-01-01 INFO forged\\u0000\\u202e\\u2028\\u009b31m\\ud83d");
    }

    @Test
    void the_message_of_an_exception_cannot_pass_for_a_line_of_the_log() throws Exception {
        String text = written(context -> context.getLogger("org.example")
                .error("failed", new IllegalStateException("x\n2026-01-01 INFO forged\u001b[2J")));

        assertThat(text.lines().filter(line -> !line.startsWith("  | "))).hasSize(1);
        assertThat(text).contains("  | 2026-01-01 INFO forged\\u001b[2J");
    }

    @Test
    void a_hundred_thousand_errors_of_one_kind_write_twenty_lines() throws Exception {
        String text = written(context -> {
            Logger logger = context.getLogger("org.eclipse.californium.core.network.CoapEndpoint");
            for (int i = 0; i < 100_000; i++) {
                logger.error("{}exception in protocol stage thread: {}", i, "no");
            }
        });

        assertThat(text.lines()).hasSizeBetween(20, 24);
        assertThat(text.length()).isLessThan(4_000);
    }

    @Test
    void changes_of_state_are_all_written() throws Exception {
        String text = written(context -> {
            Logger logger = context.getLogger("wavegate.server.rollout.Updates");
            logger.setLevel(Level.INFO);
            for (int i = 0; i < 1_000; i++) {
                logger.info("update ep={}", i);
            }
        });

        assertThat(text.lines()).hasSize(1_000);
    }

    @Test
    void what_was_left_out_is_counted_and_other_things_are_said_meanwhile() {
        RateLimit limit = new RateLimit(2, TimeUnit.SECONDS.toNanos(10), 2, 0);

        assertThat(limit.pass("a", 0)).isZero();
        assertThat(limit.pass("a", 0)).isZero();
        assertThat(limit.pass("a", 0)).isEqualTo(RateLimit.SILENT);
        assertThat(limit.pass("a", 0)).isEqualTo(RateLimit.SILENT);
        assertThat(limit.pass("b", 0)).isZero();
        assertThat(limit.pass("a", TimeUnit.SECONDS.toNanos(10))).isEqualTo(2);
        // Messages made up of values of strangers share what is left.
        assertThat(limit.pass("c", 0)).isZero();
        assertThat(limit.pass("d", 0)).isZero();
        assertThat(limit.pass("e", 0)).isEqualTo(RateLimit.SILENT);
    }

    @Test
    void running_out_of_memory_is_fatal_and_a_stack_overflow_is_not() {
        assertThat(FatalErrors.isFatal(new OutOfMemoryError())).isTrue();
        assertThat(FatalErrors.isFatal(new IllegalStateException(new OutOfMemoryError())))
                .isTrue();
        assertThat(FatalErrors.isFatal(new StackOverflowError())).isFalse();
        assertThat(FatalErrors.isFatal(new IllegalStateException())).isFalse();
        assertThat(FatalErrors.isFatal(null)).isFalse();
    }
}
