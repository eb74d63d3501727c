package wavegate.server.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wavegate.config.Durations;
import wavegate.firmware.campaign.CampaignTerms;
import wavegate.firmware.campaign.DispatchRate;
import wavegate.firmware.campaign.Schedule;
import wavegate.firmware.campaign.WeeklyWindow;

/** The JSON form of a campaign's terms; its members are members of the campaign. */
final class TermsJson {
    private TermsJson() {}

    static Optional<CampaignTerms> read(Fields f) {
        Optional<Schedule> schedule = f.has("schedule") ? schedule(f.section("schedule")) : Optional.empty();
        Optional<DispatchRate> rate = f.has("rate") ? rate(f.section("rate")) : Optional.empty();
        boolean selfTest = f.truth("selfTest", false);
        boolean rollsBack = f.truth("rollbackOnFail", false);
        int approvals = f.whole("approvals", 0);
        return f.made(
                () -> Optional.of(new CampaignTerms(schedule, rate, Optional.empty(), selfTest, rollsBack, approvals)),
                Optional.empty());
    }

    private static Optional<Schedule> schedule(Fields f) {
        Optional<Instant> start = instant(f, "startAt");
        Optional<Instant> end = instant(f, "endAt");
        List<WeeklyWindow> windows = new ArrayList<>();
        for (Fields window : f.sections("windows")) {
            List<String> days = List.copyOf(window.texts("days"));
            String from = window.text("from");
            String to = window.text("to");
            window.made(() -> Optional.of(WeeklyWindow.of(days, from, to)), Optional.<WeeklyWindow>empty())
                    .ifPresent(windows::add);
        }
        String zone = f.text("zone", Schedule.REGION);
        Duration jitter = f.duration("jitter", Duration.ZERO);
        return f.made(() -> Optional.of(new Schedule(start, end, windows, zone, jitter)), Optional.empty());
    }

    private static Optional<Instant> instant(Fields f, String name) {
        if (!f.has(name)) {
            return Optional.empty();
        }
        String text = f.text(name);
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeException e) {
            f.fault(name + ": \"" + Problem.clean(text) + "\" (expected: like 2030-05-01T22:00:00Z)");
            return Optional.empty();
        }
    }

    private static Optional<DispatchRate> rate(Fields f) {
        double perMinute = f.number("perMinute", 0);
        double factor = f.number("factor", 1);
        double most = f.number("maxPerMinute", factor == 1 ? perMinute : 0);
        int after = f.whole("afterSuccesses", 1);
        return f.made(() -> Optional.of(new DispatchRate(perMinute, factor, most, after)), Optional.empty());
    }

    static void write(CampaignTerms terms, ObjectNode json) {
        terms.when().ifPresent(schedule -> json.set("schedule", write(schedule)));
        terms.rate().ifPresent(rate -> json.putObject("rate")
                .put("perMinute", rate.perMinute())
                .put("factor", rate.factor())
                .put("maxPerMinute", rate.maxPerMinute())
                .put("afterSuccesses", rate.afterSuccesses()));
        terms.rollbackOf().ifPresent(parent -> json.put("rollbackOf", parent.value()));
        if (terms.selfTest()) {
            json.put("selfTest", true);
        }
        if (terms.rollbackOnFail()) {
            json.put("rollbackOnFail", true);
        }
        if (terms.approvals() > 0) {
            json.put("approvals", terms.approvals());
        }
    }

    private static ObjectNode write(Schedule schedule) {
        ObjectNode json = ApiJson.object();
        schedule.startAt().ifPresent(at -> json.put("startAt", at.toString()));
        schedule.endAt().ifPresent(at -> json.put("endAt", at.toString()));
        ArrayNode windows = json.putArray("windows");
        for (WeeklyWindow window : schedule.windows()) {
            ObjectNode one = windows.addObject();
            one.set("days", ApiJson.texts(window.dayLabels()));
            one.put("from", window.from());
            one.put("to", window.to());
        }
        json.put("zone", schedule.zone());
        json.put("jitter", Durations.format(schedule.jitter()));
        return json;
    }
}
