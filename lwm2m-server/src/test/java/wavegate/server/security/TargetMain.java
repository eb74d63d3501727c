package wavegate.server.security;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.SealedCredentialStore;
import wavegate.bootstrap.credential.StoreKey;
import wavegate.bootstrap.credential.Use;
import wavegate.config.SettingsReader;
import wavegate.server.Server;
import wavegate.server.log.FatalErrors;

/**
 * A whole server in a process of its own, with credentials for honest devices. Says {@code ready COAP COAPS HTTP}, then answers each line of its
 * input with one line; ends with its input.
 */
public final class TargetMain {
    private TargetMain() {}

    /** A directory, a number of credentials, a file with more settings. */
    public static void main(String[] args) throws IOException {
        Locale.setDefault(Locale.Category.FORMAT, Locale.US);
        FatalErrors.watchThreads();
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        Path data = Files.createDirectories(Path.of(args[0]).resolve("data"));
        SecureRandom random = new SecureRandom();
        try (CredentialStore credentials = SealedCredentialStore.open(
                data.resolve("credentials"), StoreKey.forData(data, "", random), Clock.systemUTC(), random)) {
            List<Credential> all = new ArrayList<>();
            for (int i = 0; i < Integer.parseInt(args[1]); i++) {
                all.add(new Credential.Psk(HonestDevice.name(i), HonestDevice.identity(i), HonestDevice.key(i)));
            }
            credentials.importAll(Use.LWM2M, all);
        }
        String settings =
                """
                data-dir: "%s"
                coap: {enabled: true, host: 127.0.0.1, port: 0}
                coaps: {enabled: true, host: 127.0.0.1, port: 0}
                http: {host: 127.0.0.1, port: 0}
                %s
                """
                        .formatted(data, Files.readString(Path.of(args[2])));
        try (Server server = new Server(
                        SettingsReader.parse(settings, Map.of()), token -> {}, failure -> Runtime.getRuntime()
                                .halt(70));
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            out.println("ready " + server.coapAddress().orElseThrow().getPort() + " "
                    + server.coapsAddress().orElseThrow().getPort() + " " + server.httpPort());
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                out.println(answer(server, line.split(" ", 2)));
            }
        }
        System.exit(0);
    }

    private static String answer(Server server, String[] command) {
        return switch (command[0]) {
            case "heap" -> String.valueOf(liveHeap());
            case "registrations" -> String.valueOf(server.sessions().count());
            case "connections" -> String.valueOf(server.connections());
            case "devices" -> String.valueOf(server.view().deviceCount());
            case "sequence" -> String.valueOf(server.view().sequence());
            case "orders" ->
                String.valueOf(server.view().campaigns().size()
                        + server.view().killSwitches().size());
            case "device" ->
                server.view()
                        .device(new wavegate.firmware.device.Endpoint(command[1]))
                        .map(Object::toString)
                        .orElse("none")
                        .replace('\n', ' ');
            case "shed" -> server.shed().toString();
            default -> "unknown";
        };
    }

    /** Twice: what the first frees through references and cleaners is gone after the second. */
    private static long liveHeap() {
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
