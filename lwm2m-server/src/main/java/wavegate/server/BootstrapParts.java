package wavegate.server;

import java.io.IOException;
import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import wavegate.bootstrap.BootstrapFile;
import wavegate.bootstrap.BootstrapServer;
import wavegate.bootstrap.BootstrapSettings;
import wavegate.bootstrap.BootstrapSettings.ShardAccess;
import wavegate.bootstrap.ShardSinks;
import wavegate.bootstrap.StoreSink;
import wavegate.bootstrap.account.Accounts;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.shard.Shard;
import wavegate.config.LimitSettings;
import wavegate.config.Settings;
import wavegate.server.registration.CertificateSide;
import wavegate.server.registration.GuardedBootstrapSockets;
import wavegate.server.rollout.Audit;

/** The bootstrap server inside the server: it shares the credential store, and the server is one of its shards. */
final class BootstrapParts implements AutoCloseable {
    private static final String THIS_SERVER = "this";

    private final Accounts accounts;
    private final GuardedBootstrapSockets sockets;
    private final BootstrapServer server;

    /**
     * What it shares with the server.
     *
     * @param certificates without, only PSK is served
     */
    record Shared(
            CredentialStore credentials,
            @Nullable CertificateSide certificates,
            LimitSettings limits,
            Audit audit,
            InstantSource clock,
            SecureRandom random) {}

    /**
     * @param file {@code bootstrap.yaml}; empty for the defaults
     * @param uri how devices reach this server
     * @param oscoreUri the same by OSCORE; empty if that is off
     * @throws IOException if the file cannot stand, with all its faults, or its data cannot be opened
     */
    BootstrapParts(String file, String uri, String oscoreUri, Path data, Shared shared) throws IOException {
        BootstrapSettings settings = withThisServer(file, uri, oscoreUri);
        accounts = Accounts.open(data.resolve("bootstrap-accounts"), settings.rules());
        try {
            StoreSink here =
                    new StoreSink(shared.credentials(), settings.limits().grace(), shared.random());
            sockets = new GuardedBootstrapSockets(
                    shared.limits(), shared.credentials(), shared.certificates(), shared.random());
            server = new BootstrapServer(
                    settings,
                    new BootstrapServer.Ports(
                            shared.credentials(),
                            new ShardSinks(settings, here, shared.random()),
                            accounts,
                            shared.audit()::record,
                            sockets,
                            servedHere(settings)),
                    shared.clock(),
                    shared.random());
        } catch (IOException | RuntimeException e) {
            accounts.close();
            throw e;
        }
    }

    /** Whose registrations this process sees: the shard without an API of its own. */
    private static Predicate<String> servedHere(BootstrapSettings settings) {
        return name -> settings.shards().stream()
                .anyMatch(access ->
                        access.api().isEmpty() && access.shard().name().equals(name));
    }

    /** What stops a start with these settings, each in a line. */
    static List<String> faults(Settings settings) {
        boolean secure = settings.coaps().enabled();
        String host = secure ? settings.coaps().host() : settings.coap().host();
        try {
            BootstrapSettings unused = withThisServer(
                    settings.bootstrap().file(),
                    settings.publicUri().isEmpty()
                            ? AdapterSettings.base(secure ? "coaps" : "coap", host, 1)
                            : settings.publicUri(),
                    "");
            return List.of();
        } catch (NoSuchFileException e) {
            return List.of("bootstrap.file: \"" + e.getFile() + "\" (expected: a file that is there)");
        } catch (IOException e) {
            return String.valueOf(e.getMessage())
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.equals(settings.bootstrap().file() + ":"))
                    .map(line -> line.startsWith("public-uri") ? line : "bootstrap.file: " + line)
                    .toList();
        } catch (IllegalArgumentException e) {
            return List.of("public-uri: " + e.getMessage());
        }
    }

    private static BootstrapSettings withThisServer(String file, String uri, String oscoreUri) throws IOException {
        BootstrapSettings settings = file.isEmpty() ? BootstrapSettings.DEFAULT : BootstrapFile.read(Path.of(file));
        List<String> here = settings.shards().stream()
                .filter(access -> access.api().isEmpty())
                .map(access -> access.shard().name())
                .toList();
        if (here.size() > 1) {
            throw new IOException(file + ":\n  shards without api: " + here + " (expected: one, which is this server)");
        }
        if (!settings.shards().isEmpty()) {
            return settings;
        }
        String host = URI.create(uri).getHost();
        if ("0.0.0.0".equals(host) || "[::]".equals(host)) {
            throw new IOException("public-uri: none (expected: how devices reach this server, since it listens at "
                    + host + " and gives its address to devices)");
        }
        return settings.withShards(List.of(ShardAccess.inProcess(new Shard(THIS_SERVER, uri, 1), oscoreUri)));
    }

    BootstrapServer server() {
        return server;
    }

    GuardedBootstrapSockets sockets() {
        return sockets;
    }

    Accounts accounts() {
        return accounts;
    }

    @Override
    public void close() throws IOException {
        server.close();
        accounts.close();
    }
}
