package wavegate.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpellingTest {
    @ParameterizedTest
    @CsvSource({"250ms,250", "30s,30000", "5m,300000", "24h,86400000", "3d,259200000", "1h30m,5400000", "PT1M,60000"})
    void a_duration_is_read_and_written_so_that_it_reads_back(String text, long millis) {
        Duration duration = Durations.parse(text);

        assertThat(duration).isEqualTo(Duration.ofMillis(millis));
        assertThat(Durations.parse(Durations.format(duration))).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "5", "5 m", "m5", "5m-", "-5m", "P", "999999999999999d"})
    void what_is_no_duration_is_refused_by_name(String text) {
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + text + "\" (expected: a duration");
    }

    @ParameterizedTest
    @CsvSource({"512B,512", "64KiB,65536", "16MiB,16777216", "2GiB,2147483648", "1000,1000"})
    void a_size_is_read_and_written_so_that_it_reads_back(String text, long bytes) {
        DataSize size = DataSize.parse(text);

        assertThat(size.bytes()).isEqualTo(bytes);
        assertThat(DataSize.parse(size.toString())).isEqualTo(size);
    }

    @Test
    void what_is_no_size_is_refused_by_name() {
        assertThatThrownBy(() -> DataSize.parse("64KB"))
                .hasMessage("\"64KB\" (expected: a size like 512B, 64KiB, 16MiB, 2GiB)");
    }
}
