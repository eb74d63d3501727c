package wavegate.bootstrap;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import wavegate.bootstrap.account.Accounts;
import wavegate.bootstrap.credential.OwnedFiles;
import wavegate.bootstrap.credential.SealedCredentialStore;
import wavegate.bootstrap.credential.StoreKey;

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
            "server-uri, server-identity, server-key (hex), lifetime (seconds), binding.",
            "With devices it holds keys, so only its owner may read it (chmod 600)."
        })
public final class BootstrapCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(BootstrapCommand.class);

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "config/bootstrap.yaml",
            description = "Who gets what. Default: ${DEFAULT-VALUE}")
    private Path file = Path.of("config/bootstrap.yaml");

    @Spec
    private @Nullable CommandSpec spec;

    /** @return 0 after an interrupt, 2 if the file cannot stand, 1 if the sockets or the data cannot be opened */
    @Override
    public Integer call() throws InterruptedException {
        BootstrapSettings settings;
        try {
            settings = BootstrapFile.read(file);
            requireApis(settings);
        } catch (IOException e) {
            say(e.getMessage());
            return 2;
        }
        SecureRandom random = new SecureRandom();
        Clock clock = Clock.systemUTC();
        Path data = settings.process().dataDir();
        try {
            OwnedFiles.directory(data);
            StoreKey key = StoreKey.forData(data, settings.process().keyFile(), random);
            try (SealedCredentialStore store =
                            SealedCredentialStore.open(data.resolve("credentials"), key, clock, random);
                    Accounts accounts = Accounts.open(data.resolve("accounts"), settings.rules());
                    BootstrapServer server = new BootstrapServer(
                            settings,
                            new BootstrapServer.Ports(
                                    store,
                                    new ShardSinks(
                                            settings,
                                            new StoreSink(
                                                    store, settings.limits().grace(), random),
                                            random),
                                    accounts,
                                    (actor, action, subject, details) -> LOG.info(
                                            "audit actor={} action={} subject={} {}", actor, action, subject, details),
                                    Optional.empty(),
                                    shard -> false),
                            clock,
                            random)) {
                Runtime.getRuntime().addShutdownHook(new Thread(server::close, "bootstrap-stop"));
                server.start();
                new CountDownLatch(1).await();
                return 0;
            }
        } catch (IOException | IllegalStateException e) {
            say("bootstrap server cannot start: " + e.getMessage());
            return 1;
        }
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
