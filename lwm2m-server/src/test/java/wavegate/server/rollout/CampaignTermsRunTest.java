package wavegate.server.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.CampaignTerms;
import wavegate.firmware.campaign.DispatchRate;
import wavegate.firmware.campaign.Schedule;
import wavegate.firmware.campaign.Surroundings;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.campaign.WavePlanner;
import wavegate.firmware.campaign.WeeklyWindow;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.ImageTerms;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdatePhase;

/** What campaigns agree to, on the loop: approvals, windows, rates, deadlines, and the way back. */
class CampaignTermsRunTest {
    private static final CampaignTerms NONE = CampaignTerms.NONE;
    private static final Duration LIMIT = Duration.ofDays(8);

    private static CampaignTerms with(Schedule schedule) {
        return new CampaignTerms(Optional.of(schedule), Optional.empty(), Optional.empty(), false, false, 0);
    }

    private static SeededRollout running(CampaignTerms terms) {
        SeededRollout sim = new SeededRollout(2, 60, spec -> spec.under(terms));
        sim.run(LIMIT);
        return sim;
    }

    private static FirmwarePackage older(long securityCounter) {
        Manifest manifest =
                new Manifest("fw", SeededRollout.OLD, "Acme", "M1", "rev-a", 900, Sha256.of(new byte[] {2}), 0);
        Manifest counted = securityCounter == 0
                ? manifest
                : manifest.declaring(new ImageTerms(Optional.empty(), false, Optional.of(securityCounter)));
        return new FirmwarePackage(PackageId.ofManifest(new byte[] {5}), counted, "key", Instant.EPOCH, false);
    }

    /** The same with a place for every device at once. */
    private static CampaignSpec roomy(CampaignSpec of) {
        return new CampaignSpec(
                of.name(),
                of.packageId(),
                of.filter(),
                of.waves(),
                of.gate(),
                of.update(),
                of.expectedCrashRate(),
                60,
                of.seed());
    }

    private static List<Instant> reservations(SeededRollout sim) {
        List<Instant> times = new ArrayList<>();
        sim.ledger().replay(0, recorded -> {
            if (recorded.fact() instanceof Fact.UpdateChanged changed
                    && changed.row().equals("reserved")) {
                times.add(changed.at());
            }
        });
        return times;
    }

    @Test
    void a_campaign_that_others_must_agree_to_starts_only_when_they_have() {
        CampaignTerms two = new CampaignTerms(Optional.empty(), Optional.empty(), Optional.empty(), false, false, 2);
        SeededRollout sim = new SeededRollout(2, 60, spec -> spec.under(two));
        sim.run(Duration.ofMinutes(30));
        CampaignId id = SeededRollout.CAMPAIGN;
        assertThat(sim.campaign(SeededRollout.CAMPAIGN).orElseThrow().phase()).isEqualTo(CampaignPhase.DRAFT);

        sim.onServer(server -> {
            Orders orders = new Orders(server);
            assertThatThrownBy(() -> orders.start(id, Optional.empty(), "zoe"))
                    .hasMessageContaining("0 of 2 approvals");
            orders.reviews().submit(id, "sam");
            for (String author : new String[] {SeededOperator.NAME, "sam"}) {
                assertThatThrownBy(() -> orders.reviews().approve(id, "mine", author, true))
                        .hasMessageContaining("expected: somebody else approves");
            }
            orders.reviews().approve(id, "fine", "zoe", false);
            orders.reviews().approve(id, "fine, again", "zoe", false);
            assertThatThrownBy(() -> orders.start(id, Optional.empty(), "zoe"))
                    .hasMessageContaining("1 of 2 approvals");
            orders.reviews().edit(id, sim.spec(id).under(two).under(NONE), "bob");
        });
        assertThat(sim.campaign(SeededRollout.CAMPAIGN).orElseThrow().phase()).isEqualTo(CampaignPhase.DRAFT);
        assertThat(sim.campaign(SeededRollout.CAMPAIGN).orElseThrow().review().approvals())
                .isEmpty();

        sim.onServer(server -> {
            Orders orders = new Orders(server);
            orders.reviews().edit(id, sim.spec(id), "bob");
            orders.reviews().submit(id, "bob");
            orders.reviews().reject(id, "not on a Friday", "zoe");
            orders.reviews().submit(id, "bob");
            orders.reviews().approve(id, "fine", "zoe", false);
            orders.reviews().approve(id, "fine", "ann", false);
            orders.start(id, Optional.empty(), "zoe");
        });
        sim.goOn(LIMIT);

        assertThat(sim.campaign(SeededRollout.CAMPAIGN).orElseThrow().phase()).isEqualTo(CampaignPhase.COMPLETED);
    }

    @Test
    void a_campaign_that_is_edited_while_its_start_is_planned_does_not_start_as_it_was() {
        CampaignTerms two = new CampaignTerms(Optional.empty(), Optional.empty(), Optional.empty(), false, false, 2);
        SeededRollout sim = new SeededRollout(2, 60, spec -> spec.under(two));
        sim.run(Duration.ofMinutes(30));
        AtomicReference<CompletableFuture<Campaign>> start = new AtomicReference<>();

        sim.onServer(server -> {
            Orders orders = new Orders(server);
            orders.reviews()
                    .edit(
                            SeededRollout.CAMPAIGN,
                            sim.spec(SeededRollout.CAMPAIGN).under(NONE),
                            "bob");
            start.set(orders.start(SeededRollout.CAMPAIGN, Optional.empty(), "bob"));
            orders.reviews().edit(SeededRollout.CAMPAIGN, roomy(sim.spec(SeededRollout.CAMPAIGN)), "bob");
        });

        sim.goOn(Duration.ofSeconds(1));

        assertThat(start.get())
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableOfType(java.util.concurrent.ExecutionException.class)
                .withMessageContaining("no longer as it was seen");
        assertThat(sim.campaign(SeededRollout.CAMPAIGN).orElseThrow().phase()).isEqualTo(CampaignPhase.DRAFT);
    }

    @Test
    void nothing_begins_or_executes_outside_the_windows() {
        Schedule nights = new Schedule(
                Optional.empty(),
                Optional.empty(),
                List.of(WeeklyWindow.of(List.of(), "22:00", "04:00")),
                "UTC",
                Duration.ofHours(1));
        SeededRollout sim = running(with(nights));

        assertThat(sim.campaign(SeededRollout.CAMPAIGN).orElseThrow().phase())
                .as(sim.describe())
                .isEqualTo(CampaignPhase.COMPLETED);
        assertThat(reservations(sim)).hasSize(60).allMatch(at -> nights.contains(at, java.time.ZoneOffset.UTC));
    }

    @Test
    void a_window_shorter_than_the_transfer_is_used_to_begin_and_the_next_one_to_execute() {
        Schedule minute = new Schedule(
                Optional.empty(),
                Optional.empty(),
                List.of(WeeklyWindow.of(List.of(), "22:00", "22:01"), WeeklyWindow.of(List.of(), "10:00", "10:01")),
                "UTC",
                Duration.ZERO);
        SeededRollout sim = new SeededRollout(2, 60, spec -> roomy(spec).under(with(minute)));
        sim.run(Duration.ofDays(30));

        assertThat(sim.campaign(SeededRollout.CAMPAIGN).orElseThrow().phase())
                .as(sim.describe())
                .isEqualTo(CampaignPhase.COMPLETED);
    }

    @Test
    void no_more_devices_are_begun_with_than_the_rate_lets() {
        DispatchRate rate = new DispatchRate(0.5, 2, 2, 6);
        SeededRollout sim =
                running(new CampaignTerms(Optional.empty(), Optional.of(rate), Optional.empty(), false, false, 0));
        List<Instant> times = reservations(sim);

        assertThat(sim.campaign(SeededRollout.CAMPAIGN).orElseThrow().phase())
                .as(sim.describe())
                .isEqualTo(CampaignPhase.COMPLETED);
        assertThat(times).hasSize(60);
        for (int i = 0; i + 4 < times.size(); i++) {
            assertThat(Duration.between(times.get(i), times.get(i + 4))).isGreaterThanOrEqualTo(Duration.ofSeconds(85));
        }
        assertThat(Duration.between(times.get(0), times.get(2))).isGreaterThanOrEqualTo(Duration.ofSeconds(115));
    }

    @Test
    void a_deadline_ends_a_campaign_with_what_has_begun() {
        Instant end = SeededRollout.EPOCH.plus(Duration.ofHours(14));
        SeededRollout sim = running(
                with(new Schedule(Optional.empty(), Optional.of(end), List.of(), Schedule.REGION, Duration.ZERO)));
        Campaign campaign = sim.campaign(SeededRollout.CAMPAIGN).orElseThrow();

        assertThat(campaign.phase()).as(sim.describe()).isEqualTo(CampaignPhase.COMPLETED_WITH_FAILURES);
        assertThat(campaign.waves()).last().matches(wave -> wave.phase() == WavePhase.CANCELLED);
        assertThat(reservations(sim)).isNotEmpty().hasSizeLessThan(60).allMatch(at -> at.isBefore(end));
    }

    @Test
    void a_rollback_takes_exactly_the_updated_devices_back_and_ends_the_campaign_rolled_back() {
        SeededRollout sim = running(NONE);
        assertThat(sim.campaign(SeededRollout.CAMPAIGN).orElseThrow().phase()).isEqualTo(CampaignPhase.COMPLETED);
        AtomicReference<CampaignId> child = new AtomicReference<>();
        sim.onServer(server -> {
            Orders orders = new Orders(server);
            FirmwarePackage bad = server.state().find(SeededRollout.OLD_PACKAGE).orElseThrow();
            server.turn().record(new Fact.PackageChanged(server.turn().now(), bad.asRevoked(), "op"));
            assertThatThrownBy(() -> orders.rollBack(SeededRollout.CAMPAIGN, Optional.empty(), "bad", "op"))
                    .hasMessageContaining("no earlier release is here");
            // What was let in before it is known in the ledger; it is not newer than what is there.
            server.turn().record(new Fact.PackageChanged(server.turn().now(), older(0), "op"));
            child.set(orders.rollBack(SeededRollout.CAMPAIGN, Optional.empty(), "bad", "op")
                    .id());
        });
        assertThat(sim.campaign(SeededRollout.CAMPAIGN).orElseThrow().phase()).isEqualTo(CampaignPhase.ROLLING_BACK);

        sim.goOn(LIMIT);

        assertThat(sim.campaign(SeededRollout.CAMPAIGN).orElseThrow().phase())
                .as(sim.describe())
                .isEqualTo(CampaignPhase.ROLLED_BACK);
        CampaignRun back = sim.state().run(child.get()).orElseThrow();
        assertThat(child.get().value()).isEqualTo(SeededRollout.CAMPAIGN.value() + "-rollback");
        assertThat(back.campaign().phase()).isEqualTo(CampaignPhase.COMPLETED);
        assertThat(back.campaign().waves()).hasSize(1);
        assertThat(sim.fleet().modules()).allMatch(module -> module.version.equals(SeededRollout.OLD));
        assertThat(sim.state().run(SeededRollout.CAMPAIGN).orElseThrow().counts())
                .allMatch(counts -> counts.reverted() == 0);
    }

    @Test
    void a_plan_leaves_out_and_counts_who_runs_a_release_with_a_higher_security_counter() {
        SeededRollout sim = running(NONE);
        Manifest counted = new Manifest(
                        "fw", SeededRollout.TARGET, "Acme", "M1", "rev-a", 900, Sha256.of(new byte[] {3}), 5)
                .declaring(new ImageTerms(Optional.empty(), false, Optional.of(5L)));
        sim.onServer(server -> {
            CampaignSpec asked = sim.spec(SeededRollout.CAMPAIGN);
            CampaignSpec back = new CampaignSpec(
                    asked.name(),
                    older(0).id(),
                    asked.filter(),
                    asked.waves(),
                    asked.gate(),
                    asked.update(),
                    asked.expectedCrashRate(),
                    60,
                    asked.seed());
            server.turn().record(new Fact.PackageChanged(server.turn().now(), older(0), "op"));
            assertThat(server.coexistence().around(back, Optional.empty()).guarded())
                    .isEmpty();
            server.turn()
                    .record(new Fact.PackageChanged(
                            server.turn().now(),
                            new FirmwarePackage(
                                    PackageId.ofManifest(new byte[] {9}), counted, "key", Instant.EPOCH, false),
                            "op"));

            Surroundings around = server.coexistence().around(back, Optional.empty());

            assertThat(around.guarded()).containsExactly(SeededRollout.TARGET);
            List<Device> fleet = new ArrayList<>();
            sim.fleet()
                    .modules()
                    .forEach(module -> server.state().device(module.endpoint).ifPresent(fleet::add));
            assertThatThrownBy(() -> WavePlanner.plan(fleet, older(0), back, around))
                    .hasMessageContaining("security-counter=60");
        });
    }

    @Test
    void a_rollback_whose_package_is_revoked_meanwhile_is_called_off_and_says_so() {
        SeededRollout sim = running(NONE);
        AtomicReference<CampaignId> child = new AtomicReference<>();
        sim.onServer(server -> {
            Orders orders = new Orders(server);
            server.turn().record(new Fact.PackageChanged(server.turn().now(), older(0), "op"));
            child.set(orders.rollBack(SeededRollout.CAMPAIGN, Optional.of(older(0).id()), "bad", "op")
                    .id());
            orders.revokePackage(older(0).id(), "op");
        });

        sim.goOn(Duration.ofHours(1));

        Campaign parent = sim.campaign(SeededRollout.CAMPAIGN).orElseThrow();
        assertThat(parent.phase()).isEqualTo(CampaignPhase.COMPLETED_WITH_FAILURES);
        assertThat(parent.reason()).isEqualTo("rollback campaign " + child.get() + " ABORTED");
        assertThat(sim.state().run(child.get()).orElseThrow().campaign().reason())
                .contains("cannot start", "is revoked");
    }

    @Test
    void what_a_rollback_is_cannot_be_changed_by_an_edit() {
        SeededRollout sim = running(NONE);
        sim.onServer(server -> {
            Orders orders = new Orders(server);
            server.turn().record(new Fact.PackageChanged(server.turn().now(), older(0), "op"));
            CampaignId child = orders.rollBack(SeededRollout.CAMPAIGN, Optional.of(older(0).id()), "bad", "op")
                    .id();

            assertThatThrownBy(() -> orders.reviews().edit(child, sim.spec(SeededRollout.CAMPAIGN), "op"))
                    .hasMessage("campaign \"sim-rollback\" takes back \"sim\": cannot edit");
            assertThatThrownBy(() -> orders.reviews().submit(child, "op")).hasMessageContaining("cannot submit");
        });
    }

    @Test
    void a_rollback_is_written_before_the_campaign_that_waits_for_it() {
        SeededRollout sim = running(NONE);
        sim.onServer(server -> {
            server.turn().record(new Fact.PackageChanged(server.turn().now(), older(0), "op"));
            new Orders(server).rollBack(SeededRollout.CAMPAIGN, Optional.of(older(0).id()), "bad", "op");
        });
        List<String> campaigns = new ArrayList<>();
        sim.ledger().replay(0, recorded -> {
            if (recorded.fact() instanceof Fact.CampaignChanged changed) {
                campaigns.add(changed.campaign().id() + " " + changed.campaign().phase());
            }
        });

        assertThat(campaigns).endsWith("sim-rollback DRAFT", "sim ROLLING_BACK");
    }

    @Test
    void an_image_that_waits_for_its_window_is_kept_in_mind_once() {
        Schedule nights = new Schedule(
                Optional.empty(),
                Optional.empty(),
                List.of(WeeklyWindow.of(List.of(), "22:00", "04:00")),
                "UTC",
                Duration.ZERO);
        SeededRollout sim = new SeededRollout(2, 60, spec -> spec.under(with(nights)));
        sim.run(Duration.ofHours(6));
        sim.onServer(server -> {
            CampaignRun run = server.state().run(SeededRollout.CAMPAIGN).orElseThrow();
            int before = server.schedules().waiting();
            Update held = held(run.members().iterator().next(), server.turn().now());

            server.schedules().note(run, held);
            server.schedules().note(run, held);
            server.schedules().note(run, held);

            assertThat(server.schedules().waiting()).isEqualTo(before + 1);
        });
    }

    private static Update held(Endpoint endpoint, Instant now) {
        Update update = Update.reserved(
                new UpdateId(SeededRollout.CAMPAIGN, endpoint),
                0,
                older(0).id(),
                "",
                "0123456789abcdef",
                SeededRollout.TARGET,
                now);
        return new Update(
                update.id(),
                update.wave(),
                update.packageId(),
                update.region(),
                update.token(),
                update.target(),
                update.from(),
                UpdatePhase.PRE_UPDATING,
                UpdateDetail.HELD,
                update.intent(),
                update.attempt(),
                update.step(),
                update.tries(),
                update.lastResult(),
                now,
                Instant.MAX,
                update.payload(),
                update.note(),
                update.sighting());
    }

    @Test
    void a_rollback_that_devices_would_refuse_is_refused_with_the_way_out() {
        SeededRollout sim = running(NONE);
        sim.onServer(server -> {
            FirmwarePackage known =
                    server.state().find(SeededRollout.TARGET_PACKAGE).orElseThrow();
            FirmwarePackage counted = new FirmwarePackage(
                    known.id(),
                    known.manifest().declaring(new ImageTerms(Optional.empty(), false, Optional.of(5L))),
                    "key",
                    Instant.EPOCH,
                    false);
            server.turn().record(new Fact.PackageChanged(server.turn().now(), counted, "op"));
            server.turn().record(new Fact.PackageChanged(server.turn().now(), older(4), "op"));
            assertThatThrownBy(() -> new Orders(server)
                            .rollBack(SeededRollout.CAMPAIGN, Optional.of(older(4).id()), "bad", "op"))
                    .hasMessageContaining("devices that ran counter 5 refuse it for good")
                    .hasMessageContaining("sequence above 2 and security counter 5");
        });
        assertThat(sim.campaign(SeededRollout.CAMPAIGN).orElseThrow().phase()).isEqualTo(CampaignPhase.COMPLETED);
    }

    @Test
    void a_self_test_leads_devices_through_the_gates_and_changes_none() {
        CampaignTerms selfTest =
                new CampaignTerms(Optional.empty(), Optional.empty(), Optional.empty(), true, false, 0);
        SeededRollout sim = new SeededRollout(2, 60, spec -> spec.under(selfTest));
        sim.fleet().modules().forEach(module -> module.version = SeededRollout.TARGET);
        sim.fleet().modules().forEach(module -> module.ran.add(SeededRollout.TARGET));
        sim.run(LIMIT);

        CampaignRun run = sim.state().run(SeededRollout.CAMPAIGN).orElseThrow();
        assertThat(run.campaign().phase()).as(sim.describe()).isEqualTo(CampaignPhase.COMPLETED);
        Map<UpdatePhase, Integer> ends = new TreeMap<>();
        run.updates().forEach(update -> ends.merge(update.phase(), 1, Integer::sum));
        // Something lies on the others, which a self-test lets be.
        assertThat(ends).containsOnlyKeys(UpdatePhase.SUCCESS, UpdatePhase.SKIPPED);
        assertThat(ends.get(UpdatePhase.SUCCESS)).isGreaterThan(50);
        assertThat(sim.fleet().modules()).allMatch(module -> module.downloads == 0);
        assertThat(run.campaign().waves()).allMatch(wave -> wave.phase() == WavePhase.PASSED);
        assertThat(run.wave(0)
                        .book
                        .evidence(
                                0,
                                sim.serverTime(),
                                sim.serverTime(),
                                sim.serverTime(),
                                0,
                                run.wave(0).forGate())
                        .canary())
                .anyMatch(row -> row.entered());
    }

    @Test
    void the_loop_is_told_of_an_order_that_was_refused() {
        CompletableFuture<Campaign> refused = new CompletableFuture<>();
        SeededRollout sim = running(NONE);
        sim.onServer(server -> new Orders(server).complete(refused, Optional.empty(), () -> new Orders(server)
                .reviews()
                .submit(SeededRollout.CAMPAIGN, "sam")));

        assertThat(refused).isCompletedExceptionally();
    }
}
