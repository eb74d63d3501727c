package wavegate.server.rollout;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.device.ClientBehaviour;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.DeviceIdentity;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.telemetry.HealthTrack;
import wavegate.firmware.telemetry.Metric;
import wavegate.firmware.update.UpdateMachine;
import wavegate.firmware.update.UpdateSignal;

/** What comes in from devices, and who of them is there: registrations, answers, reports. Rollout thread only. */
final class Inputs {
    private static final Set<Integer> GRAVE_ERRORS = Set.of(5, 8);

    private final RolloutEngine engine;
    private final Set<Endpoint> reachable = new HashSet<>();

    Inputs(RolloutEngine engine) {
        this.engine = engine;
    }

    boolean isReachable(Endpoint endpoint) {
        return reachable.contains(endpoint);
    }

    /** A device was taken out of the fleet. */
    void forget(Endpoint endpoint) {
        reachable.remove(endpoint);
    }

    void take(RolloutInput input) {
        if (input instanceof RolloutInput.Answered answered) {
            answered(answered);
        } else if (input instanceof RolloutInput.HealthReported reported) {
            healthReported(reported.report());
        } else if (input instanceof RolloutInput.Registered registered) {
            boolean rebooted = reachable.contains(registered.endpoint());
            registered(registered.endpoint(), registered.reported(), rebooted);
        } else if (input instanceof RolloutInput.Restored restored) {
            restored.registrations().forEach(one -> registered(one.endpoint(), one.reported(), false));
        } else if (input instanceof RolloutInput.RegistrationUpdated updated) {
            if (reachable.add(updated.endpoint())) {
                engine.dispatcher().reachable(updated.endpoint());
            }
            engine.signal(updated.endpoint(), new UpdateSignal.DeviceSeen(false, false));
        } else if (input instanceof RolloutInput.StatusHinted hinted) {
            engine.signal(hinted.endpoint(), new UpdateSignal.Hint());
        } else if (input instanceof RolloutInput.BytesMoved bytes) {
            engine.updates().bytesMoved(bytes.update().endpoint());
        } else if (input instanceof RolloutInput.DeviceRead read) {
            deviceRead(read.endpoint(), read.identity(), engine.clients().told(read));
        } else if (input instanceof RolloutInput.ObserveRefused refused) {
            engine.clients().shown(refused.update().endpoint(), ClientBehaviour.OBSERVE_REFUSED);
        } else if (input instanceof RolloutInput.Deregistered gone) {
            reachable.remove(gone.endpoint());
        } else if (input instanceof RolloutInput.CellSeen seen) {
            seenIn(seen.endpoint(), seen.cell());
        } else if (input instanceof RolloutInput.CheckedIn asked) {
            checkedIn(asked);
        } else if (input instanceof RolloutInput.Awaited awaited) {
            engine.turn().afterCommit(awaited.committed());
        }
    }

    /** As a registration that says what it runs; its wave need not wait for the next tick to reserve it, since it is there now. */
    private void checkedIn(RolloutInput.CheckedIn asked) {
        registered(asked.endpoint(), asked.reported(), asked.restarted());
        deviceRead(asked.endpoint(), asked.identity(), asked.version());
        if (engine.state().openUpdate(asked.endpoint()).isEmpty()) {
            for (CampaignRun run : engine.openRuns()) {
                if (run.waveOf(asked.endpoint()).isPresent()) {
                    engine.dispatcher().reserve(run, 1);
                }
            }
        }
        engine.turn().afterCommit(asked.committed());
    }

    private void registered(Endpoint endpoint, Labels reported, boolean rebooted) {
        if (!engine.parts().ownership().owns(endpoint)) {
            return;
        }
        reachable.add(endpoint);
        Optional<Device> known = engine.state().device(endpoint);
        if (known.isEmpty()) {
            engine.turn()
                    .record(new Fact.DeviceChanged(
                            engine.turn().now(),
                            Device.firstSeen(endpoint, reported, engine.turn().now())));
        } else if (!known.get().reportedLabels().equals(reported)) {
            engine.turn()
                    .record(new Fact.DeviceChanged(
                            engine.turn().now(), known.get().withReportedLabels(reported)));
        }
        engine.joiners().saw(endpoint);
        if (engine.state().openUpdate(endpoint).isPresent()) {
            engine.signal(endpoint, new UpdateSignal.DeviceSeen(true, rebooted));
            return;
        }
        boolean member = engine.dispatcher().reachable(endpoint);
        boolean unknown = known.isEmpty()
                || !known.get().identity().known()
                || !known.get().firmware().known();
        if (member || unknown) {
            engine.turn().afterCommit(() -> engine.link().readDevice(endpoint, member));
        }
    }

    private void deviceRead(Endpoint endpoint, DeviceIdentity identity, FirmwareVersion version) {
        Optional<Device> device = engine.state().device(endpoint);
        if (device.isEmpty()) {
            return;
        }
        DeviceIdentity told = identity.known() ? identity : device.get().identity();
        if (!device.get().firmware().equals(version) || !device.get().identity().equals(told)) {
            engine.turn()
                    .record(new Fact.DeviceChanged(
                            engine.turn().now(), device.get().running(told, version)));
            engine.joiners().saw(endpoint);
            engine.coexistence().freed(endpoint);
        }
        for (CampaignRun run : engine.state().runs()) {
            run.update(endpoint)
                    .filter(update -> !update.slot().isComponent() && UpdateMachine.revertsSuccess(update, version))
                    .filter(update -> !run.wave(update.wave()).reverted.contains(endpoint))
                    .filter(update -> !engine.rollbacks().tookBack(run, update))
                    .ifPresent(update -> {
                        engine.turn()
                                .record(new Fact.UpdateAnnotated(
                                        engine.turn().now(),
                                        update.id(),
                                        update.wave(),
                                        "old version " + version + " seen after SUCCESS"));
                        engine.touch(run);
                    });
        }
    }

    private void seenIn(Endpoint endpoint, String cell) {
        engine.state()
                .device(endpoint)
                .filter(device -> !device.cell().equals(Optional.of(cell)))
                .ifPresent(device -> engine.turn()
                        .record(new Fact.DeviceChanged(engine.turn().now(), device.seenIn(cell))));
    }

    private void healthReported(HealthReport report) {
        Endpoint endpoint = report.endpoint();
        boolean watchedByAny = false;
        for (CampaignRun run : engine.state().runs()) {
            if (!run.campaign().phase().isOpen()) {
                continue;
            }
            HealthTrack track = engine.track(run, endpoint);
            if (!watchedByAny) {
                track.note(report);
                watchedByAny = true;
            }
            for (Wave wave : run.campaign().waves()) {
                if (wave.phase() == WavePhase.PASSED) {
                    run.wave(wave.index())
                            .book
                            .noteLate(report, wave.phaseSince().toEpochMilli())
                            .ifPresent(row -> {
                                engine.noted(run, wave.index(), row);
                                run.wave(wave.index()).lateNews = true;
                            });
                } else if (wave.phase() != WavePhase.PENDING && !wave.phase().isFinal()) {
                    run.wave(wave.index()).book.note(report).ifPresent(row -> engine.noted(run, wave.index(), row));
                }
            }
        }
        boolean grave = report.value(Metric.ERROR_CODE).stream().anyMatch(code -> GRAVE_ERRORS.contains((int) code));
        if (grave) {
            engine.signal(endpoint, new UpdateSignal.FoundUnhealthy());
        }
    }

    private void answered(RolloutInput.Answered answered) {
        if (answered.signal() instanceof UpdateSignal.StatusRead read) {
            Endpoint endpoint = answered.update().endpoint();
            read.status().cell().ifPresent(cell -> seenIn(endpoint, cell));
            // A component has an object and a version of its own, which say nothing of Object 5 and of what the device
            // as a whole runs.
            if (!read.status().details().slot().isComponent()) {
                engine.clients().sawObject(endpoint, read.status());
                FirmwareVersion version =
                        read.status().provenBy(engine.clients().profile(endpoint));
                if (version.known()) {
                    deviceRead(endpoint, read.status().identity(), version);
                }
            }
        }
        engine.updates().answered(answered);
    }
}
