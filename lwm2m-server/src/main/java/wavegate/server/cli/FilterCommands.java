package wavegate.server.cli;

import static wavegate.server.cli.ServerOptions.cell;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code wavegate filter}. */
@Command(
        name = "filter",
        description = "Saved filters over devices, in RSQL.",
        subcommands = {FilterCommands.ListAll.class, FilterCommands.Save.class, FilterCommands.Remove.class})
final class FilterCommands extends Group {
    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists saved filters.")
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Override
        public Integer call() {
            JsonNode list = server.calls().get("/filters");
            return server.print(
                    list,
                    out -> ServerOptions.table(
                            out,
                            List.of("NAME", "FILTER"),
                            list.path("items"),
                            row -> List.of(cell(row, "/name"), cell(row, "/filter"))));
        }
    }

    @Command(name = "save", mixinStandardHelpOptions = true, description = "Saves a filter, or changes one.")
    static final class Save implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(index = "0", paramLabel = "NAME", description = "Its name.")
        private String name = "";

        @Parameters(index = "1", paramLabel = "RSQL", description = "Such as \"firmware<1.4;battery>=40\".")
        private String filter = "";

        @Override
        public Integer call() {
            JsonNode saved = server.calls()
                    .put(path(name), JsonNodeFactory.instance.objectNode().put("filter", filter));
            return server.print(saved, out -> out.println(cell(saved, "/name") + "  " + cell(saved, "/filter")));
        }
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description = "Removes a filter. Campaigns that were made with it keep what it said.")
    static final class Remove implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "NAME", description = "Its name.")
        private String name = "";

        @Override
        public Integer call() {
            server.calls().delete(path(name));
            return server.print(
                    JsonNodeFactory.instance.objectNode().put("removed", name), out -> out.println(name + " removed"));
        }
    }

    private static String path(String name) {
        return "/filters/" + ServerCalls.encode(name);
    }
}
