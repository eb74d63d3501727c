package wavegate.server.registration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.eclipse.leshan.core.LwM2m.LwM2mVersion;
import org.eclipse.leshan.core.link.Link;
import org.eclipse.leshan.core.peer.IpPeer;
import org.eclipse.leshan.core.peer.PskIdentity;
import org.eclipse.leshan.core.request.BindingMode;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.SealedCredentialStore;
import wavegate.bootstrap.credential.StoreKey;

/** What comes back after a restart. The endpoints are never started, so their ports are only names. */
class RegistrationsWrittenBehindTest {
    private static final String COAP = "coap://127.0.0.1:5683";
    private static final String COAPS = "coaps://127.0.0.1:5684";
    private static final String LINKS = "</lwm2m>;rt=\"oma.lwm2m\";ct=112,</lwm2m/1/0>,</lwm2m/3/0>,</lwm2m/5>;ver=1.1";

    private static final LwM2mSettings SETTINGS = LwM2mSettings.defaults()
            .listening(LwM2mSettings.Listener.at("127.0.0.1", 5683), LwM2mSettings.Listener.at("127.0.0.1", 5684));

    @TempDir
    private Path directory;

    private Path file;
    private CredentialStore credentials;
    private final List<CredentialStore> stores = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        file = directory.resolve("registrations");
        credentials = store(directory.resolve("data"));
    }

    private interface Life {
        void with(RegistrationStore store, RegistrationsWrittenBehind written) throws Exception;
    }

    /** One life of a server. */
    private void life(CredentialStore directoryOfKeys, Life use) throws Exception {
        try (LwM2mEndpoints endpoints = new LwM2mEndpoints(
                SETTINGS, directoryOfKeys, ObjectModels.builtIn().all(), builder -> {})) {
            try (RegistrationsWrittenBehind written =
                    RegistrationsWrittenBehind.restore(file, endpoints.leshan(), directoryOfKeys, SETTINGS)) {
                use.with(endpoints.leshan().getRegistrationStore(), written);
            }
        }
    }

    private void life(Life use) throws Exception {
        life(credentials, use);
    }

    private static void add(RegistrationStore store, RegistrationsWrittenBehind written, Registration registration) {
        store.addRegistration(registration);
        written.registered(registration, null, null);
    }

    private static Registration.Builder registration(String endpoint, IpPeer peer, String uri) throws Exception {
        Link[] links = new InterningLinkParser(100).parseCoreLinkFormat(LINKS.getBytes(StandardCharsets.UTF_8));
        var data = new InterningDataExtractor().extractDataFromObjectLinks(links, LwM2mVersion.V1_1);
        return new Registration.Builder("id-of-" + endpoint, endpoint, peer, URI.create(uri))
                .lifeTimeInSec(300L)
                .lwM2mVersion(LwM2mVersion.V1_1)
                .bindingMode(BindingMode.parse("U"))
                .queueMode(true)
                .additionalRegistrationAttributes(Map.of("region", "eu"))
                .objectLinks(links)
                .rootPath(data.getAlternatePath())
                .supportedContentFormats(data.getSupportedContentFormats())
                .supportedObjects(data.getSupportedObjects())
                .availableInstances(data.getAvailableInstances());
    }

    private static IpPeer at(int port) {
        return new IpPeer(new InetSocketAddress("127.0.0.1", port));
    }

    private static Registration noSec(String endpoint) throws Exception {
        return registration(endpoint, at(40_000), COAP).build();
    }

    private static Registration psk(String endpoint, String identity) throws Exception {
        return registration(
                        endpoint,
                        new IpPeer(new InetSocketAddress("127.0.0.1", 40_001), new PskIdentity(identity)),
                        COAPS)
                .build();
    }

    private CredentialStore key(String endpoint, String identity) throws IOException {
        CredentialStore store = store(directory.resolve(endpoint));
        store.put(wavegate.bootstrap.credential.Use.LWM2M, new Credential.Psk(endpoint, identity, new byte[16]));
        return store;
    }

    private CredentialStore store(Path data) throws IOException {
        SecureRandom random = new SecureRandom();
        CredentialStore store = SealedCredentialStore.open(
                data.resolve("credentials"), StoreKey.forData(data, "", random), Clock.systemUTC(), random);
        stores.add(store);
        return store;
    }

    @AfterEach
    void close() {
        stores.forEach(CredentialStore::close);
    }

    @Test
    void a_registration_comes_back_as_it_was() throws Exception {
        Registration before = noSec("m-1");
        life((store, written) -> add(store, written, before));

        life((store, written) -> {
            Registration after = store.getRegistration("id-of-m-1");
            assertThat(after).usingRecursiveComparison().isEqualTo(before);
            assertThat(after.getRootPath()).isEqualTo("/lwm2m/");
            assertThat(after.getSupportedVersion(5)).hasToString("1.1");
            assertThat(after.usesQueueMode()).isTrue();
            assertThat(store.getRegistrationByAdress(new InetSocketAddress("127.0.0.1", 40_000)))
                    .isSameAs(after);
        });
    }

    @Test
    void a_registration_still_rests_on_the_same_certificate() throws Exception {
        credentials.put(wavegate.bootstrap.credential.Use.LWM2M, new Credential.X509("m-1", "acme"));
        CertificateIdentity shown = new CertificateIdentity("m-1", "0f".repeat(32));
        Registration before = registration("m-1", new IpPeer(new InetSocketAddress("127.0.0.1", 40_001), shown), COAPS)
                .build();
        life((store, written) -> add(store, written, before));

        life((store, written) -> assertThat(store.getRegistration("id-of-m-1")
                        .getClientTransportData()
                        .getIdentity())
                .usingRecursiveComparison()
                .isEqualTo(shown));
    }

    @Test
    void a_change_is_written_and_a_device_that_left_stays_away() throws Exception {
        Registration stays = noSec("m-1");
        Registration moved = registration("m-1", at(40_009), COAP).build();
        Registration leaves = registration("m-2", at(40_002), COAP).build();
        life((store, written) -> {
            add(store, written, stays);
            add(store, written, leaves);
        });
        life((store, written) -> {
            add(store, written, moved);
            store.removeRegistration(leaves.getId());
            written.unregistered(leaves, null, false, null);
        });

        life((store, written) -> {
            assertThat(store.getRegistrationByEndpoint("m-1").getPort()).isEqualTo(40_009);
            assertThat(store.getRegistrationByEndpoint("m-2")).isNull();
        });
    }

    @Test
    void what_outlived_its_lifetime_or_came_by_another_endpoint_is_left_out() throws Exception {
        Registration old = registration("m-1", at(40_001), COAP)
                .lastUpdate(Date.from(Instant.now().minusSeconds(301)))
                .build();
        Registration elsewhere =
                registration("m-2", at(40_002), "coap://127.0.0.1:9999").build();
        Registration good = registration("m-3", at(40_003), COAP).build();
        life((store, written) -> {
            add(store, written, old);
            add(store, written, elsewhere);
            add(store, written, good);
        });

        life((store, written) -> assertThat(store.getAllRegistrations())
                .toIterable()
                .extracting(Registration::getEndpoint)
                .containsExactly("m-3"));
    }

    @Test
    void a_device_comes_back_only_with_the_credential_of_now() throws Exception {
        CredentialStore key = key("m-1", "psk-1");
        life(key, (store, written) -> {
            add(store, written, psk("m-1", "psk-1"));
            add(store, written, noSec("m-2"));
        });

        life(key, (store, written) -> {
            assertThat(store.getRegistrationByIdentity(new PskIdentity("psk-1")).getEndpoint())
                    .isEqualTo("m-1");
            assertThat(store.getRegistrationByEndpoint("m-2")).isNotNull();
        });
        life(key("m-2", "psk-2"), (store, written) -> assertThat(store.getAllRegistrations())
                .isExhausted());
    }

    @Test
    void a_torn_tail_costs_only_what_was_in_it() throws Exception {
        life((store, written) -> add(store, written, noSec("m-1")));
        life((store, written) ->
                add(store, written, registration("m-2", at(40_002), COAP).build()));
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 3));

        life((store, written) -> assertThat(store.getAllRegistrations())
                .toIterable()
                .extracting(Registration::getEndpoint)
                .hasSize(1));
        assertThat(Files.readAllBytes(file)).hasSizeLessThan(bytes.length);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 8, 12, 30, 150})
    void a_damaged_file_is_ignored_and_replaced(int at) throws Exception {
        life((store, written) -> add(store, written, noSec("m-1")));
        byte[] bytes = Files.readAllBytes(file);
        bytes[at] ^= 0x55;
        Files.write(file, bytes);

        life((store, written) -> {
            assertThat(store.getAllRegistrations()).isExhausted();
            add(store, written, noSec("m-2"));
        });
        life((store, written) ->
                assertThat(store.getRegistrationByEndpoint("m-2")).isNotNull());
    }

    @Test
    void only_the_owner_may_read_the_file() throws Exception {
        life((store, written) -> add(store, written, noSec("m-1")));

        assertThat(java.nio.file.attribute.PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void an_entry_that_is_whole_and_cannot_be_understood_costs_its_own_device_only() throws Exception {
        CredentialStore keys = key("m-1", "psk-1");
        life(keys, (store, written) -> add(store, written, psk("m-1", "psk-1")));
        ByteBuffer entries = ByteBuffer.wrap(Files.readAllBytes(file));
        byte[] whole = entries.array();
        // As a certificate was written earlier: its name, without a fingerprint.
        whole[new String(whole, StandardCharsets.ISO_8859_1).indexOf("ppsk-1")] = 'x';
        CRC32C crc = new CRC32C();
        crc.update(whole, 16, entries.getInt(8));
        entries.putInt(12, (int) crc.getValue());
        byte[] strange = whole.clone();
        life(keys, (store, written) -> {
            add(store, written, psk("m-1", "psk-1"));
            add(store, written, noSec("m-2"));
        });
        byte[] good = Files.readAllBytes(file);
        Files.write(
                file,
                ByteBuffer.allocate(strange.length + good.length - 8)
                        .put(strange)
                        .put(good, 8, good.length - 8)
                        .array());
        life(keys, (store, written) -> assertThat(store.getAllRegistrations())
                .toIterable()
                .extracting(Registration::getEndpoint)
                .containsExactlyInAnyOrder("m-1", "m-2"));

        // What came later counts, though it cannot be understood.
        Files.write(
                file,
                ByteBuffer.allocate(strange.length + good.length - 8)
                        .put(good)
                        .put(strange, 8, strange.length - 8)
                        .array());
        life(keys, (store, written) -> assertThat(store.getAllRegistrations())
                .toIterable()
                .extracting(Registration::getEndpoint)
                .containsExactly("m-2"));
    }
}
