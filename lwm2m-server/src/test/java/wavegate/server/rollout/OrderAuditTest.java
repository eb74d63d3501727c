package wavegate.server.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wavegate.firmware.campaign.KillReceipt;
import wavegate.firmware.campaign.KillScope;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.DeviceLink;
import wavegate.server.store.memory.MemoryLedger;
import wavegate.server.store.memory.MemoryLedger.Outcome;
import wavegate.server.store.memory.MemoryRolloutStore;

/** Every order of an operator and its line in the audit, with a crash at each commit in turn. */
class OrderAuditTest {
    private static final CampaignId CAMPAIGN = new CampaignId("c-1");
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int DEVICES = 60;
    private static final PackageId PACKAGE = PackageId.ofManifest(new byte[] {7});

    /** Orders in turn, each by an actor of its own, which its facts name. The receipt is that of the kill switch, once there is one. */
    private static final List<BiFunction<Operations, Optional<KillReceipt>, CompletableFuture<?>>> ORDERS = List.of(
            (operations, receipt) -> operations.addPackage(release(), by(0)),
            (operations, receipt) -> operations.label(endpoint(0), new Labels("elsewhere", "", new TreeSet<>()), by(1)),
            (operations, receipt) -> operations.create(CAMPAIGN, SeededSpecs.spec(), by(2)),
            (operations, receipt) -> operations.start(CAMPAIGN, by(3)),
            (operations, receipt) -> operations.pause(CAMPAIGN, "test", by(4)),
            (operations, receipt) ->
                    operations.ifStill(CAMPAIGN, any -> true, () -> operations.resume(CAMPAIGN, by(5))),
            (operations, receipt) -> operations.kill(new KillScope(KillScope.Kind.ALL, ""), "test", by(6)),
            (operations, receipt) ->
                    operations.lift(receipt.orElseThrow().killSwitch().id(), "test", by(7)),
            (operations, receipt) -> operations.abort(CAMPAIGN, "test", by(8)),
            (operations, receipt) -> operations.revokePackage(PACKAGE, by(9)));

    private static String by(int order) {
        return "token:" + order;
    }

    private static Endpoint endpoint(int device) {
        return new Endpoint("m-" + device);
    }

    private static FirmwarePackage release() {
        Manifest manifest = new Manifest(
                "fw", FirmwareVersion.of("2.0.0"), "Acme", "M1", "rev-a", 1000, Sha256.of(new byte[] {1}), 1);
        return new FirmwarePackage(PACKAGE, manifest, "key", Instant.EPOCH, false);
    }

    /**
     * @param acknowledged orders that were answered
     * @param batches what the ledger holds after the crash
     */
    private record Story(int acknowledged, List<List<Recorded>> batches) {}

    private static Story untilCrash(int commit, Outcome outcome) throws Exception {
        MemoryLedger ledger =
                new MemoryLedger(fact -> new byte[0], number -> number == commit ? outcome : Outcome.DONE);
        CompletableFuture<Throwable> crashed = new CompletableFuture<>();
        RolloutLoop loop = new RolloutLoop(
                new RolloutLoop.Ports(
                        ledger,
                        new MemoryRolloutStore(),
                        new MemoryArtifacts(),
                        checked -> {},
                        batch -> {},
                        new SingleNode(),
                        Runnable::run),
                new Fence(Clock.systemUTC()),
                Clock.systemUTC(),
                new Random(1),
                RolloutSettings.DEFAULT,
                crashed::complete);
        loop.start((DeviceLink) Proxy.newProxyInstance(
                DeviceLink.class.getClassLoader(), new Class<?>[] {DeviceLink.class}, (proxy, method, args) -> null));
        int acknowledged = 0;
        try (loop) {
            for (int i = 0; i < DEVICES; i++) {
                loop.offer(new RolloutInput.Registered(endpoint(i), new Labels("region-0", "", new TreeSet<>())));
                loop.offer(
                        new RolloutInput.DeviceRead(endpoint(i), SeededModule.IDENTITY, FirmwareVersion.of("1.0.0")));
            }
            Optional<KillReceipt> receipt = Optional.empty();
            for (int i = 0; i < ORDERS.size() && !crashed.isDone(); i++) {
                Operations audited = loop.operations()
                        .audited(new AuditLine(by(i), "order" + i, "somewhere", Map.of("status", "200")));
                // An order that comes to a loop that has just stopped is refused before the crash is told.
                CompletableFuture<Object> order = ORDERS.get(i)
                        .apply(audited, receipt)
                        .handle((answer, failure) -> failure == null ? answer : failure);
                Object answer = CompletableFuture.anyOf(order, crashed).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
                if (answer instanceof Throwable) {
                    crashed.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
                }
                if (!(answer instanceof Throwable)) {
                    acknowledged++;
                }
                if (answer instanceof KillReceipt raised) {
                    receipt = Optional.of(raised);
                }
            }
        }
        return new Story(
                acknowledged, ledger.reopened(MemoryLedger.Weather.fair()).batches());
    }

    private static Optional<String> orderedBy(Fact fact) {
        if (fact instanceof Fact.PackageChanged changed) {
            return Optional.of(changed.by());
        } else if (fact instanceof Fact.CampaignChanged changed) {
            return Optional.of(changed.by());
        } else if (fact instanceof Fact.KillSwitchRaised raised) {
            return Optional.of(raised.killSwitch().by());
        } else if (fact instanceof Fact.KillSwitchLifted lifted) {
            return Optional.of(lifted.by());
        } else if (fact instanceof Fact.DeviceChanged changed
                && changed.device().operatorLabels().region().equals("elsewhere")) {
            return Optional.of(by(1));
        }
        return Optional.empty();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "DONE")
    void no_crash_leaves_a_change_without_its_line_or_a_line_without_its_change(Outcome outcome) throws Exception {
        int crashes = 0;
        Story story;
        do {
            crashes++;
            story = untilCrash(crashes, outcome);
            Set<String> lines = new HashSet<>();
            for (List<Recorded> batch : story.batches()) {
                Set<String> begun = new HashSet<>();
                for (Recorded recorded : batch) {
                    if (recorded.fact() instanceof Fact.Audited line) {
                        assertThat(lines.add(line.actor())).as("%s once", line).isTrue();
                        begun.add(line.actor());
                    }
                    orderedBy(recorded.fact())
                            .filter(by -> by.startsWith("token:"))
                            .ifPresent(by -> {
                                assertThat(lines)
                                        .as("before %s", recorded.fact())
                                        .contains(by);
                                begun.remove(by);
                            });
                }
                assertThat(begun)
                        .as("lines of this batch without a change in it")
                        .isEmpty();
            }
            assertThat(lines)
                    .as("lines of %d answered orders", story.acknowledged())
                    .hasSizeGreaterThanOrEqualTo(story.acknowledged());
        } while (story.acknowledged() < ORDERS.size());
        assertThat(crashes).isGreaterThan(ORDERS.size());
        assertThat(subjects(story))
                .contains("somewhere")
                .anyMatch(subject -> subject.matches("kill-switches/[0-9a-f]{12}"));
        System.out.printf("audit: %d orders, %d crash points (%s)%n", ORDERS.size(), crashes - 1, outcome);
    }

    private static List<String> subjects(Story story) {
        List<String> subjects = new ArrayList<>();
        for (List<Recorded> batch : story.batches()) {
            for (Recorded recorded : batch) {
                if (recorded.fact() instanceof Fact.Audited line) {
                    subjects.add(line.subject());
                }
            }
        }
        return subjects;
    }
}
