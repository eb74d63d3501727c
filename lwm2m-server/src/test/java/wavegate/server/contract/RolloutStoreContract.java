package wavegate.server.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.KillReceipt;
import wavegate.firmware.campaign.KillScope;
import wavegate.firmware.campaign.KillSwitch;
import wavegate.firmware.campaign.WavePlan;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.event.Fact;
import wavegate.firmware.gate.GateDecision;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.gate.UpdateCounts;
import wavegate.firmware.gate.Verdict;
import wavegate.firmware.gate.WaveEvidence;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdatePolicy;
import wavegate.server.ledger.FactCodec;
import wavegate.server.rollout.AuditEntry;
import wavegate.server.rollout.Page;
import wavegate.server.rollout.Recorded;
import wavegate.server.rollout.RolloutStore;

/** What every view answers. */
public abstract class RolloutStoreContract {
    private static final PackageId PACKAGE = new PackageId("00112233445566aa");

    @TempDir
    protected Path directory;

    private final FactCodec codec = new FactCodec();
    private RolloutStore store;
    private long sequence;

    /** An empty view. */
    protected abstract RolloutStore store(Path where);

    @BeforeEach
    void open() {
        store = store(directory);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void an_empty_view_answers_with_nothing() {
        assertThat(store.sequence()).isZero();
        assertThat(store.deviceCount()).isZero();
        assertThat(store.device(endpoint("a"))).isEmpty();
        assertThat(store.devices(any -> true, "", 10)).isEqualTo(new Page<>(List.of(), ""));
        assertThat(store.update(new UpdateId(new CampaignId("c"), endpoint("a"))))
                .isEmpty();
        assertThat(store.updates(new CampaignId("c"), any -> true, "", 10).items())
                .isEmpty();
        assertThat(store.updatesOf(endpoint("a"), 10)).isEmpty();
        assertThat(store.campaigns()).isEmpty();
        assertThat(store.packages()).isEmpty();
        assertThat(store.killSwitches()).isEmpty();
        assertThat(store.killReceipts()).isEmpty();
        assertThat(store.gateDecisions(new CampaignId("c"), 10)).isEmpty();
    }

    @Test
    void audited_calls_are_paged_newest_first_with_their_place_in_the_ledger() {
        for (int i = 1; i <= 5; i++) {
            apply(new Fact.Audited(
                    at(i), "token:" + i % 2, "startCampaign", "campaigns/c" + i, "done", new TreeMap<>()));
        }
        Page<AuditEntry> page = store.audited(any -> true, "", 2);
        assertThat(page.items()).extracting(AuditEntry::sequence).containsExactly(5L, 4L);
        assertThat(page.items().get(0).audited().subject()).isEqualTo("campaigns/c5");
        assertThat(store.audited(any -> true, page.next(), 9).items())
                .extracting(AuditEntry::sequence)
                .containsExactly(3L, 2L, 1L);
        assertThat(store.audited(call -> call.actor().equals("token:0"), "", 9).items())
                .extracting(AuditEntry::sequence)
                .containsExactly(4L, 2L);
    }

    @Test
    void the_newest_value_of_a_device_is_given_and_it_is_counted_once() {
        Device first = Device.firstSeen(endpoint("a"), Labels.NONE, at(1));
        Device labelled = first.withOperatorLabels(new Labels("eu", "", new TreeSet<>()));
        apply(new Fact.DeviceChanged(at(1), first), new Fact.DeviceChanged(at(2), labelled));
        assertThat(store.device(endpoint("a"))).contains(labelled);
        assertThat(store.deviceCount()).isEqualTo(1);
    }

    @Test
    void a_fact_applied_before_is_skipped() {
        Device first = Device.firstSeen(endpoint("a"), Labels.NONE, at(1));
        Device other = first.withReportedLabels(new Labels("us", "", new TreeSet<>()));
        List<Recorded> old = recorded(new Fact.DeviceChanged(at(1), first));
        store.apply(old);
        apply(new Fact.DeviceChanged(at(2), other));
        store.apply(old);
        assertThat(store.device(endpoint("a"))).contains(other);
        assertThat(store.sequence()).isEqualTo(2);
    }

    @Test
    void a_gap_in_the_sequence_is_refused() {
        recorded(new Fact.KillSwitchLifted(at(1), "k", "", ""));
        List<Recorded> second = recorded(new Fact.KillSwitchLifted(at(1), "k", "", ""));
        assertThatThrownBy(() -> store.apply(second))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("view: fact 2 (expected: 1)");
    }

    @Test
    void devices_are_paged_by_endpoint_and_pages_stay_stable_while_rows_come() {
        for (int i = 0; i < 25; i++) {
            apply(deviceFact(String.format("dev-%02d", i * 2)));
        }
        Page<Device> page = store.devices(any -> true, "", 10);
        assertThat(names(page)).hasSize(10).first().isEqualTo("dev-00");
        assertThat(page.next()).isEqualTo("dev-18");
        apply(deviceFact("dev-01"), deviceFact("dev-19"), deviceFact("dev-99"));
        Page<Device> second = store.devices(any -> true, page.next(), 10);
        assertThat(names(second)).hasSize(10).first().isEqualTo("dev-19");
        Page<Device> third = store.devices(any -> true, second.next(), 10);
        assertThat(names(third)).hasSize(7).last().isEqualTo("dev-99");
        assertThat(third.next()).isEmpty();
    }

    @Test
    void a_page_that_ends_with_the_last_match_says_so() {
        for (String name : List.of("a", "b", "c", "d", "e")) {
            apply(deviceFact(name));
        }
        assertThat(store.devices(any -> true, "", 5).next()).isEmpty();
        assertThat(store.devices(any -> true, "", 4).next()).isEqualTo("d");
        Page<Device> vowels =
                store.devices(device -> "ae".contains(device.endpoint().name()), "", 2);
        assertThat(names(vowels)).containsExactly("a", "e");
        assertThat(vowels.next()).isEmpty();
    }

    @Test
    void endpoints_that_begin_alike_do_not_mix() {
        apply(deviceFact("pump"), deviceFact("pump-1"), deviceFact("pump:1"), deviceFact("pum"));
        assertThat(names(store.devices(any -> true, "pump", 10))).containsExactly("pump-1", "pump:1");
        apply(updateFact("c", "pump", 1), updateFact("c", "pump-1", 1), updateFact("c-1", "pump", 1));
        assertThat(store.updatesOf(endpoint("pump"), 10)).hasSize(2);
        assertThat(store.updatesOf(endpoint("pump-1"), 10)).hasSize(1);
        assertThat(store.updates(new CampaignId("c"), any -> true, "", 10).items())
                .extracting(update -> update.endpoint().name())
                .containsExactly("pump", "pump-1");
    }

    @Test
    void the_updates_of_a_device_come_newest_campaign_first() {
        apply(campaignFact("old", 10), campaignFact("new", 30), campaignFact("mid", 20));
        apply(
                updateFact("new", "a", 1),
                updateFact("old", "a", 1),
                updateFact("mid", "a", 1),
                updateFact("mid", "a", 2));
        assertThat(store.updatesOf(endpoint("a"), 10))
                .extracting(update -> update.campaign().value())
                .containsExactly("new", "mid", "old");
        assertThat(store.updatesOf(endpoint("a"), 2)).hasSize(2);
        assertThat(store.update(new UpdateId(new CampaignId("mid"), endpoint("a")))
                        .map(Update::attempt))
                .contains(2);
    }

    @Test
    void campaigns_and_packages_come_newest_first() {
        apply(campaignFact("b", 10), campaignFact("a", 30), campaignFact("c", 20));
        assertThat(store.campaigns()).extracting(each -> each.id().value()).containsExactly("a", "c", "b");
        assertThat(store.campaign(new CampaignId("c"))).isPresent();
        apply(packageFact("1", 5, false), packageFact("2", 9, false), packageFact("1", 5, true));
        assertThat(store.packages()).extracting(each -> each.id().value()).containsExactly(id("2"), id("1"));
        assertThat(store.firmwarePackage(new PackageId(id("1"))).map(FirmwarePackage::revoked))
                .contains(true);
    }

    @Test
    void gate_decisions_of_a_campaign_come_newest_first() {
        for (int i = 1; i <= 300; i++) {
            apply(gateFact(i % 2 == 0 ? "even" : "odd", i));
        }
        assertThat(store.gateDecisions(new CampaignId("even"), 3))
                .extracting(each -> each.decision().sequence())
                .containsExactly(300L, 298L, 296L);
        assertThat(store.gateDecisions(new CampaignId("odd"), 1000)).hasSize(150);
    }

    @Test
    void a_kill_switch_is_in_force_until_lifted_and_its_receipt_stays() {
        KillSwitch first = killSwitch("k1", 10);
        KillSwitch second = killSwitch("k2", 20);
        apply(new Fact.KillSwitchRaised(at(10), first), new Fact.KillSwitchRaised(at(20), second));
        KillReceipt receipt = new KillReceipt(first, at(10), Optional.empty(), at(11), 3, 1);
        apply(new Fact.KillSwitchReported(at(12), receipt));
        assertThat(store.killSwitches()).containsExactly(second, first);
        apply(new Fact.KillSwitchLifted(at(30), "k1", "fixed", "admin"));
        assertThat(store.killSwitches()).containsExactly(second);
        assertThat(store.killReceipts()).containsExactly(receipt);
    }

    protected final void apply(Fact... facts) {
        for (Fact fact : facts) {
            store.apply(recorded(fact));
        }
    }

    private List<Recorded> recorded(Fact fact) {
        return List.of(new Recorded(++sequence, fact, codec.encode(fact)));
    }

    /** All that a view can be asked about what {@link RandomFacts} speaks of. */
    protected static List<Object> everything(RolloutStore store, int devices) {
        List<Object> all = new ArrayList<>(List.of(
                store.sequence(),
                store.deviceCount(),
                walked(cursor -> store.devices(any -> true, cursor, 7)),
                walked(cursor ->
                        store.devices(device -> device.labels().region().equals("eu-1"), cursor, 3)),
                store.packages(),
                store.campaigns(),
                store.killSwitches(),
                store.killReceipts()));
        for (int c = 0; c < 5; c++) {
            CampaignId campaign = new CampaignId("campaign-" + c);
            all.add(walked(cursor -> store.updates(campaign, any -> true, cursor, 4)));
            all.add(walked(cursor -> store.updates(campaign, Update::isFinal, cursor, 2)));
            all.add(store.gateDecisions(campaign, 5));
        }
        for (int d = 0; d < devices; d++) {
            all.add(store.device(endpoint("urn:dev:" + d)));
            all.add(store.updatesOf(endpoint("urn:dev:" + d), 3));
        }
        return all;
    }

    private static <T> List<T> walked(Function<String, Page<T>> pages) {
        List<T> all = new ArrayList<>();
        String cursor = "";
        do {
            Page<T> page = pages.apply(cursor);
            all.addAll(page.items());
            cursor = page.next();
        } while (!cursor.isEmpty());
        return all;
    }

    private static List<String> names(Page<Device> page) {
        return page.items().stream().map(device -> device.endpoint().name()).toList();
    }

    private static Endpoint endpoint(String name) {
        return new Endpoint(name);
    }

    private static Instant at(long second) {
        return Instant.ofEpochSecond(second);
    }

    private static String id(String last) {
        return "000000000000000" + last;
    }

    private static Fact deviceFact(String name) {
        return new Fact.DeviceChanged(at(1), Device.firstSeen(endpoint(name), Labels.NONE, at(1)));
    }

    private static Fact updateFact(String campaign, String endpoint, int attempt) {
        UpdateId id = new UpdateId(new CampaignId(campaign), endpoint(endpoint));
        Update u = Update.reserved(id, 0, PACKAGE, "", "0123456789abcdef", FirmwareVersion.of("2.0"), at(1));
        return new Fact.UpdateChanged(
                at(1),
                new Update(
                        u.id(),
                        u.wave(),
                        u.packageId(),
                        u.region(),
                        u.token(),
                        u.target(),
                        u.from(),
                        u.phase(),
                        u.detail(),
                        u.intent(),
                        attempt,
                        u.step(),
                        u.tries(),
                        u.lastResult(),
                        u.since(),
                        u.deadline(),
                        u.payload(),
                        u.note(),
                        u.sighting()),
                "");
    }

    private static Fact campaignFact(String id, long createdAt) {
        CampaignSpec spec = new CampaignSpec(
                "x", PACKAGE, DeviceFilter.ALL, WavePlan.DEFAULT, GatePolicy.DEFAULT, UpdatePolicy.DEFAULT, 0.1, 10, 1);
        return new Fact.CampaignChanged(
                at(createdAt), Campaign.draft(new CampaignId(id), spec, at(createdAt)), "asked", "admin");
    }

    private static Fact packageFact(String id, long uploadedAt, boolean revoked) {
        Manifest manifest = new Manifest("m", FirmwareVersion.of("2.0"), "", "", "", 1, Sha256.of(new byte[] {1}), 0);
        return new Fact.PackageChanged(
                at(9), new FirmwarePackage(new PackageId(id(id)), manifest, "k", at(uploadedAt), revoked), "admin");
    }

    private static Fact gateFact(String campaign, int sequence) {
        WaveEvidence evidence = new WaveEvidence(
                sequence, 0, at(1), at(1), at(2), 0, new UpdateCounts(1, 1, 1, 1, 0, 0, 0, 0), List.of(), List.of());
        return new Fact.GateJudged(
                at(1),
                new CampaignId(campaign),
                evidence,
                new GateDecision(sequence, 0, at(1), Verdict.INCONCLUSIVE, false, "", 0, List.of()));
    }

    private static KillSwitch killSwitch(String id, long raisedAt) {
        return new KillSwitch(id, new KillScope(KillScope.Kind.ALL, ""), "smoke", "admin", at(raisedAt));
    }
}
