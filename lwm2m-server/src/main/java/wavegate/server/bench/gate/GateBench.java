package wavegate.server.bench.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Runs the gate over thousands of simulated waves. The same plan gives the same figures on any machine. */
public final class GateBench {
    private static final double[] RATIOS = {1.5, 2, 3, 5, 10};
    private static final double[] DRIFTS = {0.1, 0.2, 0.3, 0.5, 1};
    private static final double ENOUGH = 7.4;
    private static final double TOO_FEW = 5.5;

    private final GatePlan plan;
    private final Consumer<String> progress;

    /** @param progress takes a line after each kind of campaign */
    public GateBench(GatePlan plan, Consumer<String> progress) {
        this.plan = plan;
        this.progress = progress;
    }

    /** @throws IllegalStateException if it is interrupted */
    public GateReport run() {
        GateStudy equal = study("equal firmware, everything goes wrong", GateScenario.troubled(), plan.equal(), true);
        GateStudy enough = study("3x, 7.4 events", GateScenario.plain(ENOUGH, 3), plan.effects(), false);
        GateStudy tooFew = study("3x, 5.5 events", GateScenario.plain(TOO_FEW, 3), plan.effects(), false);
        GateStudy bricked = study(
                "a tenth of the canaries bricked",
                GateScenario.troubled(),
                plan.effects(),
                false,
                GateScenario.troubled().canaries() / 10);
        List<GateStudy> crashes = new ArrayList<>();
        for (double ratio : RATIOS) {
            String name = String.format(Locale.ROOT, "crashes %sx", number(ratio));
            crashes.add(study(name, GateScenario.troubled().crashing(ratio), plan.effects(), true));
        }
        List<GateStudy> drifts = new ArrayList<>();
        for (double drift : DRIFTS) {
            String name = String.format(Locale.ROOT, "use +%.0f %%", drift * 100);
            drifts.add(study(name, GateScenario.troubled().drawing(drift), plan.effects(), true));
        }
        return new GateReport(plan, equal, enough, tooFew, bricked, crashes, drifts);
    }

    private static String number(double value) {
        return value == Math.rint(value) ? String.valueOf((int) value) : String.valueOf(value);
    }

    GateStudy study(String name, GateScenario scenario, int campaigns, boolean withRules) {
        return study(name, scenario, campaigns, withRules, 0);
    }

    /** @param bricked canaries that fall silent for good */
    GateStudy study(String name, GateScenario scenario, int campaigns, boolean withRules, int bricked) {
        long began = System.nanoTime();
        ExecutorService workers = Executors.newFixedThreadPool(plan.threads());
        try {
            List<Future<GateTrial.Outcome>> running = new ArrayList<>();
            for (int i = 0; i < campaigns; i++) {
                long seed = plan.seed() + i;
                running.add(workers.submit(
                        () -> new GateTrial(scenario, GateTrial.policy(), withRules, seed, bricked).run()));
            }
            List<GateTrial.Outcome> outcomes = new ArrayList<>();
            for (Future<GateTrial.Outcome> trial : running) {
                outcomes.add(trial.get());
            }
            progress.accept(String.format(
                    Locale.ROOT, "%,d campaigns of %s in %.1f s", campaigns, name, (System.nanoTime() - began) / 1e9));
            return new GateStudy(name, scenario, outcomes);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("gate bench: interrupted", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("gate bench: a campaign of " + name + " broke off", e.getCause());
        } finally {
            workers.shutdownNow();
        }
    }
}
