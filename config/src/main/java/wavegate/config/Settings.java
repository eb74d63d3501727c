package wavegate.config;

import java.nio.file.Path;

/**
 * Everything that can be set. The defaults are here, in the records; a YAML file and then the environment override them key by key
 * ({@link SettingsReader}).
 *
 * @param dataDir ledger, view, artifacts and the tokens' digests; relative to where the server was started
 * @param publicUri how devices reach this server's CoAP, like {@code coap://fota.example:5683}; empty: the address it listens on, and nothing to fetch from if that is every one
 * @param token an admin's token of the API; empty: one is made at the first start and printed once
 */
public record Settings(
        Path dataDir,
        String publicUri,
        Secret token,
        CoapSettings coap,
        CoapsSettings coaps,
        OscoreSettings oscore,
        LimitSettings limits,
        HttpSettings http,
        LedgerSettings ledger,
        RolloutSettings rollout,
        DeliveryOptions delivery,
        UpdateSettings update,
        WaveSettings waves,
        GateSettings gate,
        ClassSettings classes,
        ScheduleSettings schedule,
        TelemetrySettings telemetry,
        MqttSettings mqtt,
        TerminalSettings terminals,
        PackageSettings packages,
        CredentialSettings credentials,
        ClientSettings clients,
        BootstrapOptions bootstrap) {
    public static final Settings DEFAULT = new Settings(
            Path.of("data"),
            "",
            Secret.NONE,
            CoapSettings.NOSEC,
            CoapsSettings.DEFAULT,
            OscoreSettings.DEFAULT,
            LimitSettings.DEFAULT,
            HttpSettings.DEFAULT,
            LedgerSettings.DEFAULT,
            RolloutSettings.DEFAULT,
            DeliveryOptions.DEFAULT,
            UpdateSettings.DEFAULT,
            WaveSettings.DEFAULT,
            GateSettings.DEFAULT,
            ClassSettings.DEFAULT,
            ScheduleSettings.DEFAULT,
            TelemetrySettings.DEFAULT,
            MqttSettings.OFF,
            TerminalSettings.DEFAULT,
            PackageSettings.DEFAULT,
            CredentialSettings.DEFAULT,
            ClientSettings.DEFAULT,
            BootstrapOptions.DEFAULT);

    public Settings {
        new Checks()
                .notBlank("data-dir", dataDir.toString())
                .that(
                        publicUri.isEmpty() || publicUri.matches("coaps?://[A-Za-z0-9.\\-\\[\\]:]+"),
                        "public-uri",
                        publicUri,
                        "empty, or like coap://host:5683")
                .that(
                        !token.isSet() || token.value().length() >= 16,
                        "token",
                        token,
                        "at least 16 characters; nothing to have one made")
                .that(
                        !delivery.https().enabled() || http.tls().enabled(),
                        "delivery.https.enabled",
                        true,
                        "http.tls.certificate and http.tls.key")
                .that(coap.enabled() || coaps.enabled(), "coap.enabled", false, "true for coap or for coaps")
                .done();
    }
}
