package wavegate.server.registration.oscore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.oscore.OSException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.bootstrap.account.Journal;
import wavegate.bootstrap.credential.Credential;

/** What a context counts, over restarts and forged messages. */
class OscoreSequencesTest {
    private static final Credential.Oscore CREDENTIAL =
            new Credential.Oscore("m-1", new byte[] {1}, new byte[] {2}, new byte[16], new byte[0]);

    @TempDir
    private Path folder;

    private OscoreSequences open() throws IOException {
        return OscoreSequences.open(folder.resolve("sequences"));
    }

    private static int sendsWith(GuardedContext context) throws OSException {
        int number = context.getSenderSeq();
        context.increaseSenderSeq();
        return number;
    }

    @Test
    void no_number_is_sent_with_twice_whenever_the_process_ends() throws Exception {
        int last = -1;
        for (int run = 0; run < 4; run++) {
            // Not closed: killed.
            GuardedContext context = new GuardedContext(CREDENTIAL, open());
            for (int i = 0; i < 1_500; i++) {
                int number = sendsWith(context);
                assertThat(number).isGreaterThan(last);
                last = number;
            }
        }
        assertThat(last).isLessThan(10_000);
    }

    @Test
    void a_number_that_cannot_be_reserved_is_not_used() throws Exception {
        OscoreSequences sequences = open();
        GuardedContext context = new GuardedContext(CREDENTIAL, sequences);
        sequences.close();

        assertThatThrownBy(() -> sendsWith(context)).isInstanceOf(Exception.class);
    }

    @Test
    void a_message_that_was_not_opened_moves_nothing() throws Exception {
        try (OscoreSequences sequences = open()) {
            GuardedContext context = new GuardedContext(CREDENTIAL, sequences);
            context.checkIncomingSeq(5);
            context.setCoAPCode(Code.POST);
            context.checkIncomingSeq(2_000_000_000);

            context.checkIncomingSeq(6);
            context.setCoAPCode(Code.POST);
            assertThatThrownBy(() -> context.checkIncomingSeq(5)).isInstanceOf(OSException.class);
            assertThatThrownBy(() -> context.checkIncomingSeq(-1)).isInstanceOf(OSException.class);
            assertThat(sequences.highestReceived(GuardedContext.idOf(CREDENTIAL)))
                    .isEqualTo(6);
        }
    }

    @Test
    void what_was_received_is_written_behind_and_not_taken_again_after_a_restart() throws Exception {
        GuardedContext killed = new GuardedContext(CREDENTIAL, open());
        killed.checkIncomingSeq(41);
        killed.setCoAPCode(Code.POST);
        await().until(() -> Files.readString(folder.resolve("sequences")).contains("41"));

        GuardedContext next = new GuardedContext(CREDENTIAL, open());
        assertThatThrownBy(() -> next.checkIncomingSeq(41)).isInstanceOf(OSException.class);
        next.checkIncomingSeq(42);
        next.setCoAPCode(Code.POST);
    }

    @Test
    void a_new_key_under_the_same_recipient_id_counts_from_zero_and_the_earlier_one_goes_on() throws Exception {
        byte[] otherSecret = new byte[16];
        otherSecret[0] = 1;
        Credential.Oscore renewed =
                new Credential.Oscore("m-1", new byte[] {1}, new byte[] {2}, otherSecret, new byte[0]);
        try (OscoreSequences sequences = open()) {
            GuardedContext earlier = new GuardedContext(CREDENTIAL, sequences);
            earlier.checkIncomingSeq(500);
            earlier.setCoAPCode(Code.POST);
            assertThat(sendsWith(earlier)).isZero();

            GuardedContext later = new GuardedContext(renewed, sequences);
            later.checkIncomingSeq(0);
            later.setCoAPCode(Code.POST);
            assertThat(sendsWith(later)).isZero();

            GuardedContext again = new GuardedContext(CREDENTIAL, sequences);
            assertThatThrownBy(() -> again.checkIncomingSeq(500)).isInstanceOf(OSException.class);
            assertThat(sendsWith(again)).isEqualTo(1_000);
        }
    }

    @Test
    void a_disk_that_takes_its_time_keeps_no_message_waiting_and_loses_no_number_at_the_end() throws Exception {
        Journal.Opened opened = Journal.open(folder.resolve("sequences"));
        OscoreSequences sequences = OscoreSequences.writing(opened);
        Thread closing = new Thread(() -> assertThatCode(sequences::close).doesNotThrowAnyException());
        synchronized (opened.journal()) {
            sequences.received("a", 41);
            await("a write stands still").until(() -> Thread.getAllStackTraces().keySet().stream()
                    .anyMatch(thread ->
                            thread.getName().equals("oscore-sequences") && thread.getState() == Thread.State.BLOCKED));
            CompletableFuture.runAsync(() -> sequences.received("a", 42)).get(5, TimeUnit.SECONDS);
            closing.start();
            await().until(() ->
                    closing.getState() == Thread.State.TIMED_WAITING || closing.getState() == Thread.State.BLOCKED);
        }
        closing.join(10_000);

        try (OscoreSequences next = open()) {
            assertThat(next.highestReceived("a")).isEqualTo(42);
        }
    }
}
