package wavegate.sim.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ModuleIdentityTest {
    /** Digits of a valid IMEI, every second one doubled from the right, add up to a multiple of ten. */
    private static boolean isImei(String digits) {
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(digits.length() - 1 - i) - '0';
            int doubled = i % 2 == 1 ? 2 * digit : digit;
            sum += doubled / 10 + doubled % 10;
        }
        return digits.length() == 15 && sum % 10 == 0;
    }

    @Test
    void names_are_imeis_of_their_own_and_the_same_on_every_run() {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 20_000; i++) {
            String name = ModuleIdentity.endpoint(7, i);
            assertThat(name).startsWith("urn:imei:").isEqualTo(ModuleIdentity.endpoint(7, i));
            assertThat(isImei(name.substring("urn:imei:".length()))).as(name).isTrue();
            names.add(name);
        }
        assertThat(names).hasSize(20_000).doesNotContain(ModuleIdentity.endpoint(8, 0));
    }

    @Test
    void a_name_no_server_would_take_is_refused() {
        assertThatThrownBy(() -> new ModuleIdentity(0, "a b", DeviceRig.MODEL, "", ""))
                .hasMessageContaining("endpoint: \"a b\"");
    }
}
