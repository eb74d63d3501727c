package wavegate.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options of every command that talks to a server. */
final class ServerOptions {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Option(
            names = "--server",
            paramLabel = "URL",
            defaultValue = "${env:WAVEGATE_URL:-http://127.0.0.1:8080}",
            description = "The server (default: WAVEGATE_URL, or http://127.0.0.1:8080).")
    private URI server = URI.create("http://127.0.0.1:8080");

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            defaultValue = "${env:WAVEGATE_TOKEN:-}",
            showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
            description = "Its bearer token (default: WAVEGATE_TOKEN).")
    private String token = "";

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            defaultValue = "${env:WAVEGATE_CA:-}",
            description =
                    "Whose certificates an https server may show, PEM (default: WAVEGATE_CA; without, whom Java trusts).")
    private String ca = "";

    @Option(names = "--json", description = "Print the server's answer as JSON.")
    private boolean json;

    ServerCalls calls() {
        String scheme = server.getScheme();
        if (server.getHost() == null || !("http".equals(scheme) || "https".equals(scheme))) {
            throw new ParameterException(
                    command().commandLine(), "--server: \"" + server + "\" (expected: like http://127.0.0.1:8080)");
        }
        String stripped = token.strip();
        if (!stripped.matches("[\\x21-\\x7e]*")) {
            // Not shown, since it is a secret all the same.
            throw new ParameterException(
                    command().commandLine(),
                    "--token or WAVEGATE_TOKEN: a character that no token has (expected: printable ASCII without blanks)");
        }
        if (ca.isEmpty()) {
            return new ServerCalls(server, stripped);
        }
        try {
            return new ServerCalls(server, stripped, TrustedAuthorities.of(Path.of(ca)));
        } catch (IOException e) {
            throw new ParameterException(command().commandLine(), "--ca: " + e.getMessage());
        }
    }

    /** Prints an answer: as it came, or as {@code text} puts it. */
    int print(JsonNode answer, Consumer<PrintWriter> text) {
        PrintWriter out = command().commandLine().getOut();
        if (json) {
            out.println(answer.toPrettyString());
        } else {
            text.accept(out);
        }
        out.flush();
        return ExitCode.OK;
    }

    boolean json() {
        return json;
    }

    PrintWriter out() {
        return command().commandLine().getOut();
    }

    private CommandSpec command() {
        if (spec == null) {
            throw new IllegalStateException("used without a command");
        }
        return spec;
    }

    /** Rows under a header, columns as wide as they must be. */
    static void table(
            PrintWriter out, List<String> header, Iterable<JsonNode> rows, Function<JsonNode, List<String>> cells) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(header);
        rows.forEach(row -> lines.add(cells.apply(row)));
        int[] width = new int[header.size()];
        for (List<String> line : lines) {
            for (int i = 0; i < width.length; i++) {
                width[i] = Math.max(width[i], line.get(i).length());
            }
        }
        for (List<String> line : lines) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < width.length; i++) {
                text.append(line.get(i))
                        .append(" ".repeat(width[i] - line.get(i).length() + 2));
            }
            out.println(text.toString().stripTrailing());
        }
    }

    /** Text of a field; {@code -} where there is none. */
    static String cell(JsonNode row, String pointer) {
        String text = row.at(pointer).asText("");
        return text.isEmpty() || text.equals("null") ? "-" : text;
    }
}
