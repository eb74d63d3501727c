package wavegate.server.rollout;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.KillScope;
import wavegate.firmware.campaign.KillSwitch;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.gate.Verdict;
import wavegate.firmware.update.CampaignId;

/** Somebody who opens the campaigns, looks in every hour, decides what is held, and now and then meddles. Every order comes with its line for the audit. */
final class SeededOperator {
    static final String NAME = "token:operator";
    private static final double VISIT_S = 3600;
    private static final int MEDDLE_S = 300;

    private final SeededRollout sim;
    private final Random random;

    SeededOperator(SeededRollout sim) {
        this.sim = sim;
        this.random = sim.random;
    }

    void begin() {
        sim.after(VISIT_S, this::visit);
        sim.after(900, () -> open(SeededRollout.CAMPAIGN));
        if (sim.weather.secondCampaign()) {
            sim.after(900 + random.nextInt(6 * 3600), () -> open(SeededRollout.SECOND));
        }
        sim.after(MEDDLE_S, this::meddle);
    }

    /** Where it hurts: while updates move. */
    private void meddle() {
        sim.after(MEDDLE_S, this::meddle);
        if (!sim.serverUp() || !sim.state().openUpdates().iterator().hasNext()) {
            return;
        }
        if (sim.weather.kills() && random.nextInt(10) == 0) {
            sim.after(random.nextInt(MEDDLE_S), this::kill);
        }
        if (sim.weather.pauses() && random.nextInt(10) == 0) {
            CampaignId id = random.nextBoolean() ? SeededRollout.CAMPAIGN : SeededRollout.SECOND;
            sim.after(
                    random.nextInt(MEDDLE_S), () -> order("pauseCampaign", orders -> orders.pause(id, "lunch", NAME)));
        }
        if (sim.weather.revokes() && random.nextInt(20) == 0) {
            sim.after(
                    random.nextInt(MEDDLE_S),
                    () -> order("revokePackage", orders -> orders.revokePackage(SeededRollout.TARGET_PACKAGE, NAME)));
        }
        if (sim.weather.revokes() && random.nextInt(40) == 0) {
            order("abortCampaign", orders -> orders.abort(SeededRollout.CAMPAIGN, "changed my mind", NAME));
        }
    }

    private <T> void order(String action, Function<Orders, T> order) {
        sim.onServer(server -> {
            Orders orders = new Orders(server);
            CompletableFuture<T> answer = new CompletableFuture<>();
            CompletableFuture<T> unused = answer.whenComplete((value, failure) -> refusedAtMost(failure));
            orders.complete(answer, line(action), () -> order.apply(orders));
        });
    }

    private static Optional<AuditLine> line(String action) {
        return Optional.of(new AuditLine(NAME, action, "", Map.of()));
    }

    private void refusedAtMost(Throwable failure) {
        if (failure != null && !(failure instanceof OrderRefused) && !(failure instanceof LedgerFailure)) {
            throw new AssertionError("seed " + sim.seed, failure);
        }
    }

    /** Until it has started; a crash, a missing image or a busy fleet may each come in between. */
    private void open(CampaignId id) {
        order("addPackage", orders -> sim.packages().stream()
                .map(each -> orders.addPackage(each, NAME))
                .toList());
        order(
                "addDelta",
                orders -> orders.addDelta(SeededRollout.OLD_PACKAGE, SeededRollout.TARGET_PACKAGE, sim.delta(), NAME));
        order("createCampaign", orders -> orders.create(id, sim.spec(id), NAME));
        sim.onServer(server -> {
            try {
                CompletableFuture<Campaign> unused = new Orders(server)
                        .start(id, line("startCampaign"), NAME)
                        .whenComplete((campaign, failure) -> refusedAtMost(failure));
            } catch (OrderRefused e) {
                refusedAtMost(e);
            }
        });
        sim.after(600, () -> {
            boolean started = sim.campaign(id)
                    .map(campaign -> campaign.phase() != CampaignPhase.DRAFT)
                    .orElse(false);
            if (!started && sim.now() < SeededRollout.GIVE_UP_STARTING) {
                open(id);
            }
        });
    }

    /** The fence rises where the order is given; the loop hears of it later. */
    private void kill() {
        if (!sim.serverUp() || sim.campaign(SeededRollout.CAMPAIGN).isEmpty()) {
            return;
        }
        KillScope scope =
                switch (random.nextInt(5)) {
                    case 0 -> new KillScope(KillScope.Kind.CAMPAIGN, SeededRollout.CAMPAIGN.value());
                    case 1 -> new KillScope(KillScope.Kind.PACKAGE, SeededRollout.TARGET_PACKAGE.value());
                    case 2 -> new KillScope(KillScope.Kind.ALL, "");
                    default -> new KillScope(KillScope.Kind.REGION, "region-" + random.nextInt(3));
                };
        int generation = sim.generation;
        Fence.Raised raised = sim.fence().raise(scope);
        sim.after(random.nextDouble() * 2, () -> {
            if (sim.generation == generation) {
                order("raiseKillSwitch", orders -> orders.kill(scope, "test", NAME, raised));
            }
        });
        sim.after(1800 + random.nextInt(4 * 3600), this::liftAll);
    }

    private void liftAll() {
        if (sim.serverUp()) {
            for (KillSwitch kill : List.copyOf(sim.state().killSwitches().values())) {
                order("liftKillSwitch", orders -> {
                    orders.lift(kill.id(), "looked into", NAME);
                    return kill;
                });
            }
        }
    }

    private void visit() {
        sim.after(VISIT_S, this::visit);
        for (CampaignId id : List.of(SeededRollout.CAMPAIGN, SeededRollout.SECOND)) {
            sim.campaign(id).ifPresent(campaign -> {
                if (campaign.phase() == CampaignPhase.PAUSED) {
                    whenPaused(campaign);
                }
            });
        }
    }

    private void whenPaused(Campaign campaign) {
        CampaignId id = campaign.id();
        boolean failed = campaign.waves().stream().anyMatch(wave -> wave.phase() == WavePhase.FAILED);
        boolean revoked = sim.packageOf(campaign.spec().packageId()).revoked();
        boolean held =
                campaign.openWave().map(wave -> wave.phase() == WavePhase.HELD).orElse(false);
        if (failed || revoked || random.nextDouble() < sim.weather.givesUp()) {
            order("abortCampaign", orders -> orders.abort(id, "given up", NAME));
            return;
        }
        liftAll();
        if (held) {
            int wave = campaign.openWave().orElseThrow().index();
            Verdict verdict = random.nextDouble() < sim.weather.givesUp() ? Verdict.FAIL : Verdict.PASS;
            order("decideGate", orders -> orders.decide(id, wave, verdict, "looked at it", NAME));
        } else {
            order("resumeCampaign", orders -> orders.resume(id, NAME));
        }
    }
}
