package wavegate.server.rollout;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.CampaignTerms;
import wavegate.firmware.campaign.DispatchRate;
import wavegate.firmware.campaign.Schedule;
import wavegate.firmware.campaign.WavePlan;
import wavegate.firmware.campaign.WeeklyWindow;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.UpdatePolicy;
import wavegate.firmware.update.UpdatePolicy.DeliveryChoice;

/** What the campaigns of a seeded rollout ask for. */
final class SeededSpecs {
    private static final Duration SOAK = Duration.ofHours(2);

    private SeededSpecs() {}

    /** One campaign over the whole fleet, by pull. */
    static CampaignSpec spec() {
        return spec(SeededRollout.CAMPAIGN, DeviceFilter.ALL, DeliveryChoice.PULL);
    }

    /** Where there are two, each has half of the fleet, or both have all of it. */
    static CampaignSpec of(SeededRollout sim, CampaignId id) {
        DeviceFilter filter = sim.weather.secondCampaign() && !sim.weather.overlap()
                ? new DeviceFilter(
                        new TreeSet<>(),
                        new TreeSet<>(),
                        new TreeSet<>(Set.of(id.equals(SeededRollout.CAMPAIGN) ? "half:0" : "half:1")),
                        new TreeSet<>(),
                        new TreeSet<>(),
                        new TreeSet<>(),
                        new TreeSet<>())
                : DeviceFilter.ALL;
        return spec(id, filter, sim.seed % 2 == 0 ? DeliveryChoice.PULL : DeliveryChoice.PUSH);
    }

    /** Some keep to windows, some to a rate, some have a deadline. */
    static CampaignTerms terms(long seed) {
        Optional<Instant> end = seed % 7 == 3
                ? Optional.of(SeededRollout.EPOCH.plus(Duration.ofHours(10 + seed % 40)))
                : Optional.empty();
        List<WeeklyWindow> windows =
                seed % 5 == 2 ? List.of(WeeklyWindow.of(List.of(), "08:00", "20:00")) : List.<WeeklyWindow>of();
        Optional<DispatchRate> rate = seed % 5 == 1 ? Optional.of(new DispatchRate(0.5, 2, 4, 10)) : Optional.empty();
        return new CampaignTerms(
                Optional.of(new Schedule(Optional.empty(), end, windows, "UTC", Duration.ofMinutes(30))),
                rate,
                Optional.empty(),
                false,
                false,
                0);
    }

    private static CampaignSpec spec(CampaignId id, DeviceFilter filter, DeliveryChoice delivery) {
        UpdatePolicy update = new UpdatePolicy(
                Duration.ofMinutes(10),
                Duration.ofMinutes(10),
                Duration.ofMinutes(5),
                Duration.ofMinutes(10),
                Duration.ofHours(1),
                Duration.ofMinutes(20),
                Duration.ofHours(1),
                Duration.ofMinutes(1),
                Duration.ofMinutes(2),
                Duration.ofMinutes(20),
                3,
                0,
                3,
                delivery,
                false);
        GatePolicy gate = new GatePolicy(
                SOAK,
                SOAK,
                SOAK.multipliedBy(2),
                Duration.ofMinutes(15),
                0.8,
                10,
                0.01,
                0.01,
                0.002,
                0.15,
                4,
                5,
                0.2,
                0.2,
                false);
        boolean first = id.equals(SeededRollout.CAMPAIGN);
        WavePlan waves = new WavePlan(
                "",
                0.3,
                first ? 6 : 3,
                1,
                first ? List.of(0.3, 0.6, 1.0) : List.of(1.0),
                2,
                5000,
                0.8,
                Duration.ofHours(3));
        return new CampaignSpec(
                id.value(),
                first ? SeededRollout.TARGET_PACKAGE : SeededRollout.LATER_PACKAGE,
                filter,
                waves,
                gate,
                update,
                0.05,
                8,
                42);
    }
}
