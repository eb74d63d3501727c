package wavegate.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import wavegate.sim.device.ModuleIdentity;
import wavegate.sim.device.ModuleModel;
import wavegate.sim.scenario.Region;
import wavegate.sim.scenario.Scenario;
import wavegate.sim.scenario.Weighted;
import wavegate.sim.terminal.TerminalPlan;

/** Cuts a fleet into modules and terminals. The terminals are numbered after the modules. */
final class TerminalShare {
    private TerminalShare() {}

    /** At least one device is a module. Without a server's own address, that is with a bootstrap server, there are no terminals. */
    private static int count(FleetPlan plan) {
        int wished =
                (int) Math.round(plan.devices() * plan.scenario().population().terminals());
        return plan.first().bootstrap() ? 0 : Math.min(wished, plan.devices() - 1);
    }

    static FleetPlan withoutTerminals(FleetPlan plan) {
        return new FleetPlan(
                plan.devices() - count(plan),
                plan.first(),
                plan.keys(),
                plan.scenario(),
                plan.seed(),
                plan.timeFactor(),
                plan.rampUp(),
                plan.transport());
    }

    /** Empty if the scenario has none. */
    static Optional<TerminalPlan> of(FleetPlan plan) {
        int count = count(plan);
        if (count == 0) {
            return Optional.empty();
        }
        Scenario scenario = plan.scenario();
        SplittableRandom chance = new SplittableRandom(~plan.seed());
        List<ModuleIdentity> terminals = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int index = plan.devices() - count + i;
            Region region = Weighted.at(scenario.population().regions(), chance.nextDouble());
            ModuleModel model = Weighted.at(scenario.population().models(), chance.nextDouble());
            terminals.add(new ModuleIdentity(
                    index,
                    ModuleIdentity.endpoint(plan.seed(), index),
                    model,
                    region.name(),
                    Weighted.at(region.carriers(), chance.nextDouble())));
        }
        return Optional.of(new TerminalPlan(
                terminals,
                plan.server(),
                plan.first().secure(),
                plan.keys()::of,
                scenario.timing(),
                scenario.health(),
                scenario.coap(),
                chance.nextLong(),
                plan.timeFactor(),
                plan.rampUp(),
                plan.transport()));
    }
}
