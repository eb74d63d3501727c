package wavegate.firmware.gate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wavegate.firmware.device.Endpoint;

/**
 * What one device of an arm contributes. Times are epoch milliseconds of the device's clock, 0 where not yet known; energies mAh; rates mAh
 * per hour. A row is written to the ledger whenever a field other than the {@code latest} ones changes.
 *
 * @param indexAt when the device entered: a canary's return after the update, a control's paired canary's; 0 before
 * @param preRate energy use before the update or the index, NaN if it was not watched long enough
 * @param atRiskFrom first report of the crash counter after settling: before it a crash could not have been told from one while settling
 * @param crashesAtStart crash counter at {@code atRiskFrom}; -1 before
 * @param firstCrashAt its first crash while at risk; 0 if none
 * @param firstSilentAt when, while at risk, it had first not been heard of for too long; by the server's clock; 0 if never
 * @param silentAfter how long that is for it, if it reports so seldom that {@link GatePolicy#silentAfter} is too short
 * @param postStartAt first energy sample after settling, {@code postStartEnergy} its counter
 * @param latestAt newest report of any metric; not kept in the ledger, the next report brings it back; likewise the two that follow
 * @param latestEnergyAt newest energy sample, {@code latestEnergy} its counter
 * @param events first events of the metrics of {@link GatePolicy#metrics} with a source of their own
 */
public record MemberEvidence(
        Endpoint endpoint,
        Arm arm,
        long indexAt,
        double preRate,
        long atRiskFrom,
        long crashesAtStart,
        long firstCrashAt,
        long firstSilentAt,
        Optional<Duration> silentAfter,
        long postStartAt,
        double postStartEnergy,
        long latestAt,
        long latestEnergyAt,
        double latestEnergy,
        List<EventEvidence> events) {
    public MemberEvidence {
        events = List.copyOf(events);
    }

    /** Without a limit of its own and without metrics beyond the built-in ones. */
    public MemberEvidence(
            Endpoint endpoint,
            Arm arm,
            long indexAt,
            double preRate,
            long atRiskFrom,
            long crashesAtStart,
            long firstCrashAt,
            long firstSilentAt,
            long postStartAt,
            double postStartEnergy,
            long latestAt,
            long latestEnergyAt,
            double latestEnergy) {
        this(
                endpoint,
                arm,
                indexAt,
                preRate,
                atRiskFrom,
                crashesAtStart,
                firstCrashAt,
                firstSilentAt,
                Optional.empty(),
                postStartAt,
                postStartEnergy,
                latestAt,
                latestEnergyAt,
                latestEnergy,
                List.of());
    }

    /** Where it stands with one metric beyond the built-in ones. */
    Optional<EventEvidence> event(String metric) {
        return events.stream().filter(event -> event.metric().equals(metric)).findFirst();
    }

    MemberEvidence with(EventEvidence event) {
        List<EventEvidence> all = new ArrayList<>(events);
        all.removeIf(old -> old.metric().equals(event.metric()));
        all.add(event);
        return events(all);
    }

    /** As the crash test sees it when it is asked about another metric. */
    MemberEvidence seenBy(String metric) {
        EventEvidence event = event(metric).orElse(new EventEvidence(metric, 0, -1, 0));
        return new MemberEvidence(
                endpoint,
                arm,
                indexAt,
                preRate,
                event.from(),
                event.countAtStart(),
                event.firstAt(),
                firstSilentAt,
                silentAfter,
                postStartAt,
                postStartEnergy,
                latestAt,
                latestEnergyAt,
                latestEnergy,
                List.of());
    }

    private MemberEvidence events(List<EventEvidence> all) {
        return new MemberEvidence(
                endpoint,
                arm,
                indexAt,
                preRate,
                atRiskFrom,
                crashesAtStart,
                firstCrashAt,
                firstSilentAt,
                silentAfter,
                postStartAt,
                postStartEnergy,
                latestAt,
                latestEnergyAt,
                latestEnergy,
                all);
    }

    public static MemberEvidence joining(Endpoint endpoint, Arm arm) {
        return new MemberEvidence(endpoint, arm, 0, Double.NaN, 0, -1, 0, 0, 0, Double.NaN, 0, 0, Double.NaN);
    }

    /** Whether its index is known: returned after the update, or paired with a canary. */
    public boolean entered() {
        return indexAt > 0;
    }

    /** Whether it has reported its crash counter after settling. */
    public boolean atRisk() {
        return atRiskFrom > 0;
    }

    public boolean crashed() {
        return firstCrashAt > 0;
    }

    public boolean fellSilent() {
        return firstSilentAt > 0;
    }

    MemberEvidence entering(long at, double rate) {
        return new MemberEvidence(
                endpoint,
                arm,
                at,
                rate,
                atRiskFrom,
                crashesAtStart,
                firstCrashAt,
                firstSilentAt,
                silentAfter,
                postStartAt,
                postStartEnergy,
                latestAt,
                latestEnergyAt,
                latestEnergy,
                events);
    }

    MemberEvidence atRisk(long from, long crashes) {
        return new MemberEvidence(
                endpoint,
                arm,
                indexAt,
                preRate,
                from,
                crashes,
                firstCrashAt,
                firstSilentAt,
                silentAfter,
                postStartAt,
                postStartEnergy,
                latestAt,
                latestEnergyAt,
                latestEnergy,
                events);
    }

    MemberEvidence crashed(long at) {
        return new MemberEvidence(
                endpoint,
                arm,
                indexAt,
                preRate,
                atRiskFrom,
                crashesAtStart,
                at,
                firstSilentAt,
                silentAfter,
                postStartAt,
                postStartEnergy,
                latestAt,
                latestEnergyAt,
                latestEnergy,
                events);
    }

    MemberEvidence silent(long at) {
        return new MemberEvidence(
                endpoint,
                arm,
                indexAt,
                preRate,
                atRiskFrom,
                crashesAtStart,
                firstCrashAt,
                at,
                silentAfter,
                postStartAt,
                postStartEnergy,
                latestAt,
                latestEnergyAt,
                latestEnergy,
                events);
    }

    MemberEvidence silentAfter(Optional<Duration> limit) {
        return new MemberEvidence(
                endpoint,
                arm,
                indexAt,
                preRate,
                atRiskFrom,
                crashesAtStart,
                firstCrashAt,
                firstSilentAt,
                limit,
                postStartAt,
                postStartEnergy,
                latestAt,
                latestEnergyAt,
                latestEnergy,
                events);
    }

    /** Milliseconds after which it is silent, if others are after {@code usual}. */
    long silentAfterMs(long usual) {
        return silentAfter.isPresent() ? silentAfter.get().toMillis() : usual;
    }

    MemberEvidence metered(long at, double energy) {
        return new MemberEvidence(
                endpoint,
                arm,
                indexAt,
                preRate,
                atRiskFrom,
                crashesAtStart,
                firstCrashAt,
                firstSilentAt,
                silentAfter,
                at,
                energy,
                latestAt,
                latestEnergyAt,
                latestEnergy,
                events);
    }

    MemberEvidence latest(long at, long energyAt, double energy) {
        return new MemberEvidence(
                endpoint,
                arm,
                indexAt,
                preRate,
                atRiskFrom,
                crashesAtStart,
                firstCrashAt,
                firstSilentAt,
                silentAfter,
                postStartAt,
                postStartEnergy,
                at,
                energyAt,
                energy,
                events);
    }

    /** Whether everything the ledger keeps is the same. NaN equals NaN. */
    boolean sameFacts(MemberEvidence other) {
        return latest(0, 0, 0).equals(other.latest(0, 0, 0));
    }
}
