package wavegate.server.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.event.Fact;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.gate.GateReplay;
import wavegate.firmware.gate.JudgedBy;
import wavegate.firmware.gate.Verdict;
import wavegate.firmware.gate.WaveEvidence;
import wavegate.server.api.CampaignJson;
import wavegate.server.ledger.LedgerFacts;
import wavegate.server.rollout.LedgerFailure;

/** {@code gate replay}: makes every decision of a campaign again. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = {
            "Judges the waves of a campaign again from the evidence in the ledger, and says whether each verdict, figure and reason comes",
            "out as it was stored. With --set: what other thresholds would have said of the same evidence. The server may be running."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every verdict came out the same; with --set: it was shown",
            "1:one did not, could not be judged again, or the ledger is not sound",
            "2:wrong usage"
        })
public final class GateReplayCommand implements Callable<Integer> {
    private static final int BEFORE_VERSIONS = 1;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "CAMPAIGN", description = "its id")
    private String campaign = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "WAVE", description = "only this one; 0 is the canary")
    private @Nullable Integer wave;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "${env:WAVEGATE_DATA_DIR:-data}",
            description = "data directory of the server (default: ${DEFAULT-VALUE})")
    private Path data = Path.of("data");

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description =
                    "another threshold, named as in a campaign's gate, like soak=12h or crashAlpha=0.05; repeatable")
    private Map<String, String> said = new LinkedHashMap<>();

    @Option(names = "--json", description = "print one JSON object a verdict instead of text")
    private boolean json;

    private record Found(long sequence, Fact.GateJudged fact, JudgedBy by) {}

    @Override
    public Integer call() {
        List<Found> found = new ArrayList<>();
        try {
            read(found);
        } catch (LedgerFailure e) {
            spec.commandLine().getErr().println("error: " + e.getMessage());
            return ExitCode.FAILED;
        } catch (IOException e) {
            return Answers.failed(spec, e);
        }
        if (found.isEmpty()) {
            spec.commandLine()
                    .getErr()
                    .println("error: no verdict on "
                            + (wave == null ? "" : "wave " + wave + " of ")
                            + "campaign \"" + campaign + "\" in " + data.resolve("ledger"));
            return ExitCode.FAILED;
        }
        boolean good = true;
        for (Found one : found) {
            good &= show(one);
        }
        return good ? ExitCode.OK : ExitCode.FAILED;
    }

    private void read(List<Found> found) throws IOException {
        Map<String, Campaign> campaigns = new HashMap<>();
        LedgerFacts.read(
                data.resolve("ledger"), Set.of(Fact.CampaignChanged.class, Fact.GateJudged.class), (sequence, fact) -> {
                    if (fact instanceof Fact.CampaignChanged changed) {
                        campaigns.put(changed.campaign().id().value(), changed.campaign());
                    } else if (fact instanceof Fact.GateJudged judged
                            && judged.campaign().value().equals(campaign)
                            && (wave == null || judged.decision().wave() == wave)) {
                        Optional<Campaign> now = Optional.ofNullable(campaigns.get(campaign));
                        judged.by()
                                .or(() -> now.map(then -> beforeVersions(judged, then)))
                                .ifPresent(by -> found.add(new Found(sequence, judged, by)));
                    }
                });
    }

    private static JudgedBy beforeVersions(Fact.GateJudged judged, Campaign now) {
        return new JudgedBy(
                BEFORE_VERSIONS,
                now.spec().gate(),
                judged.decision().wave() < now.waves().size() - 1);
    }

    /** @return whether it came out as it should */
    private boolean show(Found found) {
        WaveEvidence evidence = found.fact().evidence();
        boolean whole = !evidence.canary().isEmpty() || evidence.counts().dispatched() == 0;
        if (!whole) {
            print(found, "not judged again", List.of("the rows of so large a wave are not kept beside its verdict"));
            return false;
        }
        if (said.isEmpty()) {
            GateReplay replay = GateReplay.of(evidence, found.fact().decision(), found.by());
            print(found, replay.same() ? "the same" : "DIFFERS", replay.differences());
            return replay.same();
        }
        GatePolicy asked = asked(found.by().policy());
        GateReplay replay = GateReplay.under(asked, evidence, found.fact().decision(), found.by());
        Verdict then = replay.again().verdict();
        print(found, "would be " + then, List.of(replay.again().reason()));
        return true;
    }

    private GatePolicy asked(GatePolicy stored) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        said.forEach((name, value) -> {
            if (value.equals("true") || value.equals("false")) {
                fields.put(name, value.equals("true"));
            } else if (value.matches("-?[0-9]{1,9}")) {
                fields.put(name, Integer.parseInt(value));
            } else if (value.matches("-?[0-9]*\\.?[0-9]+([eE]-?[0-9]+)?")) {
                fields.put(name, Double.parseDouble(value));
            } else {
                fields.put(name, value);
            }
        });
        try {
            return CampaignJson.gate(fields, stored);
        } catch (IllegalArgumentException e) {
            throw Answers.usage(spec, "--set " + e.getMessage());
        }
    }

    private void print(Found found, String outcome, List<String> details) {
        PrintWriter out = spec.commandLine().getOut();
        Fact.GateJudged fact = found.fact();
        if (json) {
            out.println(Answers.json(Map.of(
                    "sequence", found.sequence(),
                    "wave", fact.decision().wave(),
                    "at", fact.decision().at().toString(),
                    "rules", found.by().version(),
                    "stored", fact.decision().verdict().name(),
                    "outcome", outcome,
                    "details", details)));
            return;
        }
        out.println("fact " + found.sequence() + "  wave " + fact.decision().wave() + "  "
                + fact.decision().at() + "  stored " + fact.decision().verdict() + "  " + outcome);
        details.forEach(detail -> out.println("    " + detail));
        out.flush();
    }
}
