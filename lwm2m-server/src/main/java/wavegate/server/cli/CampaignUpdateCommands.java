package wavegate.server.cli;

import static wavegate.server.cli.ServerOptions.cell;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Single updates of a campaign: {@code wavegate campaign retry, cancel}. */
final class CampaignUpdateCommands {
    private CampaignUpdateCommands() {}

    @Command(
            name = "retry",
            mixinStandardHelpOptions = true,
            description = "Begins another attempt at updates that failed or were lost, or at those named.")
    static final class Retry implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "ID", description = "Its id.")
        private String id = "";

        @Option(
                names = "--ended",
                paramLabel = "END",
                split = ",",
                description = "Only these ends, such as FAILED/stalled, stalled or LOST.")
        private List<String> ends = List.of();

        @Option(names = "--endpoint", paramLabel = "NAME", split = ",", description = "Only these devices.")
        private List<String> endpoints = List.of();

        @Option(names = "--force", description = "Try an image again that is closed for a device; needs --reason.")
        private boolean force;

        @Option(names = "--reason", paramLabel = "TEXT", description = "Why; it goes into the ledger.")
        private @Nullable String reason;

        @Override
        public Integer call() {
            ObjectNode order = JsonNodeFactory.instance.objectNode();
            ends.forEach(order.putArray("reasons")::add);
            endpoints.forEach(order.putArray("endpoints")::add);
            order.put("force", force);
            if (reason != null) {
                order.put("reason", reason);
            }
            JsonNode receipt =
                    server.calls().post("/campaigns/" + ServerCalls.encode(id) + "/updates/actions/retry", order);
            return server.print(receipt, out -> {
                out.println(cell(receipt, "/retried") + " updates have another attempt");
                List<String> left = new ArrayList<>();
                receipt.path("left")
                        .properties()
                        .forEach(each ->
                                left.add(each.getKey() + " " + each.getValue().asText()));
                if (!left.isEmpty()) {
                    out.println("left as they are: " + String.join(", ", left));
                }
                if (receipt.path("more").asInt() > 0) {
                    out.println(cell(receipt, "/more") + " more: ask again");
                }
            });
        }
    }

    @Command(name = "cancel", mixinStandardHelpOptions = true, description = "Calls off the update of one device.")
    static final class Cancel implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(index = "0", paramLabel = "ID", description = "The campaign.")
        private String id = "";

        @Parameters(index = "1", paramLabel = "ENDPOINT", description = "The device.")
        private String endpoint = "";

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why; it goes into the ledger.")
        private String reason = "";

        @Override
        public Integer call() {
            JsonNode update = server.calls()
                    .post(
                            "/campaigns/" + ServerCalls.encode(id) + "/updates/" + ServerCalls.encode(endpoint)
                                    + "/actions/cancel",
                            JsonNodeFactory.instance.objectNode().put("reason", reason));
            return server.print(
                    update,
                    out -> out.println(
                            cell(update, "/endpoint") + "  " + cell(update, "/phase") + "/" + cell(update, "/detail")));
        }
    }
}
