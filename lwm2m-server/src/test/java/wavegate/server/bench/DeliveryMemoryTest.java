package wavegate.server.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.server.bench.DeliveryLoad.Outcome;
import wavegate.server.bench.DeliveryLoad.Task;

/** Many transfers of a large image at the same time, in a server with a small heap. */
class DeliveryMemoryTest {
    private static final boolean FULL = Boolean.getBoolean("wavegate.test.full");
    private static final int HEAP_MIB = 256;
    private static final int TRANSFERS = 1000;
    private static final int IMAGE = 4 << 20;
    private static final int UNDER_WAY = 16 << 10;

    @Test
    void a_thousand_pushes_and_a_thousand_pulls_are_open_at_a_time(@TempDir Path directory) throws Exception {
        byte[] image = DeliveryLoad.image(IMAGE);
        try (ServerProcess server = new ServerProcess(DeliveryTarget.class, "wavegate", directory, HEAP_MIB, false);
                DeliveryLoad taking = new DeliveryLoad(TRANSFERS, server.coap());
                DeliveryLoad fetching = new DeliveryLoad(TRANSFERS, server.coap())) {
            Outcome registered = taking.run(Task.REGISTER, server.coap(), new byte[0], TRANSFERS);
            assertThat(registered.done()).isEqualTo(TRANSFERS);
            assertThat(taking.await(server.ask("image " + IMAGE + " " + TRANSFERS)))
                    .isEqualTo("ok");
            long before = Long.parseLong(taking.await(server.ask("heap")));

            assertThat(taking.await(server.ask("push " + TRANSFERS))).isEqualTo("ok");
            taking.runUntilHeld(Task.PUSH, server.coap(), image, TRANSFERS, UNDER_WAY);
            long pushing = Long.parseLong(taking.await(server.ask("heap")));
            fetching.runUntilHeld(Task.PULL, server.coap(), image, TRANSFERS, UNDER_WAY);
            long both = Long.parseLong(taking.await(server.ask("heap")));

            System.out.printf(
                    "live heap: %,d bytes, %,d for each open push, %,d for each open pull of %,d bytes%n",
                    both, (pushing - before) / TRANSFERS, (both - pushing) / TRANSFERS, IMAGE);
            assertThat((pushing - before) / TRANSFERS).isLessThan(8 << 10);
            assertThat((both - pushing) / TRANSFERS).isLessThan(8 << 10);
            if (FULL) {
                toTheEnd(taking, fetching);
            }
        }
    }

    /** All of the 8 GB, both ways at once; each device compares every byte. */
    private static void toTheEnd(DeliveryLoad taking, DeliveryLoad fetching) throws Exception {
        CompletableFuture<Integer> fetched = CompletableFuture.supplyAsync(() -> released(fetching));
        assertThat(released(taking)).isEqualTo(TRANSFERS);
        assertThat(fetched.get(10, TimeUnit.MINUTES)).isEqualTo(TRANSFERS);
    }

    private static int released(DeliveryLoad load) {
        try {
            return load.release();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
