package wavegate.server.registration.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.core.network.Exchange.Origin;
import org.eclipse.californium.core.network.KeyMID;
import org.junit.jupiter.api.Test;

class BoundedDeduplicatorTest {
    private static final Executor HERE = Runnable::run;
    private static final Object KNOWN = new InetSocketAddress("127.0.0.1", 1);

    private long now;
    private final BoundedDeduplicator memory = new BoundedDeduplicator(100, 400, 8, 1_000, KNOWN::equals, () -> now);

    private static Exchange exchange(Origin origin) {
        return new Exchange(Request.newPost(), KNOWN, origin, HERE);
    }

    private static KeyMID key(int id, Object peer) {
        return new KeyMID(id, peer);
    }

    private static Object stranger(int n) {
        return new InetSocketAddress("127.0.1.1", 1 + n);
    }

    @Test
    void a_repetition_finds_the_first_request() {
        Exchange first = exchange(Origin.REMOTE);

        assertThat(memory.findPrevious(key(1, KNOWN), first)).isNull();
        assertThat(memory.findPrevious(key(1, KNOWN), exchange(Origin.REMOTE))).isSameAs(first);
        assertThat(memory.findPrevious(key(2, KNOWN), exchange(Origin.REMOTE))).isNull();
    }

    @Test
    void a_flood_of_strangers_pushes_out_no_request_of_a_known_device() {
        Exchange first = exchange(Origin.REMOTE);
        memory.findPrevious(key(1, KNOWN), first);
        for (int i = 0; i < 60_000; i++) {
            memory.findPrevious(key(i, stranger(i)), exchange(Origin.REMOTE));
        }

        assertThat(memory.size()).isEqualTo(101);
        assertThat(memory.findPrevious(key(1, KNOWN), exchange(Origin.REMOTE))).isSameAs(first);
    }

    @Test
    void one_peer_is_remembered_with_its_latest_requests_alone() {
        for (int i = 0; i < 20; i++) {
            memory.findPrevious(key(i, stranger(0)), exchange(Origin.REMOTE));
        }

        assertThat(memory.size()).isEqualTo(8);
        assertThat(memory.find(key(11, stranger(0)))).isNull();
        assertThat(memory.find(key(12, stranger(0)))).isNotNull();
    }

    @Test
    void a_request_of_this_side_is_no_repetition() {
        memory.findPrevious(key(1, KNOWN), exchange(Origin.LOCAL));

        assertThat(memory.findPrevious(key(1, KNOWN), exchange(Origin.REMOTE))).isNull();
    }

    @Test
    void what_is_older_than_a_repetition_may_be_is_forgotten() {
        memory.findPrevious(key(1, KNOWN), exchange(Origin.REMOTE));
        now = 1_001;
        memory.findPrevious(key(2, KNOWN), exchange(Origin.REMOTE));
        assertThat(memory.find(key(1, KNOWN))).isNull();

        memory.sweep();

        assertThat(memory.size()).isEqualTo(1);
        memory.stop();
        assertThat(memory.isEmpty()).isTrue();
    }

    @Test
    void an_exchange_is_replaced_only_where_it_still_stands() {
        Exchange first = exchange(Origin.REMOTE);
        Exchange second = exchange(Origin.REMOTE);
        memory.findPrevious(key(1, KNOWN), first);

        assertThat(memory.replacePrevious(key(1, KNOWN), second, first)).isFalse();
        assertThat(memory.replacePrevious(key(1, KNOWN), first, second)).isTrue();
        assertThat(memory.find(key(1, KNOWN))).isSameAs(second);
    }
}
