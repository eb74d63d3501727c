package wavegate.sim;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import wavegate.sim.device.ImageSeen;
import wavegate.sim.scenario.Scenario;

/** Takes a fleet through registration storm, steady state and campaign, looks at it all the while, and sums up. One use, one thread. */
final class SimRun {
    private static final double SECONDS = 1e9;
    private static final double HOUR = 3600;
    private static final long ASK_SERVER_EVERY_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** What the fleet is going through. */
    enum Phase {
        STORM,
        STEADY,
        CAMPAIGN
    }

    private final FleetPlan plan;
    /** Of the devices of the plan those that are no terminals: only they register and are reported on. */
    private final int modules;

    private final RunPlan run;
    private final VirtualFleet fleet;
    private final Optional<LocalServer> server;
    private final SimText text;
    private final Timeline timeline = new Timeline();
    private final String factoryVersion;
    private final long began = System.nanoTime();

    private Phase phase = Phase.STORM;
    private double stormEndedAt = -1;
    private double campaignBeganAt = -1;
    private double stoppedAt = -1;
    private long retransmittedInStorm;
    private long identified;
    private long askedAt;
    private LocalServer.CampaignView view = LocalServer.CampaignView.NONE;

    SimRun(FleetPlan plan, RunPlan run, VirtualFleet fleet, Optional<LocalServer> server, SimText text) {
        this.plan = plan;
        this.modules = fleet.plan().devices();
        this.run = run;
        this.fleet = fleet;
        this.server = server;
        this.text = text;
        this.factoryVersion =
                plan.scenario().population().models().get(0).value().baseVersion();
    }

    /** Until its time is up or {@code interrupted} is counted down. */
    void watch(CountDownLatch interrupted) throws InterruptedException, IOException {
        int sampleSeconds = run.sampleSeconds(modules);
        int lineSeconds = run.lineSeconds(modules);
        long nextLine = 0;
        for (long tick = 1; run.endless() || tick * sampleSeconds <= run.total().toSeconds(); tick++) {
            long due = began + TimeUnit.SECONDS.toNanos(tick * sampleSeconds);
            if (interrupted.await(Math.max(0, due - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                return;
            }
            FleetReport report = fleet.report();
            Timeline.Sample sample = timeline.add(now(), report);
            if (phase == Phase.STORM || tick * sampleSeconds >= nextLine) {
                nextLine = tick * sampleSeconds + lineSeconds;
                text.line(sample, phase, modules, view);
            }
            judge(sample, report);
        }
    }

    private double now() {
        return (System.nanoTime() - began) / SECONDS;
    }

    private void judge(Timeline.Sample sample, FleetReport report) throws IOException {
        switch (phase) {
            case STORM -> {
                if (report.everRegistered() == report.devices()) {
                    stormEndedAt = sample.atSeconds();
                    retransmittedInStorm = report.traffic().retransmitted();
                    enter(Phase.STEADY, "all registered");
                }
            }
            case STEADY -> {}
            case CAMPAIGN -> follow();
        }
        if (server.isPresent() && run.campaign() && campaignBeganAt < 0 && due(sample.atSeconds())) {
            startCampaign(server.get());
        }
    }

    private void enter(Phase next, String what) {
        phase = next;
        timeline.event(now(), what);
        text.event(now(), what);
    }

    private boolean due(double at) throws IOException {
        if (at >= run.campaignAtLatest().toMillis() / 1000.0) {
            return true;
        }
        boolean rested =
                stormEndedAt >= 0 && at >= stormEndedAt + run.steadyAtLeast().toMillis() / 1000.0;
        return rested && identified(modules);
    }

    private boolean identified(int wanted) throws IOException {
        if (System.nanoTime() - askedAt > ASK_SERVER_EVERY_NANOS) {
            identified = server.isPresent() ? server.get().identified() : 0;
            askedAt = System.nanoTime();
        }
        return identified >= wanted;
    }

    private void startCampaign(LocalServer own) throws IOException {
        identified(modules);
        Scenario scenario = plan.scenario();
        Duration telemetry =
                Duration.ofMillis(Math.round(scenario.timing().telemetryPeriod().toMillis() / plan.timeFactor()));
        own.startCampaign(new LocalServer.CampaignOrder(
                run.campaignShare(),
                run.left(Duration.ofNanos(System.nanoTime() - began)),
                telemetry,
                scenario.health().crashesPerHour() * plan.timeFactor()));
        campaignBeganAt = now();
        enter(Phase.CAMPAIGN, "campaign started, " + identified + " devices identified by the server");
    }

    private void follow() throws IOException {
        if (server.isEmpty() || System.nanoTime() - askedAt < ASK_SERVER_EVERY_NANOS / 3) {
            return;
        }
        askedAt = System.nanoTime();
        LocalServer.CampaignView next = server.get().campaign();
        if (!next.phase().equals(view.phase())) {
            String why = next.reason().isEmpty() ? "" : ": " + next.reason();
            timeline.event(now(), "campaign " + next.phase() + why);
            text.event(now(), "campaign " + next.phase() + why);
        }
        if (!next.gate().equals(view.gate())) {
            timeline.event(now(), "gate " + next.gate());
            text.event(now(), "gate " + next.gate());
        }
        if (next.stopped() && stoppedAt < 0) {
            stoppedAt = now();
        }
        view = next;
    }

    /** Call once, while the fleet and the server are still there. */
    SimReport report() {
        FleetReport last = fleet.report();
        double ran = now();
        timeline.add(ran, last);
        TerminalCensus terminals = fleet.terminals()
                .map(those -> TerminalCensus.of(those.report()))
                .orElse(null);
        List<SimReport.Image> images = images(server.flatMap(LocalServer::released));
        ProcessUse own = ProcessUse.of(ProcessHandle.current().pid());
        return new SimReport(
                new SimReport.Asked(
                        plan.devices(),
                        plan.scenario().name(),
                        plan.scenario().description(),
                        plan.seed(),
                        plan.timeFactor(),
                        plan.rampUp().toMillis() / 1000.0,
                        ran,
                        (plan.first().secure() ? "coaps://" : "coap://")
                                + plan.server().getHostString() + ":"
                                + plan.server().getPort(),
                        server.isPresent()),
                new SimReport.Storm(
                        reached(0.5),
                        reached(0.99),
                        stormEndedAt,
                        stormEndedAt < 0 ? last.traffic().retransmitted() : retransmittedInStorm),
                last,
                terminals,
                images,
                campaignBeganAt < 0 ? null : harm(last),
                server.map(started -> ProcessUse.of(started.processId())).orElse(null),
                own,
                FleetRoom.of(modules, own).orElse(null),
                checks(last, terminals, images),
                timeline.events(),
                timeline.samples());
    }

    private double reached(double share) {
        double wanted = Math.ceil(modules * share);
        return first(sample -> sample.registered() >= wanted);
    }

    private double first(Predicate<Timeline.Sample> when) {
        return timeline.samples().stream()
                .filter(when)
                .findFirst()
                .map(Timeline.Sample::atSeconds)
                .orElse(-1.0);
    }

    private List<SimReport.Image> images(Optional<String> released) {
        Map<ImageSeen, int[]> seen = new HashMap<>();
        fleet.each(device -> {
            seen.computeIfAbsent(device.running(), image -> new int[2])[0]++;
            device.held().ifPresent(image -> seen.computeIfAbsent(image, none -> new int[2])[1]++);
        });
        List<SimReport.Image> images = new ArrayList<>();
        seen.forEach((image, count) -> images.add(new SimReport.Image(
                image.version(),
                image.payloadDigest().hex(),
                image.intact(),
                released.filter(image.payloadDigest().hex()::equals).isPresent(),
                count[0],
                count[1])));
        images.sort(Comparator.comparing(SimReport.Image::version).thenComparing(SimReport.Image::sha256));
        return images;
    }

    private SimReport.Harm harm(FleetReport last) {
        double firstExposed = first(sample -> sample.exposed() > 0);
        double firstCrash = first(sample ->
                sample.crashesByVersion().keySet().stream().anyMatch(version -> !version.equals(factoryVersion)));
        double newHours = 0;
        double oldHours = 0;
        Timeline.Sample before = null;
        for (Timeline.Sample sample : timeline.samples()) {
            if (before != null) {
                double hours = (sample.atSeconds() - before.atSeconds()) / HOUR;
                int old = sample.byVersion().getOrDefault(factoryVersion, 0);
                oldHours += old * hours;
                newHours += (modules - old) * hours;
            }
            before = sample;
        }
        long oldCrashes = last.crashesByVersion().getOrDefault(factoryVersion, 0L);
        long newCrashes = last.crashesByVersion().values().stream()
                        .mapToLong(Long::longValue)
                        .sum()
                - oldCrashes;
        return new SimReport.Harm(
                view,
                campaignBeganAt,
                firstExposed,
                firstCrash,
                stoppedAt,
                stoppedAt < 0 || firstExposed < 0 ? -1 : Math.max(0, stoppedAt - firstExposed),
                last.touched(),
                last.exposed(),
                last.exposed() / (double) last.devices(),
                newHours,
                newHours == 0 ? 0 : newCrashes / newHours,
                oldHours == 0 ? 0 : oldCrashes / oldHours);
    }

    private static List<SimReport.Check> checks(
            FleetReport last, @Nullable TerminalCensus terminals, List<SimReport.Image> images) {
        int devices = last.devices();
        long spoilt = images.stream()
                .filter(image -> !image.intact())
                .mapToLong(SimReport.Image::running)
                .sum();
        List<SimReport.Check> checks = new ArrayList<>();
        checks.add(new SimReport.Check(
                last.everRegistered() == devices, last.everRegistered() + " of " + devices + " devices registered"));
        checks.add(new SimReport.Check(
                last.userDataIntact() == devices, last.userDataIntact() + " of " + devices + " have their user data"));
        checks.add(new SimReport.Check(spoilt == 0, spoilt + " devices run an image that is not whole"));
        checks.add(new SimReport.Check(
                last.totals().secondApplies() == 0,
                last.totals().secondApplies() + " images were applied a second time"));
        if (terminals != null) {
            checks.add(new SimReport.Check(
                    terminals.heard() == terminals.terminals(),
                    terminals.heard() + " of " + terminals.terminals() + " terminals were answered"));
        }
        return checks;
    }
}
