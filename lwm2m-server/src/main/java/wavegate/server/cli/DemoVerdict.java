package wavegate.server.cli;

import java.util.ArrayList;
import java.util.List;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.gate.Verdict;
import wavegate.firmware.update.UpdatePhase;
import wavegate.server.rollout.CampaignStatus;
import wavegate.sim.FleetReport;

/**
 * Whether a demonstration ended as its scenario must: a good release everywhere, a bad one nowhere but on the canaries. Each check is a
 * sentence with its figures; judged by what the devices say of themselves, not by what the server believes.
 */
record DemoVerdict(List<Check> checks) {
    record Check(boolean holds, String what) {}

    DemoVerdict {
        checks = List.copyOf(checks);
    }

    boolean good() {
        return checks.stream().allMatch(Check::holds);
    }

    static DemoVerdict of(
            String scenario,
            CampaignStatus end,
            FleetReport fleet,
            String oldVersion,
            String newVersion,
            int killSwitches) {
        List<Check> checks = new ArrayList<>();
        int canaries = end.campaign().waves().get(0).size();
        switch (scenario) {
            case "bad-firmware" -> stopped(checks, end, fleet, "crash", canaries, killSwitches);
            case "battery-drain" -> {
                stopped(checks, end, fleet, "battery", canaries, killSwitches);
                boolean onlyBattery = end.lastGate().stream()
                        .flatMap(gate -> gate.metrics().stream())
                        .filter(metric -> metric.verdict() == Verdict.FAIL)
                        .allMatch(metric -> metric.metric().equals("battery"));
                checks.add(new Check(onlyBattery, "no other metric than battery failed"));
            }
            case "broken-image", "wrong-partition", "bad-boot" -> {
                held(checks, end, fleet, oldVersion, canaries);
                int rolledBack = end.phases().get(0).getOrDefault(UpdatePhase.ROLLBACK, 0);
                checks.add(new Check(rolledBack > 0, rolledBack + " updates ended in ROLLBACK: " + end.reasons()));
            }
            case "corrupt-in-flight" -> {
                held(checks, end, fleet, oldVersion, canaries);
                int failed = end.reasons().getOrDefault("FAILED/integrity", 0);
                checks.add(new Check(
                        failed == canaries,
                        failed + " of " + canaries + " canaries ended FAILED/integrity after one RETRY"));
                checks.add(new Check(
                        fleet.totals().applies() == 0, fleet.totals().applies() + " devices applied a corrupt image"));
            }
            default -> {
                checks.add(new Check(
                        end.campaign().phase() == CampaignPhase.COMPLETED,
                        "campaign is " + end.campaign().phase() + reason(end)));
                checks.add(new Check(
                        fleet.running(newVersion) == fleet.devices(),
                        fleet.running(newVersion) + " of " + fleet.devices() + " devices run " + newVersion));
            }
        }
        checks.add(new Check(
                fleet.userDataIntact() == fleet.devices(),
                fleet.userDataIntact() + " of " + fleet.devices() + " devices kept their user data"));
        checks.add(new Check(
                fleet.totals().secondApplies() == 0, fleet.totals().secondApplies() + " images were applied twice"));
        return new DemoVerdict(checks);
    }

    private static void stopped(
            List<Check> checks, CampaignStatus end, FleetReport fleet, String metric, int canaries, int killSwitches) {
        boolean failed = end.campaign().waves().get(0).phase() == WavePhase.FAILED;
        checks.add(new Check(
                failed, "canary wave is " + end.campaign().waves().get(0).phase() + reason(end)));
        boolean byMetric = end.lastGate().stream()
                .flatMap(gate -> gate.metrics().stream())
                .anyMatch(m -> m.metric().equals(metric) && m.verdict() == Verdict.FAIL);
        checks.add(new Check(byMetric, "the gate failed by its " + metric + " metric"));
        checks.add(new Check(killSwitches > 0, killSwitches + " kill switch raised by the gate"));
        onlyCanariesTouched(checks, fleet, canaries);
    }

    private static void held(
            List<Check> checks, CampaignStatus end, FleetReport fleet, String oldVersion, int canaries) {
        boolean held = end.campaign().phase() == CampaignPhase.PAUSED
                && end.campaign().waves().get(0).phase() == WavePhase.HELD;
        checks.add(new Check(
                held, "canary wave is " + end.campaign().waves().get(0).phase() + reason(end)));
        checks.add(new Check(
                fleet.running(oldVersion) == fleet.devices(),
                fleet.running(oldVersion) + " of " + fleet.devices() + " devices run the last good version, "
                        + oldVersion));
        onlyCanariesTouched(checks, fleet, canaries);
    }

    private static void onlyCanariesTouched(List<Check> checks, FleetReport fleet, int canaries) {
        checks.add(new Check(
                fleet.touched() <= canaries,
                fleet.touched() + " of " + fleet.devices() + " devices saw a write to /5 (canaries: " + canaries
                        + ")"));
    }

    private static String reason(CampaignStatus end) {
        return end.campaign().reason().isEmpty() ? "" : ": " + end.campaign().reason();
    }
}
