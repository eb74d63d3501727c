package wavegate.server.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import wavegate.firmware.event.Fact;
import wavegate.server.contract.RandomFacts;

class FactCodecTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final FactCodec codec = new FactCodec();

    @Test
    void every_fact_comes_back_as_it_was() {
        for (Fact fact : new RandomFacts(1, 50).next(5000)) {
            byte[] bytes = codec.encode(fact);
            assertThat(codec.decode(bytes)).isEqualTo(fact);
        }
    }

    @Test
    void lines_written_by_earlier_versions_are_still_read_and_nothing_of_them_is_lost() throws IOException {
        List<String> lines = goldenLines();
        TreeSet<String> types = new TreeSet<>();
        for (String line : lines) {
            Fact fact = codec.decode(line.getBytes(UTF_8));
            types.add(fact.getClass().getSimpleName());
            assertThat(keeps(JSON.readTree(line), JSON.readTree(codec.encode(fact))))
                    .as(line)
                    .isTrue();
        }
        assertThat(types)
                .containsExactlyElementsOf(new TreeSet<>(Arrays.stream(Fact.class.getPermittedSubclasses())
                        .map(Class::getSimpleName)
                        .toList()));
    }

    @Test
    void a_member_from_the_future_is_skipped_wherever_it_stands() {
        String line =
                "{\"v\":1,\"type\":\"KillSwitchLifted\",\"since\":{\"a\":[1,{}]},\"at\":5,\"by\":\"x\",\"reason\":\"r\","
                        + "\"killSwitchId\":\"k\",\"more\":null}";
        assertThat(codec.decode(line.getBytes(UTF_8)))
                .isEqualTo(new Fact.KillSwitchLifted(Instant.ofEpochMilli(5), "k", "r", "x"));
    }

    @Test
    void a_missing_member_is_refused_by_name() {
        refused("{\"v\":1,\"type\":\"KillSwitchLifted\",\"at\":5,\"by\":\"x\",\"reason\":\"r\"}")
                .hasMessage("KillSwitchLifted.killSwitchId: missing");
        refused(
                        "{\"v\":1,\"type\":\"EvidenceNoted\",\"at\":5,\"campaign\":\"c\",\"wave\":0,\"evidence\":{\"endpoint\":\"e\"}}")
                .hasMessage("EvidenceNoted.evidence.arm: missing");
    }

    @Test
    void what_is_not_a_fact_is_refused_with_its_place() {
        refused("").hasMessageContaining("no object");
        refused("{}").hasMessageContaining("fact.v: missing");
        refused("{\"v\":2,\"type\":\"KillSwitchLifted\"}").hasMessage("fact.v: 2 (expected: 1)");
        refused("{\"v\":1,\"type\":\"Nothing\"}").hasMessageStartingWith("fact.type: Nothing (expected: one of");
        refused("{\"v\":1,\"type\":\"KillSwitchLifted\",\"at\":\"noon\"")
                .hasMessageContaining("KillSwitchLifted.at: noon");
        refused("{\"v\":1,\"type\":\"EvidenceNoted\",\"at\":5,\"campaign\":\"C!\"")
                .hasMessageContaining("EvidenceNoted.campaign: campaign id: \"C!\"");
        refused("{\"v\":1,\"type\":\"KillSwitchLifted\",\"at\":5} x").isInstanceOf(MalformedFact.class);
    }

    @Test
    void a_fact_cut_short_anywhere_is_refused() {
        byte[] whole = codec.encode(new RandomFacts(3, 5).updateChanged());
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> codec.decode(part)).isInstanceOf(MalformedFact.class);
        }
    }

    private org.assertj.core.api.AbstractThrowableAssert<?, ?> refused(String line) {
        return assertThatThrownBy(() -> codec.decode(line.getBytes(UTF_8))).isInstanceOf(MalformedFact.class);
    }

    private static boolean keeps(JsonNode before, JsonNode after) {
        if (before.isObject()) {
            return after.isObject()
                    && before.properties().stream()
                            .allMatch(member ->
                                    after.has(member.getKey()) && keeps(member.getValue(), after.get(member.getKey())));
        }
        if (before.isArray()) {
            return after.isArray()
                    && before.size() == after.size()
                    && IntStream.range(0, before.size()).allMatch(i -> keeps(before.get(i), after.get(i)));
        }
        return before.equals(after);
    }

    private static List<String> goldenLines() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(FactCodecTest.class.getResourceAsStream("/ledger/facts-v1.jsonl"))) {
            return new String(in.readAllBytes(), UTF_8).lines().toList();
        }
    }
}
