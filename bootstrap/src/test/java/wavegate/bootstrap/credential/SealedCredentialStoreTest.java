package wavegate.bootstrap.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.bootstrap.credential.Credential.Oscore;
import wavegate.bootstrap.credential.Credential.Psk;
import wavegate.bootstrap.credential.Credential.Rpk;
import wavegate.bootstrap.credential.Credential.X509;
import wavegate.bootstrap.credential.CredentialRefused.Why;
import wavegate.bootstrap.credential.StoredCredential.State;

class SealedCredentialStoreTest {
    private static final Duration GRACE = Duration.ofHours(1);

    @TempDir
    private Path directory;

    private final SecureRandom random = new SecureRandom();
    private volatile Instant now = Instant.parse("2026-03-01T00:00:00Z");
    private final InstantSource clock = () -> now;
    private Path file;
    private StoreKey key;

    @BeforeEach
    void makeKey() throws IOException {
        file = directory.resolve("data/credentials");
        key = StoreKey.forData(directory.resolve("data"), "", random);
    }

    private SealedCredentialStore open() throws IOException {
        return SealedCredentialStore.open(file, key, clock, random);
    }

    private Psk psk(String endpoint, String identity) {
        byte[] secret = new byte[16];
        random.nextBytes(secret);
        return new Psk(endpoint, identity, secret);
    }

    private static Rpk rpk(String endpoint) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return new Rpk(endpoint, generator.generateKeyPair().getPublic());
    }

    private static Why whyRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        CredentialRefused[] refused = new CredentialRefused[1];
        assertThatThrownBy(call).isInstanceOfSatisfying(CredentialRefused.class, thrown -> refused[0] = thrown);
        return refused[0].why();
    }

    @Test
    void what_was_put_is_there_after_a_restart() throws Exception {
        Psk psk = psk("m-1", "id-1");
        Rpk rpk = rpk("m-2");
        X509 x509 = new X509("m-3", "acme");
        List<StoredCredential> before;
        try (SealedCredentialStore store = open()) {
            store.put(Use.LWM2M, psk);
            store.put(Use.LWM2M, rpk);
            store.put(Use.LWM2M, x509);
            store.put(Use.BOOTSTRAP, psk("m-1", "id-1"));
            before = store.page("", 10);
        }
        try (SealedCredentialStore store = open()) {
            assertThat(store.page("", 10)).isEqualTo(before).hasSize(4);
            assertThat(store.byIdentity(Use.LWM2M, "id-1")).contains(psk);
            assertThat(store.byPublicKey(Use.LWM2M, rpk.key())).contains(rpk);
            assertThat(store.valid(Use.LWM2M, "m-3")).containsExactly(x509);
            assertThat(store.byIdentity(Use.BOOTSTRAP, "id-1").orElseThrow()).isNotEqualTo(psk);
            assertThat(store.known(Use.BOOTSTRAP, "m-2")).isFalse();
            assertThat(store.count(Use.LWM2M)).isEqualTo(3);
        }
    }

    private static Oscore oscore(String endpoint, String recipientId) {
        return new Oscore(
                endpoint,
                new byte[] {1},
                HexFormat.of().parseHex(recipientId),
                "0123456789abcdef".getBytes(StandardCharsets.US_ASCII),
                new byte[] {0x5a});
    }

    @Test
    void an_oscore_context_is_found_by_the_id_its_device_sends_with_and_is_sealed() throws Exception {
        Oscore context = oscore("m-1", "0a01");
        try (SealedCredentialStore store = open()) {
            store.put(Use.LWM2M, context);
            store.put(Use.LWM2M, psk("m-2", "0a01"));

            assertThat(whyRefused(() -> store.put(Use.LWM2M, oscore("m-3", "0a01"))))
                    .isEqualTo(Why.TAKEN);
        }
        try (SealedCredentialStore store = open()) {
            assertThat(store.byRecipientId(Use.LWM2M, context.recipientId())).contains(context);
            assertThat(store.byRecipientId(Use.BOOTSTRAP, context.recipientId()))
                    .isEmpty();
            assertThat(store.byRecipientId(Use.LWM2M, new byte[] {1})).isEmpty();
            assertThat(store.byIdentity(Use.LWM2M, "0a01").orElseThrow().endpoint())
                    .isEqualTo("m-2");

            Oscore next = oscore("m-1", "0a02");
            store.rotate(Use.LWM2M, next, GRACE);
            assertThat(store.valid(Use.LWM2M, "m-1")).containsExactly(next, context);
            store.used(Use.LWM2M, next);
            await().atMost(Duration.ofSeconds(10)).until(() -> store.byRecipientId(Use.LWM2M, context.recipientId())
                    .isEmpty());
            store.revoke(Use.LWM2M, "m-1", "stolen");
            assertThat(store.byRecipientId(Use.LWM2M, next.recipientId())).isEmpty();
        }
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                .doesNotContain("0123456789abcdef");
        assertThat(context.toString()).doesNotContain("30313233").doesNotContain("0123456789abcdef");
    }

    @Test
    void pages_follow_the_names_and_never_split_an_endpoint() throws Exception {
        try (SealedCredentialStore store = open()) {
            for (String endpoint : List.of("c", "a", "a-1", "b")) {
                store.put(Use.LWM2M, psk(endpoint, "id-" + endpoint));
                store.put(Use.BOOTSTRAP, psk(endpoint, "bs-" + endpoint));
            }
            List<String> seen = new ArrayList<>();
            String after = "";
            for (List<StoredCredential> page = store.page(after, 1); !page.isEmpty(); page = store.page(after, 1)) {
                assertThat(page).hasSize(2);
                after = page.get(1).credential().endpoint();
                seen.add(after);
            }
            assertThat(seen).containsExactly("a", "a-1", "b", "c");
        }
    }

    @Test
    void every_flipped_bit_is_refused_and_never_read_as_another_credential() throws Exception {
        try (SealedCredentialStore store = open()) {
            store.put(Use.LWM2M, psk("m-1", "id-1"));
            store.put(Use.LWM2M, psk("m-2", "id-2"));
        }
        byte[] whole = Files.readAllBytes(file);
        int refused = 0;
        for (int bit = 0; bit < whole.length * 8; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            Files.write(file, flipped);
            try (SealedCredentialStore store = open()) {
                assertThat(store.page("", 10)).as("bit %d", bit).isNull();
            } catch (IOException e) {
                refused++;
            }
        }
        assertThat(refused).isEqualTo(whole.length * 8);
        System.out.println("credential store: " + refused + " of " + whole.length * 8 + " flipped bits refused");
    }

    @Test
    void without_the_mark_a_flipped_bit_costs_the_end_at_most() throws Exception {
        List<StoredCredential> all;
        try (SealedCredentialStore store = open()) {
            store.put(Use.LWM2M, psk("m-1", "id-1"));
            store.put(Use.LWM2M, psk("m-2", "id-2"));
            all = store.page("", 10);
        }
        byte[] whole = Files.readAllBytes(file);
        for (int bit = 0; bit < whole.length * 8; bit += 37) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            Files.write(file, flipped);
            Files.deleteIfExists(markFile());
            try (SealedCredentialStore store = open()) {
                List<StoredCredential> left = store.page("", 10);
                assertThat(left).as("bit %d", bit).hasSizeLessThan(all.size());
                assertThat(left).isEqualTo(all.subList(0, left.size()));
            } catch (IOException e) {
                assertThat(e).hasMessageContaining(file.toString());
            }
        }
    }

    private Path markFile() throws IOException {
        return key.markFile(file, "mark");
    }

    @Test
    void a_record_that_was_never_acknowledged_is_cut() throws Exception {
        try (SealedCredentialStore store = open()) {
            store.put(Use.LWM2M, psk("m-1", "id-1"));
        }
        long acknowledged = Files.size(file);
        byte[] mark = Files.readAllBytes(markFile());
        try (SealedCredentialStore store = open()) {
            store.put(Use.LWM2M, psk("m-2", "id-2"));
        }
        byte[] whole = Files.readAllBytes(file);
        for (long length = acknowledged + 1; length < whole.length; length += 11) {
            Files.write(file, Arrays.copyOf(whole, (int) length));
            Files.write(markFile(), mark);
            try (SealedCredentialStore store = open()) {
                assertThat(store.page("", 10)).hasSize(1);
                assertThat(Files.size(file)).isEqualTo(acknowledged);
            }
        }
    }

    @Test
    void an_end_that_was_acknowledged_and_is_missing_is_refused() throws Exception {
        try (SealedCredentialStore store = open()) {
            store.put(Use.LWM2M, psk("m-1", "id-1"));
        }
        byte[] beforeRevocation = Files.readAllBytes(file);
        try (SealedCredentialStore store = open()) {
            store.revoke(Use.LWM2M, "m-1", "stolen");
        }
        Files.write(file, beforeRevocation);

        assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("its end is missing");
        Files.delete(file);
        assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("missing");
    }

    @Test
    void records_cannot_be_swapped_or_left_out() throws Exception {
        List<Long> ends = new ArrayList<>();
        try (SealedCredentialStore store = open()) {
            ends.add(Files.size(file));
            for (int i = 0; i < 3; i++) {
                store.put(Use.LWM2M, psk("m-" + i, "id-" + i));
                ends.add(Files.size(file));
            }
        }
        byte[] whole = Files.readAllBytes(file);
        byte[] header = Arrays.copyOfRange(whole, 0, ends.get(0).intValue());
        byte[][] records = new byte[3][];
        for (int i = 0; i < 3; i++) {
            records[i] = Arrays.copyOfRange(
                    whole, ends.get(i).intValue(), ends.get(i + 1).intValue());
        }
        for (int[] order : new int[][] {{1, 0, 2}, {0, 2, 1}, {1, 2}, {0, 2}, {0, 0, 1, 2}, {0, 1, 1, 2}}) {
            java.io.ByteArrayOutputStream other = new java.io.ByteArrayOutputStream();
            other.writeBytes(header);
            for (int i : order) {
                other.writeBytes(records[i]);
            }
            Files.write(file, other.toByteArray());
            assertThatThrownBy(this::open)
                    .as("%s", Arrays.toString(order))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("damaged");
        }
    }

    @Test
    void another_key_is_refused_by_name() throws Exception {
        open().close();
        StoreKey other = StoreKey.open(directory.resolve("other.key"), random);

        assertThatThrownBy(() -> SealedCredentialStore.open(file, other, clock, random))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("sealed with another key")
                .hasMessageContaining("made just now");
    }

    @Test
    void only_the_owner_reads_the_store_and_its_key() throws Exception {
        open().close();

        for (Path path : List.of(file, key.file(), markFile())) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .as("%s", path)
                    .isEqualTo("rw-------");
        }
        Files.setPosixFilePermissions(key.file(), PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> StoreKey.open(key.file(), random)).hasMessageContaining("chmod 600");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(this::open).hasMessageContaining("chmod 600");
    }

    @Test
    void a_key_inside_the_data_directory_is_refused() throws Exception {
        Path data = Files.createDirectories(directory.resolve("data"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), data);

        for (String inside : List.of(data + "/store.key", data + "/sub/store.key", data + "/../data/k", link + "/k")) {
            assertThatThrownBy(() -> StoreKey.forData(data, inside, random))
                    .as(inside)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("outside the data directory");
        }
        assertThat(StoreKey.forData(data, data + "-2/k", random).file()).exists();
    }

    @Test
    void no_secret_can_be_read_in_any_file_or_text() throws Exception {
        List<byte[]> secrets = new ArrayList<>();
        StringBuilder texts = new StringBuilder();
        try (SealedCredentialStore store = open()) {
            for (int i = 0; i < 20; i++) {
                Psk psk = psk("m-" + i, "id-" + i);
                secrets.add(psk.key());
                texts.append(store.put(Use.LWM2M, psk));
            }
            store.rotate(Use.LWM2M, psk("m-1", "id-1b"), GRACE);
            store.revoke(Use.LWM2M, "m-2", "lost");
            texts.append(store.page("", 100)).append(key);
        }
        StringBuilder files = new StringBuilder();
        for (Path path : List.of(file, markFile())) {
            files.append(new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1));
        }
        secrets.add(Files.readAllBytes(key.file()));
        for (byte[] secret : secrets) {
            for (String form : List.of(
                    new String(secret, StandardCharsets.ISO_8859_1),
                    HexFormat.of().formatHex(secret),
                    HexFormat.of().withUpperCase().formatHex(secret),
                    Base64.getEncoder().withoutPadding().encodeToString(secret),
                    Base64.getUrlEncoder().withoutPadding().encodeToString(secret))) {
                assertThat(files.toString()).doesNotContain(form);
                assertThat(texts.toString()).doesNotContain(form);
            }
        }
    }

    @Test
    void an_endpoint_has_one_credential_and_an_identity_one_endpoint() throws Exception {
        try (SealedCredentialStore store = open()) {
            store.put(Use.LWM2M, psk("m-1", "id-1"));

            assertThat(whyRefused(() -> store.put(Use.LWM2M, psk("m-1", "id-2"))))
                    .isEqualTo(Why.EXISTS);
            assertThat(whyRefused(() -> store.put(Use.LWM2M, psk("m-2", "id-1"))))
                    .isEqualTo(Why.TAKEN);
            Rpk rpk = rpk("m-3");
            store.put(Use.LWM2M, rpk);
            assertThat(whyRefused(() -> store.put(Use.LWM2M, new Rpk("m-4", rpk.key()))))
                    .isEqualTo(Why.TAKEN);
            assertThat(store.known(Use.LWM2M, "m-2")).isFalse();
        }
    }

    @Test
    void old_and_new_are_good_until_the_new_one_is_used() throws Exception {
        Psk old = psk("m-1", "id-1");
        Psk fresh = psk("m-1", "id-2");
        List<CredentialChange> changes = new CopyOnWriteArrayList<>();
        try (SealedCredentialStore store = open()) {
            store.addListener(changes::add);
            store.put(Use.LWM2M, old);
            store.rotate(Use.LWM2M, fresh, GRACE);
            assertThat(store.valid(Use.LWM2M, "m-1")).containsExactly(fresh, old);

            store.used(Use.LWM2M, old);
            assertThat(store.byIdentity(Use.LWM2M, "id-1")).contains(old);

            store.used(Use.LWM2M, fresh);
            await().untilAsserted(() -> assertThat(changes)
                    .containsExactly(
                            new CredentialChange(CredentialChange.Kind.ADDED, Use.LWM2M, old, ""),
                            new CredentialChange(CredentialChange.Kind.ROTATED, Use.LWM2M, fresh, ""),
                            new CredentialChange(CredentialChange.Kind.ENDED, Use.LWM2M, old, "")));
            assertThat(store.byIdentity(Use.LWM2M, "id-1")).isEmpty();
        }
        try (SealedCredentialStore store = open()) {
            assertThat(store.valid(Use.LWM2M, "m-1")).containsExactly(fresh);
        }
    }

    @Test
    void old_and_new_are_good_until_the_grace_ends() throws Exception {
        Psk old = psk("m-1", "id-1");
        Psk fresh = psk("m-1", "id-2");
        List<CredentialChange> changes = new CopyOnWriteArrayList<>();
        try (SealedCredentialStore store = open()) {
            store.put(Use.LWM2M, old);
            store.rotate(Use.LWM2M, fresh, GRACE);
            store.addListener(changes::add);

            now = now.plus(GRACE);
            assertThat(store.valid(Use.LWM2M, "m-1")).containsExactly(fresh);
            assertThat(store.byIdentity(Use.LWM2M, "id-1")).isEmpty();
            store.expire(now);
            assertThat(changes).containsExactly(new CredentialChange(CredentialChange.Kind.ENDED, Use.LWM2M, old, ""));
        }
    }

    @Test
    void the_one_a_device_has_proved_to_hold_outlives_rotations_it_never_took() throws Exception {
        Psk held = psk("m-1", "id-0");
        try (SealedCredentialStore store = open()) {
            store.put(Use.LWM2M, held);
            for (int i = 1; i <= 6; i++) {
                store.rotate(Use.LWM2M, psk("m-1", "id-" + i), GRACE);
            }
            assertThat(store.valid(Use.LWM2M, "m-1").stream()
                            .map(credential -> ((Psk) credential).identity())
                            .toList())
                    .containsExactly("id-6", "id-5", "id-4", "id-0");
        }
    }

    @Test
    void a_rotation_with_grace_needs_another_identity() throws Exception {
        Psk old = psk("m-1", "id-1");
        try (SealedCredentialStore store = open()) {
            store.put(Use.LWM2M, old);

            assertThat(whyRefused(() -> store.rotate(Use.LWM2M, psk("m-1", "id-1"), GRACE)))
                    .isEqualTo(Why.TAKEN);
            assertThat(whyRefused(() -> store.rotate(Use.LWM2M, old, GRACE))).isEqualTo(Why.SAME);
            Psk fresh = psk("m-1", "id-1");
            store.rotate(Use.LWM2M, fresh, Duration.ZERO);
            assertThat(store.valid(Use.LWM2M, "m-1")).containsExactly(fresh);
            assertThat(store.byIdentity(Use.LWM2M, "id-1")).contains(fresh);
        }
    }

    @Test
    void a_revoked_endpoint_stays_known_and_comes_back_with_a_new_secret_alone() throws Exception {
        Psk lost = psk("m-1", "id-1");
        try (SealedCredentialStore store = open()) {
            store.put(Use.LWM2M, lost);
            store.revoke(Use.LWM2M, "m-1", "lost");
        }
        try (SealedCredentialStore store = open()) {
            assertThat(store.byIdentity(Use.LWM2M, "id-1")).isEmpty();
            assertThat(store.valid(Use.LWM2M, "m-1")).isEmpty();
            assertThat(store.known(Use.LWM2M, "m-1")).isTrue();
            assertThat(store.find("m-1")).extracting(StoredCredential::state).containsExactly(State.REVOKED);
            assertThat(whyRefused(() -> store.revoke(Use.LWM2M, "m-1", "again")))
                    .isEqualTo(Why.UNKNOWN);
            assertThat(whyRefused(() -> store.rotate(Use.LWM2M, psk("m-1", "id-2"), GRACE)))
                    .isEqualTo(Why.REVOKED);
            assertThat(whyRefused(() -> store.put(Use.LWM2M, lost))).isEqualTo(Why.REVOKED);

            Psk fresh = psk("m-1", "id-2");
            store.put(Use.LWM2M, fresh);
            assertThat(store.valid(Use.LWM2M, "m-1")).containsExactly(fresh);
        }
    }

    @Test
    void an_import_takes_what_is_right_and_says_why_of_the_rest() throws Exception {
        try (SealedCredentialStore store = open()) {
            store.put(Use.LWM2M, psk("m-0", "id-0"));

            List<Optional<CredentialRefused>> results = store.importAll(
                    Use.LWM2M,
                    List.of(
                            psk("m-1", "id-1"),
                            psk("m-0", "id-9"),
                            psk("m-2", "id-1"),
                            psk("m-1", "id-3"),
                            psk("m-3", "id-4")));

            assertThat(results.stream()
                            .map(result -> result.map(CredentialRefused::why))
                            .toList())
                    .containsExactly(
                            Optional.empty(),
                            Optional.of(Why.EXISTS),
                            Optional.of(Why.TAKEN),
                            Optional.of(Why.EXISTS),
                            Optional.empty());
            assertThat(store.count(Use.LWM2M)).isEqualTo(3);
        }
    }

    @Test
    void a_file_of_changes_is_written_anew_and_loses_nothing() throws Exception {
        List<StoredCredential> before;
        try (SealedCredentialStore store = open()) {
            store.put(Use.LWM2M, psk("m-1", "id-1"));
            store.put(Use.LWM2M, psk("m-2", "id-2"));
            store.revoke(Use.LWM2M, "m-2", "lost");
            for (int i = 0; i < 300; i++) {
                store.rotate(Use.LWM2M, psk("m-1", "id-" + (i % 2 + 10)), Duration.ZERO);
            }
            before = store.page("", 10);
            assertThat(Files.size(file)).isLessThan(20_000);
        }
        try (SealedCredentialStore store = open()) {
            assertThat(store.page("", 10)).isEqualTo(before);
        }
    }

    @Test
    void two_servers_cannot_have_the_store_open() throws Exception {
        try (SealedCredentialStore store = open()) {
            assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("in use");
            assertThat(store.page("", 1)).isEmpty();
        }
        open().close();
    }

    @Test
    void other_secrets_are_sealed_for_one_purpose() {
        byte[] sealed = key.seal("secret".getBytes(StandardCharsets.UTF_8), "server identity");

        assertThat(key.open(sealed, "server identity"))
                .hasValueSatisfying(plain -> assertThat(plain).asString().isEqualTo("secret"));
        assertThat(key.open(sealed, "dtls sessions")).isEmpty();
        for (int bit = 0; bit < sealed.length * 8; bit++) {
            byte[] flipped = sealed.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(key.open(flipped, "server identity")).isEmpty();
        }
        assertThat(key.open(new byte[0], "server identity")).isEmpty();
    }
}
