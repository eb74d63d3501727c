package wavegate.sim;

import static wavegate.sim.plot.TimePlot.escaped;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import wavegate.sim.plot.Series;
import wavegate.sim.plot.TimePlot;

/** A run as one HTML page with nothing beside it: no script, no font, no picture from anywhere. */
final class ReportPage {
    private static final String STYLE =
            """
            :root{--bg:#f6f7f9;--card:#fff;--ink:#1b1f27;--soft:#5c6675;--line:#e2e6ec;--grid:#e9edf2;--bad:#b42318;--good:#1a7f4b;
              --c0:#2f6fdb;--c1:#e07a1f;--c2:#1f9d76;--c3:#a04ec7;--c4:#c93a5b;--c5:#6b7280}
            @media (prefers-color-scheme:dark){:root{--bg:#12151b;--card:#1a1f28;--ink:#e8ebf0;--soft:#9aa4b2;--line:#2a313d;--grid:#262d38;
              --bad:#ff8a7a;--good:#5fd39a;--c0:#6fa3f5;--c1:#f2a45c;--c2:#57c9a3;--c3:#c98be6;--c4:#ef7f98;--c5:#9ca3af}}
            *{box-sizing:border-box}
            body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
            main{max-width:1120px;margin:0 auto;padding:32px 24px 56px}
            h1{font-size:26px;line-height:1.2;margin:0 0 4px}
            h2{font-size:16px;margin:0 0 2px}
            p{margin:0 0 12px;color:var(--soft)}
            .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(138px,1fr));gap:12px;margin:20px 0}
            .card,section{background:var(--card);border:1px solid var(--line);border-radius:10px}
            .card{padding:12px 16px}
            .card b{display:block;font-size:20px;line-height:1.4;white-space:nowrap;font-variant-numeric:tabular-nums}
            .card span{color:var(--soft);font-size:13px}
            .plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(440px,1fr));gap:12px;margin-bottom:12px}
            section{padding:16px 18px;margin-bottom:12px;overflow-x:auto}
            .plots section{margin:0}
            section p{font-size:13px;margin-bottom:6px}
            svg{width:100%;height:auto;display:block}
            svg text{fill:var(--soft);font-size:13px;font-variant-numeric:tabular-nums}
            .grid{stroke:var(--grid);stroke-width:1}.axis{stroke:var(--soft);stroke-width:1}
            .mark{stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3}
            .s0,.s1,.s2,.s3,.s4,.s5{fill:none;stroke-width:2;stroke-linejoin:round}
            .s0{stroke:var(--c0)}.s1{stroke:var(--c1)}.s2{stroke:var(--c2)}.s3{stroke:var(--c3)}.s4{stroke:var(--c4)}.s5{stroke:var(--c5)}
            .a0,.a1,.a2,.a3,.a4,.a5{stroke:none;opacity:.22}
            .a0{fill:var(--c0)}.a1{fill:var(--c1)}.a2{fill:var(--c2)}.a3{fill:var(--c3)}.a4{fill:var(--c4)}.a5{fill:var(--c5)}
            .key{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:13px;color:var(--soft);margin:0 0 4px;padding:0;list-style:none}
            .key i{display:inline-block;width:14px;height:3px;border-radius:2px;margin-right:6px;vertical-align:middle}
            .k0{background:var(--c0)}.k1{background:var(--c1)}.k2{background:var(--c2)}.k3{background:var(--c3)}.k4{background:var(--c4)}.k5{background:var(--c5)}
            table{border-collapse:collapse;width:100%;font-size:14px}
            th,td{text-align:left;padding:6px 20px 6px 0;border-top:1px solid var(--line);vertical-align:top}
            th{color:var(--soft);font-weight:500;border-top:0;font-size:13px}
            .n{text-align:right;font-variant-numeric:tabular-nums}
            code{font:13px ui-monospace,"DejaVu Sans Mono",monospace;word-break:break-all}
            .n:first-child{width:9em}
            .ok{color:var(--good)}.bad{color:var(--bad);font-weight:600}
            """;

    private final SimReport report;
    private final StringBuilder out = new StringBuilder(128 << 10);

    ReportPage(SimReport report) {
        this.report = report;
    }

    String html() {
        SimReport.Asked asked = report.asked();
        String title = String.format(Locale.ROOT, "%,d virtual modules, %s", asked.devices(), asked.scenario());
        out.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
                .append(escaped(title))
                .append("</title>\n<style>\n")
                .append(STYLE)
                .append("</style></head>\n<body><main>\n<h1>")
                .append(escaped(title))
                .append("</h1>\n<p>");
        line(asked);
        out.append("</p>\n");
        cards();
        plots();
        checks();
        campaign();
        images();
        regions();
        counters();
        report.terminalsSeen().ifPresent(this::terminals);
        events();
        return out.append("</main></body></html>\n").toString();
    }

    private void line(SimReport.Asked asked) {
        out.append(escaped(String.format(
                Locale.ROOT,
                "%s Seed %d, %s at %s, switched on over %s, watched for %s%s.",
                asked.description(),
                asked.seed(),
                asked.ownServer() ? "a server of its own" : "a server",
                asked.server(),
                duration(asked.rampUpSeconds()),
                duration(asked.ranForSeconds()),
                asked.timeFactor() == 1
                        ? ""
                        : String.format(Locale.ROOT, ", living %.4g times as fast as the clock", asked.timeFactor()))));
    }

    private void cards() {
        FleetReport fleet = report.fleet();
        out.append("<div class=\"cards\">\n");
        card(number(fleet.registered()), "registered at the end");
        card(SimText.seconds(report.storm().allAfter()), "until all had registered");
        report.harm().ifPresent(harm -> {
            card(number(harm.exposed()), String.format(Locale.ROOT, "exposed, %.2f %%", harm.exposedShare() * 100));
            card(
                    harm.stoppedAt() < 0 ? "none" : SimText.seconds(harm.detectionSeconds()),
                    harm.stoppedAt() < 0 ? "stop by gate or switch" : "exposure before it was stopped");
        });
        card(bytes(fleet.traffic().bytesIn() + fleet.traffic().bytesOut()), "on the wire, both ways");
        card(SimReport.mib(report.simulator().peakResidentMib()), "simulator, resident at most");
        report.roomLeft()
                .ifPresent(room -> card(number(room.modules()), "modules fit in " + room.withinMib() + " MiB"));
        report.serverUse().ifPresent(use -> card(SimReport.mib(use.peakResidentMib()), "server, resident at most"));
        out.append("</div>\n");
    }

    private void card(String value, String what) {
        out.append("<div class=\"card\"><b>")
                .append(escaped(value))
                .append("</b><span>")
                .append(escaped(what))
                .append("</span></div>\n");
    }

    private void plots() {
        out.append("<div class=\"plots\">\n");
        plot(
                "Registered",
                "Devices that hold a registration, as they know it",
                true,
                List.of(series("registered", Timeline.Sample::registered)));
        plot("Versions", "What the devices really run", true, byVersion());
        plot(
                "Exposure",
                "Devices that have applied the new image, whatever came of it",
                true,
                List.of(series("exposed", Timeline.Sample::exposed)));
        plot(
                "Datagrams a second",
                "CoAP messages as the devices count them",
                false,
                List.of(
                        series("to the server", Timeline.Sample::datagramsOut),
                        series("from the server", Timeline.Sample::datagramsIn),
                        series("sent again", Timeline.Sample::retransmitted)));
        plot(
                "Bytes a second",
                "CoAP messages without the headers of UDP and IP",
                false,
                List.of(
                        series("to the server", Timeline.Sample::bytesOut),
                        series("from the server", Timeline.Sample::bytesIn)));
        plot("Crashes", "By the firmware that ran, since the start", false, crashes());
        out.append("</div>\n");
    }

    private Series series(String name, ToDoubleFunction<Timeline.Sample> value) {
        return new Series(name, report.timeline().stream().mapToDouble(value).toArray());
    }

    private List<Series> byVersion() {
        SortedSet<String> versions = new TreeSet<>();
        report.timeline().forEach(sample -> versions.addAll(sample.byVersion().keySet()));
        return versions.stream()
                .map(version -> series(version, sample -> sample.byVersion().getOrDefault(version, 0)))
                .toList();
    }

    private List<Series> crashes() {
        SortedSet<String> versions = new TreeSet<>(report.fleet().byVersion().keySet());
        report.timeline()
                .forEach(sample -> versions.addAll(sample.crashesByVersion().keySet()));
        return versions.stream()
                .map(version ->
                        series(version, sample -> sample.crashesByVersion().getOrDefault(version, 0L)))
                .toList();
    }

    private void plot(String title, String what, boolean stacked, List<Series> series) {
        out.append("<section><h2>")
                .append(escaped(title))
                .append("</h2>\n<p>")
                .append(escaped(what))
                .append("</p>\n");
        if (series.size() > 1) {
            out.append("<ul class=\"key\">");
            for (int i = 0; i < series.size(); i++) {
                out.append("<li><i class=\"k")
                        .append(i % TimePlot.COLOURS)
                        .append("\"></i>")
                        .append(escaped(series.get(i).name()))
                        .append("</li>");
            }
            out.append("</ul>\n");
        }
        double[] seconds = report.timeline().stream()
                .mapToDouble(Timeline.Sample::atSeconds)
                .toArray();
        out.append(new TimePlot(title + ": " + what, stacked, seconds, series, marks()).svg())
                .append("</section>\n");
    }

    private List<TimePlot.Mark> marks() {
        List<TimePlot.Mark> marks = new ArrayList<>();
        if (report.storm().allAfter() >= 0) {
            marks.add(new TimePlot.Mark(report.storm().allAfter(), "all registered"));
        }
        report.harm().ifPresent(harm -> {
            marks.add(new TimePlot.Mark(harm.startedAt(), "campaign"));
            if (harm.stoppedAt() >= 0) {
                marks.add(new TimePlot.Mark(harm.stoppedAt(), "stopped"));
            }
        });
        return marks;
    }

    private void checks() {
        section("Checks", "What must hold of any run", List.of("", "what"), rows -> {
            for (SimReport.Check check : report.checks()) {
                rows.add(List.of(check.holds() ? "!ok" : "!BAD", check.what()));
            }
        });
    }

    private void campaign() {
        report.harm()
                .ifPresent(harm -> section(
                        "Campaign",
                        "As the server says, and as the devices saw it",
                        List.of("figure", "value"),
                        rows -> {
                            String reason = harm.view().reason().isEmpty()
                                    ? ""
                                    : ": " + harm.view().reason();
                            rows.add(List.of("phase", harm.view().phase() + reason));
                            rows.add(List.of(
                                    "gate",
                                    harm.view().gate().isEmpty()
                                            ? "-"
                                            : harm.view().gate()));
                            rows.add(List.of(
                                    "wave of " + number(harm.view().waveSize()),
                                    SimText.list(harm.view().updates())));
                            rows.add(
                                    List.of("devices that saw a Write or Execute on Object 5", number(harm.touched())));
                            rows.add(List.of(
                                    "first device ran the new firmware", SimText.seconds(harm.firstExposedAt())));
                            rows.add(List.of("first crash under it", SimText.seconds(harm.firstCrashUnderNewAt())));
                            rows.add(List.of("stopped", SimText.seconds(harm.stoppedAt())));
                            rows.add(List.of(
                                    "exposure",
                                    String.format(
                                            Locale.ROOT,
                                            "%,d devices, %.1f device hours",
                                            harm.exposed(),
                                            harm.exposedHours())));
                            rows.add(List.of(
                                    "crashes per device hour",
                                    String.format(
                                            Locale.ROOT,
                                            "%.3f under the new firmware, %.3f under the old",
                                            harm.crashesPerHourUnderNew(),
                                            harm.crashesPerHourUnderOld())));
                        }));
    }

    private void images() {
        section(
                "Images",
                "Digest of the payload as each device received it",
                List.of("version", "sha256", "#running", "#held", "whole", "released"),
                rows -> {
                    for (SimReport.Image image : report.images()) {
                        rows.add(List.of(
                                image.version(),
                                "`" + image.sha256(),
                                "#" + number(image.running()),
                                "#" + number(image.holding()),
                                image.intact() ? "!ok" : "!BAD",
                                image.released() ? "yes" : ""));
                    }
                });
    }

    private void regions() {
        section(
                "Regions",
                "Touched: saw a Write or Execute on Object 5",
                List.of("region", "#devices", "#registered", "#touched", "versions"),
                rows -> report.fleet()
                        .byRegion()
                        .forEach((name, region) -> rows.add(List.of(
                                name,
                                "#" + number(region.devices()),
                                "#" + number(region.registered()),
                                "#" + number(region.touched()),
                                SimText.list(region.byVersion())))));
    }

    private void counters() {
        FleetReport fleet = report.fleet();
        section("What the devices counted", "Since they were switched on", List.of("#count", "figure"), rows -> {
            rows.add(List.of("#" + number(fleet.totals().registrations()), "registrations"));
            rows.add(List.of("#" + number(fleet.totals().registrationUpdates()), "registration updates"));
            rows.add(List.of("#" + number(fleet.totals().boots()), "boots"));
            rows.add(List.of("#" + number(fleet.totals().crashes()), "crashes"));
            rows.add(List.of("#" + number(fleet.totals().uriWrites()), "Writes of a Package URI"));
            rows.add(List.of("#" + number(fleet.totals().packageWrites()), "Writes of a Package"));
            rows.add(List.of("#" + number(fleet.totals().downloads()), "packages received whole"));
            rows.add(List.of("#" + number(fleet.totals().blocks()), "blocks"));
            rows.add(List.of("#" + number(fleet.totals().bytes()), "bytes of packages"));
            rows.add(List.of("#" + number(fleet.totals().applies()), "images applied"));
            rows.add(List.of("#" + number(fleet.totals().reverts()), "reverts"));
            rows.add(List.of("#" + number(fleet.traffic().datagramsIn()), "datagrams in"));
            rows.add(List.of("#" + number(fleet.traffic().datagramsOut()), "datagrams out"));
            rows.add(List.of("#" + number(fleet.traffic().bytesIn()), "bytes in"));
            rows.add(List.of("#" + number(fleet.traffic().bytesOut()), "bytes out"));
            rows.add(List.of("#" + number(fleet.traffic().retransmitted()), "sent again"));
        });
    }

    private void terminals(TerminalCensus seen) {
        section("Terminals", "They ask for versions instead of registering", List.of("#count", "figure"), rows -> {
            rows.add(List.of("#" + number(seen.terminals()), "terminals"));
            rows.add(List.of("#" + number(seen.heard()), "answered at least once"));
            rows.add(List.of("#" + number(seen.exposed()), "exposed: applied an image"));
            rows.add(List.of("#" + number(seen.answers()), "answers"));
            rows.add(List.of("#" + number(seen.refusals()), "refusals and silences"));
            rows.add(List.of("#" + number(seen.offers()), "downloads begun"));
            rows.add(List.of("#" + number(seen.bytes()), "bytes of packages"));
            rows.add(List.of("#" + number(seen.applies()), "images applied"));
            rows.add(List.of("#" + number(seen.reverts()), "reverts"));
            rows.add(List.of("#" + number(seen.crashes()), "crashes"));
            seen.byVersion().forEach((version, count) -> rows.add(List.of("#" + number(count), "run " + version)));
            seen.byPackage()
                    .forEach((sha256, count) ->
                            rows.add(List.of("#" + number(count), "run a package with SHA-256 " + sha256)));
        });
    }

    private void events() {
        section("Events", "Seconds since the devices were switched on", List.of("#at", "what"), rows -> {
            for (Timeline.Event event : report.events()) {
                rows.add(List.of(String.format(Locale.ROOT, "#%.1f", event.atSeconds()), event.what()));
            }
        });
    }

    private interface Rows {
        void into(Collection<List<String>> rows);
    }

    /** A cell that begins with {@code #} is a number, with a grave accent code, with {@code !} a verdict. */
    private void section(String title, String what, List<String> heads, Rows filler) {
        List<List<String>> rows = new ArrayList<>();
        filler.into(rows);
        if (rows.isEmpty()) {
            return;
        }
        out.append("<section><h2>")
                .append(escaped(title))
                .append("</h2>\n<p>")
                .append(escaped(what))
                .append("</p>\n<table><tr>");
        heads.forEach(head -> cell("th", head));
        out.append("</tr>\n");
        for (List<String> row : rows) {
            out.append("<tr>");
            row.forEach(text -> cell("td", text));
            out.append("</tr>\n");
        }
        out.append("</table></section>\n");
    }

    private void cell(String kind, String text) {
        boolean marked = !text.isEmpty() && "#`!".indexOf(text.charAt(0)) >= 0;
        String words = escaped(marked ? text.substring(1) : text);
        char mark = marked ? text.charAt(0) : ' ';
        out.append('<').append(kind);
        switch (mark) {
            case '#' -> out.append(" class=\"n\">").append(words);
            case '`' -> out.append("><code>").append(words).append("</code>");
            case '!' ->
                out.append(" class=\"")
                        .append(words.equals("ok") ? "ok" : "bad")
                        .append("\">")
                        .append(words);
            default -> out.append('>').append(words);
        }
        out.append("</").append(kind).append('>');
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    static String bytes(long value) {
        if (value >= 1L << 30) {
            return String.format(Locale.ROOT, "%.2f GiB", value / (double) (1L << 30));
        }
        return value >= 1L << 20
                ? String.format(Locale.ROOT, "%.1f MiB", value / (double) (1L << 20))
                : String.format(Locale.ROOT, "%.1f KiB", value / 1024.0);
    }

    private static String duration(double seconds) {
        return seconds < 120
                ? String.format(Locale.ROOT, "%.0f s", seconds)
                : String.format(Locale.ROOT, "%.1f min", seconds / 60);
    }
}
