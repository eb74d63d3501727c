package wavegate.sim;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What a person or a log sees of a run: plain lines of at most 80 columns, nothing that moves a cursor. */
final class SimText {
    private static final int WIDTH = 80;

    private final PrintWriter out;
    private final boolean quiet;

    /** @param quiet nothing at all */
    SimText(PrintWriter out, boolean quiet) {
        this.out = out;
        this.quiet = quiet;
    }

    void line(Timeline.Sample sample, SimRun.Phase phase, int devices, LocalServer.CampaignView view) {
        String tail = phase == SimRun.Phase.CAMPAIGN
                ? view.done() + "/" + view.waveSize() + " updated"
                : Math.round(sample.retransmitted()) + " again/s";
        say(String.format(
                Locale.ROOT,
                "%6.0fs  %-8s  %d/%d registered  %,d datagrams/s  %s",
                sample.atSeconds(),
                phase.name().toLowerCase(Locale.ROOT),
                sample.registered(),
                devices,
                Math.round(sample.datagrams()),
                tail));
    }

    void event(double atSeconds, String what) {
        say(String.format(Locale.ROOT, "%6.0fs  * %s", atSeconds, what));
    }

    /** A line, folded between words where it is too long. */
    void say(String line) {
        if (quiet) {
            return;
        }
        String rest = printable(line);
        while (rest.length() > WIDTH) {
            int cut = rest.lastIndexOf(' ', WIDTH);
            int fold = cut > WIDTH / 2 ? cut : WIDTH;
            out.println(rest.substring(0, fold));
            rest = "            " + rest.substring(fold).strip();
        }
        out.println(rest);
        out.flush();
    }

    /** What a server says goes to a terminal, too. */
    private static String printable(String line) {
        return line.chars()
                .mapToObj(c -> c >= ' ' && c != 0x7f && (c < 0x80 || c > 0x9f) ? Character.toString(c) : "?")
                .collect(Collectors.joining());
    }

    void report(SimReport report) {
        FleetReport fleet = report.fleet();
        say("");
        storm(report);
        say("versions    " + list(fleet.byVersion()));
        fleet.byRegion()
                .forEach((name, region) -> say(String.format(
                        Locale.ROOT,
                        "  %-9s %d devices, %d registered, %d touched, %s",
                        name,
                        region.devices(),
                        region.registered(),
                        region.touched(),
                        list(region.byVersion()))));
        say(String.format(
                Locale.ROOT,
                "keep-alive  %,d registrations, %,d updates, %,d boots; %,d registered at the end",
                fleet.totals().registrations(),
                fleet.totals().registrationUpdates(),
                fleet.totals().boots(),
                fleet.registered()));
        Traffic traffic = fleet.traffic();
        say(String.format(
                Locale.ROOT,
                "wire        in %,d datagrams, %,d bytes; out %,d, %,d bytes; %,d sent again",
                traffic.datagramsIn(),
                traffic.bytesIn(),
                traffic.datagramsOut(),
                traffic.bytesOut(),
                traffic.retransmitted()));
        if (fleet.handshakes().ended() > 0) {
            say(String.format(
                    Locale.ROOT,
                    "handshakes  full %d, resumed %d, failed %d; sessions open %d; bootstraps %d",
                    fleet.handshakes().full(),
                    fleet.handshakes().resumed(),
                    fleet.handshakes().failed(),
                    fleet.handshakes().sessions(),
                    fleet.totals().bootstraps()));
        }
        say(String.format(
                Locale.ROOT,
                "modules     touched %,d, applies %,d, second applies %,d, reverts %,d, crashes %,d",
                fleet.touched(),
                fleet.totals().applies(),
                fleet.totals().secondApplies(),
                fleet.totals().reverts(),
                fleet.totals().crashes()));
        report.terminalsSeen().ifPresent(this::terminals);
        report.images()
                .forEach(image -> say(String.format(
                        Locale.ROOT,
                        "image       %s sha256 %.16s... runs on %,d, held by %,d%s",
                        image.version(),
                        image.sha256(),
                        image.running(),
                        image.holding(),
                        image.intact() ? "" : ", NOT WHOLE")));
        report.harm().ifPresent(this::campaign);
        say("simulator   " + use(report.simulator()));
        report.roomLeft()
                .ifPresent(room -> say(String.format(
                        Locale.ROOT,
                        "room        %,d bytes of live heap for each module; %d MiB hold about %,d modules",
                        room.bytesEach(),
                        room.withinMib(),
                        room.modules())));
        report.serverUse().ifPresent(use -> say("server      " + use(use)));
        say("");
        report.checks().forEach(check -> say((check.holds() ? "  ok   " : "  BAD  ") + check.what()));
    }

    private void terminals(TerminalCensus seen) {
        say(String.format(
                Locale.ROOT,
                "terminals   %,d, %,d answered, %,d answers, %,d refusals; %s",
                seen.terminals(),
                seen.heard(),
                seen.answers(),
                seen.refusals(),
                list(seen.byVersion())));
        say(String.format(
                Locale.ROOT,
                "            offers %,d, applies %,d, reverts %,d, crashes %,d, %,d bytes of packages",
                seen.offers(),
                seen.applies(),
                seen.reverts(),
                seen.crashes(),
                seen.bytes()));
        seen.byPackage()
                .forEach((sha256, count) -> say(String.format(
                        Locale.ROOT, "            package sha256 %.16s... runs on %,d terminals", sha256, count)));
    }

    private void storm(SimReport report) {
        SimReport.Storm storm = report.storm();
        say(String.format(
                Locale.ROOT,
                "storm       half registered after %s, 99 %% after %s, all after %s; %,d sent again",
                seconds(storm.halfAfter()),
                seconds(storm.ninetyNinePercentAfter()),
                seconds(storm.allAfter()),
                storm.retransmitted()));
    }

    private void campaign(SimReport.Harm harm) {
        say(String.format(
                Locale.ROOT,
                "campaign    %s, wave of %,d: %s",
                harm.view().phase(),
                harm.view().waveSize(),
                list(harm.view().updates())));
        say(String.format(
                Locale.ROOT,
                "exposure    %,d devices (%.2f %%), %.1f device hours; first at %s",
                harm.exposed(),
                harm.exposedShare() * 100,
                harm.exposedHours(),
                seconds(harm.firstExposedAt())));
        say(String.format(
                Locale.ROOT,
                "crashes     %.3f per device hour under the new firmware, %.3f under the old",
                harm.crashesPerHourUnderNew(),
                harm.crashesPerHourUnderOld()));
        if (harm.stoppedAt() >= 0) {
            say("detection   stopped " + seconds(harm.detectionSeconds())
                    + " after the first device ran the new firmware: "
                    + harm.view().reason());
        }
    }

    static String seconds(double at) {
        return at < 0 ? "never" : String.format(Locale.ROOT, "%.0f s", at);
    }

    private static String use(ProcessUse use) {
        return String.format(
                Locale.ROOT,
                "%s resident at most, %.0f s of processor time",
                SimReport.mib(use.peakResidentMib()),
                use.processorSeconds());
    }

    static String list(Map<String, Integer> counts) {
        return counts.isEmpty()
                ? "none"
                : counts.entrySet().stream()
                        .map(entry -> entry.getKey() + ": " + String.format(Locale.ROOT, "%,d", entry.getValue()))
                        .collect(Collectors.joining(", "));
    }
}
