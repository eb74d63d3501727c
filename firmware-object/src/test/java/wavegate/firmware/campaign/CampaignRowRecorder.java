package wavegate.firmware.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Takes campaigns through the table, remembers which rows were taken, and fails the test class at its end if a row it answers for never was. */
final class CampaignRowRecorder implements AfterAllCallback {
    private final String families;
    private final Set<String> rows = new TreeSet<>();

    /** @param families first letters of the row ids that the test class answers for: {@code "KJ"} */
    CampaignRowRecorder(String families) {
        this.families = families;
    }

    @Override
    public void afterAll(ExtensionContext context) {
        assertThat(CampaignMachine.rows())
                .as("rows of the table that no test takes")
                .filteredOn(row -> families.indexOf(row.id().charAt(0)) >= 0 && !rows.contains(row.id()))
                .extracting(row -> row.id() + " " + row.from() + " " + row.on().getSimpleName() + " " + row.when())
                .isEmpty();
    }

    Taken on(CampaignFixture.Given given, CampaignEvent event) {
        return on(given, event, CampaignFixture.untouched());
    }

    Taken on(CampaignFixture.Given given, CampaignEvent event, List<WaveCounts> counts) {
        Campaign before = given.build();
        CampaignStep step = CampaignMachine.next(before, event, counts, CampaignFixture.NOW);
        rows.add(step.row());
        return new Taken(before, step);
    }

    /** What one event did. Every method checks one thing. */
    record Taken(Campaign before, CampaignStep step) {
        Taken takes(String row) {
            assertThat(step.row()).isEqualTo(row);
            return this;
        }

        Taken leadsTo(CampaignPhase phase, WavePhase... waves) {
            assertThat(step.next().phase()).isEqualTo(phase);
            assertThat(step.next().waves()).extracting(Wave::phase).containsExactly(waves);
            return this;
        }

        Taken because(String reason) {
            assertThat(step.next().reason()).isEqualTo(reason);
            return this;
        }

        Taken asking(CampaignStep.Action... actions) {
            assertThat(step.actions()).containsExactlyInAnyOrder(actions);
            return this;
        }

        void isIgnored() {
            assertThat(step).isEqualTo(new CampaignStep(before, Set.of(), ""));
        }

        Wave wave(int index) {
            return step.next().waves().get(index);
        }
    }
}
