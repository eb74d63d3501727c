package wavegate.firmware.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wavegate.firmware.device.Endpoint;

class MembershipFileTest {
    private static final String TEXT =
            """
            wavegate-membership 1
            wave 0 members 2 control 1
            member pump-17
            member pump-4
            control pump-9
            wave 1 members 1 control 0
            member pump-9
            end 2
            """;
    private static final Membership MEMBERSHIP = new Membership(List.of(
            new Membership.WaveMembers(endpoints("pump-17", "pump-4"), endpoints("pump-9")),
            new Membership.WaveMembers(endpoints("pump-9"), List.of())));

    @Test
    void it_is_text_a_person_can_read() {
        assertThat(new String(MembershipFile.encode(MEMBERSHIP), StandardCharsets.US_ASCII))
                .isEqualTo(TEXT);
    }

    @Test
    void what_was_written_is_read() {
        assertThat(MembershipFile.decode(MembershipFile.encode(MEMBERSHIP))).isEqualTo(MEMBERSHIP);
        Membership none = new Membership(List.of());
        assertThat(MembershipFile.decode(MembershipFile.encode(none))).isEqualTo(none);
    }

    @Test
    void a_file_cut_anywhere_is_refused() {
        byte[] whole = MembershipFile.encode(MEMBERSHIP);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> MembershipFile.decode(cut))
                    .as("cut to %d bytes", length)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("membership line ");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "wavegate-membership 1 | wavegate-membership 2 | membership line 1: \"wavegate-membership 2\" (expected: wavegate-membership 1)",
                "member pump-4 | member pump 4 | membership line 4: \"member pump 4\" (expected: member and an endpoint, 1 more of them)",
                "member pump-4 | member pump-17 | membership line 4: \"member pump-17\" (expected: a device not named before)",
                "control pump-9 | control pump-4 | membership line 5: \"control pump-4\" (expected: a device not named before)",
                "member pump-9 | member pump-4 | membership line 7: \"member pump-4\" (expected: a device not named before)",
                "wave 1 | wave 2 | membership line 6: \"wave 2 members 1 control 0\" (expected: wave 1 members N control N)",
                "control 1 | control 01 | membership line 2: \"wave 0 members 2 control 01\" (expected: wave 0 members N control N)",
                "end 2 | end 3 | membership line 8: \"end 3\" (expected: a wave, or: end 2)",
            })
    void an_edited_file_is_refused_by_its_line(String was, String is, String message) {
        byte[] edited = TEXT.replaceFirst(was, is).getBytes(StandardCharsets.US_ASCII);

        assertThatThrownBy(() -> MembershipFile.decode(edited))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void nothing_may_follow_the_end() {
        byte[] longer = (TEXT + "member pump-1\n").getBytes(StandardCharsets.US_ASCII);

        assertThatThrownBy(() -> MembershipFile.decode(longer))
                .hasMessage("membership line 8: \"end 2\" (expected: nothing after this line)");
    }

    private static List<Endpoint> endpoints(String... names) {
        return Arrays.stream(names).map(Endpoint::new).toList();
    }
}
