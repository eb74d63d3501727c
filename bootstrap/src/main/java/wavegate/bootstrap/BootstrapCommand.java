package wavegate.bootstrap;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code wavegate bootstrap}: runs the bootstrap server until it is interrupted. */
@Command(
        name = "bootstrap",
        description = "Run the LwM2M bootstrap server: devices come with a bootstrap key and leave with their"
                + " server's address and key.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "The file holds one entry for each device under 'devices':",
            "  endpoint, bootstrap-identity, bootstrap-key (hex), server-uri,",
            "  server-identity, server-key (hex), lifetime (seconds), binding",
            "It holds keys, so only its owner may read it (chmod 600)."
        })
public final class BootstrapCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "config/bootstrap.yaml",
            description = "Who gets what. Default: ${DEFAULT-VALUE}")
    private Path file = Path.of("config/bootstrap.yaml");

    @Spec
    private @Nullable CommandSpec spec;

    /** @return 0 after an interrupt, 2 if the file cannot stand, 1 if the sockets cannot be opened */
    @Override
    public Integer call() throws InterruptedException {
        BootstrapSettings settings;
        try {
            settings = BootstrapFile.read(file);
        } catch (IOException e) {
            say(e.getMessage());
            return 2;
        }
        try (BootstrapServer server = new BootstrapServer(settings)) {
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "bootstrap-stop"));
            server.start();
            new CountDownLatch(1).await();
            return 0;
        } catch (IllegalStateException e) {
            say("bootstrap server cannot start: " + e.getMessage());
            return 1;
        }
    }

    private void say(@Nullable String message) {
        if (spec != null) {
            spec.commandLine().getErr().println(message);
        }
    }
}
