package wavegate.server.cli;

import static wavegate.server.cli.ServerOptions.cell;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code wavegate device}. */
@Command(
        name = "device",
        description = "Devices of the fleet.",
        subcommands = {
            DeviceCommands.ListSome.class,
            DeviceCommands.Show.class,
            DeviceCommands.Label.class,
            DeviceCommands.Remove.class,
            DeviceCommands.Wake.class,
            DeviceCommands.Bootstrap.class,
            DeviceCommands.Telemetry.class,
            DeviceCommands.Updates.class
        })
final class DeviceCommands extends Group {
    private static final int PAGE = 1000;

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists devices. An option given several times admits any of its values.")
    static final class ListSome implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Option(
                names = "--filter",
                paramLabel = "RSQL",
                description = "Only devices that match, such as \"firmware<1.4;(battery>=40,tag==mains)\".")
        private @Nullable String filter;

        @Option(names = "--saved-filter", paramLabel = "NAME", description = "Only devices that match a saved filter.")
        private @Nullable String savedFilter;

        @Option(names = "--region", paramLabel = "NAME", description = "Only devices in this region.")
        private List<String> regions = List.of();

        @Option(names = "--carrier", paramLabel = "NAME", description = "Only devices of this carrier.")
        private List<String> carriers = List.of();

        @Option(names = "--tag", paramLabel = "TAG", description = "Every tag named must be on the device.")
        private List<String> tags = List.of();

        @Option(names = "--model", paramLabel = "NAME", description = "Only devices of this model.")
        private List<String> models = List.of();

        @Option(names = "--firmware", paramLabel = "VERSION", description = "Only devices that run this.")
        private List<String> versions = List.of();

        @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "Default: ${DEFAULT-VALUE}.")
        private int limit = 100;

        @Override
        public Integer call() {
            StringBuilder query = new StringBuilder();
            add(query, "filter", filter == null ? List.of() : List.of(filter));
            add(query, "saved", savedFilter == null ? List.of() : List.of(savedFilter));
            add(query, "region", regions);
            add(query, "carrier", carriers);
            add(query, "tag", tags);
            add(query, "model", models);
            add(query, "version", versions);
            ObjectNode all = collect(server.calls(), "/devices", query.toString(), limit);
            return server.print(
                    all,
                    out -> ServerOptions.table(
                            out,
                            List.of("ENDPOINT", "MODEL", "HARDWARE", "FIRMWARE", "REGION", "CARRIER", "REGISTERED"),
                            all.path("items"),
                            row -> List.of(
                                    cell(row, "/endpoint"),
                                    cell(row, "/model"),
                                    cell(row, "/hardware"),
                                    cell(row, "/firmware"),
                                    cell(row, "/labels/region"),
                                    cell(row, "/labels/carrier"),
                                    row.path("session").isNull() ? "no" : cell(row, "/session/address"))));
        }
    }

    @Command(name = "show", mixinStandardHelpOptions = true, description = "Shows a device and its registration.")
    static final class Show implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "ENDPOINT", description = "Its endpoint client name.")
        private String endpoint = "";

        @Override
        public Integer call() {
            JsonNode device = server.calls().get(path(endpoint));
            return server.print(device, out -> out.println(device.toPrettyString()));
        }
    }

    @Command(
            name = "label",
            mixinStandardHelpOptions = true,
            description = "Sets the operator's labels, which outrank the device's own. \"\" takes one back.")
    static final class Label implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "ENDPOINT", description = "Its endpoint client name.")
        private String endpoint = "";

        @Option(names = "--region", paramLabel = "NAME", description = "Where it is.")
        private @Nullable String region;

        @Option(names = "--carrier", paramLabel = "NAME", description = "Whose network it uses.")
        private @Nullable String carrier;

        @Option(
                names = "--client-profile",
                paramLabel = "NAME",
                description = "What client it runs, such as zephyr; device show says what it is taken for.")
        private @Nullable String clientProfile;

        @Option(names = "--tags", paramLabel = "TAG", split = ",", description = "All tags, with commas between.")
        private @Nullable List<String> tags;

        @Override
        public Integer call() {
            ObjectNode patch = JsonNodeFactory.instance.objectNode();
            if (region != null) {
                patch.put("region", region);
            }
            if (carrier != null) {
                patch.put("carrier", carrier);
            }
            if (clientProfile != null) {
                patch.put("clientProfile", clientProfile);
            }
            if (tags != null) {
                ArrayNode list = patch.putArray("tags");
                tags.stream().filter(tag -> !tag.isEmpty()).forEach(list::add);
            }
            JsonNode device = server.calls().patch(path(endpoint), patch);
            return server.print(
                    device,
                    out -> out.println(cell(device, "/endpoint") + "  region=" + cell(device, "/labels/region")
                            + " carrier=" + cell(device, "/labels/carrier") + " tags="
                            + texts(device.at("/labels/tags")) + " client-profile="
                            + cell(device, "/client/profile")));
        }
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description = "Takes a device out of the fleet. One that registers again under its name is new.")
    static final class Remove implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "ENDPOINT", description = "Its endpoint client name.")
        private String endpoint = "";

        @Option(names = "--credentials", description = "Revoke its credentials, too.")
        private boolean credentials;

        @Override
        public Integer call() {
            server.calls().delete(path(endpoint) + (credentials ? "?credentials=true" : ""));
            return server.print(
                    JsonNodeFactory.instance.objectNode().put("removed", endpoint),
                    out -> out.println(endpoint + " removed"));
        }
    }

    @Command(
            name = "wake",
            mixinStandardHelpOptions = true,
            description = "Asks a registered device for a Registration Update (/1/x/8).")
    static final class Wake implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "ENDPOINT", description = "Its endpoint client name.")
        private String endpoint = "";

        @Override
        public Integer call() {
            JsonNode device =
                    server.calls().post(path(endpoint) + "/actions/wake", JsonNodeFactory.instance.objectNode());
            return server.print(device, out -> out.println(ServerOptions.cell(device, "/endpoint") + ": trigger sent"));
        }
    }

    @Command(
            name = "bootstrap",
            mixinStandardHelpOptions = true,
            description = "Asks a registered device to bootstrap again (/1/x/9).")
    static final class Bootstrap implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "ENDPOINT", description = "Its endpoint client name.")
        private String endpoint = "";

        @Override
        public Integer call() {
            JsonNode device =
                    server.calls().post(path(endpoint) + "/actions/bootstrap", JsonNodeFactory.instance.objectNode());
            return server.print(device, out -> out.println(ServerOptions.cell(device, "/endpoint") + ": trigger sent"));
        }
    }

    @Command(name = "telemetry", mixinStandardHelpOptions = true, description = "Shows a device's health reports.")
    static final class Telemetry implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "ENDPOINT", description = "Its endpoint client name.")
        private String endpoint = "";

        @Option(names = "--limit", paramLabel = "N", defaultValue = "20", description = "Default: ${DEFAULT-VALUE}.")
        private int limit = 20;

        @Override
        public Integer call() {
            JsonNode list = server.calls().get(path(endpoint) + "/telemetry?limit=" + limit);
            return server.print(list, out -> list.path("items").forEach(report -> {
                StringBuilder line = new StringBuilder(cell(report, "/deviceTime"));
                report.path("values").properties().forEach(value -> line.append("  ")
                        .append(value.getKey())
                        .append('=')
                        .append(value.getValue().asText()));
                out.println(line);
            }));
        }
    }

    @Command(name = "updates", mixinStandardHelpOptions = true, description = "Shows a device's updates.")
    static final class Updates implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "ENDPOINT", description = "Its endpoint client name.")
        private String endpoint = "";

        @Option(names = "--limit", paramLabel = "N", defaultValue = "20", description = "Default: ${DEFAULT-VALUE}.")
        private int limit = 20;

        @Override
        public Integer call() {
            JsonNode list = server.calls().get(path(endpoint) + "/updates?limit=" + limit);
            return server.print(list, out -> updateTable(out, list.path("items")));
        }
    }

    static void updateTable(PrintWriter out, JsonNode items) {
        ServerOptions.table(
                out,
                List.of("CAMPAIGN", "ENDPOINT", "WAVE", "PHASE", "DETAIL", "FROM", "TO", "ATTEMPT", "RESULT", "SINCE"),
                items,
                row -> List.of(
                        cell(row, "/campaign"),
                        cell(row, "/endpoint"),
                        cell(row, "/wave"),
                        cell(row, "/phase"),
                        cell(row, "/detail") + (row.path("note").asText("").isEmpty() ? "" : ": " + cell(row, "/note")),
                        cell(row, "/from"),
                        cell(row, "/target"),
                        cell(row, "/attempt"),
                        cell(row, "/lastResultName"),
                        cell(row, "/since")));
    }

    /** Follows cursors until {@code limit} items are there. */
    static ObjectNode collect(ServerCalls calls, String path, String query, int limit) {
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        ArrayNode items = all.putArray("items");
        String cursor = "";
        do {
            int ask = Math.max(1, Math.min(PAGE, limit - items.size()));
            JsonNode page = calls.get(
                    path + "?limit=" + ask + query + (cursor.isEmpty() ? "" : "&cursor=" + ServerCalls.encode(cursor)));
            page.path("items").forEach(items::add);
            cursor = page.path("next").asText("");
        } while (!cursor.isEmpty() && items.size() < limit);
        all.put("next", cursor);
        return all;
    }

    static void add(StringBuilder query, String name, List<String> values) {
        values.forEach(value -> query.append('&').append(name).append('=').append(ServerCalls.encode(value)));
    }

    private static String path(String endpoint) {
        return "/devices/" + ServerCalls.encode(endpoint);
    }

    private static String texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(item -> texts.add(item.asText()));
        return texts.isEmpty() ? "-" : String.join(",", texts);
    }
}
