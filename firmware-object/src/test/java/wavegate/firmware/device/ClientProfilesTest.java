package wavegate.firmware.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ClientProfilesTest {
    private static final DeviceIdentity IDENTITY = new DeviceIdentity("Zephyr Project", "nRF9160-DK", "b");
    private static final ClientTraits NEW = ClientTraits.NONE.withObjectVersion("1.0");

    private static ClientProfile named(String name) {
        ClientProfile d = ClientProfile.CAREFUL;
        return new ClientProfile(name, d.reset(), d.object5(), d.delivery(), d.version(), d.listening());
    }

    private static ClientProfiles.Entry entry(String name, ClientMatch... matches) {
        return new ClientProfiles.Entry(named(name), List.of(matches));
    }

    private static ClientMatch manufacturer(String pattern) {
        return new ClientMatch(Optional.of(pattern), Optional.empty(), new TreeSet<>(), new TreeSet<>());
    }

    private static ClientMatch behaving(ClientBehaviour... behaviours) {
        return new ClientMatch(Optional.empty(), Optional.empty(), new TreeSet<>(), new TreeSet<>(Set.of(behaviours)));
    }

    @Test
    void an_unknown_client_is_treated_carefully() {
        ClientProfiles profiles = new ClientProfiles(List.of(entry("anjay", manufacturer("Anjay*")), entry("mine")));

        assertThat(profiles.choose(Optional.empty(), IDENTITY, NEW))
                .isEqualTo(new ClientProfiles.Choice(ClientProfile.CAREFUL, "unknown client"));
    }

    @Test
    void what_the_device_says_it_is_decides() {
        ClientProfiles profiles = new ClientProfiles(
                List.of(entry("anjay", manufacturer("Anjay*")), entry("z", manufacturer("zephyr*"))));

        ClientProfiles.Choice choice = profiles.choose(Optional.empty(), IDENTITY, NEW);

        assertThat(choice.profile().name()).isEqualTo("z");
        assertThat(choice.reason()).isEqualTo("manufacturer zephyr*");
    }

    @Test
    void the_match_that_asks_more_wins_and_of_equals_the_first_name() {
        ClientMatch exact =
                new ClientMatch(Optional.of("Zephyr*"), Optional.of("nrf9*"), new TreeSet<>(), new TreeSet<>());
        ClientProfiles profiles = new ClientProfiles(
                List.of(entry("b", manufacturer("Zeph*")), entry("a", manufacturer("*Project")), entry("c", exact)));

        assertThat(profiles.choose(Optional.empty(), IDENTITY, NEW).profile().name())
                .isEqualTo("c");
        assertThat(new ClientProfiles(List.of(entry("b", manufacturer("Zeph*")), entry("a", manufacturer("*Project"))))
                        .choose(Optional.empty(), IDENTITY, NEW)
                        .profile()
                        .name())
                .isEqualTo("a");
    }

    @Test
    void what_a_device_did_decides_where_its_names_do_not() {
        ClientProfiles profiles = new ClientProfiles(
                List.of(entry("z", behaving(ClientBehaviour.RESULT_LOST, ClientBehaviour.RESET_IGNORED))));
        ClientTraits half = NEW.with(ClientBehaviour.RESULT_LOST);

        assertThat(profiles.choose(Optional.empty(), IDENTITY, half).profile()).isEqualTo(ClientProfile.CAREFUL);
        ClientProfiles.Choice whole =
                profiles.choose(Optional.empty(), IDENTITY, half.with(ClientBehaviour.RESET_IGNORED));
        assertThat(whole.profile().name()).isEqualTo("z");
        assertThat(whole.reason()).isEqualTo("reset-ignored, result-lost");
    }

    @Test
    void the_object_version_can_be_asked_for() {
        ClientMatch later = new ClientMatch(
                Optional.empty(), Optional.empty(), new TreeSet<>(Set.of("1.1", "1.2")), new TreeSet<>());
        ClientProfiles profiles = new ClientProfiles(List.of(entry("later", later)));

        assertThat(profiles.choose(Optional.empty(), IDENTITY, NEW).profile()).isEqualTo(ClientProfile.CAREFUL);
        assertThat(profiles.choose(Optional.empty(), IDENTITY, NEW.withObjectVersion("1.2"))
                        .reason())
                .isEqualTo("object 5 version 1.1 or 1.2");
    }

    @Test
    void an_operator_outranks_what_is_shown_and_a_name_that_is_gone_counts_as_none() {
        ClientProfiles profiles = new ClientProfiles(List.of(entry("z", manufacturer("Zephyr*")), entry("mine")));
        Device device = Device.firstSeen(new Endpoint("d-1"), Labels.NONE, Instant.EPOCH)
                .running(IDENTITY, wavegate.firmware.pkg.FirmwareVersion.of("1.0"));

        assertThat(profiles.choose(device).profile().name()).isEqualTo("z");
        Device labelled = device.withOperatorLabels(choosing("mine"));
        assertThat(profiles.choose(labelled).profile().name()).isEqualTo("mine");
        assertThat(profiles.choose(labelled).reason()).isEqualTo("set by an operator");
        Device gone = device.withOperatorLabels(choosing("gone"));
        assertThat(profiles.choose(gone).profile().name()).isEqualTo("z");
    }

    private static Labels choosing(String profile) {
        return new Labels("", "", new TreeSet<>(), Optional.of(profile));
    }

    @Test
    void a_pattern_is_a_whole_value_with_stars() {
        assertThat(ClientMatch.like("a*c*e", "abcde")).isTrue();
        assertThat(ClientMatch.like("a*c*e", "abcdf")).isFalse();
        assertThat(ClientMatch.like("*", "")).isTrue();
        assertThat(ClientMatch.like("", "")).isTrue();
        assertThat(ClientMatch.like("", "a")).isFalse();
        assertThat(ClientMatch.like("ANJAY", "anjay")).isTrue();
        assertThat(ClientMatch.like("anjay", "anjay-lite")).isFalse();
        assertThat(ClientMatch.like("*a*a*a*a*b", "a".repeat(255))).isFalse();
    }

    @Test
    void a_profile_never_writes_in_state_3() {
        assertThatThrownBy(() -> new ResetStep(ResetMeans.EMPTY_URI, new TreeSet<>(Set.of(3))))
                .hasMessageContaining("never 3");
    }

    @Test
    void what_cannot_stand_is_refused_by_name() {
        assertThatThrownBy(() -> named("Has Blanks")).hasMessageStartingWith("client profile: \"Has Blanks\"");
        assertThatThrownBy(() -> new ClientProfiles(List.of(entry("x"), entry("x"))))
                .hasMessageContaining("\"x\" is there twice");
        assertThatThrownBy(() -> new ClientMatch(Optional.empty(), Optional.empty(), new TreeSet<>(), new TreeSet<>()))
                .hasMessageStartingWith("client match: empty");
    }
}
