package wavegate.server.cli;

import static wavegate.server.cli.ServerOptions.cell;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code wavegate token}. */
@Command(
        name = "token",
        description = "Tokens of the API: who may call it, and what.",
        subcommands = {
            TokenCommands.Create.class,
            TokenCommands.ListAll.class,
            TokenCommands.Rotate.class,
            TokenCommands.Revoke.class
        })
final class TokenCommands extends Group {
    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = "Makes a token and prints it, this once.",
            footer = {
                "viewer reads; operator also labels, uploads, drafts, pauses, aborts and kills;",
                "approver also starts, decides and lifts; admin also gives out tokens."
            })
    static final class Create implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Option(
                names = "--role",
                required = true,
                paramLabel = "ROLE",
                description = "viewer, operator, approver or admin.")
        private String role = "";

        @Option(
                names = "--expires-in",
                paramLabel = "DURATION",
                description = "Such as 90d; without it the token does not end by itself.")
        private String expiresIn = "";

        @Parameters(paramLabel = "NAME", description = "What it is for.")
        private String name = "";

        @Override
        public Integer call() {
            ObjectNode order = JsonNodeFactory.instance.objectNode();
            order.put("name", name).put("role", role);
            if (!expiresIn.isEmpty()) {
                order.put("expiresIn", expiresIn);
            }
            JsonNode made = server.calls().post("/tokens", order);
            return server.print(made, out -> shown(out, made));
        }
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists tokens without their secrets.")
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Override
        public Integer call() {
            JsonNode all = server.calls().get("/tokens");
            return server.print(
                    all,
                    out -> ServerOptions.table(
                            out,
                            List.of("ID", "NAME", "ROLE", "ROTATED", "EXPIRES", "STATE"),
                            all.path("items"),
                            row -> List.of(
                                    cell(row, "/id"),
                                    cell(row, "/name"),
                                    cell(row, "/role"),
                                    cell(row, "/rotated"),
                                    cell(row, "/expires"),
                                    state(row))));
        }

        private static String state(JsonNode row) {
            if (row.path("valid").asBoolean()) {
                return "valid";
            }
            return row.path("revoked").isNull() ? "expired" : "revoked";
        }
    }

    @Command(
            name = "rotate",
            mixinStandardHelpOptions = true,
            description = "Gives a token another secret and prints it, this once.")
    static final class Rotate implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Option(
                names = "--grace",
                paramLabel = "DURATION",
                description = "How long the old secret is still taken, at most 7d; without it not at all.")
        private String grace = "";

        @Parameters(paramLabel = "ID", description = "Its id.")
        private String id = "";

        @Override
        public Integer call() {
            ObjectNode order = JsonNodeFactory.instance.objectNode();
            if (!grace.isEmpty()) {
                order.put("grace", grace);
            }
            JsonNode made = server.calls().post("/tokens/" + ServerCalls.encode(id) + "/actions/rotate", order);
            return server.print(made, out -> shown(out, made));
        }
    }

    @Command(name = "revoke", mixinStandardHelpOptions = true, description = "Ends a token at once.")
    static final class Revoke implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "ID", description = "Its id.")
        private String id = "";

        @Override
        public Integer call() {
            server.calls().delete("/tokens/" + ServerCalls.encode(id));
            return server.print(
                    JsonNodeFactory.instance.objectNode().put("revoked", id), out -> out.println("revoked: " + id));
        }
    }

    private static void shown(PrintWriter out, JsonNode made) {
        out.println("token (shown this once): " + cell(made, "/token"));
        out.println(
                "id " + cell(made, "/id") + ", role " + cell(made, "/role") + ", expires " + cell(made, "/expires"));
    }
}
