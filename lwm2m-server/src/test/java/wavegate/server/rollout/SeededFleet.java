package wavegate.server.rollout;

import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.object.UpdateState;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.telemetry.Metric;
import wavegate.server.rollout.SeededModule.Kind;

/** What the modules do by themselves: they register, ask, report, and meet with misfortune. */
final class SeededFleet {
    private static final long AWAKE_MILLIS = 90_000;
    /** How long a question waits for its answer. */
    private static final long ASKING_MILLIS = 3_000;

    private final SeededRollout sim;
    private final Random random;
    private final Map<Endpoint, SeededModule> modules = new LinkedHashMap<>();

    SeededFleet(SeededRollout sim, int devices) {
        this.sim = sim;
        this.random = sim.random;
        for (int i = 0; i < devices; i++) {
            SeededModule module = new SeededModule(i, random, SeededRollout.OLD, sim.weather.listening());
            modules.put(module.endpoint, module);
        }
    }

    Collection<SeededModule> modules() {
        return modules.values();
    }

    SeededModule module(Endpoint endpoint) {
        return modules.get(endpoint);
    }

    void wakeUp() {
        for (SeededModule module : modules.values()) {
            if (module.kind == Kind.ASKS) {
                sim.after(random.nextInt(300), () -> ask(module));
            } else {
                sim.after(random.nextInt(60), () -> register(module));
                sim.after(random.nextInt(300), () -> keepAlive(module));
            }
            sim.after(random.nextInt(600), () -> report(module));
            sim.after(random.nextInt(3600), () -> misfortune(module));
        }
    }

    /** After a boot, or from where nobody could hear it. */
    void comesBack(SeededModule module) {
        if (module.kind == Kind.ASKS) {
            question(module);
        } else {
            register(module);
        }
    }

    private void register(SeededModule module) {
        if (!module.on || module.bricked) {
            return;
        }
        if (random.nextDouble() < sim.weather.loss() || !sim.serverUp()) {
            sim.after(5 + random.nextInt(60), () -> register(module));
            return;
        }
        module.generationRegistered = sim.generation;
        module.listensUntil = sim.now() + AWAKE_MILLIS;
        sim.offer(sim.generation, new RolloutInput.Registered(module.endpoint, module.labels));
    }

    private void keepAlive(SeededModule module) {
        sim.after(300 + random.nextInt(60), () -> keepAlive(module));
        if (!module.on || module.bricked || !sim.serverUp()) {
            return;
        }
        if (module.generationRegistered != sim.generation) {
            register(module);
        } else if (random.nextDouble() >= sim.weather.loss()) {
            module.listensUntil = Math.max(module.listensUntil, sim.now() + AWAKE_MILLIS);
            sim.offer(sim.generation, new RolloutInput.RegistrationUpdated(module.endpoint));
        }
    }

    private void ask(SeededModule module) {
        sim.after(300 + random.nextInt(120), () -> ask(module));
        question(module);
    }

    /** While its question is open the server may read, offer and execute; then the answer goes out, and what was offered is fetched. */
    private void question(SeededModule module) {
        if (!module.on || module.bricked || !sim.serverUp() || random.nextDouble() < sim.weather.loss()) {
            return;
        }
        boolean booted = module.bootedSinceAsked;
        module.bootedSinceAsked = false;
        module.generationRegistered = sim.generation;
        module.listensUntil = sim.now() + ASKING_MILLIS;
        int generation = sim.generation;
        sim.offer(
                generation,
                new RolloutInput.CheckedIn(
                        module.endpoint,
                        module.labels,
                        SeededModule.IDENTITY,
                        module.version,
                        booted,
                        () -> sim.after(ASKING_MILLIS / 2000.0, () -> answered(module, generation))));
    }

    private void answered(SeededModule module, int generation) {
        if (generation == sim.generation && sim.serverUp() && module.listens(sim.now())) {
            module.listensUntil = 0;
            if (module.state == UpdateState.IDLE) {
                // One that says it holds an image is not offered another.
                module.offer.run();
            }
        }
    }

    private void report(SeededModule module) {
        double hours = 600 / 3600.0;
        sim.after(570 + random.nextInt(60), () -> report(module));
        boolean isNew = !module.version.equals(SeededRollout.OLD);
        module.energy += hours * (0.95 + 0.1 * random.nextDouble());
        double crashes = sim.weather.crashesPerHour() * hours * (isNew ? sim.weather.newFirmwareCrashFactor() : 1);
        if (random.nextDouble() < crashes) {
            module.crashes++;
        }
        if (!module.on
                || module.bricked
                || module.mute
                || module.generationRegistered != sim.generation
                || random.nextDouble() < sim.weather.loss()) {
            return;
        }
        Map<Metric, Double> values = new EnumMap<>(Metric.class);
        values.put(Metric.CRASH_COUNT, (double) module.crashes);
        values.put(Metric.ENERGY_USED_MAH, module.energy);
        Instant measured = sim.serverTime();
        int times = random.nextDouble() < sim.weather.doubling() ? 2 : 1;
        for (int i = 0; i < times; i++) {
            int to = sim.generation;
            sim.after(
                    random.nextDouble() * sim.weather.telemetryDelay(),
                    () -> sim.offer(
                            to,
                            new RolloutInput.HealthReported(
                                    new HealthReport(module.endpoint, measured, sim.serverTime(), values))));
        }
    }

    private void misfortune(SeededModule module) {
        sim.after(3600, () -> misfortune(module));
        if (module.bricked) {
            return;
        }
        if (random.nextDouble() < sim.weather.rebootPerHour() && module.state != UpdateState.UPDATING) {
            sim.after(random.nextInt(3600), () -> {
                if (module.state != UpdateState.UPDATING && !module.bricked) {
                    module.reboot();
                    sim.after(5 + random.nextInt(30), () -> comesBack(module));
                }
            });
        }
        if (random.nextDouble() < sim.weather.movePerHour()) {
            sim.after(random.nextInt(3600), () -> {
                module.address++;
                comesBack(module);
            });
        }
        if (random.nextDouble() < sim.weather.mute()) {
            module.mute = true;
            sim.after(random.nextInt(3 * 3600), () -> module.mute = false);
        }
        if (random.nextDouble() < sim.weather.offline()) {
            module.on = false;
            sim.after(600 + random.nextInt(7200), () -> {
                module.on = true;
                module.generationRegistered = -1;
                comesBack(module);
            });
        }
    }
}
