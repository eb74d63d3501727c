package wavegate.bootstrap.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.SealedCredentialStore;
import wavegate.bootstrap.credential.StoreKey;
import wavegate.bootstrap.credential.Use;
import wavegate.bootstrap.rotation.Rotation.State;

class RotationsTest {
    @TempDir
    private Path folder;

    private Instant now = Instant.parse("2026-11-23T10:00:00Z");
    private final List<String> asked = new ArrayList<>();
    private SealedCredentialStore store;
    private Rotations rotations;

    @BeforeEach
    void open() throws IOException {
        Path data = Files.createDirectories(folder.resolve("data"));
        SecureRandom random = new SecureRandom();
        store = SealedCredentialStore.open(
                data.resolve("credentials"), StoreKey.forData(data, "", random), () -> now, random);
        rotations = opened();
    }

    private Rotations opened() throws IOException {
        return Rotations.open(
                folder.resolve("rotations"),
                store,
                endpoint -> {
                    asked.add(endpoint);
                    return endpoint.equals("away")
                            ? CompletableFuture.failedFuture(new IllegalStateException("not registered"))
                            : CompletableFuture.completedFuture(null);
                },
                () -> now);
    }

    @AfterEach
    void close() throws IOException {
        rotations.close();
        store.close();
    }

    private static Credential.Psk key(String endpoint, int number) {
        return new Credential.Psk(
                endpoint,
                endpoint + "-" + number,
                ("key-" + number + "-of-16-byte").getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    private void started(int perMinute, String... endpoints) throws IOException {
        for (String endpoint : endpoints) {
            store.put(Use.LWM2M, key(endpoint, 1));
        }
        pass(1);
        rotations.start(new Rotation(
                "r",
                "token:a",
                now,
                now.plus(Duration.ofHours(1)),
                perMinute,
                List.of(endpoints),
                State.RUNNING,
                Optional.empty()));
    }

    /** A device came, was given another and has used it. */
    private void renewed(String endpoint) throws IOException {
        store.rotate(Use.LWM2M, key(endpoint, 2), Duration.ofDays(1));
        store.used(Use.LWM2M, key(endpoint, 2));
        org.awaitility.Awaitility.await()
                .until(() -> store.valid(Use.LWM2M, endpoint).size() == 1);
    }

    private void pass(int seconds) throws IOException {
        for (int i = 0; i < seconds; i++) {
            now = now.plusSeconds(1);
            rotations.step();
        }
    }

    private State state() {
        return rotations.find("r").orElseThrow().state();
    }

    @Test
    void devices_are_asked_at_the_pace_and_done_when_they_use_the_new_key() throws IOException {
        started(60, "a", "b", "c");
        pass(1);
        assertThat(asked).hasSize(1);
        pass(2);
        assertThat(asked).containsExactlyInAnyOrder("a", "b", "c");

        renewed("a");
        store.rotate(Use.LWM2M, key("b", 2), Duration.ofDays(1));
        assertThat(rotations.progress(rotations.find("r").orElseThrow())).isEqualTo(new Rotations.Progress(3, 1, 3));

        renewed("c");
        store.used(Use.LWM2M, key("b", 2));
        org.awaitility.Awaitility.await()
                .until(() -> store.valid(Use.LWM2M, "b").size() == 1);
        pass(6);
        assertThat(state()).isEqualTo(State.COMPLETED);
    }

    @Test
    void a_restart_goes_on_and_asks_nobody_who_is_done() throws IOException {
        started(600, "a", "b");
        pass(1);
        renewed("a");
        rotations.close();
        asked.clear();
        rotations = opened();
        pass(2);

        assertThat(asked).containsExactly("b");
        assertThat(state()).isEqualTo(State.RUNNING);
    }

    @Test
    void a_device_that_is_away_is_asked_again_until_the_deadline() throws IOException {
        started(60, "away");
        pass(1 + 600 + 600);
        assertThat(asked).hasSize(3);
        pass(3000);
        assertThat(state()).isEqualTo(State.COMPLETED_WITH_MISSING);
    }

    @Test
    void an_aborted_one_asks_nobody_any_more() throws IOException {
        started(60, "a", "b");
        pass(1);
        rotations.abort("r");
        pass(10);

        assertThat(asked).hasSize(1);
        assertThat(state()).isEqualTo(State.ABORTED);
        assertThat(rotations.abort("nobody")).isEmpty();
    }
}
