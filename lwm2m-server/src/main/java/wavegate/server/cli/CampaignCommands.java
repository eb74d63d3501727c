package wavegate.server.cli;

import static wavegate.server.cli.ServerOptions.cell;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code wavegate campaign}. */
@Command(
        name = "campaign",
        description = "Campaigns: a package, a part of the fleet, waves and gates.",
        subcommands = {
            CampaignCommands.Preview.class,
            CampaignCommands.Create.class,
            CampaignCommands.Start.class,
            CampaignCommands.Submit.class,
            CampaignCommands.Approve.class,
            CampaignCommands.Reject.class,
            CampaignCommands.Rollback.class,
            CampaignCommands.Pause.class,
            CampaignCommands.Resume.class,
            CampaignCommands.Abort.class,
            CampaignCommands.Status.class,
            CampaignCommands.Updates.class,
            CampaignUpdateCommands.Retry.class,
            CampaignUpdateCommands.Cancel.class,
            CampaignCommands.Gates.class,
            CampaignCommands.Decide.class,
            CampaignCommands.ListAll.class
        })
final class CampaignCommands extends Group {
    @Command(
            name = "preview",
            mixinStandardHelpOptions = true,
            description = "Shows waves, exclusions and what the canary can see. Changes nothing.")
    static final class Preview implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Mixin
        private CampaignOrder order = new CampaignOrder();

        @Override
        public Integer call() {
            JsonNode plan = server.calls().post("/campaigns/actions/preview", order.json());
            return server.print(plan, out -> CampaignText.plan(out, plan));
        }
    }

    @Command(name = "create", mixinStandardHelpOptions = true, description = "Drafts a campaign.")
    static final class Create implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Mixin
        private CampaignOrder order = new CampaignOrder();

        @Option(names = "--start", description = "And start it.")
        private boolean start;

        @Override
        public Integer call() {
            ServerCalls calls = server.calls();
            JsonNode made = calls.post("/campaigns", order.json());
            JsonNode shown = start
                    ? calls.post(
                            "/campaigns/" + made.path("id").asText() + "/actions/start",
                            JsonNodeFactory.instance.objectNode())
                    : made;
            return server.print(shown, out -> CampaignText.campaign(out, shown));
        }
    }

    /** An order to one campaign. */
    abstract static class Act implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(index = "0", paramLabel = "ID", description = "The campaign.")
        private String id = "";

        int act(String action, ObjectNode body) {
            JsonNode campaign = server.calls().post("/campaigns/" + ServerCalls.encode(id) + action, body);
            return server.print(campaign, out -> CampaignText.campaign(out, campaign));
        }

        static ObjectNode nothing() {
            return JsonNodeFactory.instance.objectNode();
        }
    }

    /** An order that must be given a reason. */
    abstract static class ActWithReason extends Act {
        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why; it goes into the ledger.")
        private String reason = "";

        ObjectNode why() {
            return nothing().put("reason", reason);
        }
    }

    @Command(
            name = "start",
            mixinStandardHelpOptions = true,
            description = "Fixes the membership and begins with the pre-window.")
    static final class Start extends Act {
        @Override
        public Integer call() {
            return act("/actions/start", nothing());
        }
    }

    @Command(name = "submit", mixinStandardHelpOptions = true, description = "Asks others to agree to a draft.")
    static final class Submit extends Act {
        @Override
        public Integer call() {
            return act("/actions/submit", nothing());
        }
    }

    @Command(
            name = "approve",
            mixinStandardHelpOptions = true,
            description = "Agrees to a submitted campaign somebody else wrote.")
    static final class Approve extends ActWithReason {
        @Override
        public Integer call() {
            return act("/actions/approve", why());
        }
    }

    @Command(
            name = "reject",
            mixinStandardHelpOptions = true,
            description = "Makes a submitted campaign a draft again.")
    static final class Reject extends ActWithReason {
        @Override
        public Integer call() {
            return act("/actions/reject", why());
        }
    }

    @Command(
            name = "rollback",
            mixinStandardHelpOptions = true,
            description = "Takes back what a campaign updated, by a campaign of its own; shows that one.")
    static final class Rollback extends ActWithReason {
        @Option(
                names = "--package",
                defaultValue = "",
                paramLabel = "ID",
                description = "The package to go back to; the release before otherwise.")
        private String packageId = "";

        @Override
        public Integer call() {
            ObjectNode body = why();
            if (!packageId.isEmpty()) {
                body.put("package", packageId);
            }
            return act("/actions/rollback", body);
        }
    }

    @Command(name = "pause", mixinStandardHelpOptions = true, description = "Begins nothing more until it is resumed.")
    static final class Pause extends ActWithReason {
        @Override
        public Integer call() {
            return act("/actions/pause", why());
        }
    }

    @Command(name = "resume", mixinStandardHelpOptions = true, description = "Goes on where it was paused.")
    static final class Resume extends Act {
        @Override
        public Integer call() {
            return act("/actions/resume", nothing());
        }
    }

    @Command(name = "abort", mixinStandardHelpOptions = true, description = "Calls off what has not been executed.")
    static final class Abort extends ActWithReason {
        @Override
        public Integer call() {
            return act("/actions/abort", why());
        }
    }

    @Command(name = "decide", mixinStandardHelpOptions = true, description = "Decides a wave that is HELD.")
    static final class Decide extends ActWithReason {
        @Parameters(index = "1", paramLabel = "WAVE", description = "0 is the canary.")
        private int wave;

        @Parameters(index = "2", paramLabel = "pass|fail|extend", description = "The verdict; extend: another soak.")
        private String verdict = "";

        @Override
        public Integer call() {
            return act("/waves/" + wave + "/actions/decide", why().put("verdict", verdict));
        }
    }

    @Command(
            name = "status",
            mixinStandardHelpOptions = true,
            description = "Shows a campaign.",
            footer = "With --watch, exit code 0 means COMPLETED and 1 any other end.")
    static final class Status implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "ID", description = "The campaign.")
        private String id = "";

        @Option(names = "--watch", description = "Show it again whenever it changes, until it has ended.")
        private boolean watch;

        @Override
        public Integer call() {
            JsonNode campaign = server.calls().get("/campaigns/" + ServerCalls.encode(id));
            return watch ? watch() : server.print(campaign, out -> CampaignText.campaign(out, campaign));
        }

        private int watch() {
            try (Stream<ServerCalls.Event> events = server.calls().events()) {
                Iterator<ServerCalls.Event> each = events.iterator();
                while (each.hasNext()) {
                    ServerCalls.Event event = each.next();
                    if (!event.type().equals("campaign")
                            || !cell(event.data(), "/id").equals(id)) {
                        continue;
                    }
                    if (server.json()) {
                        server.out().println(event.data());
                        server.out().flush();
                    } else {
                        server.print(event.data(), out -> {
                            CampaignText.campaign(out, event.data());
                            out.println();
                        });
                    }
                    if (!cell(event.data(), "/endedAt").equals("-")) {
                        return cell(event.data(), "/phase").equals("COMPLETED") ? ExitCode.OK : ExitCode.FAILED;
                    }
                }
            }
            throw new CallFailed(ExitCode.UNREACHABLE, "the server ended the event stream");
        }
    }

    @Command(name = "updates", mixinStandardHelpOptions = true, description = "Lists a campaign's updates.")
    static final class Updates implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "ID", description = "The campaign.")
        private String id = "";

        @Option(names = "--phase", paramLabel = "PHASE", description = "Like FAILED; may be repeated.")
        private List<String> phases = List.of();

        @Option(names = "--detail", paramLabel = "DETAIL", description = "Like integrity; may be repeated.")
        private List<String> details = List.of();

        @Option(names = "--wave", paramLabel = "N", description = "Only this wave.")
        private List<String> waves = List.of();

        @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "Default: ${DEFAULT-VALUE}.")
        private int limit = 100;

        @Override
        public Integer call() {
            StringBuilder query = new StringBuilder();
            DeviceCommands.add(query, "phase", phases);
            DeviceCommands.add(query, "detail", details);
            DeviceCommands.add(query, "wave", waves);
            ObjectNode all = DeviceCommands.collect(
                    server.calls(), "/campaigns/" + ServerCalls.encode(id) + "/updates", query.toString(), limit);
            return server.print(all, out -> DeviceCommands.updateTable(out, all.path("items")));
        }
    }

    @Command(name = "gates", mixinStandardHelpOptions = true, description = "Lists a campaign's gate decisions.")
    static final class Gates implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "ID", description = "The campaign.")
        private String id = "";

        @Option(names = "--limit", paramLabel = "N", defaultValue = "20", description = "Default: ${DEFAULT-VALUE}.")
        private int limit = 20;

        @Option(names = "--members", description = "With each device's evidence (with --json).")
        private boolean members;

        @Override
        public Integer call() {
            JsonNode list = server.calls()
                    .get("/campaigns/" + ServerCalls.encode(id) + "/gates?limit=" + limit + "&members=" + members);
            return server.print(list, out -> list.path("items").forEach(gate -> CampaignText.gate(out, gate)));
        }
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists campaigns, newest first.")
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Override
        public Integer call() {
            JsonNode list = server.calls().get("/campaigns");
            return server.print(
                    list,
                    out -> ServerOptions.table(
                            out,
                            List.of("ID", "NAME", "STATE", "DEVICES", "UPDATED", "CREATED", "WHY"),
                            list.path("items"),
                            row -> List.of(
                                    cell(row, "/id"),
                                    cell(row, "/name"),
                                    cell(row, "/phase"),
                                    cell(row, "/devices"),
                                    String.valueOf(row.at("/phases/SUCCESS").asInt()),
                                    cell(row, "/createdAt"),
                                    cell(row, "/reason"))));
        }
    }
}
