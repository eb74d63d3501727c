package wavegate.server.rollout;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wavegate.firmware.campaign.CampaignBudget;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.TransferBudget;
import wavegate.firmware.campaign.TransferBudget.Kind;
import wavegate.firmware.campaign.TransferBudget.Segment;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.pkg.Payload;
import wavegate.firmware.update.Intent;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateMachine;
import wavegate.firmware.update.UpdatePhase;

/** Which device may begin to transfer now, by campaign, window and what the server allows each part of the network. Rollout thread only. */
final class Budgets {
    /** A tag that begins so names the radio cell of a device, whatever the device says. */
    private static final String CELL = "cell:";

    private final RolloutEngine engine;
    private final TransferBudget transfers;

    Budgets(RolloutEngine engine, TransferBudget transfers) {
        this.engine = engine;
        this.transfers = transfers;
    }

    /** Whether nobody of the campaign may begin: it is full, outside its window, or everything is. */
    boolean closed(CampaignRun run) {
        CampaignSpec spec = run.campaign().spec();
        return run.inFlight() >= spec.inFlight()
                || !spec.budget().window().contains(engine.turn().now())
                || engine.schedules().closed(run)
                || transfers
                        .full(
                                List.of(Segment.ALL, ofCampaign(run)),
                                spec.budget().bytesPerSecond(),
                                engine.turn().now())
                        .isPresent();
    }

    /** The part of the network that has no room for the device; empty if it may begin, as far as that goes. */
    Optional<Segment> full(CampaignRun run, Endpoint endpoint) {
        return transfers.full(
                segments(run, endpoint),
                run.campaign().spec().budget().bytesPerSecond(),
                engine.turn().now());
    }

    boolean isFull(Segment segment) {
        return transfers.full(List.of(segment), 0, engine.turn().now()).isPresent();
    }

    /** Whether the device may begin now. */
    boolean admits(CampaignRun run, Endpoint endpoint) {
        return !closed(run)
                && engine.schedules().admits(run, endpoint)
                && full(run, endpoint).isEmpty();
    }

    /** A row was changed, or found open at the start. */
    void note(CampaignRun run, Update update) {
        if (!UpdateMachine.takesBudget(update)) {
            transfers.end(update.id(), engine.turn().now());
            return;
        }
        boolean moving = update.phase() == UpdatePhase.DOWNLOADING && update.intent() != Intent.NONE;
        CampaignBudget own = run.campaign().spec().budget();
        long bytes = engine.state()
                .find(update.packageId())
                .map(found -> found.manifest().sizeBytes())
                .orElse(0L);
        transfers.begin(
                update.id(),
                segments(run, update.endpoint()),
                own.bytesPerSecond(),
                bytes,
                moving,
                engine.turn().now());
        if (moving) {
            transfers.moves(
                    update.id(),
                    update.payload().map(Payload::sizeBytes).orElse(bytes),
                    engine.turn().now());
        }
    }

    /** A read has told where the device is: it takes its place there. @return whether there is one */
    boolean relocate(CampaignRun run, Update update) {
        return transfers.relocate(
                update.id(),
                segments(run, update.endpoint()),
                run.campaign().spec().budget().bytesPerSecond(),
                engine.turn().now());
    }

    private static Segment ofCampaign(CampaignRun run) {
        return new Segment(Kind.CAMPAIGN, run.campaign().id().value());
    }

    private List<Segment> segments(CampaignRun run, Endpoint endpoint) {
        List<Segment> segments = new ArrayList<>(5);
        segments.add(Segment.ALL);
        segments.add(ofCampaign(run));
        engine.state().device(endpoint).ifPresent(device -> {
            Labels labels = device.labels();
            add(segments, Kind.REGION, labels.region());
            add(segments, Kind.CARRIER, labels.carrier());
            labels.tags().stream()
                    .filter(tag -> tag.startsWith(CELL))
                    .findFirst()
                    .map(tag -> tag.substring(CELL.length()))
                    .or(device::cell)
                    .ifPresent(cell -> add(segments, Kind.CELL, cell));
        });
        return segments;
    }

    private static void add(List<Segment> segments, Kind kind, String name) {
        if (!name.isEmpty()) {
            segments.add(new Segment(kind, name));
        }
    }
}
