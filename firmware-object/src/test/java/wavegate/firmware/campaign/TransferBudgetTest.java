package wavegate.firmware.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import wavegate.firmware.campaign.TransferBudget.Kind;
import wavegate.firmware.campaign.TransferBudget.Limit;
import wavegate.firmware.campaign.TransferBudget.Rules;
import wavegate.firmware.campaign.TransferBudget.Segment;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.UpdateId;

class TransferBudgetTest {
    private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");
    private static final Segment EU = new Segment(Kind.REGION, "eu");
    private static final Segment US = new Segment(Kind.REGION, "us");
    private static final Segment CELL = new Segment(Kind.CELL, "7");

    private static UpdateId update(int number) {
        return new UpdateId(new CampaignId("c"), new Endpoint("d-" + number));
    }

    private static Rules rules(Limit all, Limit region, Limit cell, Duration jitter) {
        return new Rules(all, region, Limit.NONE, cell, jitter);
    }

    @Test
    void a_segment_that_is_full_is_named_and_others_go_on() {
        TransferBudget budget = new TransferBudget(
                rules(new Limit(3, 0), new Limit(2, 0), new Limit(1, 0), Duration.ZERO), new Random(1));

        budget.begin(update(1), List.of(Segment.ALL, EU, CELL), 0, 100, false, NOON);
        assertThat(budget.full(List.of(Segment.ALL, EU, CELL), 0, NOON)).contains(CELL);
        assertThat(budget.full(List.of(Segment.ALL, EU), 0, NOON)).isEmpty();
        budget.begin(update(2), List.of(Segment.ALL, EU), 0, 100, false, NOON);
        assertThat(budget.full(List.of(Segment.ALL, EU), 0, NOON)).contains(EU);
        assertThat(budget.full(List.of(Segment.ALL, US), 0, NOON)).isEmpty();
        budget.begin(update(3), List.of(Segment.ALL, US), 0, 100, false, NOON);
        assertThat(budget.full(List.of(Segment.ALL, US), 0, NOON)).contains(Segment.ALL);

        budget.end(update(1), NOON);
        assertThat(budget.full(List.of(Segment.ALL, EU, CELL), 0, NOON)).isEmpty();
    }

    @Test
    void one_that_is_found_elsewhere_takes_its_place_there_or_is_told_that_there_is_none() {
        TransferBudget budget = new TransferBudget(
                rules(new Limit(0, 0), new Limit(2, 0), new Limit(1, 1000), Duration.ZERO), new Random(1));
        Segment other = new Segment(Kind.CELL, "8");
        budget.begin(update(1), List.of(Segment.ALL, EU), 0, 100, false, NOON);
        budget.begin(update(2), List.of(Segment.ALL, EU), 0, 100, false, NOON);

        assertThat(budget.relocate(update(1), List.of(Segment.ALL, EU, CELL), 0, NOON))
                .isTrue();
        assertThat(budget.relocate(update(1), List.of(Segment.ALL, EU, CELL), 0, NOON))
                .isTrue();
        assertThat(budget.relocate(update(2), List.of(Segment.ALL, EU, CELL), 0, NOON))
                .isFalse();
        assertThat(budget.relocate(update(3), List.of(Segment.ALL, EU, CELL), 0, NOON))
                .isTrue();
        assertThat(budget.full(List.of(EU), 0, NOON)).contains(EU);

        assertThat(budget.relocate(update(1), List.of(Segment.ALL, US, other), 0, NOON))
                .isTrue();
        assertThat(budget.full(List.of(EU, CELL), 0, NOON)).isEmpty();
        assertThat(budget.full(List.of(other), 0, NOON)).contains(other);
        budget.end(update(1), NOON);
        assertThat(budget.full(List.of(Segment.ALL, US, other), 0, NOON)).isEmpty();
        budget.end(update(2), NOON);
        assertThat(budget.full(List.of(EU), 0, NOON)).isEmpty();
    }

    @Test
    void nothing_begins_while_an_account_is_in_debt() {
        TransferBudget budget =
                new TransferBudget(rules(new Limit(0, 1000), Limit.NONE, Limit.NONE, Duration.ZERO), new Random(1));
        List<Segment> all = List.of(Segment.ALL);

        budget.begin(update(1), all, 0, 60_000, false, NOON);
        budget.moves(update(1), 60_000, NOON);
        budget.end(update(1), NOON);

        assertThat(budget.full(all, 0, NOON.plusSeconds(59))).contains(Segment.ALL);
        assertThat(budget.full(all, 0, NOON.plusSeconds(60))).isEmpty();
    }

    @Test
    void what_never_moved_is_given_back_and_what_moved_before_a_restart_is_not_counted_twice() {
        TransferBudget budget =
                new TransferBudget(rules(new Limit(0, 1000), Limit.NONE, Limit.NONE, Duration.ZERO), new Random(1));
        List<Segment> all = List.of(Segment.ALL);

        budget.begin(update(1), all, 0, 60_000, false, NOON);
        budget.end(update(1), NOON);
        assertThat(budget.full(all, 0, NOON)).isEmpty();

        budget.begin(update(2), all, 0, 60_000, true, NOON);
        assertThat(budget.full(all, 0, NOON)).isEmpty();
    }

    @Test
    void a_delta_costs_what_travels_once_it_moves() {
        TransferBudget budget =
                new TransferBudget(rules(new Limit(0, 1000), Limit.NONE, Limit.NONE, Duration.ZERO), new Random(1));
        List<Segment> all = List.of(Segment.ALL);

        budget.begin(update(1), all, 0, 60_000, false, NOON);
        assertThat(budget.full(all, 0, NOON.plusSeconds(5))).contains(Segment.ALL);
        budget.moves(update(1), 6_000, NOON.plusSeconds(5));
        budget.moves(update(1), 6_000, NOON.plusSeconds(5));
        budget.end(update(1), NOON.plusSeconds(5));

        assertThat(budget.full(all, 0, NOON.plusMillis(5_999))).contains(Segment.ALL);
        assertThat(budget.full(all, 0, NOON.plusSeconds(6))).isEmpty();
    }

    @Test
    void what_is_given_back_is_no_more_than_a_burst() {
        TransferBudget budget =
                new TransferBudget(rules(new Limit(0, 1000), Limit.NONE, Limit.NONE, Duration.ZERO), new Random(1));
        List<Segment> all = List.of(Segment.ALL);

        budget.begin(update(1), all, 0, 60_000, false, NOON);
        assertThat(budget.full(all, 0, NOON.plusSeconds(50))).contains(Segment.ALL);
        budget.moves(update(1), 1_000, NOON.plusSeconds(50));
        budget.begin(update(2), all, 0, 11_000, false, NOON.plusSeconds(50));

        assertThat(budget.full(all, 0, NOON.plusSeconds(50))).contains(Segment.ALL);
    }

    @Test
    void a_part_of_the_network_is_remembered_only_while_it_transfers_or_owes() {
        TransferBudget budget =
                new TransferBudget(rules(Limit.NONE, Limit.NONE, new Limit(3, 1000), Duration.ZERO), new Random(1));
        for (int cell = 0; cell < 100; cell++) {
            assertThat(budget.full(List.of(new Segment(Kind.CELL, "named-" + cell)), 0, NOON))
                    .isEmpty();
        }
        assertThat(budget).extracting("accounts").asInstanceOf(MAP).isEmpty();

        budget.begin(update(1), List.of(CELL), 0, 60_000, false, NOON);
        budget.moves(update(1), 60_000, NOON);
        budget.end(update(1), NOON);
        assertThat(budget.full(List.of(CELL), 0, NOON.plusSeconds(59))).contains(CELL);
        assertThat(budget.full(List.of(EU), 0, NOON.plusSeconds(60))).isEmpty();

        assertThat(budget).extracting("accounts").asInstanceOf(MAP).isEmpty();
    }

    @Test
    void a_campaign_has_an_account_of_its_own() {
        TransferBudget budget = new TransferBudget(Rules.UNLIMITED, new Random(1));
        List<Segment> one = List.of(Segment.ALL, new Segment(Kind.CAMPAIGN, "one"));
        List<Segment> two = List.of(Segment.ALL, new Segment(Kind.CAMPAIGN, "two"));

        budget.begin(update(1), one, 10, 1000, false, NOON);

        assertThat(budget.full(one, 10, NOON)).contains(new Segment(Kind.CAMPAIGN, "one"));
        assertThat(budget.full(two, 10, NOON)).isEmpty();
    }

    @Test
    void a_place_that_becomes_free_is_given_out_within_the_jitter() {
        TransferBudget budget = new TransferBudget(
                rules(new Limit(1, 0), Limit.NONE, Limit.NONE, Duration.ofSeconds(30)), new Random(5));
        List<Segment> all = List.of(Segment.ALL);
        budget.begin(update(1), all, 0, 1, false, NOON);
        budget.moves(update(1), 1, NOON);

        budget.end(update(1), NOON);

        assertThat(budget.full(all, 0, NOON)).contains(Segment.ALL);
        assertThat(budget.full(all, 0, NOON.plusSeconds(30))).isEmpty();
    }

    @Test
    void over_many_simulated_hours_no_limit_is_ever_passed() {
        Random random = new Random(11);
        Limit all = new Limit(40, 200_000);
        Limit region = new Limit(15, 60_000);
        Limit cell = new Limit(3, 10_000);
        TransferBudget budget = new TransferBudget(rules(all, region, cell, Duration.ofSeconds(5)), new Random(12));
        Map<Segment, Long> begun = new HashMap<>();
        Map<Segment, Integer> open = new HashMap<>();
        record Run(int number, List<Segment> segments, Instant ends) {}
        Deque<Run> running = new ArrayDeque<>();
        int largest = 0;
        int number = 0;
        Instant now = NOON;
        for (int second = 0; second < 4 * 3600; second++) {
            now = NOON.plusSeconds(second);
            for (int i = running.size(); i > 0; i--) {
                Run run = running.poll();
                if (run.ends().isAfter(now)) {
                    running.add(run);
                } else {
                    budget.end(update(run.number()), now);
                    run.segments().forEach(segment -> open.merge(segment, -1, Integer::sum));
                }
            }
            for (int tries = 0; tries < 20; tries++) {
                List<Segment> segments = List.of(
                        Segment.ALL,
                        new Segment(Kind.REGION, "r" + random.nextInt(4)),
                        new Segment(Kind.CELL, "c" + random.nextInt(40)));
                if (budget.full(segments, 0, now).isPresent()) {
                    continue;
                }
                int size = 1000 + random.nextInt(500_000);
                largest = Math.max(largest, size);
                budget.begin(update(++number), segments, 0, size, false, now);
                budget.moves(update(number), size, now);
                segments.forEach(segment -> begun.merge(segment, (long) size, Long::sum));
                segments.forEach(segment -> open.merge(segment, 1, Integer::sum));
                running.add(new Run(number, segments, now.plusSeconds(1 + random.nextInt(200))));
            }
            for (Map.Entry<Segment, Integer> entry : open.entrySet()) {
                Limit limit = limit(entry.getKey(), all, region, cell);
                assertThat(entry.getValue()).as("%s", entry.getKey()).isLessThanOrEqualTo(limit.transfers());
                assertThat(begun.get(entry.getKey()))
                        .as("%s", entry.getKey())
                        .isLessThanOrEqualTo(limit.bytesPerSecond() * (second + 10) + largest);
            }
        }
        assertThat(begun.get(Segment.ALL)).isGreaterThan(all.bytesPerSecond() * 3600);
    }

    private static Limit limit(Segment segment, Limit all, Limit region, Limit cell) {
        return switch (segment.kind()) {
            case ALL -> all;
            case REGION -> region;
            case CELL -> cell;
            default -> throw new AssertionError(segment);
        };
    }

    @Test
    void a_window_is_a_part_of_the_day_also_over_midnight() {
        TransferWindow night = TransferWindow.parse("22:00-05:30");

        assertThat(night.contains(Instant.parse("2026-06-01T22:00:00Z"))).isTrue();
        assertThat(night.contains(Instant.parse("2026-06-01T05:29:59Z"))).isTrue();
        assertThat(night.contains(Instant.parse("2026-06-01T05:30:00Z"))).isFalse();
        assertThat(night.contains(NOON)).isFalse();
        assertThat(TransferWindow.parse("09:00-17:00").contains(NOON)).isTrue();
        assertThat(TransferWindow.parse("").contains(NOON)).isTrue();
        assertThat(night).hasToString("22:00-05:30");
        assertThatThrownBy(() -> TransferWindow.parse("24:00-05:00"))
                .hasMessage("window: \"24:00-05:00\" (expected: like 22:00-05:30, in UTC)");
    }
}
