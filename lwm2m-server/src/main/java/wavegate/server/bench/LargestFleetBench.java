package wavegate.server.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import wavegate.server.bench.LargestFleetReport.Run;

/** The largest fleet of virtual modules that one simulator holds in a given memory: found by running fleets, not by a sum. */
public final class LargestFleetBench {
    /** Runs a fleet in a process of its own. */
    public interface Trial {
        /** @throws IOException if no process can be started */
        Run run(int devices, int memoryMiB) throws IOException;
    }

    private final LargestFleetPlan plan;
    private final Trial trial;
    private final Consumer<String> progress;
    private final List<Run> runs = new ArrayList<>();

    /** @param progress takes a line for each fleet */
    public LargestFleetBench(LargestFleetPlan plan, Trial trial, Consumer<String> progress) {
        this.plan = plan;
        this.trial = trial;
        this.progress = progress;
    }

    /** Twice as many while they fit; then halves what is left between the largest that fits and the smallest that does not. */
    public LargestFleetReport run() throws IOException {
        int fits = 0;
        int tooMany = plan.most() + plan.step();
        int devices = plan.from();
        while (tooMany - fits > plan.step()) {
            if (fits(devices)) {
                fits = devices;
            } else {
                tooMany = devices;
            }
            boolean bounded = tooMany <= plan.most();
            devices = bounded || fits * 2L > plan.most() ? between(fits, tooMany) : fits * 2;
        }
        return new LargestFleetReport(plan, runs);
    }

    private int between(int fits, int tooMany) {
        int middle = (int) (((long) fits + tooMany) / 2 / plan.step()) * plan.step();
        return Math.max(plan.step(), Math.max(fits + plan.step(), middle));
    }

    private boolean fits(int devices) throws IOException {
        Run run = trial.run(devices, plan.memoryMiB());
        runs.add(run);
        progress.accept(String.format(
                Locale.ROOT,
                "%,d devices: simulator %d MiB, server %d MiB, all registered after %.0f s: %s",
                devices,
                run.residentMiB(),
                run.serverMiB(),
                run.allAfter(),
                run.fits() ? "fits" : run.why()));
        return run.fits();
    }
}
