package wavegate.firmware.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import wavegate.firmware.pkg.FirmwareVersion;

class DeviceQueryTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Device PUMP = new Device(
            new Endpoint("pump-17"),
            new DeviceIdentity("Acme", "M1", "rev-a"),
            FirmwareVersion.of("1.4.10"),
            new Labels("eu-1", "", new TreeSet<>(List.of("mains", "beta"))),
            new Labels("de", "tele", new TreeSet<>()),
            Instant.parse("2026-01-01T00:00:00Z"));
    private static final DeviceStanding STANDING = new DeviceStanding() {
        @Override
        public boolean registered() {
            return true;
        }

        @Override
        public Optional<Instant> lastSeen() {
            return Optional.of(NOW.minusSeconds(3600));
        }

        @Override
        public OptionalDouble battery() {
            return OptionalDouble.of(41);
        }

        @Override
        public Optional<Instant> lastCrash() {
            return Optional.of(Instant.parse("2026-02-20T00:00:00Z"));
        }

        @Override
        public String clientProfile() {
            return "zephyr";
        }
    };

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "region==eu-1|true",
                "region==de|false",
                "carrier==tele|true",
                "carrier=in=(other,tele)|true",
                "carrier=out=(other,tele)|false",
                "endpoint==pump-*|true",
                "endpoint==valve-*|false",
                "model==m1|true",
                "manufacturer!=Acme|false",
                "hardware=='rev-a'|true",
                "tag==mains|true",
                "tag==battery|false",
                "tag!=battery|true",
                "tag=in=(x,beta)|true",
                "firmware==v1.4.10|true",
                "firmware<1.4.9|false",
                "firmware>1.4.9|true",
                "firmware=ge=1.4.10;firmware=lt=2|true",
                "clientProfile==zephyr|true",
                "registered==true|true",
                "registered==false|false",
                "cloneSuspected==false|true",
                "battery>=41|true",
                "battery>41|false",
                "lastSeen>-2h|true",
                "lastSeen>-30m|false",
                "lastSeen>=2026-03-01T11:00:00Z|true",
                "lastCrash<2026-02-21T00:00:00Z|true",
                "firstSeen<-30d|true",
                "region==eu-1;battery<40|false",
                "region==us,battery<50|true",
                "region==eu-1;(battery<40,tag==mains)|true",
                "crashes>0|false",
                "crashes!=3|true",
            })
    void a_query_means_what_it_says(String text, boolean matches) {
        assertThat(DeviceQuery.parse(text).matches(PUMP, STANDING, NOW)).isEqualTo(matches);
    }

    @Test
    void a_device_that_has_no_value_meets_only_what_excludes_one() {
        Device unknown = Device.firstSeen(new Endpoint("x"), Labels.NONE, NOW);

        assertThat(matches("battery<50", unknown)).isFalse();
        assertThat(matches("battery!=50", unknown)).isTrue();
        assertThat(matches("firmware<2", unknown)).isFalse();
        assertThat(matches("firmware==''", unknown)).isTrue();
        assertThat(matches("region==''", unknown)).isTrue();
        assertThat(matches("lastSeen>-1h", unknown)).isFalse();
        assertThat(matches("registered==false", unknown)).isTrue();
    }

    private static boolean matches(String text, Device device) {
        return DeviceQuery.parse(text).matches(device, DeviceStanding.UNKNOWN, NOW);
    }

    @Test
    void two_queries_are_joined_whole() {
        DeviceQuery both = DeviceQuery.parse("region==us,tag==mains").and(DeviceQuery.parse("battery<10,model==M1"));

        assertThat(both.matches(PUMP, STANDING, NOW)).isTrue();
        assertThat(both.text()).isEqualTo("(region==us,tag==mains);(battery<10,model==M1)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "colour==red|filter: selector \"colour\" at position 1 (expected: one of endpoint, ",
                "region==eu;colour==red|filter: selector \"colour\" at position 12",
                "region<eu|filter: operator =lt= on selector \"region\" at position 1 (expected: one of ==, !=, =in=, =out=)",
                "region=like=eu|filter: operator \"=like=\" at position 7 (expected: one of ==, ",
                "tag==a;battery>full|filter: value \"full\" of selector \"battery\" at position 8 (expected: a number)",
                "battery>NaN|filter: value \"NaN\"",
                "lastSeen>yesterday|(expected: a moment such as",
                "registered==yes|(expected: true or false)",
                "region==|filter: cannot be read",
                "region==a b|filter: cannot be read at position ",
                "(region==a|filter: ends too early, after position 10",
                "region==a)|filter: cannot be read at position 10",
            })
    void a_fault_names_the_piece_and_its_place(String text, String message) {
        assertThatThrownBy(() -> DeviceQuery.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "'", "region=='", ";", "((((", "==", "a", "=in=()", "region=in=()", "\\"})
    void no_text_does_worse_than_be_refused(String text) {
        assertThatThrownBy(() -> DeviceQuery.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("filter");
    }

    @Test
    void length_depth_and_number_are_bounded() {
        assertThatThrownBy(() -> DeviceQuery.parse("tag==" + "x".repeat(DeviceQuery.LONGEST)))
                .hasMessage("filter of 4101 characters (expected: 1 to 4096)");
        assertThatThrownBy(() -> DeviceQuery.parse("(".repeat(17) + "tag==x" + ")".repeat(17)))
                .hasMessage("filter: parentheses 17 deep at position 17 (expected: at most 16)");
        assertThatThrownBy(() -> DeviceQuery.parse("tag==x" + ";tag==x".repeat(128)))
                .hasMessageContaining("more than 128 comparisons");
        assertThatThrownBy(() -> DeviceQuery.parse("tag==\u0000x")).hasMessageContaining("control character");
        assertThat(DeviceQuery.parse("(".repeat(16) + "tag==mains" + ")".repeat(16))
                        .matches(PUMP, STANDING, NOW))
                .isTrue();
    }
}
