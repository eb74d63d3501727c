package wavegate.server.registration.oscore;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.californium.oscore.OSCoreCtx;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.SealedCredentialStore;
import wavegate.bootstrap.credential.StoreKey;
import wavegate.bootstrap.credential.Use;

class OscoreContextsTest {
    @TempDir
    private Path folder;

    private final SecureRandom random = new SecureRandom();

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private Credential.Oscore madeByBootstrap() {
        return new Credential.Oscore("m-1", new byte[] {1}, bytes(7), bytes(16), bytes(8));
    }

    @Test
    void a_context_ends_with_its_credential_and_only_numbers_of_a_chosen_id_outlive_it() throws Exception {
        Credential.Oscore chosen = new Credential.Oscore("m-1", new byte[] {1}, new byte[] {2}, bytes(16), new byte[0]);
        try (SealedCredentialStore store = SealedCredentialStore.open(
                folder.resolve("data/credentials"),
                StoreKey.forData(folder.resolve("data"), "", random),
                Clock.systemUTC(),
                random)) {
            Credential.Oscore last = chosen;
            try (OscoreSequences sequences = OscoreSequences.open(folder.resolve("sequences"))) {
                OscoreContexts contexts = new OscoreContexts(store, sequences, address -> Optional.empty());
                for (int i = 0; i < 20; i++) {
                    store.rotate(Use.LWM2M, last, Duration.ZERO);
                    OSCoreCtx context = contexts.getContext(last.recipientId());
                    assertThat(context).isNotNull();
                    context.getSenderSeq();
                    last = madeByBootstrap();
                }
                store.rotate(Use.LWM2M, last, Duration.ZERO);
                assertThat(contexts.count()).isZero();
            }
            try (OscoreSequences sequences = OscoreSequences.open(folder.resolve("sequences"))) {
                assertThat(sequences.count()).isEqualTo(1);
                assertThat(sequences.firstToSend(GuardedContext.idOf(chosen))).isEqualTo(1_000);
            }
        }
    }
}
