package wavegate.server.rollout;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.DeviceClock;
import wavegate.firmware.campaign.Forecast;
import wavegate.firmware.campaign.Membership;
import wavegate.firmware.campaign.Plan;
import wavegate.firmware.campaign.Schedule;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.pkg.FirmwarePackage;

/** Looks ahead: plans a campaign and says what that leads to. Changes nothing. Rollout thread only, but for the planning itself. */
final class Previews {
    /** A plan is in rank order, which is by lot: so many of it stand for the rest, and take the loop no more than a few milliseconds. */
    private static final int MOST_LOOKED_AT = 5000;

    private final RolloutEngine engine;
    private final Orders orders;

    Previews(RolloutEngine engine, Orders orders) {
        this.engine = engine;
        this.orders = orders;
    }

    CompletableFuture<Preview> preview(CampaignSpec spec) {
        CompletableFuture<Preview> answer = new CompletableFuture<>();
        orders.plan(spec, Optional.empty()).whenComplete((plan, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(failure);
            } else {
                engine.parts().back().accept(() -> orders.complete(answer, Optional.empty(), () -> of(spec, plan)));
            }
        });
        return answer;
    }

    private Preview of(CampaignSpec spec, Plan plan) {
        List<Endpoint> looked = sample(plan);
        double scale = looked.isEmpty() ? 1 : (double) plan.eligible() / looked.size();
        List<Preview.Conflict> conflicts = new ArrayList<>();
        for (CampaignRun other : engine.openRuns()) {
            long both = looked.stream().filter(other::isMember).count();
            if (both > 0) {
                conflicts.add(new Preview.Conflict(
                        other.campaign().id(),
                        (int) Math.round(both * scale),
                        scale == 1,
                        engine.coexistence().winner(spec, other)));
            }
        }
        long bytes = engine.state()
                .find(spec.packageId())
                .map(FirmwarePackage::manifest)
                .map(manifest -> manifest.sizeBytes())
                .orElse(0L);
        long strangers =
                looked.stream().filter(endpoint -> !hasZone(spec, endpoint)).count();
        return new Preview(
                plan,
                Forecast.of(
                        spec,
                        plan,
                        bytes,
                        (int) Math.round(strangers * scale),
                        engine.turn().now()),
                conflicts);
    }

    private static List<Endpoint> sample(Plan plan) {
        int step = Math.max(1, (plan.eligible() + MOST_LOOKED_AT - 1) / MOST_LOOKED_AT);
        List<Endpoint> looked = new ArrayList<>();
        int i = 0;
        for (Membership.WaveMembers wave : plan.membership().waves()) {
            for (Endpoint endpoint : wave.members()) {
                if (i++ % step == 0) {
                    looked.add(endpoint);
                }
            }
        }
        return looked;
    }

    private boolean hasZone(CampaignSpec spec, Endpoint endpoint) {
        Schedule schedule = spec.terms().schedule();
        Map<String, java.time.ZoneId> zones = engine.parts().settings().rules().zones();
        return schedule.windows().isEmpty()
                || engine.state()
                        .device(endpoint)
                        .filter(device ->
                                DeviceClock.of(schedule, device, zones).known())
                        .isPresent();
    }
}
