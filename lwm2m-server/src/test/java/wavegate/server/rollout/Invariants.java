package wavegate.server.rollout;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.event.Fact;
import wavegate.firmware.gate.Verdict;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdateMachine;
import wavegate.firmware.update.UpdatePhase;

/** What must hold after every event of a simulation, whatever happened. */
final class Invariants {
    private final Simulation sim;
    private final Map<UpdateId, Update> latest = new HashMap<>();
    private final Set<Integer> passed = new HashSet<>();
    private long seen;

    Invariants(Simulation sim) {
        this.sim = sim;
    }

    void check() {
        newFacts();
        if (!sim.serverUp()) {
            return;
        }
        int moving = 0;
        for (Update update : sim.state().openUpdates()) {
            moving += UpdateMachine.takesBudget(update) ? 1 : 0;
        }
        require(sim.seed % 3 != 0 || moving <= Simulation.TRANSFERS, "transfers: " + moving);
        for (CampaignRun run : sim.state().runs()) {
            conserved(run);
            require(run.inFlight() <= run.campaign().spec().inFlight(), "in flight: " + run.inFlight());
        }
        for (Update update : sim.state().openUpdates()) {
            boolean killed = sim.state().killSwitches().values().stream()
                    .anyMatch(kill -> kill.scope().covers(update.scope()));
            require(
                    !killed || !update.phase().isCancellable(),
                    update.id() + " goes on under a kill switch: " + update.where());
        }
        for (SimulatedModule module : sim.modules.values()) {
            module.appliesPerDownload.forEach((image, times) -> {
                require(times == 1, module.endpoint + " applied download " + image + " " + times + " times");
                require(!image.equals("foreign"), module.endpoint + " was told to apply an image that is not ours");
            });
        }
    }

    private void conserved(CampaignRun run) {
        for (CampaignRun.WaveRun wave : run.waves()) {
            int sum = wave.phases.values().stream().mapToInt(Integer::intValue).sum();
            require(sum == wave.reserved, "wave counts " + wave.phases + " against " + wave.reserved + " reserved");
            require(
                    wave.unreserved.size()
                                    + wave.unreachable.size()
                                    + wave.passedOver.size()
                                    + wave.later.stream()
                                            .map(CampaignRun.Later::endpoint)
                                            .filter(endpoint ->
                                                    run.waitingIn(endpoint).isPresent())
                                            .count()
                                    + wave.aside.values().stream()
                                            .mapToInt(Collection::size)
                                            .sum()
                            == wave.members.size() - wave.reserved,
                    "waiting " + wave.unreserved.size() + "+" + wave.unreachable.size() + " of " + wave.members.size()
                            + ", reserved " + wave.reserved);
        }
    }

    private void newFacts() {
        if (sim.ledger().lastSequence() <= seen) {
            return;
        }
        sim.ledger().replay(seen, recorded -> {
            require(recorded.sequence() == seen + 1, "sequence " + recorded.sequence() + " after " + seen);
            seen = recorded.sequence();
            if (recorded.fact() instanceof Fact.UpdateChanged changed) {
                if (latest.get(changed.update().id()) == null) {
                    sim.expectOpen(changed.update(), changed.at());
                }
                updateChanged(changed.update());
            } else if (recorded.fact() instanceof Fact.CampaignChanged changed) {
                for (Wave wave : changed.campaign().waves()) {
                    if (wave.phase() == WavePhase.PASSED) {
                        passed.add(wave.index());
                    }
                }
                long open = changed.campaign().waves().stream()
                        .filter(wave -> wave.phase() != WavePhase.PENDING
                                && !wave.phase().isFinal())
                        .count();
                require(open <= 1, open + " waves open at once");
            } else if (recorded.fact() instanceof Fact.GateJudged judged) {
                if (judged.decision().verdict() == Verdict.PASS) {
                    require(
                            !judged.evidence().now().isBefore(judged.evidence().soakUntil()),
                            "a PASS before the soak was over");
                }
            }
        });
    }

    private void updateChanged(Update update) {
        Update before = latest.put(update.id(), update);
        if (before != null) {
            require(!before.isFinal(), update.id() + " left its end " + before.where() + " for " + update.where());
            require(update.step() > before.step(), update.id() + " step " + before.step() + " -> " + update.step());
        } else {
            require(
                    update.wave() == 0 || passed.contains(update.wave() - 1),
                    "wave " + update.wave() + " began before the gate before it passed");
        }
        SimulatedModule module = sim.modules.get(update.endpoint());
        if (update.phase() == UpdatePhase.SUCCESS) {
            require(module.ranTarget, update.endpoint() + " SUCCESS without ever having run the target");
        }
        if (sim.serverUp() && before == null) {
            for (CampaignRun run : sim.state().runs()) {
                require(
                        !run.holdsAsControl(update.endpoint())
                                || run.campaign()
                                        .openWave()
                                        .map(w -> w.phase() == WavePhase.DISPATCHING)
                                        .orElse(true),
                        update.endpoint() + " is control and was reserved");
            }
        }
    }

    /** After the last event: a state made anew from the ledger is the state that was. */
    void atEnd() {
        if (!sim.serverUp()) {
            return;
        }
        Map<Endpoint, String> live = new TreeMap<>();
        for (CampaignRun run : sim.state().runs()) {
            run.updates().forEach(update -> live.put(update.endpoint(), update.where()));
        }
        Map<Endpoint, String> told = new TreeMap<>();
        latest.values().forEach(update -> told.put(update.endpoint(), update.where()));
        require(live.equals(told), "state " + live + " against ledger " + told);
    }

    private void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(
                    "seed " + sim.seed + " at " + sim.now() / 1000 + " s, " + sim.crashes + " crashes: " + what);
        }
    }

    /** Facts of the ledger, for a failing seed. */
    List<String> lastFacts(int count) {
        java.util.ArrayDeque<String> last = new java.util.ArrayDeque<>();
        sim.ledger().replay(Math.max(0, seen - count), recorded -> last.add(recorded.toString()));
        return List.copyOf(last);
    }
}
