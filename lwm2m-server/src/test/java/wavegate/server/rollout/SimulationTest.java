package wavegate.server.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import wavegate.firmware.campaign.CampaignPhase;

/** Hundreds of rollouts, each from one seed. A failing seed names itself. */
class SimulationTest {
    private static final int SEEDS = Boolean.getBoolean("wavegate.test.full") ? 5000 : 300;
    private static final Duration LIMIT = Duration.ofDays(6);

    @Test
    void every_seed_keeps_every_invariant_and_comes_to_rest() {
        Map<String, Integer> ends = new TreeMap<>();
        Map<String, Long> rows = new TreeMap<>();
        int crashes = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Simulation sim = new Simulation(seed, 60);
            try {
                sim.run(LIMIT);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
            assertThat(sim.atRest())
                    .as("seed %d came to rest: %s", seed, sim.describe())
                    .isTrue();
            ends.merge(sim.campaign().orElseThrow().phase().name(), 1, Integer::sum);
            sim.rowsTaken.forEach((row, times) -> rows.merge(row, times, Long::sum));
            crashes += sim.crashes;
        }
        System.out.println(
                "seeds " + SEEDS + ", ends " + ends + ", server crashes " + crashes + ", rows taken " + rows);
        assertThat(ends)
                .containsKeys(
                        CampaignPhase.COMPLETED.name(),
                        CampaignPhase.COMPLETED_WITH_FAILURES.name(),
                        CampaignPhase.ABORTED.name());
        assertThat(crashes).isGreaterThan(SEEDS / 10);
    }

    @Test
    void a_seed_repeats_itself_exactly() {
        Simulation first = new Simulation(4711, 60);
        first.run(LIMIT);
        Simulation second = new Simulation(4711, 60);
        second.run(LIMIT);

        assertThat(second.ledger().batches().toString().replaceAll("payload=[^\\]]*", ""))
                .isEqualTo(first.ledger().batches().toString().replaceAll("payload=[^\\]]*", ""));
    }
}
