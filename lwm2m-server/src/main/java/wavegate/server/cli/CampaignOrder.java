package wavegate.server.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say what a campaign is: a file, and over it what is given one by one. */
final class CampaignOrder {
    @Option(names = "--package", paramLabel = "ID", description = "Package to roll out.")
    private @Nullable String packageId;

    @Option(names = "--id", paramLabel = "ID", description = "Name of the campaign; the server makes one otherwise.")
    private @Nullable String id;

    @Option(names = "--name", paramLabel = "TEXT", description = "What people call it.")
    private @Nullable String name;

    @Option(
            names = "--region",
            paramLabel = "NAME",
            description = "Only this region; may be repeated, as may those below.")
    private List<String> regions = List.of();

    @Option(names = "--carrier", paramLabel = "NAME", description = "Only devices of this carrier.")
    private List<String> carriers = List.of();

    @Option(names = "--tag", paramLabel = "TAG", description = "Only devices with this tag.")
    private List<String> tags = List.of();

    @Option(names = "--model", paramLabel = "NAME", description = "Only devices of this model.")
    private List<String> models = List.of();

    @Option(names = "--firmware", paramLabel = "VERSION", description = "Only devices that run this version now.")
    private List<String> versions = List.of();

    @Option(
            names = "--filter",
            paramLabel = "RSQL",
            description =
                    "Only devices that match, such as \"firmware<1.4;battery>=40\"; not with --region and the like.")
    private @Nullable String filter;

    @Option(names = "--saved-filter", paramLabel = "NAME", description = "Only devices that match a saved filter too.")
    private @Nullable String savedFilter;

    @Option(names = "--priority", paramLabel = "N", description = "0 to 1000; the higher goes first on a device.")
    private @Nullable Integer priority;

    @Option(names = "--supersedes", paramLabel = "ID", description = "A campaign whose place this one takes.")
    private @Nullable String supersedes;

    @Option(
            names = "--late-joiners",
            negatable = true,
            arity = "0",
            description = "Devices that match later join the last wave, or (--no-late-joiners) do not.")
    private @Nullable Boolean lateJoiners;

    @Option(names = "--file", paramLabel = "FILE", description = "The order as JSON or YAML; options outrank it.")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Any field: --set gate.soak=2h --set waves.shares=[0.1,1] --set inFlight=50.")
    private Map<String, String> fields = new LinkedHashMap<>();

    /** @throws CallFailed with exit code 2 if the file cannot be read or a key leads nowhere */
    ObjectNode json() {
        ObjectNode order = file == null ? JsonNodeFactory.instance.objectNode() : fromFile(file);
        put(order, "id", id);
        put(order, "package", packageId);
        put(order, "name", name);
        put(order, "savedFilter", savedFilter);
        put(order, "supersedes", supersedes);
        if (priority != null) {
            order.put("priority", priority);
        }
        if (lateJoiners != null) {
            order.put("lateJoiners", lateJoiners);
        }
        put(order, "filter", filter);
        filter(order, "regions", regions);
        filter(order, "carriers", carriers);
        filter(order, "tags", tags);
        filter(order, "models", models);
        filter(order, "versions", versions);
        fields.forEach((key, value) -> set(order, key, value));
        return order;
    }

    private static ObjectNode fromFile(Path file) {
        try {
            JsonNode tree = new ObjectMapper(new YAMLFactory()).readTree(file.toFile());
            if (tree instanceof ObjectNode order) {
                return order;
            }
            throw new CallFailed(ExitCode.USAGE, file + ": no object (expected: fields of a campaign)");
        } catch (JsonProcessingException e) {
            throw new CallFailed(ExitCode.USAGE, file + ": neither JSON nor YAML: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new CallFailed(ExitCode.USAGE, file + ": cannot be read");
        }
    }

    private static void put(ObjectNode order, String field, @Nullable String value) {
        if (value != null) {
            order.put(field, value);
        }
    }

    private static void filter(ObjectNode order, String field, List<String> values) {
        if (values.isEmpty()) {
            return;
        }
        if (order.path("filter").isTextual()) {
            throw new CallFailed(
                    ExitCode.USAGE, "filter in RSQL: not with --region, --carrier, --tag, --model or --firmware");
        }
        values.forEach(order.withObject("/filter").putArray(field)::add);
    }

    private static void set(ObjectNode order, String key, String value) {
        String[] path = key.split("\\.", -1);
        ObjectNode at = order;
        for (int i = 0; i < path.length - 1; i++) {
            JsonNode below = at.path(path[i]);
            if (!below.isMissingNode() && !below.isObject()) {
                throw new CallFailed(ExitCode.USAGE, "--set " + key + ": " + path[i] + " is no section");
            }
            at = below.isObject() ? (ObjectNode) below : at.putObject(path[i]);
        }
        at.set(path[path.length - 1], value(value));
    }

    private static JsonNode value(String text) {
        try {
            JsonNode parsed = new ObjectMapper()
                    .enable(com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readTree(text);
            return parsed.isMissingNode() ? JsonNodeFactory.instance.textNode(text) : parsed;
        } catch (JsonProcessingException e) {
            return JsonNodeFactory.instance.textNode(text);
        }
    }
}
