package wavegate.server.rollout;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.Membership;
import wavegate.firmware.campaign.TransferBudget.Segment;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WaveCounts;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.gate.EvidenceBook;
import wavegate.firmware.gate.GateDecision;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.gate.UpdateCounts;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdateMachine;
import wavegate.firmware.update.UpdatePhase;
import wavegate.firmware.update.UpdateSignal;

/**
 * A campaign in memory: its row, its members, the rows of its updates and the counters over them. Everything but {@code lastGate} follows from
 * the ledger. Rollout thread only.
 */
final class CampaignRun {
    private static final String REMOVED = UpdatePhase.CANCELLED + "/" + UpdateDetail.REMOVED.label();

    private Campaign campaign;
    private Members members = new Members(List.of(), new ConcurrentHashMap<>());
    private Map<Endpoint, Update> updates = new LinkedHashMap<>();
    /** Those that have not ended, oldest first. */
    private final Map<Endpoint, Update> open = new LinkedHashMap<>();

    private final Map<Endpoint, Update> gaveWay = new HashMap<>();
    private final SortedMap<String, Integer> reasons = new TreeMap<>();
    /** Signals that wait for room in the budget, oldest first; one per device, the latest. */
    private final Map<Endpoint, UpdateSignal> parked = new LinkedHashMap<>();

    private Instant nextLook = Instant.MIN;
    private int inFlight;
    private DeltaFigures deltas = DeltaFigures.NONE;
    private Optional<GateDecision> lastGate = Optional.empty();

    /**
     * Who is in which wave, before anything has happened to them. Made on any thread: for a million devices that takes seconds.
     *
     * @param waveOf read by any thread, changed by the rollout thread only
     */
    record Members(List<WaveRun> waves, ConcurrentHashMap<Endpoint, Integer> waveOf) {
        static Members of(Membership membership, GatePolicy gate) {
            List<WaveRun> waves = new ArrayList<>();
            ConcurrentHashMap<Endpoint, Integer> waveOf = new ConcurrentHashMap<>(capacity(membership.size()));
            for (int i = 0; i < membership.waves().size(); i++) {
                Membership.WaveMembers wave = membership.waves().get(i);
                EvidenceBook book = new EvidenceBook(i, wave.members(), wave.control(), gate);
                waves.add(new WaveRun(wave.members(), wave.control(), book));
                for (Endpoint member : wave.members()) {
                    waveOf.put(member, i);
                }
            }
            return new Members(waves, waveOf);
        }
    }

    /** A member whose turn comes later. */
    record Later(Instant at, long order, Endpoint endpoint) {}

    /** One wave's members, counters and evidence. */
    static final class WaveRun {
        /** Those that count: it grows by late joiners and shrinks by members that are removed before their turn. */
        List<Endpoint> members;

        final List<Endpoint> control;
        final Set<Endpoint> controlSet;
        final EvidenceBook book;
        /** Members without an update, in rank order. */
        final Deque<Endpoint> unreserved;
        /** Members without an update that could not be reached when it was their turn. */
        final Set<Endpoint> unreachable;
        /** Members without an update that were there when it was their turn, but held, fenced or busy. */
        final Set<Endpoint> passedOver = new LinkedHashSet<>();

        /** Members without an update whose part of the network was full when it was their turn, in the order of the turns. */
        final Map<Segment, Deque<Endpoint>> aside = new LinkedHashMap<>();

        /** Members without an update whose window was closed when it was their turn, by when it opens. */
        final PriorityQueue<Later> later = new PriorityQueue<>(
                (a, b) -> a.at().equals(b.at()) ? Long.compare(a.order(), b.order()) : a.at().compareTo(b.at()));

        final Map<UpdatePhase, Integer> phases = new EnumMap<>(UpdatePhase.class);
        final Set<Endpoint> integrityFailures = new HashSet<>();
        final Set<Endpoint> reverted = new HashSet<>();
        /** Members that were taken out of the fleet before they had an update. */
        final Set<Endpoint> removed = new HashSet<>();

        /** Not while the ledger is replayed: who waits follows from who has an update, and to search a line for each update takes hours. */
        private boolean inLines = true;

        int reserved;
        /** Grows with every change of one of its updates or of its members. */
        long moves;
        /** Something that speaks against the wave became known after it was decided. */
        boolean lateNews;

        /** Harm counted when it was last judged after it was decided; negative before. */
        int harmKnown = -1;

        WaveRun(List<Endpoint> members, List<Endpoint> control, EvidenceBook book) {
            this.members = members;
            this.control = control;
            this.controlSet = new HashSet<>(control);
            this.book = book;
            this.unreserved = new ArrayDeque<>(members);
            this.unreachable = new LinkedHashSet<>(capacity(members.size()));
        }

        private List<Endpoint> changeable() {
            moves++;
            if (!(members instanceof ArrayList)) {
                members = new ArrayList<>(members);
            }
            return members;
        }

        void join(Endpoint endpoint) {
            changeable().add(endpoint);
            waitLast(endpoint);
            book.join(endpoint);
        }

        private void waitLast(Endpoint endpoint) {
            if (inLines) {
                unreserved.addLast(endpoint);
            }
        }

        private void dissolveLines() {
            inLines = false;
            unreserved.clear();
        }

        private void formLines(Predicate<Endpoint> waits) {
            if (!inLines) {
                inLines = true;
                members.stream().filter(waits).forEach(unreserved::addLast);
            }
        }

        /** Puts a member that was passed over back in front. */
        void lookAgain(Endpoint endpoint) {
            if (unreachable.remove(endpoint) || passedOver.remove(endpoint)) {
                unreserved.addFirst(endpoint);
            }
        }

        /** A member is in no line any more. */
        private void leaveLines(Endpoint endpoint) {
            if (!inLines) {
                return;
            }
            unreachable.remove(endpoint);
            passedOver.remove(endpoint);
            if (!unreserved.isEmpty() && unreserved.peekFirst().equals(endpoint)) {
                unreserved.removeFirst();
            } else {
                unreserved.remove(endpoint);
            }
        }

        private boolean everyWaiting(Predicate<Endpoint> holds) {
            return unreserved.stream().allMatch(holds)
                    && unreachable.stream().allMatch(holds)
                    && passedOver.stream().allMatch(holds)
                    && later.stream().map(Later::endpoint).allMatch(holds)
                    && aside.values().stream().flatMap(Collection::stream).allMatch(holds);
        }

        int in(UpdatePhase phase) {
            return phases.getOrDefault(phase, 0);
        }

        WaveCounts counts() {
            int open = 0;
            int cancellable = 0;
            int ended = 0;
            for (Map.Entry<UpdatePhase, Integer> entry : phases.entrySet()) {
                if (entry.getKey().isFinal()) {
                    ended += entry.getValue();
                } else {
                    open += entry.getValue();
                    cancellable += entry.getKey().isCancellable() ? entry.getValue() : 0;
                }
            }
            return new WaveCounts(
                    members.size(),
                    members.size() - reserved,
                    open,
                    in(UpdatePhase.VERIFY_POST),
                    cancellable,
                    ended,
                    in(UpdatePhase.SUCCESS),
                    in(UpdatePhase.FAILED) + in(UpdatePhase.ROLLBACK),
                    in(UpdatePhase.LOST),
                    in(UpdatePhase.SKIPPED),
                    in(UpdatePhase.CANCELLED),
                    integrityFailures.size(),
                    reverted.size());
        }

        int harm() {
            return in(UpdatePhase.FAILED)
                    + in(UpdatePhase.ROLLBACK)
                    + in(UpdatePhase.LOST)
                    + integrityFailures.size()
                    + reverted.size();
        }

        UpdateCounts forGate() {
            WaveCounts c = counts();
            int nobodysFault = c.skipped() + c.cancelled();
            return new UpdateCounts(
                    c.size(),
                    reserved - nobodysFault,
                    c.settled() - nobodysFault,
                    c.succeeded() + c.verifying(),
                    c.failed(),
                    c.lost(),
                    c.reverted(),
                    c.integrityFailures());
        }
    }

    CampaignRun(Campaign campaign) {
        this.campaign = campaign;
    }

    Campaign campaign() {
        return campaign;
    }

    void campaign(Campaign next) {
        campaign = next;
    }

    boolean hasMembership() {
        return !members.waves().isEmpty();
    }

    void members(Members decided) {
        members = decided;
        // None is there yet. A table that grows to a million moves half of them in one turn.
        updates = new LinkedHashMap<>(capacity(decided.waveOf().size()));
    }

    private static int capacity(int elements) {
        return elements * 4 / 3 + 1;
    }

    /** The ledger is being replayed: {@link #formLines} follows. */
    void dissolveLines() {
        waves().forEach(WaveRun::dissolveLines);
    }

    /** Everybody who waits stands in line again, in rank order. */
    void formLines() {
        waves().forEach(wave -> wave.formLines(endpoint -> !updates.containsKey(endpoint)));
    }

    List<WaveRun> waves() {
        return members.waves();
    }

    WaveRun wave(int index) {
        return members.waves().get(index);
    }

    /** Index of the wave a device belongs to; empty if it is no member. */
    Optional<Integer> waveOf(Endpoint endpoint) {
        return Optional.ofNullable(members.waveOf().get(endpoint));
    }

    /** May be looked into on any thread. */
    Set<Endpoint> members() {
        return members.waveOf().keySet();
    }

    boolean isMember(Endpoint endpoint) {
        return members.waveOf().containsKey(endpoint);
    }

    /** The wave in which a device waits for its turn; empty if it is no member, has an update, or was removed. */
    Optional<Integer> waitingIn(Endpoint endpoint) {
        return waveOf(endpoint)
                .filter(wave ->
                        !updates.containsKey(endpoint) && !wave(wave).removed.contains(endpoint));
    }

    /** Whether any member waits for its turn. */
    boolean waits() {
        return waves().stream().anyMatch(wave -> wave.members.size() > wave.reserved);
    }

    boolean everyWaiting(Predicate<Endpoint> holds) {
        return waves().stream().allMatch(wave -> wave.everyWaiting(holds));
    }

    /** Whether an update ended because another campaign brings something newer. */
    boolean lostToOthers() {
        return reasons.containsKey(UpdatePhase.CANCELLED + "/" + UpdateDetail.SUPERSEDED.label());
    }

    int openUpdates() {
        return waves().stream().mapToInt(wave -> wave.counts().open()).sum();
    }

    /** The row of a device that let another campaign go first and waits again; it is not among {@link #updates}. */
    Optional<Update> gaveWay(Endpoint endpoint) {
        return Optional.ofNullable(gaveWay.get(endpoint));
    }

    void join(int wave, Endpoint endpoint) {
        wave(wave).join(endpoint);
        members.waveOf().put(endpoint, wave);
    }

    /** A device was taken out of the fleet. One that has an update keeps its row; one that waits is a member no more, and counted as removed. */
    void remove(Endpoint endpoint) {
        Optional<Integer> waiting = waitingIn(endpoint);
        waves().forEach(wave -> wave.book.withdraw(endpoint));
        parked.remove(endpoint);
        if (waiting.isEmpty()) {
            return;
        }
        WaveRun wave = wave(waiting.get());
        wave.leaveLines(endpoint);
        wave.aside.values().forEach(line -> line.remove(endpoint));
        wave.aside.values().removeIf(Deque::isEmpty);
        wave.later.removeIf(waits -> waits.endpoint().equals(endpoint));
        wave.changeable().remove(endpoint);
        wave.removed.add(endpoint);
        gaveWay.remove(endpoint);
        reasons.merge(REMOVED, 1, Integer::sum);
    }

    Optional<Update> update(Endpoint endpoint) {
        return Optional.ofNullable(updates.get(endpoint));
    }

    Iterable<Update> updates() {
        return updates.values();
    }

    /** Updates that have ended in SUCCESS. */
    int succeeded() {
        return waves().stream().mapToInt(wave -> wave.in(UpdatePhase.SUCCESS)).sum();
    }

    /** Those that have not ended, oldest first. */
    Collection<Update> open() {
        return open.values();
    }

    int inFlight() {
        return inFlight;
    }

    Map<Endpoint, UpdateSignal> parked() {
        return parked;
    }

    void apply(Update update) {
        Update before = updates.put(update.endpoint(), update);
        if (update.isFinal()) {
            open.remove(update.endpoint());
        } else {
            open.put(update.endpoint(), update);
        }
        WaveRun wave = wave(update.wave());
        deltas = deltas.replacing(Optional.ofNullable(before), update);
        if (before == null) {
            wave.reserved++;
            wave.leaveLines(update.endpoint());
            gaveWay.remove(update.endpoint());
        } else {
            if (countsAsReason(before)) {
                reasons.computeIfPresent(before.where(), (where, count) -> count == 1 ? null : count - 1);
            }
            wave.phases.merge(before.phase(), -1, Integer::sum);
            inFlight -= UpdateMachine.takesBudget(before) ? 1 : 0;
        }
        wave.moves++;
        if (UpdateMachine.gaveWay(update)) {
            updates.remove(update.endpoint());
            gaveWay.put(update.endpoint(), update);
            wave.reserved--;
            wave.waitLast(update.endpoint());
            return;
        }
        wave.phases.merge(update.phase(), 1, Integer::sum);
        inFlight += UpdateMachine.takesBudget(update) ? 1 : 0;
        // Called off while it waits for the image to follow, it still shows the result of the delta.
        boolean ofImage = update.detail() != UpdateDetail.DELTA_FAILED
                && (before == null || before.detail() != UpdateDetail.DELTA_FAILED);
        if (ofImage
                && (update.lastResult().equals(UpdateResult.INTEGRITY_FAILURE)
                        || update.detail() == UpdateDetail.INTEGRITY)) {
            wave.integrityFailures.add(update.endpoint());
        }
        if (countsAsReason(update)) {
            reasons.merge(update.where(), 1, Integer::sum);
        }
    }

    private static boolean countsAsReason(Update update) {
        return update.isFinal() && update.phase() != UpdatePhase.SUCCESS;
    }

    /** Whether the device is held un-updated because the gate it is control for has not decided. */
    boolean holdsAsControl(Endpoint endpoint) {
        for (Wave wave : campaign.waves()) {
            if (!wave.phase().isFinal()
                    && wave.phase() != WavePhase.PENDING
                    && wave(wave.index()).controlSet.contains(endpoint)) {
                return true;
            }
        }
        return false;
    }

    List<WaveCounts> counts() {
        return waves().stream().map(WaveRun::counts).toList();
    }

    Instant nextLook() {
        return nextLook;
    }

    void nextLook(Instant when) {
        nextLook = when;
    }

    Optional<GateDecision> lastGate() {
        return lastGate;
    }

    void lastGate(GateDecision decision) {
        lastGate = Optional.of(decision);
    }

    CampaignStatus status(Instant now) {
        return new CampaignStatus(
                campaign,
                waves().stream().map(w -> w.members.size() - w.reserved).toList(),
                waves().stream()
                        .map(w -> {
                            EnumMap<UpdatePhase, Integer> phases = new EnumMap<>(UpdatePhase.class);
                            w.phases.forEach((phase, n) -> {
                                if (n > 0) {
                                    phases.put(phase, n);
                                }
                            });
                            return (Map<UpdatePhase, Integer>) phases;
                        })
                        .toList(),
                new TreeMap<>(reasons),
                deltas,
                lastGate,
                now);
    }
}
