package wavegate.server.api;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.update.UpdatePhase;

/** The figures of {@code /metrics} in Prometheus' text format. Any worker thread. */
final class MetricsText {
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final ApiPorts ports;
    private final RequestLimits limits;
    private final ConnectionGuard guard;

    MetricsText(ApiPorts ports, RequestLimits limits, ConnectionGuard guard) {
        this.ports = ports;
        this.limits = limits;
        this.guard = guard;
    }

    String now() {
        StringBuilder text = new StringBuilder(2048);
        gauge(
                text,
                "wavegate_devices",
                "Devices the ledger knows.",
                ports.store().deviceCount());
        gauge(
                text,
                "wavegate_registrations",
                "Devices registered now.",
                ports.sessions().count());
        gauge(
                text,
                "wavegate_ledger_sequence",
                "Last fact the view reflects.",
                ports.store().sequence());
        gauge(
                text,
                "wavegate_kill_switches",
                "Kill switches in force.",
                ports.store().killSwitches().size());
        head(text, "wavegate_dispatches_refused_total", "Dispatches turned back at the fence.", "counter");
        line(text, "wavegate_dispatches_refused_total", "", ports.fence().refused());
        head(text, "wavegate_http_requests_refused_total", "Requests answered 429.", "counter");
        line(text, "wavegate_http_requests_refused_total", "", limits.refused());
        head(text, "wavegate_http_connections_cut_total", "Connections that were too many or too slow.", "counter");
        line(text, "wavegate_http_connections_cut_total", "{why=\"too-many\"}", guard.refused());
        line(text, "wavegate_http_connections_cut_total", "{why=\"too-slow\"}", guard.cut());
        head(text, "wavegate_clones_suspected_total", "Credentials found in use from two places.", "counter");
        line(
                text,
                "wavegate_clones_suspected_total",
                "",
                ports.credentials().clones().getAsLong());
        sockets(text);
        rollout(text);
        campaigns(text);
        Runtime runtime = Runtime.getRuntime();
        gauge(text, "wavegate_heap_used_bytes", "Heap in use.", runtime.totalMemory() - runtime.freeMemory());
        return text.toString();
    }

    private void sockets(StringBuilder text) {
        List<SocketLoad> sockets = ports.sockets().get();
        head(text, "wavegate_datagrams_admitted_total", "Datagrams let in to be parsed.", "counter");
        for (SocketLoad load : sockets) {
            line(text, "wavegate_datagrams_admitted_total", "{socket=\"" + load.socket() + "\"}", load.admitted());
        }
        head(text, "wavegate_datagrams_shed_total", "Datagrams dropped before they were parsed.", "counter");
        for (SocketLoad load : sockets) {
            load.shed()
                    .forEach((reason, count) -> line(
                            text,
                            "wavegate_datagrams_shed_total",
                            "{socket=\"" + load.socket() + "\",reason=\"" + reason + "\"}",
                            count));
        }
    }

    private void rollout(StringBuilder text) {
        head(
                text,
                "wavegate_invariant_violations_total",
                "Invariants found violated; anything but 0 is an error.",
                "counter");
        ports.figures()
                .violations()
                .forEach((invariant, count) -> line(
                        text,
                        "wavegate_invariant_violations_total",
                        "{invariant=\"" + invariant.label() + "\",number=\"" + invariant.number() + "\"}",
                        count));
        head(
                text,
                "wavegate_transitions_ignored_total",
                "Events that fitted no line of a transition table.",
                "counter");
        ports.figures()
                .unfitting()
                .forEach((kind, count) -> line(
                        text,
                        "wavegate_transitions_ignored_total",
                        "{machine=\"" + kind.machine() + "\",phase=\"" + kind.phase() + "\",event=\"" + kind.event()
                                + "\"}",
                        count));
    }

    private void campaigns(StringBuilder text) {
        Map<CampaignPhase, Integer> byPhase = new EnumMap<>(CampaignPhase.class);
        StringBuilder updates = new StringBuilder();
        StringBuilder saved = new StringBuilder();
        StringBuilder deltas = new StringBuilder();
        for (Campaign campaign : ports.store().campaigns()) {
            byPhase.merge(campaign.phase(), 1, Integer::sum);
            if (campaign.phase().isOpen()) {
                updates(updates, campaign);
                deltas(saved, deltas, campaign);
            }
        }
        head(text, "wavegate_campaigns", "Campaigns by phase.", "gauge");
        for (CampaignPhase phase : CampaignPhase.values()) {
            line(text, "wavegate_campaigns", "{phase=\"" + phase + "\"}", byPhase.getOrDefault(phase, 0));
        }
        head(text, "wavegate_updates", "Updates of open campaigns by phase.", "gauge");
        text.append(updates);
        head(text, "wavegate_delta_saved_bytes", "Bytes that deltas spared, by open campaign.", "gauge");
        text.append(saved);
        head(text, "wavegate_delta_updates", "Updates of open campaigns whose delta was applied or failed.", "gauge");
        text.append(deltas);
    }

    private void deltas(StringBuilder saved, StringBuilder updates, Campaign campaign) {
        ports.operations().status(campaign.id()).ifPresent(status -> {
            String name = "campaign=\"" + campaign.id() + "\"";
            line(
                    saved,
                    "wavegate_delta_saved_bytes",
                    "{" + name + "}",
                    status.deltas().bytesSaved());
            line(
                    updates,
                    "wavegate_delta_updates",
                    "{" + name + ",outcome=\"applied\"}",
                    status.deltas().applied());
            line(
                    updates,
                    "wavegate_delta_updates",
                    "{" + name + ",outcome=\"failed\"}",
                    status.deltas().failed());
        });
    }

    private void updates(StringBuilder text, Campaign campaign) {
        ports.operations().status(campaign.id()).ifPresent(status -> {
            Map<UpdatePhase, Integer> total = new EnumMap<>(UpdatePhase.class);
            status.phases().forEach(wave -> wave.forEach((phase, count) -> total.merge(phase, count, Integer::sum)));
            for (UpdatePhase phase : UpdatePhase.values()) {
                line(
                        text,
                        "wavegate_updates",
                        "{campaign=\"" + campaign.id() + "\",phase=\"" + phase + "\"}",
                        total.getOrDefault(phase, 0));
            }
        });
    }

    private static void gauge(StringBuilder text, String name, String help, long value) {
        head(text, name, help, "gauge");
        line(text, name, "", value);
    }

    private static void head(StringBuilder text, String name, String help, String type) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private static void line(StringBuilder text, String name, String labels, long value) {
        text.append(name).append(labels).append(' ').append(value).append('\n');
    }
}
