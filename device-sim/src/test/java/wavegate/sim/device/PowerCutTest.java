package wavegate.sim.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import wavegate.firmware.pkg.Sha256;
import wavegate.sim.device.Power.Supply;

/**
 * Cuts the power at every write of an installation, before it, within it and after it, and at every pair of writes, and looks after each boot:
 * there is a whole image to run, and the user's data is what it was.
 */
class PowerCutTest {
    private static final long USER_DATA = 42;
    private static final int MOST_BOOTS = 20;

    /** What becomes of the image once it is there. */
    private enum Story {
        CONFIRMS,
        NEVER_CONFIRMS,
        WRONG_DIGEST,
        WRONG_LAYOUT
    }

    /** Counts the writes and cuts at one or two of them. */
    private static final class CutAt implements Power {
        private final int first;
        private final Supply firstHow;
        private final int second;
        private final Supply secondHow;
        private int writes;

        CutAt(int first, Supply firstHow, int second, Supply secondHow) {
            this.first = first;
            this.firstHow = firstHow;
            this.second = second;
            this.secondHow = secondHow;
        }

        @Override
        public Supply at(BootStep step) {
            int now = writes++;
            return now == first ? firstHow : now == second ? secondHow : Supply.HOLDS;
        }
    }

    private final Set<BootStep> seen = EnumSet.noneOf(BootStep.class);
    private int runs;

    private static ModuleModel model(String layout) {
        return new ModuleModel("Wavegate Labs", "WG-100", "rev-b", "1.0.0", layout, 64 << 10, 2400);
    }

    private static Slot before(String layout) {
        return Slot.factory(model(layout));
    }

    private static Slot image(Story story, String layout) {
        byte[] payload = {1, 2, 3};
        Sha256 digest = Sha256.of(payload);
        Sha256 found = story == Story.WRONG_DIGEST ? Sha256.of(new byte[1]) : digest;
        String laidOut = story == Story.WRONG_LAYOUT ? "other" : layout;
        return new Slot(
                new ImageHeader("2.0.0", "", "", laidOut, 1, 1, false, false, "", payload.length, digest), found);
    }

    /** One installation, boots included, under a supply; what runs in the end. */
    private Slot install(String layout, Story story, Power power) {
        runs++;
        Flash flash = new Flash(layout, before(layout), USER_DATA);
        Slot image = image(story, layout);
        Power watched = step -> {
            seen.add(step);
            return power.at(step);
        };
        flash.request(image, watched);
        for (int boot = 0; boot < MOST_BOOTS; boot++) {
            Flash.Stand stand = flash.boot(model(layout), watched);
            assertThat(flash.userDataIntact()).isTrue();
            if (stand == Flash.Stand.CUT) {
                continue;
            }
            BootFlash sectors = flash.installation();
            Slot bootable = sectors == null ? flash.active() : sectors.bootable();
            assertThat(bootable).as("what starts after %s", stand).isNotNull().isEqualTo(flash.active());
            if (stand == Flash.Stand.TRIAL) {
                boolean done = story == Story.CONFIRMS && flash.confirm(watched);
                if (done) {
                    return flash.active();
                }
                continue;
            }
            return flash.active();
        }
        throw new AssertionError("no end after " + MOST_BOOTS + " boots: " + flash.installation());
    }

    private void everyCutAndEveryPair(String layout, Story story) {
        CutAt none = new CutAt(-1, Supply.HOLDS, -1, Supply.HOLDS);
        Slot after = install(layout, story, none);
        assertThat(after.equals(before(layout))).isEqualTo(story != Story.CONFIRMS);
        // A cut adds writes: what was torn is done again, and a trial that was cut is taken back.
        int writes = none.writes * 3 + 10;
        for (int first = 0; first < writes; first++) {
            for (Supply firstHow : Power.CUTS) {
                for (int second = first; second < writes; second++) {
                    for (Supply secondHow : second == first ? List.of(firstHow) : Power.CUTS) {
                        CutAt power = new CutAt(first, firstHow, second, secondHow);
                        Slot runsNow = install(layout, story, power);
                        if (story != Story.CONFIRMS) {
                            assertThat(runsNow).isEqualTo(before(layout));
                        } else {
                            assertThat(runsNow).isIn(before(layout), image(story, layout));
                        }
                    }
                }
            }
        }
    }

    @Test
    void no_cut_and_no_pair_of_cuts_leaves_a_module_without_an_image_or_without_its_users_data() throws IOException {
        for (String layout : List.of("ab-8m", "swap-8m")) {
            for (Story story : Story.values()) {
                everyCutAndEveryPair(layout, story);
            }
        }

        assertThat(seen).as("every write of the table was cut").isEqualTo(EnumSet.allOf(BootStep.class));
        StringJoiner table = new StringJoiner("\n", "| write | modules | what it is for |\n|---|---|---|\n", "\n");
        for (BootStep step : BootStep.values()) {
            table.add("| " + step + " | " + step.modules() + " | " + step.what() + " |");
        }
        table.add("\n" + runs + " installations, each with no, one or two cuts");
        Files.createDirectories(Path.of("target"));
        Files.writeString(Path.of("target", "boot-steps.md"), table.toString());
    }

    @Test
    void a_device_whose_power_fails_in_every_installation_ends_with_the_old_or_the_new_firmware() {
        List<String> versions = new ArrayList<>();
        for (DeviceProfile profile : List.of(DeviceProfile.SPEC, DeviceProfile.ANJAY, DeviceProfile.NRF)) {
            DeviceRig rig = new DeviceRig(profile, Failures.NONE.withPowerCuts(1)).registered();
            rig.push(DeviceRig.image(DeviceRig.good()), profile.delivery().blockBytes());
            rig.execute("5/0/2");
            rig.run(Duration.ofMinutes(10));

            assertThat(rig.device.registered()).isTrue();
            assertThat(rig.text("3/0/3")).isIn("1.0.0", "2.0.0");
            assertThat(rig.status()).isIn("0/1", "0/8", "2/8");
            assertThat(rig.text("3/0/3").equals("2.0.0")).isEqualTo(rig.status().equals("0/1"));
            assertThat(rig.device.report().userDataIntact()).isTrue();
            versions.add(rig.text("3/0/3"));
        }
        assertThat(versions).hasSize(3);
    }
}
