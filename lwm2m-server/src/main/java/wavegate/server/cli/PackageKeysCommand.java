package wavegate.server.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import wavegate.server.artifact.TrustAnchors;
import wavegate.server.artifact.TrustAnchors.Anchor;

/** {@code package keys}: the public keys a server trusts, by purpose, and their retirement. Works on the folder; a running server sees it at once. */
@Command(
        name = "keys",
        mixinStandardHelpOptions = true,
        description = {
            "Lists the public keys that a server trusts: in DIR those that sign envelopes, in DIR/mcuboot and DIR/suit",
            "those that sign such images. With --retire, ends one: packages uploaded from then on are refused."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:listed", "1:a file cannot be read, or no key has that id", "2:wrong usage"})
public final class PackageKeysCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            defaultValue = "data/keys",
            description = "the folder of packages.trusted-keys (default: ${DEFAULT-VALUE})")
    private Path directory = Path.of("data/keys");

    @Option(names = "--retire", paramLabel = "KEYID", description = "the key that is to end")
    private @Nullable String retire;

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "when it ends: 2027-06-30 or 2027-06-30T12:00:00Z; now if left out")
    private @Nullable String at;

    @Option(names = "--json", description = "print one JSON object instead of text")
    private boolean json;

    @Override
    public Integer call() {
        TrustAnchors anchors = new TrustAnchors(directory, Clock.systemUTC());
        try {
            if (retire != null) {
                anchors.retire(retire, when());
            } else if (at != null) {
                throw Answers.usage(spec, "--at is for --retire");
            }
            print(anchors.all());
            return ExitCode.OK;
        } catch (IOException e) {
            return Answers.failed(spec, e);
        }
    }

    private Instant when() {
        if (at == null) {
            return Clock.systemUTC().instant();
        }
        try {
            return Instant.parse(at.contains("T") ? at : at + "T00:00:00Z");
        } catch (DateTimeParseException e) {
            throw Answers.usage(spec, "--at: " + at + " (expected: like 2027-06-30 or 2027-06-30T12:00:00Z)");
        }
    }

    private void print(List<Anchor> anchors) {
        ObjectNode list = JsonNodeFactory.instance.objectNode();
        ArrayNode items = list.putArray("items");
        for (Anchor anchor : anchors) {
            ObjectNode item = items.addObject();
            item.put("keyId", anchor.keyId());
            item.put("purpose", anchor.purpose().label());
            item.put("algorithm", anchor.algorithm().label());
            item.put("file", anchor.file().toString());
            item.put("retires", anchor.retires().map(Instant::toString).orElse(null));
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(list);
        } else {
            ServerOptions.table(
                    out,
                    List.of("KEY", "PURPOSE", "ALGORITHM", "RETIRES", "FILE"),
                    items,
                    row -> List.of(
                            ServerOptions.cell(row, "/keyId"),
                            ServerOptions.cell(row, "/purpose"),
                            ServerOptions.cell(row, "/algorithm"),
                            ServerOptions.cell(row, "/retires"),
                            ServerOptions.cell(row, "/file")));
        }
    }
}
