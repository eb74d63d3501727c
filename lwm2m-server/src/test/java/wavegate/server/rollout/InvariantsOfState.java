package wavegate.server.rollout;

import static wavegate.server.rollout.FifteenInvariants.require;

import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.campaign.TransferBudget;
import wavegate.firmware.campaign.TransferBudget.Kind;
import wavegate.firmware.campaign.TransferBudget.Limit;
import wavegate.firmware.campaign.TransferBudget.Segment;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdateMachine;
import wavegate.firmware.update.UpdatePhase;

/** What is to hold of the state in memory, beside what the ledger says. */
final class InvariantsOfState {
    private final ToldSoFar told;
    private final TransferBudget.Rules budget;

    InvariantsOfState(ToldSoFar told, TransferBudget.Rules budget) {
        this.told = told;
        this.budget = budget;
    }

    void look(RolloutState state) {
        invariant1MemoryAgreesOnWhatIsOpen(state);
        invariant4NothingGoesOnUnderAKillSwitch(state);
        invariant6NobodyIsCountedTwiceOrNotAtAll(state);
        invariant14BudgetsHold(state);
    }

    private static void invariant1MemoryAgreesOnWhatIsOpen(RolloutState state) {
        Map<Endpoint, UpdateId> open = new HashMap<>();
        for (CampaignRun run : state.runs()) {
            for (Update update : run.updates()) {
                if (!update.isFinal()) {
                    @Nullable UpdateId other = open.put(update.endpoint(), update.id());
                    require(1, other == null, update.id() + " is open beside " + other);
                    require(
                            1,
                            state.openUpdate(update.endpoint())
                                    .filter(update::equals)
                                    .isPresent(),
                            update.id() + " is open and not known to be");
                }
            }
        }
    }

    private static void invariant4NothingGoesOnUnderAKillSwitch(RolloutState state) {
        for (Update update : state.openUpdates()) {
            boolean killed = state.killSwitches().values().stream()
                    .anyMatch(kill -> kill.scope().covers(update.scope()));
            require(
                    4,
                    !killed || !update.phase().isCancellable(),
                    update.id() + " goes on under a kill switch: " + update.where());
        }
    }

    private static void invariant6NobodyIsCountedTwiceOrNotAtAll(RolloutState state) {
        for (CampaignRun run : state.runs()) {
            Map<Integer, Map<UpdatePhase, Integer>> counted = new HashMap<>();
            for (Update update : run.updates()) {
                counted.computeIfAbsent(update.wave(), wave -> new EnumMap<>(UpdatePhase.class))
                        .merge(update.phase(), 1, Integer::sum);
            }
            for (int i = 0; i < run.waves().size(); i++) {
                CampaignRun.WaveRun wave = run.wave(i);
                String what = run.campaign().id() + " wave " + i + ": ";
                Map<UpdatePhase, Integer> derived = counted.getOrDefault(i, Map.of());
                for (UpdatePhase phase : UpdatePhase.values()) {
                    require(
                            6,
                            wave.in(phase) == derived.getOrDefault(phase, 0),
                            what + wave.in(phase) + " " + phase + " counted, there are " + derived.get(phase));
                }
                int reserved =
                        derived.values().stream().mapToInt(Integer::intValue).sum();
                int waiting = wave.unreserved.size()
                        + wave.unreachable.size()
                        + wave.passedOver.size()
                        + wave.later.size()
                        + wave.aside.values().stream()
                                .mapToInt(Collection::size)
                                .sum();
                require(
                        6,
                        reserved + waiting == wave.members.size(),
                        what + reserved + " reserved and " + waiting + " waiting of " + wave.members.size());
            }
        }
    }

    private void invariant14BudgetsHold(RolloutState state) {
        Map<Segment, Integer> moving = new HashMap<>();
        Map<CampaignId, Integer> ofCampaign = new HashMap<>();
        for (Update update : state.openUpdates()) {
            if (!UpdateMachine.takesBudget(update)) {
                continue;
            }
            Labels labels = Optional.ofNullable(told.devices.get(update.endpoint()))
                    .map(Device::labels)
                    .orElse(Labels.NONE);
            ofCampaign.merge(update.campaign(), 1, Integer::sum);
            moving.merge(Segment.ALL, 1, Integer::sum);
            moving.merge(new Segment(Kind.REGION, labels.region()), 1, Integer::sum);
            moving.merge(new Segment(Kind.CARRIER, labels.carrier()), 1, Integer::sum);
            labels.tags().stream()
                    .filter(tag -> tag.startsWith("cell:"))
                    .forEach(tag -> moving.merge(new Segment(Kind.CELL, tag), 1, Integer::sum));
        }
        ofCampaign.forEach((id, count) -> require(
                14,
                count <= told.campaign(id).spec().inFlight(),
                id + " moves " + count + " (expected: at most "
                        + told.campaign(id).spec().inFlight() + ")"));
        moving.forEach((segment, count) -> {
            int most = limit(segment).transfers();
            require(14, most == 0 || count <= most, segment + " moves " + count + " (expected: at most " + most + ")");
        });
    }

    private Limit limit(Segment segment) {
        return switch (segment.kind()) {
            case ALL -> budget.all();
            case CAMPAIGN -> Limit.NONE;
            case REGION -> budget.region();
            case CARRIER -> budget.carrier();
            case CELL -> budget.cell();
        };
    }

    /** A state made anew from the ledger is the state that was: nobody was lost. */
    void atEnd(RolloutState state) {
        Map<UpdateId, Update> live = new TreeMap<>();
        for (CampaignRun run : state.runs()) {
            run.updates().forEach(update -> live.put(update.id(), update));
        }
        require(5, live.equals(new TreeMap<>(told.latest)), "state " + live + " against ledger " + told.latest);
    }
}
