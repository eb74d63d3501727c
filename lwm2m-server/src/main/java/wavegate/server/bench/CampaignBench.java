package wavegate.server.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.Surroundings;
import wavegate.firmware.campaign.WavePlan;
import wavegate.firmware.campaign.WavePlanner;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.update.UpdatePolicy;
import wavegate.server.bench.CampaignReport.Figure;
import wavegate.server.child.ChildJvm;

/**
 * One campaign over a fleet of a million: ranked, started, run, stopped by a kill switch, and taken up again after a death without notice. A child
 * process decides and keeps; its devices live in it and answer at once.
 */
public final class CampaignBench {
    private static final int RANKINGS = 5;

    private final CampaignPlan plan;
    private final Consumer<String> progress;
    private final List<Figure> figures = new ArrayList<>();
    private final ObjectMapper json = new ObjectMapper();

    /** @param progress takes a line now and then */
    public CampaignBench(CampaignPlan plan, Consumer<String> progress) {
        this.plan = plan;
        this.progress = progress;
    }

    /** @throws IOException if the child does not start or does not answer */
    public CampaignReport run() throws IOException {
        rank();
        Path data = Files.createDirectories(plan.directory().resolve("data"));
        progress.accept("writes the ledger of a fleet");
        new SizedFleet(data, plan.devices(), plan.records()).write();
        try (ChildJvm child = child("first")) {
            opened(child, "start");
            ask(child, "register");
            JsonNode start = ask(child, "start " + plan.inFlight());
            figures.add(new Figure(
                    "start of the campaign: membership decided and durable", seconds(start, "ms"), 10, true, "s"));
            JsonNode run = ask(child, "run " + plan.seconds());
            double most = 0;
            for (JsonNode wave : run.path("firstDispatchMs")) {
                most = Math.max(most, wave.asDouble());
            }
            figures.add(new Figure("first dispatch after a wave opened, the slowest", most / 1000, 5, true, "s"));
            figures.add(new Figure(
                    "devices begun in the best second",
                    run.path("mostDispatchesInASecond").asDouble(),
                    5000,
                    false,
                    "/s"));
            figures.add(new Figure(
                    "transitions, durable, gates judging",
                    run.path("transitions").asDouble() / run.path("seconds").asDouble(),
                    5000,
                    false,
                    "/s"));
            double busiest = Math.max(
                    start.path("busiestTurnMs").asDouble(),
                    run.path("busiestTurnMs").asDouble());
            double longest = Math.max(
                    start.path("longestTurnMs").asDouble(),
                    run.path("longestTurnMs").asDouble());
            figures.add(new Figure("processor time of the busiest turn", busiest, 20, true, "ms"));
            figures.add(new Figure("longest turn, with collector, disk and other load", longest, 20, true, "ms"));
            pages(ask(child, "page"));
            heap(child, "heap with all of it");
            JsonNode kill = ask(child, "kill");
            figures.add(new Figure(
                    "busiest turn while a kill switch calls off "
                            + kill.path("cancelled").asInt(),
                    kill.path("busiestTurnMs").asDouble(),
                    20,
                    true,
                    "ms"));
            ProcessHandle.of(child.processId()).ifPresent(ProcessHandle::destroyForcibly);
        }
        try (ChildJvm child = child("second")) {
            opened(child, "start after kill -9");
            heap(child, "heap after it");
        }
        return new CampaignReport(plan, figures);
    }

    private void rank() {
        List<Device> fleet = new ArrayList<>(plan.devices());
        for (int i = 0; i < plan.devices(); i++) {
            fleet.add(SizedFleet.device(i));
        }
        CampaignSpec spec = new CampaignSpec(
                "bench",
                SizedFleet.PACKAGE,
                DeviceFilter.ALL,
                WavePlan.DEFAULT,
                GatePolicy.DEFAULT,
                UpdatePolicy.DEFAULT,
                0.001,
                500,
                1);
        FirmwarePackage firmwarePackage =
                SizedFleet.firmwarePackage(SizedFleet.PACKAGE, SizedFleet.TARGET, new byte[] {1}, 2);
        List<Double> took = new ArrayList<>();
        for (int i = 0; i < RANKINGS; i++) {
            long began = System.nanoTime();
            WavePlanner.plan(fleet, firmwarePackage, spec, Surroundings.NONE);
            took.add((System.nanoTime() - began) / 1e9);
        }
        figures.add(new Figure("ranking in memory", Spread.of(took).median(), 1, true, "s"));
        progress.accept("ranked in " + Spread.of(took).text(2) + " s");
    }

    private ChildJvm child(String name) throws IOException {
        return new ChildJvm(
                List.of(),
                List.of("-Xmx" + plan.heapMiB() + "m", "-XX:+UseG1GC"),
                CampaignTarget.class,
                List.of(
                        plan.directory().resolve("data").toString(),
                        String.valueOf(plan.devices()),
                        String.valueOf(plan.live())),
                plan.directory().resolve(name + ".log"));
    }

    private void opened(ChildJvm child, String name) throws IOException {
        JsonNode opened = json.readTree(child.ready());
        progress.accept(name + ": " + opened);
        double millis = opened.path("ledgerMs").asDouble()
                + opened.path("viewMs").asDouble()
                + opened.path("stateMs").asDouble();
        figures.add(new Figure(
                String.format(
                        Locale.ROOT,
                        "%s, %,d records",
                        name,
                        opened.path("records").asLong()),
                millis / 1000,
                90,
                true,
                "s"));
    }

    private void heap(ChildJvm child, String name) throws IOException {
        figures.add(new Figure(name, ask(child, "heap").path("bytes").asDouble() / (1 << 20), 2048, true, "MiB"));
    }

    private void pages(JsonNode page) {
        figures.add(new Figure(
                "what a campaign's page asks for, p99", page.path("campaignMs").asDouble(), 200, true, "ms"));
        figures.add(new Figure(
                "a page of filtered updates, p99", page.path("updatesMs").asDouble(), 100, true, "ms"));
        figures.add(new Figure(
                "a page of filtered devices, p99", page.path("devicesMs").asDouble(), 100, true, "ms"));
    }

    private JsonNode ask(ChildJvm child, String question) throws IOException {
        JsonNode answer = json.readTree(child.ask(question));
        progress.accept(question + ": " + answer);
        return answer;
    }

    private static double seconds(JsonNode answer, String field) {
        return answer.path(field).asDouble() / 1000;
    }
}
