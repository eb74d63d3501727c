package wavegate.server.rollout;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;
import wavegate.firmware.update.DeviceLink;
import wavegate.firmware.update.DispatchScope;
import wavegate.firmware.update.UpdateCommand;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdateSignal;
import wavegate.firmware.update.UpdateSignal.LinkFailed.Why;

/** The link of one life of the server: in order per device, with delay, loss and doubling by the seed. What is still out when the server dies is answered to nobody. */
final class SimulatedLink implements DeviceLink {
    private static final double TIMEOUT_S = 93;

    private final Simulation sim;
    private final int generation;
    private final Map<Endpoint, Long> busyUntil = new HashMap<>();

    SimulatedLink(Simulation sim, int generation) {
        this.sim = sim;
        this.generation = generation;
    }

    /** Sends after what was sent before; {@code effect} happens at the device and gives the answer. */
    private void exchange(UpdateCommand command, double seconds, Function<SimulatedModule, UpdateSignal> effect) {
        SimulatedModule module = sim.modules.get(command.update().endpoint());
        long start = Math.max(sim.now(), busyUntil.getOrDefault(module.endpoint, 0L));
        busyUntil.put(module.endpoint, start + (long) (seconds * 1000));
        if (module.generationRegistered != generation) {
            answer(command, 0.01, new UpdateSignal.LinkFailed(Why.ASLEEP));
            return;
        }
        boolean requestLost = lost();
        sim.after((start - sim.now()) / 1000.0 + seconds, () -> {
            boolean reaches = module.on && !module.bricked && !requestLost;
            UpdateSignal answer = reaches ? effect.apply(module) : new UpdateSignal.LinkFailed(Why.TIMEOUT);
            boolean answerLost = reaches && lost() && !(answer instanceof UpdateSignal.LinkFailed);
            answer(
                    command,
                    reaches && !answerLost ? 0.1 + sim.random.nextDouble() : TIMEOUT_S,
                    answerLost ? new UpdateSignal.LinkFailed(Why.TIMEOUT) : answer);
        });
    }

    private boolean lost() {
        // Four retransmissions hide most losses; what is left is a tenth.
        return sim.random.nextDouble() < sim.weather.loss() / 10;
    }

    private void answer(UpdateCommand command, double seconds, UpdateSignal signal) {
        RolloutInput input = new RolloutInput.Answered(command.update(), command.step(), signal);
        sim.after(seconds, () -> sim.offer(generation, input));
        if (sim.random.nextDouble() < sim.weather.doubling()) {
            sim.after(seconds + sim.random.nextDouble() * 5, () -> sim.offer(generation, input));
        }
    }

    private void hint(SimulatedModule module) {
        if (!lost()) {
            sim.after(
                    sim.random.nextDouble() * 3,
                    () -> sim.offer(generation, new RolloutInput.StatusHinted(module.endpoint)));
        }
    }

    private UpdateSignal dispatched(DispatchScope scope, Supplier<UpdateSignal> send) {
        UpdateSignal[] answer = {new UpdateSignal.LinkFailed(Why.FENCED)};
        if (sim.generation == generation) {
            sim.fence().dispatch(scope, () -> answer[0] = send.get());
        }
        return answer[0];
    }

    @Override
    public void readStatus(UpdateCommand.ReadStatus command) {
        exchange(command, 0.2, module -> new UpdateSignal.StatusRead(module.status()));
    }

    @Override
    public void observeStatus(UpdateCommand.ObserveStatus command) {}

    @Override
    public void prepareObject(UpdateCommand.PrepareObject command) {}

    @Override
    public void resetObject(UpdateCommand.ResetObject command) {
        exchange(command, 0.2, module -> {
            module.reset();
            return new UpdateSignal.ResetAnswered();
        });
    }

    @Override
    public void cancelDownload(UpdateCommand.CancelDownload command) {
        exchange(command, 0.2, module -> {
            module.reset();
            return new UpdateSignal.ResetAnswered();
        });
    }

    @Override
    public void pushPackage(UpdateCommand.PushPackage command) {
        SimulatedModule module = sim.modules.get(command.update().endpoint());
        exchange(
                command,
                20 + sim.random.nextInt(60),
                m -> dispatched(command.scope(), () -> {
                    if (!m.begin()) {
                        return new UpdateSignal.Refused(400);
                    }
                    m.finish(command.update().toString(), outcome());
                    return new UpdateSignal.PackageAccepted();
                }));
        if (module.generationRegistered == generation) {
            sim.after(10, () -> sim.offer(generation, new RolloutInput.BytesMoved(command.update(), 512)));
        }
    }

    private UpdateResult outcome() {
        double roll = sim.random.nextDouble();
        return roll < sim.weather.corruption()
                ? UpdateResult.INTEGRITY_FAILURE
                : roll < 2 * sim.weather.corruption() ? UpdateResult.CONNECTION_LOST : UpdateResult.INITIAL;
    }

    @Override
    public void writePackageUri(UpdateCommand.WritePackageUri command) {
        exchange(
                command,
                0.2,
                module -> dispatched(command.scope(), () -> {
                    if (!module.begin()) {
                        return new UpdateSignal.Refused(400);
                    }
                    int download = module.downloads;
                    sim.after(20 + sim.random.nextInt(120), () -> {
                        boolean still = module.state == UpdateState.DOWNLOADING
                                && module.downloads == download
                                && !module.bricked;
                        if (still) {
                            boolean served = sim.serverUp() && !sim.fence().isUp(command.scope());
                            module.finish(command.token(), served ? outcome() : UpdateResult.CONNECTION_LOST);
                            hint(module);
                        }
                    });
                    return new UpdateSignal.UriAccepted();
                }));
    }

    @Override
    public void executeUpdate(UpdateCommand.ExecuteUpdate command) {
        sim.expectOpen(command.update(), sim.serverTime());
        exchange(
                command,
                0.2,
                module -> dispatched(command.scope(), () -> {
                    if (module.state != UpdateState.DOWNLOADED) {
                        return new UpdateSignal.Refused(405);
                    }
                    module.startApplying();
                    boolean good = sim.random.nextDouble() >= sim.weather.badBoot();
                    boolean bricks = sim.random.nextDouble() < sim.weather.brick();
                    sim.after(30 + sim.random.nextInt(60), () -> {
                        if (bricks) {
                            module.bricked = true;
                            return;
                        }
                        module.applied(good, sim.versionOf(command.scope().packageId()));
                        sim.after(1 + sim.random.nextInt(20), () -> sim.register(module));
                    });
                    return new UpdateSignal.ExecuteAccepted();
                }));
    }

    @Override
    public void readDevice(Endpoint endpoint, boolean urgent) {
        SimulatedModule module = sim.modules.get(endpoint);
        if (!lost() && module.on) {
            sim.after(
                    0.5,
                    () -> sim.offer(
                            generation,
                            new RolloutInput.DeviceRead(endpoint, SimulatedModule.IDENTITY, module.version)));
        }
    }

    @Override
    public void wake(Endpoint endpoint) {}

    @Override
    public void bootstrap(Endpoint endpoint) {}

    @Override
    public void meet(Endpoint endpoint, ClientProfile profile) {}

    @Override
    public void forget(UpdateId update) {}
}
