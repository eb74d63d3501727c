package wavegate.server.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.server.rollout.VersionDesk.Format;
import wavegate.server.terminal.TerminalSessions.Came;

class TerminalSessionsTest {
    private static final InetSocketAddress ADDRESS = new InetSocketAddress(InetAddress.getLoopbackAddress(), 40000);
    private static final long HOUR = 3_600_000;

    private final TerminalSessions sessions = new TerminalSessions(3);
    private long now = 1_000_000_000;

    private Came asks(String name, String health) throws CheckInReader.Malformed {
        String question = "{\"endpoint\": \"" + name + "\", \"version\": \"1\", \"health\": {" + health + "}}";
        CheckIn checkIn = CheckInReader.read(question.getBytes(StandardCharsets.UTF_8), Format.JSON);
        return sessions.came(checkIn, ADDRESS, UpdateProtocol.COAPS, now, HOUR);
    }

    @Test
    void a_terminal_is_there_until_its_next_question_is_overdue() throws Exception {
        assertThat(asks("t", "")).isEqualTo(Came.FIRST);
        assertThat(sessions.find(new Endpoint("t")).orElseThrow().binding()).isEqualTo("coaps");

        now += HOUR;
        assertThat(sessions.takeOverdue(now)).isEmpty();
        now += HOUR / 4 + 1;
        assertThat(sessions.takeOverdue(now)).containsExactly(new Endpoint("t"));
        assertThat(sessions.has(new Endpoint("t"))).isFalse();
    }

    @Test
    void it_is_waited_for_as_long_as_it_was_told_to_wait() throws Exception {
        asks("t", "");
        sessions.told(new Endpoint("t"), now, 24 * HOUR);

        now += 23 * HOUR;

        assertThat(sessions.takeOverdue(now)).isEmpty();
    }

    @Test
    void a_restart_is_seen_by_the_counter_of_boots_or_else_by_the_uptime() throws Exception {
        asks("counts", "\"boots\": 4, \"uptime\": 500");
        asks("tells", "\"uptime\": 500");
        now += HOUR;

        assertThat(asks("counts", "\"boots\": 4, \"uptime\": 3")).isEqualTo(Came.AGAIN);
        assertThat(asks("counts", "\"boots\": 5, \"uptime\": 9")).isEqualTo(Came.RESTARTED);
        assertThat(asks("tells", "\"uptime\": 900")).isEqualTo(Came.AGAIN);
        assertThat(asks("tells", "\"uptime\": 2")).isEqualTo(Came.RESTARTED);
    }

    @Test
    void a_question_that_tells_no_health_does_not_hide_a_restart_nor_make_one() throws Exception {
        asks("counts", "\"boots\": 4");
        asks("tells", "\"uptime\": 500");
        now += HOUR;

        assertThat(asks("counts", "")).isEqualTo(Came.AGAIN);
        assertThat(asks("tells", "")).isEqualTo(Came.AGAIN);
        assertThat(asks("counts", "\"boots\": 5")).isEqualTo(Came.RESTARTED);
        assertThat(asks("tells", "\"uptime\": 2")).isEqualTo(Came.RESTARTED);
    }

    @Test
    void twenty_questions_at_once_are_answered_and_then_two_a_second() throws Exception {
        int answered = 0;
        for (int i = 0; i < 100; i++) {
            answered += asks("t", "") == Came.TOO_OFTEN ? 0 : 1;
        }
        assertThat(answered).isEqualTo(20);
        for (int i = 0; i < 100; i++) {
            now += 100;
            answered += asks("t", "") == Came.TOO_OFTEN ? 0 : 1;
        }
        assertThat(answered).isEqualTo(40);
    }

    @Test
    void there_are_no_more_of_them_than_there_is_room_for() throws Exception {
        asks("a", "");
        asks("b", "");
        asks("c", "");

        assertThat(asks("d", "")).isEqualTo(Came.NO_ROOM);
        now += 1000;
        assertThat(asks("a", "")).isEqualTo(Came.AGAIN);
        assertThat(sessions.count()).isEqualTo(3);
        assertThat(sessions.end(new Endpoint("b"))).isTrue();
        assertThat(asks("d", "")).isEqualTo(Came.FIRST);
    }
}
