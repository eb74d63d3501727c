package wavegate.server.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import wavegate.server.artifact.PackageSigner;
import wavegate.server.artifact.SignatureAlgorithm;

/** {@code package keygen}: makes the keys packages are signed with. */
@Command(
        name = "keygen",
        mixinStandardHelpOptions = true,
        description = {
            "Makes a pair of keys to sign packages with: NAME.key.pem, readable by you alone, and NAME.pub.pem.",
            "Keep the first off every server. Copy the second into the server's directory of trusted keys."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the keys were made", "1:a file exists or cannot be written", "2:wrong usage"})
public final class PackageKeygenCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            defaultValue = ".",
            description = "where to put the files; made if it is not there (default: ${DEFAULT-VALUE})")
    private Path directory = Path.of(".");

    @Option(
            names = "--name",
            paramLabel = "NAME",
            required = true,
            description = "name of the key, such as release-2026")
    private String name = "";

    @Option(
            names = "--algorithm",
            paramLabel = "ALGORITHM",
            defaultValue = "ed25519",
            description = "ed25519, ecdsa-p256 or rsa-pss (default: ${DEFAULT-VALUE})")
    private String algorithm = "ed25519";

    @Option(names = "--json", description = "print one JSON object instead of text")
    private boolean json;

    @Override
    public Integer call() {
        SignatureAlgorithm chosen = List.of(SignatureAlgorithm.values()).stream()
                .filter(each -> each.label().equals(algorithm))
                .findFirst()
                .orElseThrow(() -> Answers.usage(
                        spec, "--algorithm: " + algorithm + " (expected: ed25519, ecdsa-p256 or rsa-pss)"));
        try {
            PackageSigner.NewKeys keys = PackageSigner.keygen(directory, name, chosen);
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(Answers.json(Map.of(
                        "keyId", keys.keyId(),
                        "algorithm", chosen.label(),
                        "privateKey", keys.privateKey().toString(),
                        "publicKey", keys.publicKey().toString())));
            } else {
                out.println("key id       " + keys.keyId());
                out.println("private key  " + keys.privateKey() + "  (keep it secret)");
                out.println("public key   " + keys.publicKey() + "  (copy it to the server's trusted keys)");
            }
            return ExitCode.OK;
        } catch (IllegalArgumentException e) {
            throw Answers.usage(spec, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return Answers.failed(spec, e);
        }
    }
}
