package wavegate.server.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import wavegate.bootstrap.BootstrapFile;
import wavegate.bootstrap.BootstrapSettings;
import wavegate.server.BootstrapProcess;

/** {@code wavegate bootstrap}: runs the bootstrap server until it is interrupted. */
@Command(
        name = "bootstrap",
        description = "Run the LwM2M bootstrap server by itself: devices come with a bootstrap key and leave with"
                + " their server's address and key. (It can also run inside 'wavegate server': bootstrap.enabled.)",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "The file says where it listens, the shards with their APIs, rules for factory",
            "credentials, and devices: endpoint, bootstrap-identity, bootstrap-key (hex),",
            "or bootstrap-public-key (PEM file), or bootstrap-tenant;",
            "server-uri, server-identity, server-key (hex), lifetime (seconds), binding.",
            "With devices it holds keys, so only its owner may read it (chmod 600)."
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

    /** @return 0 after an interrupt, 2 if the file cannot stand, 1 if the sockets or the data cannot be opened, 70 if its audit cannot be written */
    @Override
    public Integer call() throws InterruptedException {
        BootstrapSettings settings;
        try {
            settings = BootstrapFile.read(file);
            requireApis(settings);
        } catch (IOException e) {
            say(e.getMessage());
            return ExitCode.USAGE;
        }
        try (BootstrapProcess process = new BootstrapProcess(settings, BootstrapCommand::halt)) {
            CountDownLatch stopped = new CountDownLatch(1);
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                process.close();
                                stopped.countDown();
                            },
                            "shutdown"));
            stopped.await();
            return ExitCode.OK;
        } catch (IOException | IllegalStateException e) {
            say("bootstrap server cannot start: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }

    /** Shutdown hooks would write to what has just proved unwritable. */
    private static void halt(Throwable cause) {
        System.err.println("bootstrap server: stopped, nobody is given anything any more: " + cause);
        Runtime.getRuntime().halt(ServerCommand.LEDGER_FAILED);
    }

    private void requireApis(BootstrapSettings settings) throws IOException {
        List<String> without = settings.shards().stream()
                .filter(access -> access.api().isEmpty() && access.shard().secure())
                .map(access -> "api of shard " + access.shard().name()
                        + ": none (expected: https://host:port of its server, which has to know its devices' keys)")
                .toList();
        if (!without.isEmpty()) {
            throw new IOException(file + ":\n  " + String.join("\n  ", without));
        }
    }

    private void say(@Nullable String message) {
        if (spec != null) {
            spec.commandLine().getErr().println(message);
        }
    }
}
