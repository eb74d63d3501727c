package wavegate.server.cli;

import static wavegate.server.cli.ServerOptions.cell;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A campaign, a plan and a gate decision as text for a terminal. */
final class CampaignText {
    private CampaignText() {}

    static void campaign(PrintWriter out, JsonNode campaign) {
        String reason = campaign.path("reason").asText();
        out.println(cell(campaign, "/id") + "  " + cell(campaign, "/phase") + (reason.isEmpty() ? "" : ": " + reason));
        out.println("package " + cell(campaign, "/package") + ", " + cell(campaign, "/devices") + " devices, "
                + campaign.at("/phases/SUCCESS").asInt() + " updated");
        JsonNode review = campaign.path("review");
        if (!review.path("submittedBy").asText().isEmpty()) {
            out.println("submitted by " + cell(review, "/submittedBy") + ", "
                    + review.path("approvals").size() + " of " + cell(review, "/needed") + " approvals");
        }
        if (!campaign.path("waves").isEmpty()) {
            waves(out, campaign.path("waves"));
        }
        List<String> reasons = new ArrayList<>();
        campaign.path("reasons").properties().forEach(entry -> reasons.add(entry.getKey() + " " + entry.getValue()));
        if (campaign.at("/deltas/applied").asInt()
                        + campaign.at("/deltas/failed").asInt()
                > 0) {
            out.println("deltas: " + cell(campaign, "/deltas/applied") + " applied, " + cell(campaign, "/deltas/failed")
                    + " failed, " + cell(campaign, "/deltas/bytesSaved") + " bytes saved");
        }
        if (!reasons.isEmpty()) {
            out.println("reasons: " + String.join(", ", reasons));
        }
        if (campaign.path("gate").isObject()) {
            gate(out, campaign.path("gate"));
        }
        out.println("allowed: " + actions(campaign));
    }

    private static void waves(PrintWriter out, JsonNode waves) {
        ServerOptions.table(
                out,
                List.of("WAVE", "STATE", "SIZE", "CONTROL", "WAITING", "IN FLIGHT", "UPDATED", "NOT UPDATED", "WHY"),
                waves,
                wave -> {
                    JsonNode phases = wave.path("phases");
                    int updated = phases.path("SUCCESS").asInt();
                    int notUpdated = 0;
                    for (String end : List.of("FAILED", "ROLLBACK", "SKIPPED", "CANCELLED", "LOST")) {
                        notUpdated += phases.path(end).asInt();
                    }
                    int waiting = wave.path("notReserved").asInt();
                    int inFlight = wave.path("size").asInt() - waiting - updated - notUpdated;
                    return List.of(
                            cell(wave, "/index") + (wave.path("index").asInt() == 0 ? " canary" : ""),
                            cell(wave, "/phase"),
                            cell(wave, "/size"),
                            cell(wave, "/control"),
                            String.valueOf(waiting),
                            String.valueOf(inFlight),
                            String.valueOf(updated),
                            String.valueOf(notUpdated),
                            cell(wave, "/reason"));
                });
    }

    static void gate(PrintWriter out, JsonNode gate) {
        out.println("gate of wave " + cell(gate, "/wave") + ": " + cell(gate, "/verdict") + ", " + cell(gate, "/reason")
                + "  (" + cell(gate, "/at") + ")");
        gate.path("metrics")
                .forEach(metric -> out.println("  " + cell(metric, "/metric") + ": " + cell(metric, "/verdict") + ", "
                        + cell(metric, "/reason")));
    }

    private static String winner(String word) {
        return switch (word) {
            case "this" -> "this one goes first";
            case "supersedes" -> "this one takes its place";
            case "superseded" -> "that one brings a later release and goes in its place";
            default -> "that one goes first";
        };
    }

    static void plan(PrintWriter out, JsonNode plan) {
        out.println(cell(plan, "/eligible") + " devices eligible, canary in region " + cell(plan, "/canaryRegion"));
        ServerOptions.table(
                out,
                List.of("WAVE", "DEVICES", "CONTROL"),
                plan.path("waves"),
                wave -> List.of(cell(wave, "/index"), cell(wave, "/size"), cell(wave, "/control")));
        plan.path("excluded")
                .properties()
                .forEach(entry -> out.println("left out: " + entry.getValue() + " " + entry.getKey()));
        JsonNode ratio = plan.path("detectableRatio");
        out.println(
                ratio.isNumber()
                        ? String.format(
                                Locale.ROOT,
                                "the canary finds a crash ratio of %.1f or more (asked for: %s)",
                                ratio.asDouble(),
                                cell(plan, "/spec/gate/maxRatio"))
                        : "the canary cannot find any crash ratio");
        if (!plan.path("ratioMet").asBoolean()) {
            out.println(
                    "so its gate will end HELD, for a human to decide, unless the fleet crashes more than expected");
        }
        if (plan.hasNonNull("detects")) {
            out.println(plan.path("detects").asText());
            out.println("takes " + cell(plan, "/duration/earliest") + " if nobody waits, at most "
                    + cell(plan, "/duration/latest"));
        }
        plan.path("conflicts")
                .forEach(conflict -> out.println("also in campaign " + cell(conflict, "/campaign") + ": "
                        + (conflict.path("exact").asBoolean() ? "" : "about ") + cell(conflict, "/devices")
                        + " devices; " + winner(cell(conflict, "/winner"))));
        plan.path("warnings").forEach(warning -> out.println("warning: " + warning.asText()));
        plan.path("notes").forEach(note -> out.println("note: " + note.asText()));
    }

    private static String actions(JsonNode campaign) {
        List<String> actions = new ArrayList<>();
        campaign.path("allowedActions").forEach(action -> actions.add(action.asText()));
        return actions.isEmpty() ? "nothing, it has ended" : String.join(", ", actions);
    }
}
