package wavegate.server.rollout;

import java.time.Instant;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateId;

/**
 * What is due when. An entry names the step it was made for; one whose update has moved on is dropped when it comes up, so nothing is ever
 * searched or removed. Rollout thread only.
 */
final class Deadlines {
    enum Kind {
        DEADLINE,
        POLL
    }

    record Due(long at, long order, Kind kind, UpdateId update, int step) {}

    private final PriorityQueue<Due> queue = new PriorityQueue<>(
            (a, b) -> a.at() != b.at() ? Long.compare(a.at(), b.at()) : Long.compare(a.order(), b.order()));
    private long order;

    void deadline(Update update) {
        if (!update.deadline().equals(Instant.MAX)) {
            at(update.deadline(), update);
        }
    }

    void at(Instant when, Update update) {
        queue.add(new Due(when.toEpochMilli(), order++, Kind.DEADLINE, update.id(), update.step()));
    }

    void poll(Update update, Instant when) {
        queue.add(new Due(when.toEpochMilli(), order++, Kind.POLL, update.id(), update.step()));
    }

    /** Hands out what is due by now, the oldest first. @return whether there is more than {@code most} */
    boolean fire(Instant now, int most, Consumer<Due> consumer) {
        long millis = now.toEpochMilli();
        for (int i = 0; i < most && isDue(millis); i++) {
            consumer.accept(queue.remove());
        }
        return isDue(millis);
    }

    private boolean isDue(long millis) {
        return !queue.isEmpty() && queue.peek().at() <= millis;
    }

    int size() {
        return queue.size();
    }
}
