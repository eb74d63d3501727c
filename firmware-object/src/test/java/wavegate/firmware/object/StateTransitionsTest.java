package wavegate.firmware.object;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import wavegate.firmware.object.StateTransitions.Row;
import wavegate.firmware.object.StateTransitions.Trigger;

class StateTransitionsTest {
    /** OMA's figure, written down a second time: id, from, to, Update Results afterwards, trigger in OMA's words. */
    private static final String FIGURE =
            """
            T1  | 0 | 1 | 0     | Write Package
            T2  | 0 | 1 | 0     | Write Package URI
            T3  | 1 | 2 | 0     | download finished
            T4  | 1 | 0 | 2,3,4 | download failed
            T5  | 1 | 0 | 6,7,9 | URI resolution failed
            T6  | 1 | 0 | 5     | integrity check failed
            T7  | 1 | 0 | 10    | Cancel executed
            T8  | 2 | 3 | 0     | Execute Update
            T9  | 2 | 2 | 11    | update deferred
            T10 | 2 | 0 | 0     | empty URI or NULL package written
            T11 | 2 | 0 | 10    | Cancel executed
            T12 | 3 | 0 | 1     | update successful
            T13 | 3 | 0 | 5     | integrity check failed
            T14 | 3 | 0 | 8     | update failed
            T15 | 3 | 2 | 8     | update failed
            """;

    private static final Map<Trigger, String> WORDS = new EnumMap<>(Map.ofEntries(
            Map.entry(Trigger.PACKAGE_WRITTEN, "Write Package"),
            Map.entry(Trigger.URI_WRITTEN, "Write Package URI"),
            Map.entry(Trigger.DOWNLOAD_FINISHED, "download finished"),
            Map.entry(Trigger.DOWNLOAD_FAILED, "download failed"),
            Map.entry(Trigger.URI_UNUSABLE, "URI resolution failed"),
            Map.entry(Trigger.INTEGRITY_FAILED, "integrity check failed"),
            Map.entry(Trigger.CANCEL_EXECUTED, "Cancel executed"),
            Map.entry(Trigger.UPDATE_EXECUTED, "Execute Update"),
            Map.entry(Trigger.UPDATE_DEFERRED, "update deferred"),
            Map.entry(Trigger.RESET_WRITTEN, "empty URI or NULL package written"),
            Map.entry(Trigger.UPDATE_SUCCEEDED, "update successful"),
            Map.entry(Trigger.UPDATE_FAILED, "update failed")));

    @Test
    void the_rows_are_those_of_the_figure_in_its_order() {
        assertThat(StateTransitions.ROWS.stream().map(StateTransitionsTest::inWords))
                .containsExactlyElementsOf(FIGURE.lines()
                        .map(line -> line.replaceAll(" *\\| *", "|"))
                        .toList());
    }

    @Test
    void a_failed_update_may_land_in_idle_or_stay_downloaded() {
        assertThat(StateTransitions.from(UpdateState.UPDATING, Trigger.UPDATE_FAILED))
                .extracting(Row::id)
                .containsExactly("T14", "T15");
    }

    @Test
    void what_is_not_drawn_is_not_allowed() {
        assertThat(StateTransitions.from(UpdateState.DOWNLOADING, Trigger.URI_WRITTEN))
                .isEmpty();
        assertThat(StateTransitions.from(UpdateState.IDLE, Trigger.UPDATE_EXECUTED))
                .isEmpty();
        assertThat(StateTransitions.from(UpdateState.UPDATING, Trigger.CANCEL_EXECUTED))
                .isEmpty();
    }

    @Test
    void every_other_state_and_trigger_has_at_most_one_way() {
        for (UpdateState state : UpdateState.values()) {
            for (Trigger trigger : Trigger.values()) {
                int ways = StateTransitions.from(state, trigger).size();
                boolean failed = state == UpdateState.UPDATING && trigger == Trigger.UPDATE_FAILED;
                assertThat(ways).as(state + " " + trigger).isLessThanOrEqualTo(failed ? 2 : 1);
            }
        }
    }

    @Test
    void results_and_states_the_standard_does_not_know_are_kept_as_numbers() {
        for (int code : new int[] {14, 77, 100, -1, -66, Integer.MAX_VALUE}) {
            UpdateResult result = new UpdateResult(code);
            assertThat(result.known()).isFalse();
            assertThat(result.label()).isEqualTo("unknown-" + code);
        }
        for (int code : new int[] {4, 78, -66}) {
            FirmwareStatus status = new FirmwareStatus(code, UpdateResult.INITIAL);
            assertThat(status.state()).isEmpty();
            assertThat(status).hasToString(code + "/0(initial)");
            assertThat(Stream.of(UpdateState.values())).noneMatch(status::is);
        }
    }

    @Test
    void the_results_of_the_standard_have_labels() {
        assertThat(Stream.iterate(0, code -> code + 1).limit(12).map(code -> new UpdateResult(code).label()))
                .containsExactlyElementsOf(List.of(
                        "initial",
                        "success",
                        "not-enough-flash",
                        "out-of-ram",
                        "connection-lost",
                        "integrity-failure",
                        "unsupported-package-type",
                        "invalid-uri",
                        "update-failed",
                        "unsupported-protocol",
                        "cancelled",
                        "deferred"));
    }

    @Test
    void states_delivery_methods_and_protocols_have_the_codes_of_the_standard() {
        assertThat(List.of(UpdateState.of(0), UpdateState.of(1), UpdateState.of(2), UpdateState.of(3)))
                .extracting(state -> state.orElseThrow())
                .containsExactly(
                        UpdateState.IDLE, UpdateState.DOWNLOADING, UpdateState.DOWNLOADED, UpdateState.UPDATING);
        assertThat(List.of(DeliveryMethod.of(0), DeliveryMethod.of(1), DeliveryMethod.of(2)))
                .extracting(method -> method.orElseThrow())
                .containsExactly(DeliveryMethod.PULL, DeliveryMethod.PUSH, DeliveryMethod.BOTH);
        assertThat(DeliveryMethod.of(3)).isEmpty();
        assertThat(Stream.iterate(0, code -> code + 1)
                        .limit(6)
                        .map(code -> UpdateProtocol.of(code).orElseThrow().scheme()))
                .containsExactly("coap", "coaps", "http", "https", "coap+tcp", "coaps+tcp");
        assertThat(UpdateProtocol.of(6)).isEmpty();
        assertThat(UpdateState.of(1L << 32)).isEmpty();
    }

    @Test
    void a_delivery_method_says_what_it_can_do() {
        assertThat(DeliveryMethod.PULL.canPull() && DeliveryMethod.BOTH.canPull())
                .isTrue();
        assertThat(DeliveryMethod.PUSH.canPush() && DeliveryMethod.BOTH.canPush())
                .isTrue();
        assertThat(DeliveryMethod.PULL.canPush()).isFalse();
        assertThat(DeliveryMethod.PUSH.canPull()).isFalse();
    }

    private static String inWords(Row row) {
        String results = String.join(
                ",", row.results().stream().sorted().map(String::valueOf).toList());
        return String.join(
                "|",
                row.id(),
                String.valueOf(row.from().code()),
                String.valueOf(row.to().code()),
                results,
                WORDS.getOrDefault(row.trigger(), "?"));
    }
}
