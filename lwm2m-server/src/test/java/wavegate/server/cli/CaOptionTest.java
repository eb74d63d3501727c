package wavegate.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import wavegate.config.HttpSettings;
import wavegate.config.OidcSettings;
import wavegate.config.Secret;
import wavegate.config.TlsSettings;
import wavegate.server.api.ApiServer;
import wavegate.server.api.CampaignDefaults;
import wavegate.server.api.FakeFleet;
import wavegate.server.api.access.Access;
import wavegate.server.api.access.TokenStore;

/** Commands that talk to a server over https whose certificate no public authority has signed. */
class CaOptionTest {
    private static final String TOKEN = "test-token-0123456789";
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    private Path dir;

    /** A self-signed pair for 127.0.0.1, made by the platform's own tool. */
    private void pair(String name) throws IOException, GeneralSecurityException, InterruptedException {
        Path store = dir.resolve(name + ".p12");
        String tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String command = tool + " -genkeypair -alias a -keyalg EC -groupname secp256r1 -dname CN=" + name
                + " -ext san=ip:127.0.0.1 -validity 30 -storetype PKCS12 -keystore " + store + " -storepass "
                + new String(PASSWORD);
        Process made = new ProcessBuilder(command.split(" ", -1))
                .redirectErrorStream(true)
                .start();
        String said = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(made.waitFor()).as(said).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        pem(name + ".key", "PRIVATE KEY", keys.getKey("a", PASSWORD).getEncoded());
        pem(name + ".pem", "CERTIFICATE", keys.getCertificate("a").getEncoded());
    }

    private void pem(String file, String what, byte[] der) throws IOException {
        Files.writeString(
                dir.resolve(file),
                "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + what
                        + "-----\n");
    }

    private record Ran(int code, String said) {}

    private static Ran run(String... arguments) {
        StringWriter said = new StringWriter();
        CommandLine line = WavegateCommand.line();
        line.setOut(new PrintWriter(said, true)).setErr(new PrintWriter(said, true));
        return new Ran(line.execute(arguments), said.toString());
    }

    @Test
    void a_server_is_trusted_by_the_authority_that_is_named_and_by_no_other() throws Exception {
        pair("server");
        pair("other");
        HttpSettings settings = HttpSettings.DEFAULT
                .at("127.0.0.1", 0)
                .with(new TlsSettings(
                        dir.resolve("server.pem").toString(),
                        dir.resolve("server.key").toString(),
                        Duration.ofSeconds(30)));
        Access access = new Access(
                TokenStore.open(
                        dir.resolve("tokens.json"),
                        new Secret(TOKEN),
                        InstantSource.system(),
                        new Random(2),
                        none -> {}),
                OidcSettings.OFF,
                InstantSource.system());
        try (ApiServer api = new ApiServer(
                new FakeFleet().ports(),
                settings,
                1 << 20,
                access,
                CampaignDefaults.STANDARD,
                InstantSource.system(),
                new Random(1))) {
            String url = "https://127.0.0.1:" + api.start();
            String[] list = {"campaign", "list", "--server", url, "--token", TOKEN, "--ca", ""};

            list[7] = dir.resolve("server.pem").toString();
            Ran trusted = run(list);
            assertThat(trusted.code()).as(trusted.said()).isZero();

            list[7] = dir.resolve("other.pem").toString();
            Ran another = run(list);
            assertThat(another.code()).isEqualTo(ExitCode.UNREACHABLE);
            assertThat(another.said()).contains("not to be trusted", "--ca");

            list[7] = "";
            assertThat(run(list).code()).as("whom Java trusts").isEqualTo(ExitCode.UNREACHABLE);

            list[7] = dir.resolve("server.key").toString();
            Ran none = run(list);
            assertThat(none.code()).isEqualTo(ExitCode.USAGE);
            assertThat(none.said()).contains("expected: one or several, in PEM");
        }
    }
}
