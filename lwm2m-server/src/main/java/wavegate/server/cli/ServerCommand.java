package wavegate.server.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import wavegate.config.Settings;
import wavegate.config.SettingsReader;
import wavegate.config.SettingsRefused;
import wavegate.server.Server;
import wavegate.server.rollout.LedgerFailure;

/** {@code wavegate server}. */
@Command(
        name = "server",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the server until it is told to stop. Settings come from a YAML file and, above it, from WAVEGATE_*",
            "variables: WAVEGATE_DATA_DIR, WAVEGATE_HTTP_PORT, WAVEGATE_COAP_ENABLED ...",
            "The API's token is made at the first start and printed once."
        })
public final class ServerCommand implements Callable<Integer> {
    /** The ledger failed: nothing may be dispatched any more. Said to a supervisor by an exit code of its own. */
    static final int LEDGER_FAILED = 70;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            defaultValue = "${env:WAVEGATE_CONFIG:-}",
            description = "Settings file (default: WAVEGATE_CONFIG; without one, the defaults).")
    private String config = "";

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try {
            Settings settings = SettingsReader.read(
                    config.isEmpty() ? Optional.empty() : Optional.of(Path.of(config)),
                    System.getenv(),
                    Server::faultsBeyond);
            AtomicBoolean first = new AtomicBoolean();
            Server server = new Server(
                    settings,
                    token -> {
                        announce(out, token);
                        first.set(true);
                    },
                    ServerCommand::halt);
            CountDownLatch stopped = new CountDownLatch(1);
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                server.close();
                                stopped.countDown();
                            },
                            "shutdown"));
            out.println("wavegate: listening"
                    + server.coapAddress()
                            .map(a -> " coap://" + a.getHostString() + ":" + a.getPort())
                            .orElse("")
                    + server.coapsAddress()
                            .map(a -> " coaps://" + a.getHostString() + ":" + a.getPort())
                            .orElse("")
                    + (server.oscorePort().isPresent()
                            ? " oscore at " + settings.oscore().host() + ":"
                                    + server.oscorePort().getAsInt()
                            : "")
                    + " http://" + settings.http().host() + ":" + server.httpPort());
            if (first.get()) {
                howToOpen(out);
            }
            out.flush();
            stopped.await();
            return ExitCode.OK;
        } catch (SettingsRefused e) {
            err.println(e.getMessage());
            return ExitCode.USAGE;
        } catch (LedgerFailure e) {
            err.println("wavegate: the ledger does not open: " + e.getMessage());
            return LEDGER_FAILED;
        } catch (IOException e) {
            err.println("wavegate: " + e.getMessage());
            return ExitCode.FAILED;
        } finally {
            err.flush();
        }
    }

    private static void announce(PrintWriter out, String token) {
        out.println("wavegate: API token (shown this once): " + token);
        out.flush();
    }

    private static void howToOpen(PrintWriter out) {
        out.println("wavegate: to let devices in, set coaps.host and public-uri, and give each its key:"
                + " ./wavegate credential import FILE");
        out.println(
                "wavegate: to let people in, set http.host, http.tls.certificate and http.tls.key, and give each a token:"
                        + " ./wavegate token create --role ROLE NAME");
        out.println(
                "wavegate: before either, copy the key file beside the data directory to a safe place apart from it,"
                        + " and put the verifying keys of your packages into packages.trusted-keys");
    }

    /** Shutdown hooks would write to what has just proved unwritable. */
    private static void halt(Throwable cause) {
        System.err.println("wavegate: stopped, nothing is dispatched any more: " + cause);
        Runtime.getRuntime().halt(LEDGER_FAILED);
    }
}
