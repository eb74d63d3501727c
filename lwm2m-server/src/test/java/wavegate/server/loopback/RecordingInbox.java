package wavegate.server.loopback;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.update.UpdateSignal;
import wavegate.server.rollout.Inbox;
import wavegate.server.rollout.RolloutInput;

/** Keeps what it is given, and waits for what should come. */
final class RecordingInbox implements Inbox {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final List<RolloutInput> inputs = new ArrayList<>();

    @Override
    public synchronized boolean offer(RolloutInput input) {
        inputs.add(input);
        return true;
    }

    @Override
    public boolean concerns(Endpoint endpoint) {
        return true;
    }

    @Override
    public boolean watches(Endpoint endpoint) {
        return true;
    }

    synchronized void forget() {
        inputs.clear();
    }

    synchronized List<RolloutInput> inputs() {
        return new ArrayList<>(inputs);
    }

    <T extends RolloutInput> List<T> all(Class<T> kind) {
        return inputs().stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    <T extends RolloutInput> T next(Class<T> kind, Predicate<T> wanted) {
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(5)).until(() -> all(kind).stream()
                .anyMatch(wanted));
        return all(kind).stream().filter(wanted).findFirst().orElseThrow();
    }

    void registered(Endpoint endpoint) {
        next(RolloutInput.Registered.class, input -> input.endpoint().equals(endpoint));
    }

    UpdateSignal answerTo(int step) {
        return next(RolloutInput.Answered.class, input -> input.step() == step).signal();
    }

    List<UpdateSignal> answersTo(int step) {
        return all(RolloutInput.Answered.class).stream()
                .filter(input -> input.step() == step)
                .map(RolloutInput.Answered::signal)
                .toList();
    }
}
