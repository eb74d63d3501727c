package wavegate.server.cli;

import static wavegate.server.cli.ServerOptions.cell;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import wavegate.bootstrap.credential.Use;
import wavegate.config.Settings;
import wavegate.config.SettingsReader;
import wavegate.config.SettingsRefused;
import wavegate.server.api.CredentialLines;
import wavegate.server.rollout.LedgerFailure;

/** {@code wavegate credential}. Keys come from files or standard input, or are made by the server and printed once; never from arguments. */
@Command(
        name = "credential",
        description = "What devices prove themselves with.",
        subcommands = {
            CredentialCommands.ListSome.class,
            CredentialCommands.Add.class,
            CredentialCommands.Rotate.class,
            CredentialCommands.Revoke.class,
            CredentialCommands.Import.class
        })
final class CredentialCommands extends Group {
    private static final int LINES_AT_ONCE = 4000;

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists credentials, without any key.")
    static final class ListSome implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "ENDPOINT", arity = "0..1", description = "Only this device's.")
        private @Nullable String endpoint;

        @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "Default: ${DEFAULT-VALUE}.")
        private int limit = 100;

        @Override
        public Integer call() {
            JsonNode all = endpoint == null
                    ? DeviceCommands.collect(server.calls(), "/credentials", "", limit)
                    : server.calls().get(path(endpoint));
            return server.print(
                    all,
                    out -> ServerOptions.table(
                            out,
                            List.of("ENDPOINT", "USE", "KIND", "PROVES ITSELF BY", "STATE", "SINCE", "UNTIL"),
                            all.path("items"),
                            row -> List.of(
                                    cell(row, "/endpoint"),
                                    cell(row, "/use"),
                                    cell(row, "/kind"),
                                    proof(row),
                                    cell(row, "/state"),
                                    cell(row, "/since"),
                                    cell(row, "/until"))));
        }
    }

    /** What a new credential is. */
    static final class Secret {
        @Option(names = "--kind", paramLabel = "KIND", defaultValue = "psk", description = "psk, rpk, x509 or oscore.")
        private String kind = "psk";

        @Option(
                names = "--use",
                paramLabel = "USE",
                defaultValue = "lwm2m",
                description = "lwm2m or bootstrap: which server it opens.")
        private String use = "lwm2m";

        @Option(
                names = "--identity",
                paramLabel = "TEXT",
                description = "PSK identity (default: the endpoint); for oscore its sender id in hex.")
        private @Nullable String identity;

        @Option(
                names = "--key-file",
                paramLabel = "FILE",
                description = "The key in hex; - for standard input. Without it one is made and printed once.")
        private @Nullable Path keyFile;

        @Option(names = "--sender-id", paramLabel = "HEX", description = "The server's sender id; for oscore.")
        private @Nullable String senderId;

        @Option(names = "--salt-file", paramLabel = "FILE", description = "The master salt in hex; for oscore.")
        private @Nullable Path saltFile;

        @Option(names = "--public-key", paramLabel = "FILE", description = "Its public key, PEM; for rpk.")
        private @Nullable Path publicKey;

        @Option(names = "--tenant", paramLabel = "NAME", description = "Whose authority signs for it; for x509.")
        private @Nullable String tenant;

        ObjectNode toJson() {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.put("kind", kind).put("use", use);
            if (identity != null) {
                json.put("identity", identity);
            }
            if (keyFile != null) {
                json.put("key", read(keyFile).strip());
            }
            if (senderId != null) {
                json.put("senderId", senderId);
            }
            if (saltFile != null) {
                json.put("salt", read(saltFile).strip());
            }
            if (publicKey != null) {
                json.put("publicKey", read(publicKey));
            }
            if (tenant != null) {
                json.put("tenant", tenant);
            }
            return json;
        }
    }

    @Command(name = "add", mixinStandardHelpOptions = true, description = "Gives a device its first credential.")
    static final class Add implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Mixin
        private Secret secret = new Secret();

        @Parameters(paramLabel = "ENDPOINT", description = "Its endpoint client name.")
        private String endpoint = "";

        @Override
        public Integer call() {
            JsonNode made = server.calls().post("/credentials", secret.toJson().put("endpoint", endpoint));
            return server.print(made, out -> show(made, out));
        }
    }

    @Command(
            name = "rotate",
            mixinStandardHelpOptions = true,
            description = "Gives a device another credential. The earlier one stays good until the new one is used.")
    static final class Rotate implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Mixin
        private Secret secret = new Secret();

        @Parameters(paramLabel = "ENDPOINT", description = "Its endpoint client name.")
        private String endpoint = "";

        @Option(
                names = "--grace",
                paramLabel = "TIME",
                description = "How long at most, like 24h; 0s ends it at once. Default: credentials.grace.")
        private @Nullable String grace;

        @Override
        public Integer call() {
            ObjectNode order = secret.toJson();
            if (grace != null) {
                order.put("grace", grace);
            }
            JsonNode made = server.calls().post(path(endpoint) + "/actions/rotate", order);
            return server.print(made, out -> show(made, out));
        }
    }

    @Command(
            name = "revoke",
            mixinStandardHelpOptions = true,
            description = "Takes a device's credentials away and ends its session.")
    static final class Revoke implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "ENDPOINT", description = "Its endpoint client name.")
        private String endpoint = "";

        @Option(names = "--use", paramLabel = "USE", description = "lwm2m or bootstrap. Default: both.")
        private @Nullable String use;

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why; it goes into the ledger.")
        private String reason = "";

        @Override
        public Integer call() {
            ObjectNode order = JsonNodeFactory.instance.objectNode().put("reason", reason);
            if (use != null) {
                order.put("use", use);
            }
            JsonNode done = server.calls().post(path(endpoint) + "/actions/revoke", order);
            return server.print(done, out -> out.println(endpoint + " revoked"));
        }
    }

    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            description = {
                "Adds the credentials of a file; each line for itself.",
                "CSV: endpoint,psk-identity,key-in-hex. A name that ends in .ndjson: a JSON object a line.",
                "With --offline into the data of a server that does not run: no token, no connection."
            })
    static final class Import implements Callable<Integer> {
        @Mixin
        private ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "FILE", description = "The file; - for standard input.")
        private Path file = Path.of("");

        @Option(names = "--use", paramLabel = "USE", defaultValue = "lwm2m", description = "lwm2m or bootstrap.")
        private String use = "lwm2m";

        @Option(names = "--offline", description = "Write to the data directory of a server that does not run.")
        private boolean offline;

        @Option(
                names = "--config",
                paramLabel = "FILE",
                defaultValue = "${env:WAVEGATE_CONFIG:-}",
                description = "Settings of that server; for --offline (default: WAVEGATE_CONFIG).")
        private String config = "";

        @Override
        public Integer call() {
            return print(offline ? offline() : throughTheServer());
        }

        private ObjectNode offline() {
            Use opens = Arrays.stream(Use.values())
                    .filter(each -> each.name().equalsIgnoreCase(use))
                    .findFirst()
                    .orElseThrow(() ->
                            new CallFailed(ExitCode.USAGE, "--use: \"" + use + "\" (expected: lwm2m or bootstrap)"));
            ObjectNode all = JsonNodeFactory.instance.objectNode();
            ArrayNode faults = all.putArray("faults");
            try {
                Settings settings = SettingsReader.read(
                        config.isEmpty() ? Optional.empty() : Optional.of(Path.of(config)), System.getenv());
                OfflineImport.Result result = new OfflineImport(settings)
                        .add(
                                opens,
                                CredentialLines.parse(
                                        read(file), !file.toString().endsWith(".ndjson")));
                result.faults()
                        .forEach(fault ->
                                faults.addObject().put("line", fault.line()).put("fault", fault.fault()));
                return all.put("added", result.added()).put("refused", faults.size());
            } catch (SettingsRefused e) {
                throw new CallFailed(ExitCode.USAGE, String.valueOf(e.getMessage()));
            } catch (LedgerFailure | IOException e) {
                throw new CallFailed(
                        ExitCode.FAILED, e.getMessage() + " (is the server running? then leave out --offline)");
            }
        }

        private ObjectNode throughTheServer() {
            String type = file.toString().endsWith(".ndjson") ? "application/x-ndjson" : "text/csv";
            String[] lines = read(file).split("\n", -1);
            ObjectNode all = JsonNodeFactory.instance.objectNode();
            ArrayNode faults = all.putArray("faults");
            long added = 0;
            for (int from = 0; from < lines.length; from += LINES_AT_ONCE) {
                int until = Math.min(lines.length, from + LINES_AT_ONCE);
                String part = String.join("\n", List.of(lines).subList(from, until));
                JsonNode done =
                        server.calls().post("/credentials/actions/import?use=" + ServerCalls.encode(use), type, part);
                added += done.path("added").asLong();
                for (JsonNode fault : done.path("faults")) {
                    faults.addObject()
                            .put("line", fault.path("line").asInt() + from)
                            .put("fault", fault.path("fault").asText());
                }
            }
            return all.put("added", added).put("refused", faults.size());
        }

        private int print(ObjectNode all) {
            JsonNode faults = all.path("faults");
            server.print(all, out -> {
                faults.forEach(fault -> out.println("line " + cell(fault, "/line") + ": " + cell(fault, "/fault")));
                out.println(cell(all, "/added") + " added, " + cell(all, "/refused") + " refused");
            });
            return faults.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
        }
    }

    private static void show(JsonNode made, PrintWriter out) {
        out.println(
                cell(made, "/endpoint") + "  " + cell(made, "/kind") + " " + proof(made) + "  " + cell(made, "/state"));
        if (made.has("key")) {
            out.println("key (shown this once): " + made.path("key").asText());
        }
    }

    private static String proof(JsonNode row) {
        for (String field : List.of("/identity", "/tenant", "/sha256")) {
            if (!cell(row, field).equals("-")) {
                return cell(row, field);
            }
        }
        return "-";
    }

    private static String read(Path file) {
        try {
            return file.toString().equals("-")
                    ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(file);
        } catch (IOException e) {
            throw new CallFailed(ExitCode.FAILED, file + ": cannot be read");
        }
    }

    private static String path(String endpoint) {
        return "/credentials/" + ServerCalls.encode(endpoint);
    }
}
