package wavegate.server.rollout;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.DeviceClock;
import wavegate.firmware.campaign.RateMeter;
import wavegate.firmware.campaign.Schedule;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdatePhase;
import wavegate.firmware.update.UpdateSignal;

/** When a campaign may begin with a device and let it execute, by windows and rate. Rollout thread only. */
final class Schedules {
    /** A device whose image waits for its window. */
    private record Held(Instant until, long order, UpdateId update) {}

    private final RolloutEngine engine;
    private final Map<CampaignId, RateMeter> meters = new HashMap<>();
    /** By update, the first time at which one of {@link #held} asks for it: notes come with every change, and most say nothing new. */
    private final Map<UpdateId, Instant> asked = new HashMap<>();

    private final PriorityQueue<Held> held =
            new PriorityQueue<>((a, b) -> a.until().equals(b.until())
                    ? Long.compare(a.order(), b.order())
                    : a.until().compareTo(b.until()));

    private long order;

    Schedules(RolloutEngine engine) {
        this.engine = engine;
    }

    /** Whether no device of the campaign may begin, whichever it is. */
    boolean closed(CampaignRun run) {
        Schedule schedule = scheduleOf(run);
        Optional<ZoneId> zone = schedule.fixedZone();
        return zone.isPresent() && !schedule.contains(engine.turn().now(), zone.get());
    }

    /** Not before when a device may begin; empty: now. */
    Optional<Instant> waitsUntil(CampaignRun run, Endpoint endpoint) {
        Schedule schedule = scheduleOf(run);
        if (schedule.windows().isEmpty()) {
            return Optional.empty();
        }
        return schedule.waitsUntil(engine.turn().now(), zoneOf(schedule, endpoint), spread(endpoint));
    }

    boolean admits(CampaignRun run, Endpoint endpoint) {
        return waitsUntil(run, endpoint).isEmpty();
    }

    private ZoneId zoneOf(Schedule schedule, Endpoint endpoint) {
        return engine.state()
                .device(endpoint)
                .map(device -> DeviceClock.of(
                                schedule,
                                device,
                                engine.parts().settings().rules().zones())
                        .zone())
                .or(schedule::fixedZone)
                .orElse(ZoneOffset.UTC);
    }

    private static double spread(Endpoint endpoint) {
        return Math.floorMod(endpoint.hashCode() * 31, 1009) / 1009.0;
    }

    private static Schedule scheduleOf(CampaignRun run) {
        return run.campaign().spec().terms().schedule();
    }

    /** Devices the rate of the campaign lets it begin with now. */
    int allowance(CampaignRun run) {
        CampaignSpec spec = run.campaign().spec();
        return spec.terms()
                .rate()
                .map(rate -> meterOf(run)
                        .available(rate, run.succeeded(), engine.turn().now()))
                .orElse(Integer.MAX_VALUE);
    }

    void took(CampaignRun run) {
        if (run.campaign().spec().terms().rate().isPresent()) {
            meterOf(run).took();
        }
    }

    private RateMeter meterOf(CampaignRun run) {
        return meters.computeIfAbsent(run.campaign().id(), id -> new RateMeter());
    }

    /** An image that waits on a device: if it is for a window, it is asked again when that opens. */
    void note(CampaignRun run, Update update) {
        if (update.phase() == UpdatePhase.PRE_UPDATING && update.detail() == UpdateDetail.HELD) {
            waitsUntil(run, update.endpoint()).ifPresent(until -> {
                Instant known = asked.get(update.id());
                if (known == null || until.isBefore(known)) {
                    asked.put(update.id(), until);
                    held.add(new Held(until, order++, update.id()));
                }
            });
        }
    }

    /** Images that are asked for at some time to come. */
    int waiting() {
        return held.size();
    }

    /** Lets those go on whose window has opened. */
    void fire() {
        Instant now = engine.turn().now();
        while (!held.isEmpty() && !held.peek().until().isAfter(now)) {
            Held next = held.remove();
            asked.remove(next.update(), next.until());
            engine.state()
                    .run(next.update().campaign())
                    .ifPresent(run -> release(run, next.update().endpoint()));
        }
    }

    private void release(CampaignRun run, Endpoint endpoint) {
        Optional<Update> waiting = engine.state()
                .openUpdate(endpoint)
                .filter(update -> update.campaign().equals(run.campaign().id()))
                .filter(update -> update.phase() == UpdatePhase.PRE_UPDATING && update.detail() == UpdateDetail.HELD);
        if (waiting.isEmpty()) {
            return;
        }
        if (engine.dispatcher().mayApply(run, waiting.get())) {
            engine.signal(endpoint, new UpdateSignal.ApplyAllowed());
        } else {
            note(run, waiting.get());
        }
    }
}
