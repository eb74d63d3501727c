package wavegate.bootstrap.rotation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.bootstrap.account.Journal;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.StoredCredential;
import wavegate.bootstrap.credential.Use;
import wavegate.bootstrap.rotation.Rotation.State;

/**
 * Runs rotations. A device is done when it uses a credential that was given to it since the start; until then it is asked again every ten minutes,
 * also when it was not registered or did not come.
 */
public final class Rotations implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Rotations.class);
    /** Ended ones that can still be looked at. */
    private static final int REMEMBERED = 100;

    private static final Duration AGAIN = Duration.ofMinutes(10);
    private static final Duration COMPLETION_LOOK = Duration.ofSeconds(5);

    private record Due(String endpoint, Instant at) {}

    private static final class Course {
        final PriorityQueue<Due> due = new PriorityQueue<>(Comparator.comparing(Due::at));
        double allowance;
        long triggered;
        Instant stepped = Instant.MIN;
        Instant looked = Instant.MIN;
    }

    /**
     * How far a rotation is.
     *
     * @param triggered triggers sent since this process was started
     */
    public record Progress(int devices, int done, long triggered) {}

    private final Journal journal;
    private final CredentialStore store;
    private final Function<String, CompletionStage<?>> trigger;
    private final InstantSource clock;
    private final Map<String, Rotation> rotations = new ConcurrentHashMap<>();
    private final Map<String, Course> courses = new HashMap<>();

    private Rotations(
            Journal journal, CredentialStore store, Function<String, CompletionStage<?>> trigger, InstantSource clock) {
        this.journal = journal;
        this.store = store;
        this.trigger = trigger;
        this.clock = clock;
    }

    /**
     * Goes on with what was running.
     *
     * @param trigger asks a device to bootstrap; fails for one that cannot be asked now
     * @throws IOException if the file cannot be used, or is damaged
     */
    public static Rotations open(
            Path file, CredentialStore store, Function<String, CompletionStage<?>> trigger, InstantSource clock)
            throws IOException {
        Journal.Opened opened = Journal.open(file);
        Rotations rotations = new Rotations(opened.journal(), store, trigger, clock);
        opened.values().forEach((id, json) -> rotations.rotations.put(id, read(json)));
        rotations.rotations.values().stream()
                .filter(rotation -> rotation.state() == State.RUNNING)
                .forEach(rotations::enqueue);
        return rotations;
    }

    /** Steps once a second until the executor ends. */
    public void runOn(ScheduledExecutorService timers) {
        timers.scheduleWithFixedDelay(this::safeStep, 1, 1, TimeUnit.SECONDS);
    }

    /** Begins with the next step; kept when it returns. */
    public synchronized Rotation start(Rotation rotation) throws IOException {
        journal.put(rotation.id(), write(rotation));
        rotations.put(rotation.id(), rotation);
        enqueue(rotation);
        LOG.info(
                "credential rotation={} started devices={} perMinute={} by={}",
                rotation.id(),
                rotation.endpoints().size(),
                rotation.perMinute(),
                rotation.by());
        return rotation;
    }

    /** Newest first. */
    public List<Rotation> list() {
        return rotations.values().stream()
                .sorted(Comparator.comparing(Rotation::startedAt).reversed().thenComparing(Rotation::id))
                .toList();
    }

    public Optional<Rotation> find(String id) {
        return Optional.ofNullable(rotations.get(id));
    }

    public synchronized Progress progress(Rotation rotation) {
        int done = (int) rotation.endpoints().stream()
                .filter(endpoint -> done(rotation, endpoint))
                .count();
        Course course = courses.get(rotation.id());
        return new Progress(rotation.endpoints().size(), done, course == null ? 0 : course.triggered);
    }

    /** @return the rotation as it is then; one that has ended stays as it was */
    public synchronized Optional<Rotation> abort(String id) throws IOException {
        Rotation rotation = rotations.get(id);
        if (rotation != null && rotation.state() == State.RUNNING) {
            end(rotation, State.ABORTED);
        }
        return find(id);
    }

    /** Asks those that are due, as many as the pace allows. */
    synchronized void step() throws IOException {
        Instant now = clock.instant();
        for (Rotation rotation : List.copyOf(rotations.values())) {
            Course course = courses.get(rotation.id());
            if (rotation.state() != State.RUNNING || course == null) {
                continue;
            }
            if (!now.isBefore(rotation.deadline())) {
                end(rotation, allDone(rotation) ? State.COMPLETED : State.COMPLETED_WITH_MISSING);
                continue;
            }
            if (!now.isBefore(course.looked.equals(Instant.MIN) ? now : course.looked.plus(COMPLETION_LOOK))) {
                course.looked = now;
                if (allDone(rotation)) {
                    end(rotation, State.COMPLETED);
                    continue;
                }
            }
            ask(rotation, course, now);
        }
    }

    private void ask(Rotation rotation, Course course, Instant now) {
        double perSecond = rotation.perMinute() / 60.0;
        double passed = course.stepped.equals(Instant.MIN)
                ? 1
                : Duration.between(course.stepped, now).toMillis() / 1000.0;
        course.stepped = now;
        // What a pause would have allowed is not made up for.
        course.allowance = Math.min(course.allowance + passed * perSecond, Math.max(1, perSecond));
        while (course.allowance >= 1
                && !course.due.isEmpty()
                && !course.due.peek().at().isAfter(now)) {
            String endpoint = course.due.remove().endpoint();
            if (done(rotation, endpoint)) {
                continue;
            }
            course.allowance--;
            course.triggered++;
            course.due.add(new Due(endpoint, now.plus(AGAIN)));
            trigger.apply(endpoint).exceptionally(failure -> {
                LOG.debug("credential rotation={} ep={} not asked: {}", rotation.id(), endpoint, failure.toString());
                return null;
            });
        }
    }

    private boolean allDone(Rotation rotation) {
        return rotation.endpoints().stream().allMatch(endpoint -> done(rotation, endpoint));
    }

    /** A credential that was given since and has no earlier one beside it any more was used. */
    private boolean done(Rotation rotation, String endpoint) {
        List<StoredCredential> kept = store.find(endpoint).stream()
                .filter(stored -> stored.use() == Use.LWM2M)
                .toList();
        return kept.stream()
                        .anyMatch(stored -> stored.state() == StoredCredential.State.ACTIVE
                                && stored.since().isAfter(rotation.startedAt()))
                && kept.stream().noneMatch(stored -> stored.state() == StoredCredential.State.RETIRING);
    }

    private void end(Rotation rotation, State how) throws IOException {
        Rotation ended = rotation.ended(how, clock.instant());
        journal.put(ended.id(), write(ended));
        rotations.put(ended.id(), ended);
        LOG.info("credential rotation={} {}", ended.id(), how);
        for (Rotation old : list().stream()
                .filter(each -> each.state() != State.RUNNING)
                .skip(REMEMBERED)
                .toList()) {
            journal.remove(old.id());
            rotations.remove(old.id());
            courses.remove(old.id());
        }
    }

    private void enqueue(Rotation rotation) {
        Course course = new Course();
        rotation.endpoints().forEach(endpoint -> course.due.add(new Due(endpoint, rotation.startedAt())));
        courses.put(rotation.id(), course);
    }

    private void safeStep() {
        try {
            step();
        } catch (IOException | RuntimeException e) {
            LOG.error("credential rotations could not go on", e);
        }
    }

    private static ObjectNode write(Rotation rotation) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", rotation.id());
        json.put("by", rotation.by());
        json.put("startedAt", rotation.startedAt().toString());
        json.put("deadline", rotation.deadline().toString());
        json.put("perMinute", rotation.perMinute());
        json.put("state", rotation.state().name());
        rotation.endedAt().ifPresent(at -> json.put("endedAt", at.toString()));
        rotation.endpoints().forEach(json.putArray("endpoints")::add);
        return json;
    }

    private static Rotation read(JsonNode json) {
        List<String> endpoints = new ArrayList<>();
        json.path("endpoints").forEach(endpoint -> endpoints.add(endpoint.asText()));
        return new Rotation(
                json.path("id").asText(),
                json.path("by").asText(),
                Instant.parse(json.path("startedAt").asText()),
                Instant.parse(json.path("deadline").asText()),
                json.path("perMinute").asInt(),
                endpoints,
                State.valueOf(json.path("state").asText()),
                Optional.ofNullable(json.get("endedAt")).map(at -> Instant.parse(at.asText())));
    }

    @Override
    public void close() throws IOException {
        journal.close();
    }
}
