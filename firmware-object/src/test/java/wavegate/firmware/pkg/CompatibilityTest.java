package wavegate.firmware.pkg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import wavegate.firmware.pkg.Compatibility.Condition;

class CompatibilityTest {
    private static final Candidate DEVICE =
            new Candidate("Acme", "P100", "rev-b", "a", "eu", FirmwareVersion.of("1.5"), OptionalLong.of(512));

    private static Manifest manifest(String manufacturer, String model, String hardware) {
        return new Manifest(
                "fw", FirmwareVersion.of("2.0"), manufacturer, model, hardware, 1, Sha256.of(new byte[] {1}), 0);
    }

    private static Requirements carriers(String... names) {
        return new Requirements(
                new TreeSet<>(List.of(names)),
                new TreeSet<>(),
                Optional.empty(),
                Optional.empty(),
                new TreeSet<>(),
                Optional.empty());
    }

    private static Requirements regions(String... names) {
        return new Requirements(
                new TreeSet<>(),
                new TreeSet<>(List.of(names)),
                Optional.empty(),
                Optional.empty(),
                new TreeSet<>(),
                Optional.empty());
    }

    private static Requirements range(String atLeast, String atMost) {
        return new Requirements(
                new TreeSet<>(),
                new TreeSet<>(),
                Optional.of(atLeast).filter(text -> !text.isEmpty()).map(FirmwareVersion::of),
                Optional.of(atMost).filter(text -> !text.isEmpty()).map(FirmwareVersion::of),
                new TreeSet<>(),
                Optional.empty());
    }

    private static Requirements oneOf(String... versions) {
        TreeSet<FirmwareVersion> list = new TreeSet<>();
        List.of(versions).forEach(version -> list.add(FirmwareVersion.of(version)));
        return new Requirements(
                new TreeSet<>(), new TreeSet<>(), Optional.empty(), Optional.empty(), list, Optional.empty());
    }

    private static Requirements memory(long kilobytes) {
        return new Requirements(
                new TreeSet<>(),
                new TreeSet<>(),
                Optional.empty(),
                Optional.empty(),
                new TreeSet<>(),
                Optional.of(kilobytes));
    }

    private static Manifest asking(Requirements requirements) {
        return manifest("", "", "").requiring(requirements);
    }

    private static void meets(Manifest manifest) {
        assertThat(Compatibility.unmet(manifest, DEVICE)).isEmpty();
    }

    private static void fails(Manifest manifest, Candidate device, Condition condition, String reason) {
        assertThat(Compatibility.unmet(manifest, device)).contains(condition);
        assertThat(Compatibility.reason(condition, manifest, device)).isEqualTo(reason);
    }

    @Test
    void a_package_that_asks_nothing_is_for_every_device() {
        meets(manifest("", "", ""));
        assertThat(Compatibility.unmet(
                        manifest("", "", ""),
                        new Candidate("", "", "", "", "", FirmwareVersion.UNKNOWN, OptionalLong.empty())))
                .isEmpty();
    }

    @Test
    void each_condition_that_is_met_lets_the_device_in() {
        meets(manifest("Acme", "P100", "rev-b"));
        meets(asking(carriers("a", "b")));
        meets(asking(regions("eu")));
        meets(asking(range("1.5", "1.5.0")));
        meets(asking(range("1.0", "")));
        meets(asking(range("", "v1.10")));
        meets(asking(oneOf("1.4", "1.5.0")));
        meets(asking(memory(512)));
    }

    @Test
    void each_condition_that_is_not_met_has_its_reason() {
        fails(
                manifest("Other", "", ""),
                DEVICE,
                Condition.MANUFACTURER,
                "manufacturer \"Acme\" (package is for Other)");
        fails(manifest("", "P200", ""), DEVICE, Condition.MODEL, "model \"P100\" (package is for P200)");
        fails(manifest("", "", "rev-c"), DEVICE, Condition.HARDWARE, "hardware \"rev-b\" (package is for rev-c)");
        fails(asking(carriers("x", "b")), DEVICE, Condition.CARRIER, "carrier \"a\" (package is for b, x)");
        fails(asking(regions("us")), DEVICE, Condition.REGION, "region \"eu\" (package is for us)");
        fails(asking(range("1.6", "")), DEVICE, Condition.VERSION, "version \"1.5\" (package is for 1.6 or later)");
        fails(asking(range("", "1.4.9")), DEVICE, Condition.VERSION, "version \"1.5\" (package is for up to 1.4.9)");
        fails(
                asking(range("1.0", "1.4")),
                DEVICE,
                Condition.VERSION,
                "version \"1.5\" (package is for 1.0 or later up to 1.4)");
        fails(asking(oneOf("1.4", "1.6")), DEVICE, Condition.VERSION, "version \"1.5\" (package is for 1.4, 1.6)");
        fails(asking(memory(513)), DEVICE, Condition.MEMORY, "free memory 512 kB (package needs 513 kB)");
    }

    @Test
    void what_a_device_does_not_show_meets_no_condition_on_it() {
        Candidate silent = new Candidate("", "", "", "", "", FirmwareVersion.UNKNOWN, OptionalLong.empty());
        fails(asking(carriers("a")), silent, Condition.CARRIER, "carrier \"\" (package is for a)");
        fails(asking(range("", "9")), silent, Condition.VERSION, "version \"\" (package is for up to 9)");
        fails(asking(memory(1)), silent, Condition.MEMORY, "free memory not shown (package needs 1 kB)");
    }

    @Test
    void memory_is_not_asked_of_a_device_that_was_not_read() {
        assertThat(Compatibility.unmetBeforeReading(asking(memory(513)), DEVICE))
                .isEmpty();
        assertThat(Compatibility.unmetBeforeReading(asking(carriers("x")), DEVICE))
                .contains(Condition.CARRIER);
    }

    @Test
    void the_first_condition_that_is_not_met_is_the_reason() {
        Manifest all = manifest("Other", "P200", "rev-c").requiring(carriers("x"));
        assertThat(Compatibility.unmet(all, DEVICE)).contains(Condition.MANUFACTURER);
    }

    @Test
    void a_reason_holds_no_control_characters_and_stays_short() {
        Candidate evil = new Candidate(
                "",
                "",
                "x\r\nWARN forged\u202e" + "y".repeat(5000),
                "",
                "",
                FirmwareVersion.UNKNOWN,
                OptionalLong.empty());
        String reason = Compatibility.reason(Condition.HARDWARE, manifest("", "", "rev-b"), evil);
        assertThat(reason).startsWith("hardware \"x??WARN forged?yyy").hasSizeLessThan(600);
        TreeSet<String> many = new TreeSet<>();
        for (int i = 0; i < 100; i++) {
            many.add("carrier-" + i);
        }
        assertThat(Compatibility.reason(Condition.CARRIER, asking(carriers(many.toArray(new String[0]))), DEVICE))
                .endsWith("carrier-15 and 92 more)");
    }

    @Test
    void requirements_that_contradict_themselves_are_refused() {
        assertThatThrownBy(() -> range("2.0", "1.0"))
                .hasMessage("required version: from 2.0 to 1.0 (expected: the lower one first)");
        assertThatThrownBy(() -> memory(0)).hasMessageStartingWith("required free memory: 0 kB");
        assertThatThrownBy(() -> carriers("a b")).hasMessageStartingWith("package carrier: \"a b\"");
        assertThatThrownBy(() -> regions("")).hasMessageStartingWith("package region: \"\"");
        assertThatThrownBy(() -> oneOf("")).hasMessageStartingWith("required version: \"\"");
        assertThatThrownBy(() -> new Requirements(
                        new TreeSet<>(),
                        new TreeSet<>(),
                        Optional.of(FirmwareVersion.of("1")),
                        Optional.empty(),
                        new TreeSet<>(List.of(FirmwareVersion.of("1"))),
                        Optional.empty()))
                .hasMessageStartingWith("required version: a range and a list");
    }
}
