package wavegate.server.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignPhase;

/** Hundreds of rollouts, each from one seed. A failing seed names itself. */
class SeededRolloutTest {
    private static final boolean FULL = Boolean.getBoolean("wavegate.test.full");
    private static final int SEEDS = FULL ? 1000 : 100;
    private static final int FIRST = Integer.getInteger("wavegate.test.first-seed", 1);
    private static final Duration LIMIT = Duration.ofDays(6);
    private static final int MOST_FAILURES = 12;

    private final Map<String, Integer> ends = new TreeMap<>();
    private final Map<String, Long> rows = new TreeMap<>();
    private final Map<RolloutFigures.Unfitting, Long> unfitting = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();
    private int crashes;

    @Test
    void every_seed_keeps_every_invariant_and_comes_to_rest() {
        long began = System.nanoTime();
        for (long seed = FIRST; seed < FIRST + SEEDS && failures.size() < MOST_FAILURES; seed++) {
            run(new SeededRollout(seed, 60));
        }
        System.out.println("seeds " + SEEDS + " in " + (System.nanoTime() - began) / 1_000_000 + " ms, ends " + ends
                + ", server crashes " + crashes + ", rows taken " + rows + ", unfitting " + unfitting);
        assertThat(failures).isEmpty();
        assertThat(ends)
                .containsKeys(
                        CampaignPhase.COMPLETED.name(),
                        CampaignPhase.COMPLETED_WITH_FAILURES.name(),
                        CampaignPhase.ABORTED.name());
        assertThat(crashes).isGreaterThan(SEEDS);
        // What the weather is for has happened: cancels, fences, deltas that fail, sleepers, modules that come back as
        // they were.
        assertThat(rows).containsKeys("X1", "X2", "O9", "B1", "B3", "C17", "U18", "T2", "J2", "J3", "E1");
    }

    private void run(SeededRollout sim) {
        try {
            sim.run(LIMIT);
            if (!sim.atRest()) {
                failures.add("seed " + sim.seed + " has not come to rest: " + sim.describe());
            }
        } catch (RuntimeException | AssertionError e) {
            StackTraceElement[] at = (e.getCause() == null ? e : e.getCause()).getStackTrace();
            failures.add("seed " + sim.seed + ": " + e + " at " + List.of(at).subList(0, Math.min(3, at.length)));
        }
        ends.merge(
                sim.campaign(SeededRollout.CAMPAIGN)
                        .map(Campaign::phase)
                        .map(CampaignPhase::name)
                        .orElse("NONE"),
                1,
                Integer::sum);
        sim.unfitting.forEach((kind, times) -> unfitting.merge(kind, times, Long::sum));
        sim.rowsTaken.forEach((row, times) -> rows.merge(row, times, Long::sum));
        crashes += sim.crashes;
    }

    @Test
    void a_seed_repeats_itself_exactly() {
        SeededRollout first = new SeededRollout(4711, 60);
        first.run(LIMIT);
        SeededRollout second = new SeededRollout(4711, 60);
        second.run(LIMIT);

        assertThat(second.ledger().batches().toString().replaceAll("payload=[^\\]]*", ""))
                .isEqualTo(first.ledger().batches().toString().replaceAll("payload=[^\\]]*", ""));
    }
}
