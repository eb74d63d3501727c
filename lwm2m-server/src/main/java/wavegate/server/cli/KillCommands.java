package wavegate.server.cli;

import static wavegate.server.cli.ServerOptions.cell;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code wavegate kill}. */
@Command(
        name = "kill",
        description = "Kill switches: stop everything in a scope at once. They stay in force until they are lifted.",
        subcommands = {
            KillCommands.OfCampaign.class,
            KillCommands.OfPackage.class,
            KillCommands.OfRegion.class,
            KillCommands.OfAll.class,
            KillCommands.ListAll.class,
            KillCommands.Lift.class
        })
final class KillCommands extends Group {
    /** What raising any of them needs. */
    abstract static class Raise implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why; it goes into the ledger.")
        private String reason = "";

        int raise(String scope, String value) {
            ObjectNode order = JsonNodeFactory.instance.objectNode();
            order.put("scope", scope).put("value", value).put("reason", reason);
            JsonNode receipt = server.calls().post("/kill-switches", order);
            return server.print(receipt, out -> {
                out.println("stopped: " + (scope + " " + value).strip() + "  (kill switch "
                        + cell(receipt, "/killSwitch/id") + ")");
                out.println("fence raised  " + cell(receipt, "/fenceRaisedAt"));
                out.println("last dispatch " + cell(receipt, "/lastDispatchAt"));
                out.println("durable       " + cell(receipt, "/acknowledgedAt"));
                out.println(cell(receipt, "/cancelled") + " updates called off, " + cell(receipt, "/leftAlone")
                        + " applying or verifying, left alone");
            });
        }
    }

    @Command(name = "campaign", mixinStandardHelpOptions = true, description = "Stops one campaign.")
    static final class OfCampaign extends Raise {
        @Parameters(paramLabel = "ID", description = "Its id.")
        private String id = "";

        @Override
        public Integer call() {
            return raise("campaign", id);
        }
    }

    @Command(name = "package", mixinStandardHelpOptions = true, description = "Stops every campaign of a package.")
    static final class OfPackage extends Raise {
        @Parameters(paramLabel = "ID", description = "Its id.")
        private String id = "";

        @Override
        public Integer call() {
            return raise("package", id);
        }
    }

    @Command(name = "region", mixinStandardHelpOptions = true, description = "Stops every update in a region.")
    static final class OfRegion extends Raise {
        @Parameters(paramLabel = "NAME", description = "The region label.")
        private String region = "";

        @Override
        public Integer call() {
            return raise("region", region);
        }
    }

    @Command(name = "all", mixinStandardHelpOptions = true, description = "Stops everything.")
    static final class OfAll extends Raise {
        @Override
        public Integer call() {
            return raise("all", "");
        }
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists kill switches in force.")
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Override
        public Integer call() {
            JsonNode list = server.calls().get("/kill-switches");
            return server.print(
                    list,
                    out -> ServerOptions.table(
                            out,
                            List.of("ID", "SCOPE", "VALUE", "SINCE", "BY", "REASON"),
                            list.path("items"),
                            row -> List.of(
                                    cell(row, "/id"),
                                    cell(row, "/scope"),
                                    cell(row, "/value"),
                                    cell(row, "/raisedAt"),
                                    cell(row, "/by"),
                                    cell(row, "/reason"))));
        }
    }

    @Command(
            name = "lift",
            mixinStandardHelpOptions = true,
            description = "Lifts a kill switch. Campaigns it stopped stay paused until they are resumed.")
    static final class Lift implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "ID", description = "Its id.")
        private String id = "";

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why; it goes into the ledger.")
        private String reason = "";

        @Override
        public Integer call() {
            server.calls().delete("/kill-switches/" + ServerCalls.encode(id) + "?reason=" + ServerCalls.encode(reason));
            return server.print(
                    JsonNodeFactory.instance.objectNode().put("lifted", id), out -> out.println(id + " lifted"));
        }
    }
}
