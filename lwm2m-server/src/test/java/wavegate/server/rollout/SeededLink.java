package wavegate.server.rollout;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Payload;
import wavegate.firmware.update.DeviceLink;
import wavegate.firmware.update.DispatchScope;
import wavegate.firmware.update.UpdateCommand;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdateSignal;
import wavegate.firmware.update.UpdateSignal.LinkFailed.Why;
import wavegate.server.rollout.SeededModule.Kind;

/** The link of one life of the server: in order per device, with delay, loss and doubling by the seed. What is still out when the server dies is answered to nobody. */
final class SeededLink implements DeviceLink {
    private static final double TIMEOUT_S = 93;

    private final SeededRollout sim;
    private final Random random;
    private final int generation;
    private final Map<Endpoint, Long> busyUntil = new HashMap<>();
    /** How often an update was forgotten: what was to leave for it before does not leave. */
    private final Map<UpdateId, Integer> forgotten = new HashMap<>();

    SeededLink(SeededRollout sim, int generation) {
        this.sim = sim;
        this.random = sim.random;
        this.generation = generation;
    }

    /** Sends after what was sent before; {@code effect} happens at the device and gives the answer. */
    private void exchange(UpdateCommand command, double seconds, Function<SeededModule, UpdateSignal> effect) {
        SeededModule module = sim.module(command.update().endpoint());
        boolean asks = module.kind == Kind.ASKS;
        if (module.generationRegistered != generation || !module.listens(sim.now())) {
            answer(command, 0.01, new UpdateSignal.LinkFailed(Why.ASLEEP));
            return;
        }
        long start = Math.max(sim.now(), busyUntil.getOrDefault(module.endpoint, 0L));
        busyUntil.put(module.endpoint, start + (long) (seconds * 1000));
        int address = module.address;
        int asOf = forgotten.getOrDefault(command.update(), 0);
        boolean requestLost = !asks && lost();
        sim.after(asks ? 0.01 : (start - sim.now()) / 1000.0 + seconds, () -> {
            if (command.isDispatch() && forgotten.getOrDefault(command.update(), 0) != asOf) {
                return;
            }
            if (module.address != address) {
                answer(command, 0.1, new UpdateSignal.LinkFailed(Why.BROKEN));
                return;
            }
            boolean reaches = module.on && !module.bricked && !requestLost;
            UpdateSignal answer = reaches ? effect.apply(module) : new UpdateSignal.LinkFailed(Why.TIMEOUT);
            boolean answerLost = !asks && reaches && lost() && !(answer instanceof UpdateSignal.LinkFailed);
            double after = asks ? 0.01 : reaches && !answerLost ? 0.1 + random.nextDouble() : TIMEOUT_S;
            answer(command, after, answerLost ? new UpdateSignal.LinkFailed(Why.TIMEOUT) : answer);
        });
    }

    private boolean lost() {
        // Four retransmissions hide most losses; what is left is a tenth.
        return random.nextDouble() < sim.weather.loss() / 10;
    }

    private void answer(UpdateCommand command, double seconds, UpdateSignal signal) {
        RolloutInput input = new RolloutInput.Answered(command.update(), command.step(), signal);
        Runnable deliver = () -> {
            if (sim.generation == generation && signal instanceof UpdateSignal.StatusRead) {
                sim.invariants().dispatches().read(command.update());
            }
            sim.offer(generation, input);
        };
        sim.after(seconds, deliver);
        if (random.nextDouble() < sim.weather.doubling()) {
            sim.after(seconds + random.nextDouble() * 5, deliver);
        }
    }

    private void hint(SeededModule module) {
        if (!lost() && module.listens(sim.now())) {
            sim.after(
                    random.nextDouble() * 3,
                    () -> sim.offer(generation, new RolloutInput.StatusHinted(module.endpoint)));
        }
    }

    /** What leaves by the fence or not at all. */
    private UpdateSignal dispatched(DispatchScope scope, Runnable seen, Supplier<UpdateSignal> send) {
        UpdateSignal[] answer = {new UpdateSignal.LinkFailed(Why.FENCED)};
        boolean revoked = sim.packageOf(scope.packageId()).revoked();
        if (sim.generation == generation && !revoked) {
            sim.fence().dispatch(scope, () -> {
                seen.run();
                answer[0] = send.get();
            });
        }
        return answer[0];
    }

    private UpdateSignal dispatched(UpdateCommand command, DispatchScope scope, Supplier<UpdateSignal> send) {
        return dispatched(scope, () -> sim.invariants().dispatches().dispatched(command.update(), scope), send);
    }

    @Override
    public void readStatus(UpdateCommand.ReadStatus command) {
        SeededModule module = sim.module(command.update().endpoint());
        boolean asleep = module.generationRegistered != generation || !module.listens(sim.now());
        if (!(command.ifAwake() && asleep)) {
            exchange(command, 0.2, m -> new UpdateSignal.StatusRead(m.status()));
        }
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
            module.offer = () -> {};
            module.reset();
            return new UpdateSignal.ResetAnswered();
        });
    }

    private static boolean ofDelta(Optional<Payload> payload) {
        return payload.filter(Payload::isDelta).isPresent();
    }

    /** The first block goes out and, a while later, the last; each is a dispatch. */
    @Override
    public void pushPackage(UpdateCommand.PushPackage command) {
        SeededModule module = sim.module(command.update().endpoint());
        if (module.kind == Kind.ASKS) {
            answer(command, 0.01, new UpdateSignal.Refused(405));
            return;
        }
        double takes = 20 + random.nextInt(60);
        int asOf = forgotten.getOrDefault(command.update(), 0);
        int[] begun = {-1};
        sim.after(0.1, () -> {
            boolean reached = module.generationRegistered == generation && module.on && !module.bricked;
            if (reached && module.listens(sim.now()) && forgotten.getOrDefault(command.update(), 0) == asOf) {
                module.listensUntil = Math.max(module.listensUntil, sim.now() + (long) (takes * 1000) + 5000);
                dispatched(command, command.scope(), () -> {
                    begun[0] = module.begin() ? module.downloads : -2;
                    return new UpdateSignal.PackageAccepted();
                });
            }
        });
        exchange(
                command,
                takes,
                m -> dispatched(
                        command.scope(), () -> sim.invariants().dispatches().served(command.scope()), () -> {
                            if (sim.artifactMissing() || begun[0] == -1) {
                                return new UpdateSignal.LinkFailed(Why.BROKEN);
                            }
                            if (begun[0] != m.downloads || m.state != UpdateState.DOWNLOADING) {
                                return new UpdateSignal.Refused(400);
                            }
                            boolean delta = ofDelta(command.payload());
                            m.finish(command.update().toString(), brought(command.scope()), delta, outcome(delta));
                            return new UpdateSignal.PackageAccepted();
                        }));
        if (module.generationRegistered == generation) {
            sim.after(10, () -> sim.offer(generation, new RolloutInput.BytesMoved(command.update(), 512)));
        }
    }

    private FirmwareVersion brought(DispatchScope scope) {
        return sim.packageOf(scope.packageId()).manifest().version();
    }

    private UpdateResult outcome(boolean delta) {
        double roll = random.nextDouble();
        if (delta && roll < sim.weather.deltaFailure() / 2) {
            return random.nextBoolean() ? UpdateResult.INTEGRITY_FAILURE : UpdateResult.UNSUPPORTED_PACKAGE_TYPE;
        }
        return roll < sim.weather.corruption()
                ? UpdateResult.INTEGRITY_FAILURE
                : roll < 2 * sim.weather.corruption() ? UpdateResult.CONNECTION_LOST : UpdateResult.INITIAL;
    }

    @Override
    public void writePackageUri(UpdateCommand.WritePackageUri command) {
        boolean delta = ofDelta(command.payload());
        exchange(command, 0.2, module -> {
            if (module.kind == Kind.ASKS) {
                module.offer = () -> {
                    UpdateSignal unused = dispatched(command, command.scope(), () -> {
                        if (!lost() && module.begin()) {
                            fetches(module, command, delta);
                        }
                        return new UpdateSignal.UriAccepted();
                    });
                };
                return new UpdateSignal.UriAccepted();
            }
            return dispatched(command, command.scope(), () -> {
                if (!module.begin()) {
                    return new UpdateSignal.Refused(400);
                }
                fetches(module, command, delta);
                return new UpdateSignal.UriAccepted();
            });
        });
    }

    /** The device fetches from whichever life of the server is there; the first block and the last are looked at. */
    private void fetches(SeededModule module, UpdateCommand.WritePackageUri command, boolean delta) {
        int download = module.downloads;
        double takes = 20 + random.nextInt(120);
        sim.after(takes, () -> {
            boolean still = module.state == UpdateState.DOWNLOADING && module.downloads == download && !module.bricked;
            if (still) {
                boolean served = module.on && sim.serves(command.token(), command.scope());
                UpdateResult failure = random.nextInt(4) == 0 ? UpdateResult.INVALID_URI : UpdateResult.CONNECTION_LOST;
                module.finish(command.token(), brought(command.scope()), delta, served ? outcome(delta) : failure);
                hint(module);
            }
        });
    }

    @Override
    public void executeUpdate(UpdateCommand.ExecuteUpdate command) {
        sim.invariants().dispatches().executes(command.update(), sim.serverTime());
        exchange(
                command,
                0.2,
                module -> dispatched(command, command.scope(), () -> {
                    if (module.kind == Kind.ASKS) {
                        module.listensUntil = 0;
                        if (module.state == UpdateState.DOWNLOADED && !lost()) {
                            applies(module);
                        }
                        return new UpdateSignal.ExecuteAccepted();
                    }
                    if (module.state != UpdateState.DOWNLOADED) {
                        return new UpdateSignal.Refused(405);
                    }
                    applies(module);
                    return new UpdateSignal.ExecuteAccepted();
                }));
    }

    private void applies(SeededModule module) {
        sim.invariants().dispatches().applied(module.endpoint, module.image, module.startApplying());
        boolean patchFails = module.imageOfDelta && random.nextDouble() < sim.weather.deltaFailure() / 2;
        boolean good = !patchFails && random.nextDouble() >= sim.weather.badBoot();
        boolean bricks = random.nextDouble() < sim.weather.brick();
        sim.after(30 + random.nextInt(60), () -> {
            if (bricks) {
                module.bricked = true;
                return;
            }
            module.applied(good);
            sim.after(1 + random.nextInt(20), () -> sim.fleet().comesBack(module));
        });
    }

    @Override
    public void readDevice(Endpoint endpoint, boolean urgent) {
        SeededModule module = sim.module(endpoint);
        if (!lost() && module.on && module.listens(sim.now())) {
            sim.after(
                    0.5,
                    () -> sim.offer(
                            generation, new RolloutInput.DeviceRead(endpoint, SeededModule.IDENTITY, module.version)));
        }
    }

    @Override
    public void wake(Endpoint endpoint) {}

    @Override
    public void bootstrap(Endpoint endpoint) {}

    @Override
    public void meet(Endpoint endpoint, ClientProfile profile) {}

    @Override
    public void forget(UpdateId update) {
        forgotten.merge(update, 1, Integer::sum);
        SeededModule module = sim.module(update.endpoint());
        if (module.kind == Kind.ASKS) {
            module.offer = () -> {};
        }
    }
}
