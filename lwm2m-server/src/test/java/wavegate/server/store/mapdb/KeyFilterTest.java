package wavegate.server.store.mapdb;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeyFilterTest {
    private static final int KEYS = 200_000;

    private final KeyFilter filter = new KeyFilter();

    @Test
    void what_was_put_in_is_never_denied_and_few_others_are_let_through() {
        IntStream.range(0, KEYS).forEach(i -> filter.add(key(i)));

        assertThat(IntStream.range(0, KEYS).allMatch(i -> filter.mayHold(key(i))))
                .isTrue();
        assertThat(IntStream.range(KEYS, 2 * KEYS)
                        .filter(i -> filter.mayHold(key(i)))
                        .count())
                .isLessThan(KEYS / 1000);
    }

    private static byte[] key(int i) {
        return ("urn:imei:" + (350_000_000_000_000L + i)).getBytes(US_ASCII);
    }
}
