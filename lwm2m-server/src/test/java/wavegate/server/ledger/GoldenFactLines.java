package wavegate.server.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import wavegate.firmware.event.Fact;
import wavegate.server.contract.RandomFacts;

/**
 * Writes {@code facts-v1.jsonl}, one line per fact type. Once a ledger of a released version exists, lines are added to that file and never
 * changed: a line that no longer reads is a ledger that no longer opens.
 */
final class GoldenFactLines {
    private GoldenFactLines() {}

    public static void main(String[] arguments) throws IOException {
        FactCodec codec = new FactCodec();
        Map<String, String> lines = new TreeMap<>();
        for (Fact fact : new RandomFacts(7, 50).next(400)) {
            lines.merge(
                    fact.getClass().getSimpleName(),
                    new String(codec.encode(fact), UTF_8),
                    (a, b) -> a.length() >= b.length() ? a : b);
        }
        Files.write(Path.of(arguments[0]), lines.values(), UTF_8);
    }
}
