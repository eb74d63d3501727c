package wavegate.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import wavegate.bootstrap.BootstrapFile;
import wavegate.bootstrap.audit.AuditFile;
import wavegate.server.BootstrapProcess;

/** {@code wavegate bootstrap audit}. */
@Command(
        name = "audit",
        mixinStandardHelpOptions = true,
        description = "Shows what a bootstrap server that runs by itself did: sessions, credentials given and taken."
                + " Reads its files; it may be running. Inside a server, that server's audit has it.")
final class BootstrapAuditCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "config/bootstrap.yaml",
            description = "Settings of the bootstrap server. Default: ${DEFAULT-VALUE}")
    private Path config = Path.of("config/bootstrap.yaml");

    @Option(names = "--endpoint", paramLabel = "NAME", description = "Only of this device.")
    private String endpoint = "";

    @Option(names = "--action", paramLabel = "NAME", description = "Only this, like bootstrap.session.")
    private String action = "";

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            description = "The last so many. Default: ${DEFAULT-VALUE}.")
    private int limit = 100;

    @Option(names = "--json", description = "As they are in the file, a line each.")
    private boolean json;

    /** @return 0, 1 if the audit cannot be read or a record is missing, 2 if the settings cannot stand */
    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        Path folder;
        try {
            folder = BootstrapFile.read(config).process().dataDir().resolve(BootstrapProcess.AUDIT);
        } catch (IOException e) {
            err.println(e.getMessage());
            return ExitCode.USAGE;
        }
        Deque<JsonNode> last = new ArrayDeque<>();
        int code = ExitCode.OK;
        try {
            if (!Files.isDirectory(folder)) {
                throw new IOException(folder + ": none (expected: the audit of a bootstrap server that ran)");
            }
            AuditFile.read(folder, entry -> keep(last, entry));
        } catch (IOException e) {
            err.println(e.getMessage());
            code = ExitCode.FAILED;
        }
        PrintWriter out = spec.commandLine().getOut();
        last.forEach(entry -> out.println(json ? entry.toString() : line(entry)));
        out.flush();
        return code;
    }

    private void keep(Deque<JsonNode> last, JsonNode entry) {
        if ((endpoint.isEmpty() || endpoint.equals(entry.path("subject").asText()))
                && (action.isEmpty() || action.equals(entry.path("action").asText()))) {
            last.addLast(entry);
            if (last.size() > limit) {
                last.removeFirst();
            }
        }
    }

    private static String line(JsonNode entry) {
        StringBuilder text = new StringBuilder();
        for (String field : new String[] {"n", "at", "actor", "action", "subject"}) {
            text.append(entry.path(field).asText()).append("  ");
        }
        entry.path("details").properties().forEach(detail -> text.append(detail.getKey())
                .append('=')
                .append(detail.getValue().asText())
                .append(' '));
        return text.toString().strip();
    }
}
