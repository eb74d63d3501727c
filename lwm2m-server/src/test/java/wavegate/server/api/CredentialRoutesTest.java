package wavegate.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.Use;

class CredentialRoutesTest {
    private static final String KEY = "000102030405060708090a0b0c0d0e0f";

    private final FakeFleet fleet = new FakeFleet();
    private final CredentialStore store = fleet.credentials.store();
    private ApiClient api;

    @BeforeEach
    void start() throws IOException {
        api = new ApiClient(fleet);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private ApiClient.Answer send(String path, String type, String body) {
        return api.send(api.request("/api/v1" + path)
                .header("Content-Type", type)
                .POST(BodyPublishers.ofString(body))
                .build());
    }

    @Test
    void a_key_that_was_given_is_kept_and_never_shown() {
        ApiClient.Answer added =
                api.post("/credentials", "{\"endpoint\": \"m-1\", \"identity\": \"id-1\", \"key\": \"" + KEY + "\"}");

        assertThat(added.status()).isEqualTo(201);
        assertThat(added.json().path("state").asText()).isEqualTo("ACTIVE");
        assertThat(store.byIdentity(Use.LWM2M, "id-1"))
                .contains(new Credential.Psk("m-1", "id-1", HexFormat.of().parseHex(KEY)));
        assertThat(added.text()
                        + api.get("/credentials").text()
                        + api.get("/credentials/m-1").text())
                .doesNotContain(KEY);
    }

    @Test
    void a_key_that_is_made_is_in_the_answer_alone() {
        JsonNode made = api.post("/credentials", "{\"endpoint\": \"m-1\", \"use\": \"bootstrap\"}")
                .json();

        String key = made.path("key").asText();
        assertThat(store.valid(Use.BOOTSTRAP, "m-1"))
                .containsExactly(new Credential.Psk("m-1", "m-1", HexFormat.of().parseHex(key)));
        assertThat(store.known(Use.LWM2M, "m-1")).isFalse();
        assertThat(api.get("/credentials/m-1").text()).doesNotContain(key);
    }

    @Test
    void public_keys_and_tenants_are_credentials_too() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        PublicKey key = generator.generateKeyPair().getPublic();
        String base64 = Base64.getEncoder().encodeToString(key.getEncoded());

        assertThat(api.post(
                                "/credentials",
                                "{\"endpoint\": \"m-1\", \"kind\": \"rpk\", \"publicKey\": \"" + base64 + "\"}")
                        .status())
                .isEqualTo(201);
        assertThat(api.post(
                                "/credentials",
                                "{\"endpoint\": \"m-2\", \"kind\": \"rpk\", \"publicKey\": \"-----BEGIN PUBLIC KEY-----\\n"
                                        + base64 + "\\n-----END PUBLIC KEY-----\"}")
                        .json()
                        .path("type")
                        .asText())
                .endsWith("identity-taken");
        assertThat(api.post("/credentials", "{\"endpoint\": \"m-3\", \"kind\": \"x509\", \"tenant\": \"acme\"}")
                        .json()
                        .path("tenant")
                        .asText())
                .isEqualTo("acme");
        assertThat(store.byPublicKey(Use.LWM2M, key)).isPresent();
    }

    @Test
    void putting_one_adds_it_rotates_it_and_is_idempotent() {
        String one = "{\"identity\": \"id-1\", \"key\": \"" + KEY + "\"}";
        String other = "{\"identity\": \"id-2\", \"key\": \"1" + KEY.substring(1) + "\"}";

        assertThat(api.method("PUT", "/credentials/m-1", one).status()).isEqualTo(200);
        assertThat(api.method("PUT", "/credentials/m-1", one).status()).isEqualTo(200);
        assertThat(store.find("m-1")).hasSize(1);
        assertThat(api.method("PUT", "/credentials/m-1", other).status()).isEqualTo(200);
        assertThat(store.valid(Use.LWM2M, "m-1")).hasSize(2);
        assertThat(api.method("PUT", "/credentials/m-1", "{}").status()).isEqualTo(422);

        api.post("/credentials/m-1/actions/revoke", "{\"reason\": \"lost\"}");
        assertThat(api.method("PUT", "/credentials/m-1", one)
                        .json()
                        .path("type")
                        .asText())
                .endsWith("credential-revoked");
    }

    @Test
    void a_rotation_and_a_revocation_need_something_to_rotate_and_revoke() {
        assertThat(api.post("/credentials/m-1/actions/rotate", "{}").status()).isEqualTo(404);
        assertThat(api.post("/credentials/m-1/actions/revoke", "{\"reason\": \"lost\"}")
                        .status())
                .isEqualTo(404);
        assertThat(api.get("/credentials/m-1").status()).isEqualTo(404);
        api.post("/credentials", "{\"endpoint\": \"m-1\"}");
        assertThat(api.post("/credentials", "{\"endpoint\": \"m-1\"}").status()).isEqualTo(409);
        assertThat(api.post("/credentials/m-1/actions/revoke", "{}").status()).isEqualTo(422);
        assertThat(api.post("/credentials/m-1/actions/rotate", "{\"grace\": \"0s\"}")
                        .status())
                .isEqualTo(200);
        assertThat(store.valid(Use.LWM2M, "m-1")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"endpoint\": \"m-1\", \"key\": \"SECRETSECRET\"}",
                "{\"endpoint\": \"m-1\", \"key\": \"5EC2E7\"}",
                "{\"endpoint\": \"m-1\", \"key\": {\"SECRET\": 1}}",
                "{\"endpoint\": \"m 1\", \"key\": \"5EC2E75EC2E75EC2E75EC2E7\"}",
                "{\"endpoint\": \"m-1\", \"identity\": \"a b\", \"key\": \"5EC2E75EC2E75EC2E75EC2E7\"}",
                "{\"endpoint\": \"m-1\", \"kind\": \"rpk\", \"publicKey\": \"AAAA\"}",
                "{\"endpoint\": \"m-1\", \"kind\": \"x509\", \"tenant\": \"../x\"}",
                "{\"endpoint\": \"m-1\", \"kind\": \"none\"}",
                "{\"kind\": \"psk\"}"
            })
    void what_is_no_credential_is_refused_and_no_key_comes_back(String body) {
        ApiClient.Answer answer = api.post("/credentials", body);

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.text()).doesNotContain("SECRET").doesNotContain("5EC2E7");
        assertThat(store.page("", 10)).isEmpty();
    }

    @Test
    void an_import_answers_for_each_line() {
        ApiClient.Answer answer = send(
                "/credentials/actions/import",
                "text/csv; charset=utf-8",
                "m-1,id-1," + KEY + "\r\n\n# comment\nm-2,id-1," + KEY + "\nm-3,id-3\nm 4,id-4," + KEY + "\nm-5,id-5,"
                        + KEY);

        assertThat(answer.json().path("added").asInt()).isEqualTo(2);
        List<Integer> lines = new ArrayList<>();
        answer.json()
                .path("faults")
                .forEach(fault -> lines.add(fault.path("line").asInt()));
        assertThat(lines).containsExactly(4, 5, 6);
        assertThat(answer.text()).doesNotContain(KEY);

        ApiClient.Answer ndjson = send(
                "/credentials/actions/import?use=bootstrap",
                "application/x-ndjson",
                "{\"endpoint\": \"m-1\", \"key\": \"" + KEY + "\"}\n{\"endpoint\": \"m-2\"}\n[]\nnope\n"
                        + "{\"endpoint\": \"m-3\", \"kind\": \"x509\", \"tenant\": \"acme\"}\n");
        assertThat(ndjson.json().path("added").asInt()).isEqualTo(2);
        assertThat(ndjson.json().path("faults")).hasSize(3);
        assertThat(store.count(Use.BOOTSTRAP)).isEqualTo(2);
        assertThat(send("/credentials/actions/import", "application/json", "{}").status())
                .isEqualTo(415);
    }

    @Test
    void pages_lead_from_one_to_the_next() {
        for (int i = 0; i < 5; i++) {
            api.post("/credentials", "{\"endpoint\": \"m-" + i + "\"}");
        }
        List<String> seen = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = api.get("/credentials?limit=2" + (cursor.isEmpty() ? "" : "&cursor=" + cursor))
                    .json();
            page.path("items").forEach(item -> seen.add(item.path("endpoint").asText()));
            cursor = page.path("next").asText();
        } while (!cursor.isEmpty());
        assertThat(seen).containsExactly("m-0", "m-1", "m-2", "m-3", "m-4");
    }

    @Test
    void no_call_leaves_a_key_in_the_audit() {
        api.post("/credentials", "{\"endpoint\": \"m-1\", \"key\": \"" + KEY + "\"}");
        api.post("/credentials", "{\"endpoint\": \"m-1\", \"key\": \"" + KEY + "\"}");
        api.post("/credentials", "{\"endpoint\": \"m-2\", \"key\": \"" + KEY + "zz\"}");

        assertThat(api.get("/audit").text()).contains("addCredential").doesNotContain(KEY);
    }

    @Test
    void a_change_outside_the_ledger_has_a_line_before_it_is_made_and_one_after() {
        api.post("/credentials", "{\"endpoint\": \"m-1\", \"key\": \"" + KEY + "\"}");
        api.post("/credentials", "{\"endpoint\": \"m-1\", \"key\": \"" + KEY + "\"}");

        JsonNode lines = api.get("/audit?action=addCredential").json().path("items");
        assertThat(lines)
                .allSatisfy(line -> assertThat(line.path("subject").asText()).isEqualTo("credentials/m-1"));
        assertThat(lines)
                .extracting(line -> line.path("outcome").asText())
                .as("newest first")
                .containsExactly("credential-exists", "intended", "done", "intended");
    }

    @Test
    void nothing_is_changed_that_could_not_be_recorded() {
        fleet.deaf = true;

        ApiClient.Answer credential = api.post("/credentials", "{\"endpoint\": \"m-1\", \"key\": \"" + KEY + "\"}");
        ApiClient.Answer token = api.post("/tokens", "{\"name\": \"mine\", \"role\": \"admin\"}");

        assertThat(credential.status()).isEqualTo(500);
        assertThat(store.find("m-1")).isEmpty();
        assertThat(token.status()).isEqualTo(500);
        assertThat(api.get("/tokens").text()).doesNotContain("mine");
    }

    @Test
    void a_device_whose_credential_is_in_use_from_two_places_says_so() {
        fleet.aDevice(FakeFleet.CLONED, "eu", "m", "1.0");
        fleet.aDevice("m-1", "eu", "m", "1.0");

        assertThat(api.get("/devices/" + FakeFleet.CLONED)
                        .json()
                        .path("cloneSuspected")
                        .asBoolean())
                .isTrue();
        assertThat(api.get("/devices/m-1").json().path("cloneSuspected").asBoolean(true))
                .isFalse();
    }
}
