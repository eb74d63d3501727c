package wavegate.firmware.gate;

import java.util.List;

/**
 * Do canaries fall silent more than their controls? A bricked device never reports a crash. The {@link EProcess} over first silences, by the
 * server's clock: a device is at risk from its first report after settling until it has been silent for its limit
 * ({@link MemberEvidence#silentAfter}) for the first time, or until now. {@link EvidenceBook#silences} notes them.
 */
final class SilenceTest {
    private SilenceTest() {}

    static EProcess.Outcome judge(
            List<MemberEvidence> canary, List<MemberEvidence> control, double margin, long nowMs) {
        return EProcess.of(spans(canary, nowMs), spans(control, nowMs), margin);
    }

    private static List<EProcess.Span> spans(List<MemberEvidence> rows, long nowMs) {
        return rows.stream()
                .filter(row -> row.atRisk() && row.atRiskFrom() < nowMs)
                .map(row -> {
                    boolean silent = row.fellSilent() && row.firstSilentAt() <= nowMs;
                    return new EProcess.Span(row.atRiskFrom(), silent ? row.firstSilentAt() : nowMs, silent);
                })
                .toList();
    }
}
