package wavegate.bootstrap.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import wavegate.bootstrap.plan.Dialogue.Answer;
import wavegate.bootstrap.plan.Dialogue.Move;

class DialogueTest {
    private static final String FRESH = "</>;lwm2m=1.1,</0/0>,</3/0>";
    private static final String KNOWN = "</>;lwm2m=1.1,</0/0>,</0/1>;ssid=1,</1/0>;ssid=1";

    /** Runs a session against a device given as a function, and says what was asked and how it ended. */
    private static List<String> session(boolean readFirst, Function<String, Answer> device) {
        Dialogue dialogue = new Dialogue(readFirst);
        List<String> asked = new ArrayList<>();
        Move move = dialogue.begin();
        while (true) {
            if (move instanceof Dialogue.Done) {
                asked.add("done");
                return asked;
            } else if (move instanceof Dialogue.Failed failed) {
                asked.add("failed: " + failed.reason());
                return asked;
            } else if (move instanceof Dialogue.Prepare) {
                asked.add("prepare");
                move = dialogue.prepared(List.of(PlanTest.server(1)));
            } else {
                String question = shown(move);
                asked.add(question);
                move = dialogue.answered(device.apply(question));
            }
        }
    }

    private static String shown(Move move) {
        if (move instanceof Dialogue.Discover discover) {
            return "discover /"
                    + (discover.object().isPresent() ? discover.object().getAsInt() : "");
        } else if (move instanceof Dialogue.Read read) {
            return "read /" + read.object();
        } else if (move instanceof Dialogue.Perform perform) {
            return (perform.step() instanceof Step.Delete ? "delete " : "write ")
                    + perform.step().path();
        }
        return move instanceof Dialogue.Finish ? "finish" : move.toString();
    }

    private static Function<String, Answer> device(String links, Map<String, Integer> refusals) {
        return question -> {
            Integer refusal = refusals.get(question);
            if (refusal != null) {
                return Answer.of(refusal);
            } else if (question.startsWith("discover")) {
                return Answer.discovered(205, links);
            }
            return Answer.of(question.startsWith("delete") ? 202 : question.startsWith("read") ? 205 : 204);
        };
    }

    @Test
    void a_fresh_device_is_discovered_written_and_finished() {
        assertThat(session(false, device(FRESH, Map.of())))
                .containsExactly("discover /", "prepare", "write /0/1", "write /1/0", "finish", "done");
    }

    @Test
    void a_known_device_is_read_and_emptied_first() {
        assertThat(session(true, device(KNOWN, Map.of())))
                .containsExactly(
                        "discover /",
                        "read /1",
                        "prepare",
                        "delete /0",
                        "delete /1",
                        "write /0/1",
                        "write /1/0",
                        "finish",
                        "done");
    }

    @Test
    void a_read_may_be_refused() {
        assertThat(session(true, device(KNOWN, Map.of("read /1", 405)))).endsWith("finish", "done");
    }

    @Test
    void a_device_that_cannot_discover_its_root_is_asked_object_by_object() {
        assertThat(session(false, device("</0/1>", Map.of("discover /", 405))))
                .startsWith("discover /", "discover /0", "discover /1", "prepare", "write /0/0", "write /1/0");
        assertThat(session(false, device("</0/1>", Map.of("discover /", 404, "discover /1", 404))))
                .startsWith("discover /", "discover /0", "discover /1", "prepare", "write /0/0", "write /1/0");
        assertThat(session(false, device("</0/1>", Map.of("discover /", 400, "discover /1", 501))))
                .startsWith("discover /", "discover /0", "discover /1", "prepare", "delete /1", "write /0/0");
    }

    @Test
    void a_device_that_cannot_discover_at_all_is_emptied_and_written() {
        for (int refusal : List.of(405, 404, 501, 0)) {
            assertThat(session(false, device("", Map.of("discover /", refusal, "discover /0", refusal))))
                    .containsExactly(
                            "discover /",
                            "discover /0",
                            "prepare",
                            "delete /0",
                            "delete /1",
                            "write /0/10",
                            "write /1/0",
                            "finish",
                            "done");
        }
        assertThat(session(
                        false,
                        device("", Map.of("discover /", 405, "discover /0", 405, "delete /0", 405, "delete /1", 405))))
                .endsWith("finish", "done");
    }

    @Test
    void a_refused_write_ends_the_session_before_anything_is_finished() {
        assertThat(session(false, device(FRESH, Map.of("write /1/0", 400))))
                .doesNotContain("finish")
                .endsWith("failed: write of /1/0 answered with 4.00");
        assertThat(session(false, device(FRESH, Map.of("write /0/1", 0))))
                .endsWith("failed: write of /0/1 answered with an answer that cannot be read");
    }

    @Test
    void a_refused_delete_leaves_no_stranger_among_the_servers() {
        assertThat(session(false, device(KNOWN, Map.of("delete /1", 405))))
                .endsWith("failed: delete of /1 answered with 4.05");
        assertThat(session(false, device(KNOWN, Map.of("delete /1", 404)))).endsWith("finish", "done");
    }

    @Test
    void a_refused_finish_is_a_failure() {
        assertThat(session(false, device(FRESH, Map.of("finish", 406)))).endsWith("failed: finish answered with 4.06");
    }

    @Test
    void answers_out_of_turn_change_nothing() {
        Dialogue dialogue = new Dialogue(false);
        assertThat(dialogue.prepared(List.of(PlanTest.server(1)))).isEqualTo(new Dialogue.Ignored());
        assertThat(dialogue.begin()).isEqualTo(new Dialogue.Discover(OptionalInt.empty()));
        assertThat(dialogue.answered(Answer.discovered(205, FRESH))).isInstanceOf(Dialogue.Prepare.class);
        assertThat(dialogue.answered(Answer.of(204))).isEqualTo(new Dialogue.Ignored());
        assertThat(dialogue.unanswered("discover")).isInstanceOf(Dialogue.Failed.class);
        assertThat(dialogue.answered(Answer.of(204))).isEqualTo(new Dialogue.Ignored());
        assertThat(dialogue.unanswered("late")).isEqualTo(new Dialogue.Ignored());
    }
}
