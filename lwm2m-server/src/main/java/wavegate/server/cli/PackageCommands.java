package wavegate.server.cli;

import static wavegate.server.cli.ServerOptions.cell;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code wavegate package}. */
@Command(
        name = "package",
        description = "Signed firmware packages.",
        subcommands = {
            PackageCommands.Upload.class,
            PackageCommands.MakeDelta.class,
            PackageCommands.ListAll.class,
            PackageCommands.Revoke.class
        })
final class PackageCommands extends Group {
    @Command(
            name = "upload",
            mixinStandardHelpOptions = true,
            description = "Uploads a signed envelope (.wgp). The server checks its signature before it keeps it.")
    static final class Upload implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "FILE", description = "Made by: wavegate package sign.")
        private Path file = Path.of("");

        @Override
        public Integer call() {
            JsonNode made = server.calls().upload("/packages", file);
            return server.print(
                    made,
                    out -> out.println(cell(made, "/id") + "  " + cell(made, "/name") + " " + cell(made, "/version")
                            + "  " + cell(made, "/sizeBytes") + " bytes, signed by key " + cell(made, "/keyId")));
        }
    }

    @Command(
            name = "delta",
            mixinStandardHelpOptions = true,
            description = {
                "Makes a delta (bsdiff) from the image of one package to that of a later one of the same name, and checks it by applying it.",
                "Devices tagged delta:bsdiff that run the first get it; the whole image follows where it fails."
            })
    static final class MakeDelta implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(index = "0", paramLabel = "FROM", description = "Id of the package that devices run.")
        private String from = "";

        @Parameters(index = "1", paramLabel = "TO", description = "Id of the package they are to run.")
        private String to = "";

        @Option(names = "--file", paramLabel = "FILE", description = "Upload this one, made elsewhere, instead.")
        private @Nullable Path file;

        @Override
        public Integer call() {
            String path = "/packages/" + ServerCalls.encode(to) + "/deltas";
            JsonNode grown = file == null
                    ? server.calls()
                            .post(path, JsonNodeFactory.instance.objectNode().put("from", from))
                    : server.calls().upload("PUT", path + "/" + ServerCalls.encode(from), file);
            return server.print(
                    grown,
                    out -> ServerOptions.table(
                            out,
                            List.of("FROM", "FORMAT", "BYTES", "OF IMAGE"),
                            grown.path("deltas"),
                            row -> List.of(
                                    cell(row, "/from"),
                                    cell(row, "/format"),
                                    cell(row, "/sizeBytes"),
                                    String.format(
                                            Locale.ROOT,
                                            "%.1f %%",
                                            100.0
                                                    * row.path("sizeBytes").asLong()
                                                    / grown.path("sizeBytes").asLong()))));
        }
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists packages, newest first.")
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Override
        public Integer call() {
            JsonNode list = server.calls().get("/packages");
            return server.print(
                    list,
                    out -> ServerOptions.table(
                            out,
                            List.of("ID", "NAME", "VERSION", "FOR", "BYTES", "KEY", "UPLOADED", "REVOKED"),
                            list.path("items"),
                            row -> List.of(
                                    cell(row, "/id"),
                                    cell(row, "/name"),
                                    cell(row, "/version"),
                                    cell(row, "/manufacturer") + "/" + cell(row, "/model") + "/"
                                            + cell(row, "/hardware"),
                                    cell(row, "/sizeBytes"),
                                    cell(row, "/keyId"),
                                    cell(row, "/uploadedAt"),
                                    row.path("revoked").asBoolean() ? "yes" : "no")));
        }
    }

    @Command(
            name = "revoke",
            mixinStandardHelpOptions = true,
            description = "Never dispatches a package again; campaigns that use it pause.")
    static final class Revoke implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "ID", description = "The package.")
        private String id = "";

        @Override
        public Integer call() {
            JsonNode done = server.calls()
                    .post(
                            "/packages/" + ServerCalls.encode(id) + "/actions/revoke",
                            JsonNodeFactory.instance.objectNode());
            return server.print(done, out -> out.println(cell(done, "/id") + " revoked"));
        }
    }
}
