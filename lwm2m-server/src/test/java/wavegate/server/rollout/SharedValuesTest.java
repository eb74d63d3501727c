package wavegate.server.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.DeviceIdentity;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.pkg.FirmwareVersion;

class SharedValuesTest {
    private final SharedValues values = new SharedValues();

    private Device device(String name, String version) {
        Device read = new Device(
                new Endpoint(name),
                new DeviceIdentity("Acme", "M1", "A"),
                FirmwareVersion.of(version),
                new Labels("north", "", new TreeSet<>()),
                new Labels("", "tel", new TreeSet<>()),
                Instant.EPOCH);
        return values.share(read, read.endpoint());
    }

    @Test
    void devices_that_are_alike_share_what_they_are() {
        Device a = device("a", "1.0");
        Device b = device("b", "1.0");

        assertThat(b)
                .isEqualTo(new Device(
                        new Endpoint("b"),
                        a.identity(),
                        a.firmware(),
                        a.operatorLabels(),
                        a.reportedLabels(),
                        Instant.EPOCH));
        assertThat(b.identity()).isSameAs(a.identity());
        assertThat(b.firmware()).isSameAs(a.firmware());
        assertThat(b.operatorLabels()).isSameAs(a.operatorLabels());
        assertThat(b.reportedLabels()).isSameAs(a.reportedLabels());
    }

    @Test
    void another_spelling_of_a_version_is_kept_as_it_was_sent() {
        assertThat(device("a", "1.0").firmware().text()).isEqualTo("1.0");
        assertThat(device("b", "v1.0.0").firmware().text()).isEqualTo("v1.0.0");
    }
}
