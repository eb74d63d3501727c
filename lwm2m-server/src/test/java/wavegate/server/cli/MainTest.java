package wavegate.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MainTest {
    @ParameterizedTest
    @CsvSource({"17,true", "17.0.2+8,true", "17.0.3+7,false", "17.0.15,false", "21,false", "25.0.1+9-LTS,false"})
    void a_jdk_that_takes_forged_signatures_is_refused(String version, boolean refused) {
        assertThat(Main.isTooOld(Runtime.Version.parse(version))).isEqualTo(refused);
    }
}
