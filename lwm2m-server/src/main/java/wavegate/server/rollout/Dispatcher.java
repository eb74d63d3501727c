package wavegate.server.rollout;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.TransferBudget.Segment;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.update.DispatchScope;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdatePhase;
import wavegate.firmware.update.UpdateSignal;

/**
 * Who is next. Reserves the members of open waves in rank order, as far as the budget reaches and they can be reached; those that cannot are
 * reserved when they register. Those whose part of the network is full wait aside, so that they hold nobody up; when there is room again, these parts
 * take turns. Rollout thread only.
 */
final class Dispatcher {
    /** To pass over one that is not there costs a small part of what it takes to reserve one. */
    private static final int SKIPPED_FOR_ONE = 16;

    private final RolloutEngine engine;
    private final RandomGenerator random;
    private final int chunk;
    private long later;

    Dispatcher(RolloutEngine engine, RandomGenerator random, int chunk) {
        this.engine = engine;
        this.random = random;
        this.chunk = chunk;
    }

    /** Whether devices of the wave may begin: it is open or has passed, its campaign runs, and it is not held. */
    static boolean dispatches(CampaignRun run, int index) {
        return run.campaign().phase() == CampaignPhase.RUNNING && isTouched(run, index);
    }

    private static boolean isTouched(CampaignRun run, int index) {
        Wave wave = run.campaign().waves().get(index);
        return switch (wave.phase()) {
            case DISPATCHING, SETTLING, SOAKING, PASSED -> true;
            case PENDING, HELD, FAILED, CANCELLED -> false;
        };
    }

    boolean mayApply(CampaignRun run, Update update) {
        CampaignPhase phase = run.campaign().phase();
        return (phase == CampaignPhase.RUNNING || phase == CampaignPhase.ENDING)
                && isTouched(run, update.wave())
                && engine.schedules().admits(run, update.endpoint())
                && !engine.parts().fence().isUp(update.scope())
                && !engine.coexistence().comparedElsewhere(update);
    }

    /** Reserves what may be reserved now, at most one chunk a turn. @return whether there may be more */
    boolean reserve(CampaignRun run) {
        return reserve(run, chunk);
    }

    /** The same for fewer, where a turn takes many inputs that each ask for it. */
    boolean reserve(CampaignRun run, int most) {
        Optional<FirmwarePackage> firmwarePackage =
                engine.state().find(run.campaign().spec().packageId());
        if (firmwarePackage.isEmpty() || firmwarePackage.get().revoked()) {
            return false;
        }
        unpark(run);
        boolean more = false;
        int left = Math.min(Math.min(most, room(run)), engine.schedules().allowance(run));
        for (int index = 0;
                index < run.waves().size() && left > 0 && !engine.budgets().closed(run);
                index++) {
            if (!dispatches(run, index)) {
                continue;
            }
            CampaignRun.WaveRun wave = run.wave(index);
            returnThoseWhoseTimeHasCome(run, wave, most);
            left -= takeTurns(run, index, left);
            int skipped = 0;
            while (left > 0
                    && !wave.unreserved.isEmpty()
                    && skipped < SKIPPED_FOR_ONE * most
                    && !engine.budgets().closed(run)) {
                if (reserveFirst(run, index)) {
                    left--;
                } else {
                    skipped++;
                }
            }
            more |= left == 0 || skipped == SKIPPED_FOR_ONE * most;
        }
        return more && !engine.budgets().closed(run) && room(run) > 0;
    }

    /** The first of those without an update: reserved, or put where it waits. */
    private boolean reserveFirst(CampaignRun run, int index) {
        CampaignRun.WaveRun wave = run.wave(index);
        Endpoint next = wave.unreserved.getFirst();
        if (engine.coexistence().supersederOf(run, next).isPresent()) {
            engine.updates().decline(run, index, next, UpdateDetail.SUPERSEDED);
            return false;
        }
        if (!eligibleNow(run, next)) {
            wave.unreserved.removeFirst();
            (engine.isReachable(next) ? wave.passedOver : wave.unreachable).add(next);
            return false;
        }
        Optional<Instant> opens = engine.schedules().waitsUntil(run, next);
        if (opens.isPresent()) {
            wave.unreserved.removeFirst();
            wave.later.add(new CampaignRun.Later(opens.get(), later++, next));
            return false;
        }
        Optional<Segment> full = engine.budgets().full(run, next);
        if (full.isPresent()) {
            wave.unreserved.removeFirst();
            wave.aside
                    .computeIfAbsent(full.get(), segment -> new ArrayDeque<>())
                    .addLast(next);
            return false;
        }
        engine.coexistence().makeWay(run, next);
        engine.updates().reserve(run, index, next, token());
        engine.schedules().took(run);
        return true;
    }

    private void returnThoseWhoseTimeHasCome(CampaignRun run, CampaignRun.WaveRun wave, int most) {
        for (int i = 0; i < most && !wave.later.isEmpty(); i++) {
            if (wave.later.element().at().isAfter(engine.turn().now())) {
                return;
            }
            Endpoint endpoint = wave.later.remove().endpoint();
            // It may have been called off or taken out of the fleet since.
            if (run.update(endpoint).isEmpty() && !wave.removed.contains(endpoint)) {
                wave.unreserved.addFirst(endpoint);
            }
        }
    }

    /** One of each part of the network that has room again, as often as that goes. @return how many were reserved */
    private int takeTurns(CampaignRun run, int index, int most) {
        CampaignRun.WaveRun wave = run.wave(index);
        int reserved = 0;
        int looked = 0;
        boolean moved = true;
        while (moved && reserved < most && looked < chunk) {
            moved = false;
            for (Segment segment : List.copyOf(wave.aside.keySet())) {
                if (reserved == most || engine.budgets().closed(run)) {
                    return reserved;
                }
                if (engine.budgets().isFull(segment)) {
                    continue;
                }
                Deque<Endpoint> waiting = wave.aside.remove(segment);
                wave.unreserved.addFirst(waiting.removeFirst());
                if (!waiting.isEmpty()) {
                    // Behind the others: it had its turn.
                    wave.aside.put(segment, waiting);
                }
                moved = true;
                looked++;
                reserved += reserveFirst(run, index) ? 1 : 0;
            }
        }
        return reserved;
    }

    private static int room(CampaignRun run) {
        return run.campaign().spec().inFlight() - run.inFlight();
    }

    /** Those that were turned away for want of room go before new ones. One that still finds none goes behind the others: it holds nobody up. */
    private void unpark(CampaignRun run) {
        for (Endpoint endpoint : run.parked().keySet().stream().limit(chunk).toList()) {
            if (engine.budgets().closed(run)) {
                return;
            }
            UpdateSignal signal = run.parked().remove(endpoint);
            if (signal == null) {
                continue;
            }
            if (!engine.schedules().admits(run, endpoint)
                    || engine.budgets().full(run, endpoint).isPresent()) {
                run.parked().put(endpoint, signal);
            } else if (isOpen(run, endpoint)) {
                engine.signal(endpoint, signal);
            }
        }
    }

    /** Whether the update that was parked is still the one that is open: it may have been called off, and another campaign's have begun. */
    private boolean isOpen(CampaignRun run, Endpoint endpoint) {
        return engine.state()
                .openUpdate(endpoint)
                .filter(update -> update.campaign().equals(run.campaign().id()))
                .isPresent();
    }

    private boolean eligibleNow(CampaignRun run, Endpoint endpoint) {
        return engine.isReachable(endpoint)
                && !engine.parts().fence().isUp(scope(run, endpoint))
                && engine.coexistence().isFree(run, endpoint)
                && !engine.coexistence().keptBack(run, endpoint);
    }

    private DispatchScope scope(CampaignRun run, Endpoint endpoint) {
        String region = engine.state()
                .device(endpoint)
                .map(device -> device.labels().region())
                .orElse("");
        return new DispatchScope(run.campaign().id(), run.campaign().spec().packageId(), region);
    }

    /** A device has registered: if a wave waits for it, it is put back to the front. @return whether it is a member of an open campaign */
    boolean reachable(Endpoint endpoint) {
        boolean member = false;
        for (CampaignRun run : engine.state().runs()) {
            Optional<Integer> wave = run.campaign().phase().isOpen() ? run.waveOf(endpoint) : Optional.empty();
            if (wave.isPresent()) {
                member = true;
                CampaignRun.WaveRun waiting = run.wave(wave.get());
                if (waiting.unreachable.remove(endpoint) || waiting.passedOver.remove(endpoint)) {
                    waiting.unreserved.addFirst(endpoint);
                }
            }
        }
        return member;
    }

    /** Puts every passed-over member back in line, after a fence was lowered, a control arm released, or a campaign has come or gone. */
    void lookAgain() {
        for (Update update : List.copyOf(engine.state().openUpdatesIn(UpdatePhase.PRE_UPDATING))) {
            engine.state().run(update.campaign()).ifPresent(run -> engine.releaseHeld(run, update));
        }
        for (CampaignRun run : engine.state().runs()) {
            for (CampaignRun.WaveRun wave : run.waves()) {
                wave.unreserved.addAll(wave.passedOver);
                wave.passedOver.clear();
            }
        }
    }

    private String token() {
        byte[] bytes = new byte[8];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
