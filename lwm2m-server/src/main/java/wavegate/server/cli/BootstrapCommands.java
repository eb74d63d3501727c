package wavegate.server.cli;

import static wavegate.server.cli.ServerOptions.cell;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What stands under {@code wavegate bootstrap} besides running it: a bootstrap server inside a running server, and what one by itself did. */
final class BootstrapCommands {
    private BootstrapCommands() {}

    static CommandLine addTo(CommandLine bootstrap) {
        return bootstrap
                .addSubcommand(new Status())
                .addSubcommand(new Devices())
                .addSubcommand(new Add())
                .addSubcommand(new Remove())
                .addSubcommand(new Move())
                .addSubcommand(new Rotate())
                .addSubcommand(new Progress())
                .addSubcommand(new BootstrapAuditCommand());
    }

    @Command(
            name = "status",
            mixinStandardHelpOptions = true,
            description = "Sessions, shards and rules of the bootstrap server in a running server.")
    static final class Status implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Override
        public Integer call() {
            JsonNode status = server.calls().get("/bootstrap");
            return server.print(status, out -> {
                out.println("devices " + status.path("devices") + ", open sessions " + status.path("openSessions"));
                status.path("counters")
                        .properties()
                        .forEach(counter -> out.println("  " + counter.getKey() + " " + counter.getValue()));
                ServerOptions.table(
                        out,
                        List.of("SHARD", "URI", "WEIGHT"),
                        status.path("shards"),
                        row -> List.of(cell(row, "/name"), cell(row, "/uri"), cell(row, "/weight")));
            });
        }
    }

    @Command(name = "devices", mixinStandardHelpOptions = true, description = "Lists devices that may bootstrap.")
    static final class Devices implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "Default: ${DEFAULT-VALUE}.")
        private int limit = 100;

        @Override
        public Integer call() {
            ObjectNode all = DeviceCommands.collect(server.calls(), "/bootstrap/devices", "", limit);
            return server.print(
                    all,
                    out -> ServerOptions.table(
                            out,
                            List.of("ENDPOINT", "KEYS", "SHARD", "BY", "SINGLE USE", "ORIGIN", "LAST"),
                            all.path("items"),
                            row -> List.of(
                                    cell(row, "/endpoint"),
                                    cell(row, "/keys"),
                                    cell(row, "/shard"),
                                    cell(row, "/shardBy"),
                                    cell(row, "/singleUse"),
                                    cell(row, "/origin"),
                                    cell(row, "/last/at"))));
        }
    }

    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            description = "Lets a device bootstrap, or changes what it is given.")
    static final class Add implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "ENDPOINT", description = "Its endpoint client name.")
        private String endpoint = "";

        @Option(names = "--keys", paramLabel = "KIND", defaultValue = "psk", description = "psk, rpk, x509 or oscore.")
        private String keys = "psk";

        @Option(
                names = "--shard",
                paramLabel = "NAME",
                description = "A server by the name of its shard; several for several servers. Default: the one it"
                        + " belongs to.")
        private List<String> shards = List.of();

        @Option(names = "--lifetime", paramLabel = "SECONDS", description = "Registration lifetime.")
        private @Nullable Integer lifetime;

        @Option(names = "--single-use", description = "Its bootstrap credential opens one session.")
        private boolean singleUse;

        @Option(names = "--label", paramLabel = "NAME=VALUE", description = "For people and filters.")
        private Map<String, String> labels = Map.of();

        @Override
        public Integer call() {
            ObjectNode order = JsonNodeFactory.instance.objectNode();
            order.put("keys", keys).put("singleUse", singleUse);
            if (lifetime != null) {
                order.put("lifetime", lifetime);
            }
            if (!shards.isEmpty()) {
                var servers = order.putArray("servers");
                shards.forEach(shard -> servers.addObject().put("shard", shard));
            }
            ObjectNode named = order.putObject("labels");
            labels.forEach(named::put);
            JsonNode made = server.calls().put(path(endpoint), order);
            return server.print(
                    made,
                    out -> out.println(
                            cell(made, "/endpoint") + ": may bootstrap, belongs to shard " + cell(made, "/shard")));
        }
    }

    @Command(name = "remove", mixinStandardHelpOptions = true, description = "Takes a device's account away.")
    static final class Remove implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "ENDPOINT", description = "Its endpoint client name.")
        private String endpoint = "";

        @Override
        public Integer call() {
            server.calls().delete(path(endpoint));
            return server.print(
                    JsonNodeFactory.instance.objectNode(),
                    out -> out.println(endpoint + ": may not bootstrap by itself"));
        }
    }

    @Command(
            name = "move",
            mixinStandardHelpOptions = true,
            description = "Sends a device to a shard by name, from its next bootstrap on; without a shard, back to"
                    + " where consistent hashing puts it.")
    static final class Move implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(index = "0", paramLabel = "ENDPOINT", description = "Its endpoint client name.")
        private String endpoint = "";

        @Parameters(index = "1", arity = "0..1", paramLabel = "SHARD", description = "Name of a shard.")
        private @Nullable String shard;

        @Override
        public Integer call() {
            String path = "/bootstrap/overrides/" + ServerCalls.encode(endpoint);
            if (shard == null) {
                server.calls().delete(path);
                return server.print(
                        JsonNodeFactory.instance.objectNode(),
                        out -> out.println(endpoint + ": where consistent hashing puts it"));
            }
            JsonNode done = server.calls()
                    .put(path, JsonNodeFactory.instance.objectNode().put("shard", shard));
            return server.print(done, out -> out.println(endpoint + ": to shard " + cell(done, "/shard")));
        }
    }

    @Command(
            name = "rotate",
            mixinStandardHelpOptions = true,
            description = "Has registered devices bootstrap again and be given new credentials, so many a minute.")
    static final class Rotate implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Option(
                names = "--per-minute",
                required = true,
                paramLabel = "N",
                description = "Most devices asked in a minute.")
        private int perMinute;

        @Option(names = "--region", paramLabel = "NAME", description = "Only devices in this region.")
        private List<String> regions = List.of();

        @Option(names = "--tag", paramLabel = "TAG", description = "Every tag named must be on the device.")
        private List<String> tags = List.of();

        @Option(names = "--deadline", paramLabel = "DURATION", description = "When to give up. Default: 7d.")
        private String deadline = "";

        @Override
        public Integer call() {
            ObjectNode order = JsonNodeFactory.instance.objectNode().put("perMinute", perMinute);
            ObjectNode filter = order.putObject("filter");
            regions.forEach(filter.putArray("regions")::add);
            tags.forEach(filter.putArray("tags")::add);
            if (!deadline.isEmpty()) {
                order.put("deadline", deadline);
            }
            JsonNode made = server.calls().post("/credential-rotations", order);
            return server.print(made, out -> line(out, made));
        }
    }

    @Command(
            name = "rotations",
            mixinStandardHelpOptions = true,
            description = "Lists credential rotations and how far they are, or stops one.")
    static final class Progress implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Option(names = "--abort", paramLabel = "ID", description = "Triggers no further device of it.")
        private String abort = "";

        @Override
        public Integer call() {
            if (!abort.isEmpty()) {
                JsonNode done = server.calls()
                        .post(
                                "/credential-rotations/" + ServerCalls.encode(abort) + "/actions/abort",
                                JsonNodeFactory.instance.objectNode());
                return server.print(done, out -> line(out, done));
            }
            JsonNode all = server.calls().get("/credential-rotations");
            return server.print(all, out -> all.path("items").forEach(item -> line(out, item)));
        }
    }

    private static void line(PrintWriter out, JsonNode rotation) {
        out.println(cell(rotation, "/id") + "  " + cell(rotation, "/state") + "  " + cell(rotation, "/done") + " of "
                + cell(rotation, "/devices") + " done, " + cell(rotation, "/triggered") + " triggers");
    }

    private static String path(String endpoint) {
        return "/bootstrap/devices/" + ServerCalls.encode(endpoint);
    }
}
