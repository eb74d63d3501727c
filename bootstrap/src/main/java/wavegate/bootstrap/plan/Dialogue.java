package wavegate.bootstrap.plan;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * One session from the Bootstrap-Request to the Finish, as questions and answers:
 *
 * <pre>
 * DISCOVER_ALL      -- 2.05 --> READ or PREPARE          -- refused, unreadable --> DISCOVER_SECURITY
 * DISCOVER_SECURITY -- 2.05 --> DISCOVER_SERVER          -- refused, unreadable --> PREPARE, knowing nothing
 * DISCOVER_SERVER   -- any  --> READ or PREPARE
 * READ              -- any  --> PREPARE
 * PREPARE           -- prepared(servers) --> PERFORM     the plan is made, keys are where they must be
 * PERFORM           -- 2.xx --> PERFORM, at last FINISH  -- refused Delete: 4.04, or the device could not be asked --> PERFORM, else FAILED
 *                                                        -- refused Write --> FAILED
 * FINISH            -- 2.xx --> DONE                     -- refused --> FAILED
 * any               -- no answer --> FAILED
 * </pre>
 *
 * A device is told to finish only when every Write was taken, so it never goes on with half an account. An answer in a phase that waits for
 * none changes nothing. Not thread-safe.
 */
public final class Dialogue {
    /** What to do next. */
    public sealed interface Move {}

    /** Discover of the root, or of one object. */
    public record Discover(OptionalInt object) implements Move {}

    /** Bootstrap-Read of an object. */
    public record Read(int object) implements Move {}

    /** Make the keys and give them to the servers, then say {@link Dialogue#prepared}. */
    public record Prepare(Discovered device) implements Move {}

    public record Perform(Step step) implements Move {}

    public record Finish() implements Move {}

    /** The device has everything. */
    public record Done() implements Move {}

    /** @param reason fit for a log */
    public record Failed(String reason) implements Move {}

    /** Nothing to do: the answer came out of turn. */
    public record Ignored() implements Move {}

    /**
     * A device's answer.
     *
     * @param code as {@code class * 100 + detail}: 205 is 2.05; 0 if it came but could not be read
     * @param links text of a Discover answer
     * @param shortServerIds from a Read of Server, for each instance
     */
    public record Answer(int code, String links, Map<Integer, Integer> shortServerIds) {
        public static Answer of(int code) {
            return new Answer(code, "", Map.of());
        }

        public static Answer discovered(int code, String links) {
            return new Answer(code, links, Map.of());
        }

        boolean success() {
            return code / 100 == 2;
        }

        String shown() {
            return code == 0 ? "an answer that cannot be read" : code / 100 + "." + String.format("%02d", code % 100);
        }
    }

    private enum Phase {
        DISCOVER_ALL,
        DISCOVER_SECURITY,
        DISCOVER_SERVER,
        READ,
        PREPARE,
        PERFORM,
        FINISH,
        ENDED
    }

    private static final int NOT_FOUND = 404;

    private final boolean readFirst;
    private final Deque<Step> open = new ArrayDeque<>();
    private final List<String> written = new ArrayList<>();
    private List<String> notes = List.of();
    private Phase phase = Phase.DISCOVER_ALL;
    private Discovered device = Discovered.NOTHING;

    /** @param readFirst whether Server is read before it is deleted, for the audit */
    public Dialogue(boolean readFirst) {
        this.readFirst = readFirst;
    }

    public Move begin() {
        return new Discover(OptionalInt.empty());
    }

    public Move answered(Answer answer) {
        return switch (phase) {
            case DISCOVER_ALL -> afterRoot(answer);
            case DISCOVER_SECURITY -> afterSecurity(answer);
            case DISCOVER_SERVER -> afterServer(answer);
            case READ -> afterRead(answer);
            case PERFORM -> afterStep(answer);
            case FINISH -> answer.success() ? end(new Done()) : failed("finish answered with " + answer.shown());
            case PREPARE, ENDED -> new Ignored();
        };
    }

    /** No answer came. */
    public Move unanswered(String what) {
        return phase == Phase.ENDED ? new Ignored() : failed("no answer: " + what);
    }

    /** The servers know the keys; the device may be told. */
    public Move prepared(List<ServerAccount> servers) {
        if (phase != Phase.PREPARE) {
            return new Ignored();
        }
        Plan plan = Plan.of(device, servers);
        notes = plan.notes();
        open.addAll(plan.steps());
        phase = Phase.PERFORM;
        return nextStep();
    }

    /** What the device said it has. */
    public Discovered device() {
        return device;
    }

    /** Paths of the changes the device took, Deletes with a minus in front. */
    public List<String> written() {
        return List.copyOf(written);
    }

    public List<String> notes() {
        return notes;
    }

    private Move afterRoot(Answer answer) {
        Discovered all = Discovered.parse(Discovered.Extent.ALL, answer.links());
        if (answer.success() && !all.objects().isEmpty()) {
            device = all;
            return readOrPrepare();
        }
        phase = Phase.DISCOVER_SECURITY;
        return new Discover(OptionalInt.of(ObjectId.SECURITY));
    }

    private Move afterSecurity(Answer answer) {
        if (!answer.success()) {
            return prepare();
        }
        device = Discovered.parse(Discovered.Extent.ACCOUNTS, answer.links());
        phase = Phase.DISCOVER_SERVER;
        return new Discover(OptionalInt.of(ObjectId.SERVER));
    }

    private Move afterServer(Answer answer) {
        // A device with no Server instance may answer 4.04; one that says no more is emptied to be sure.
        device = answer.success()
                ? device.and(Discovered.parse(Discovered.Extent.ACCOUNTS, answer.links()))
                : device.and(Discovered.parse(Discovered.Extent.ACCOUNTS, answer.code() == NOT_FOUND ? "" : "</1/0>"));
        return readOrPrepare();
    }

    private Move readOrPrepare() {
        if (readFirst && !device.instancesOf(ObjectId.SERVER).isEmpty()) {
            phase = Phase.READ;
            return new Read(ObjectId.SERVER);
        }
        return prepare();
    }

    private Move afterRead(Answer answer) {
        if (answer.success()) {
            device = device.withServerIds(answer.shortServerIds());
        }
        return prepare();
    }

    private Move prepare() {
        phase = Phase.PREPARE;
        return new Prepare(device);
    }

    private Move afterStep(Answer answer) {
        Step done = open.remove();
        boolean delete = done instanceof Step.Delete;
        boolean passable = delete
                && (answer.code() == NOT_FOUND || device.extent() == Discovered.Extent.NOTHING)
                && answer.code() != 0;
        if (!answer.success() && !passable) {
            return failed((delete ? "delete of " : "write of ") + done.path() + " answered with " + answer.shown());
        }
        if (answer.success()) {
            written.add(delete ? "-" + done.path() : done.path());
        }
        return nextStep();
    }

    private Move nextStep() {
        if (open.isEmpty()) {
            phase = Phase.FINISH;
            return new Finish();
        }
        return new Perform(open.element());
    }

    private Move failed(String reason) {
        return end(new Failed(reason));
    }

    private Move end(Move move) {
        phase = Phase.ENDED;
        return move;
    }
}
