package wavegate.server.contract;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.event.Fact;
import wavegate.server.ledger.FactKeys;
import wavegate.server.rollout.Recorded;

/** What a snapshot stands for, made with plain collections: the rules of {@link FactKeys} and nothing else. */
public final class CompactedFacts {
    private record Kept(Recorded recorded, int kind, Optional<String> key, boolean marked) {}

    private final Set<String> marksNext = new HashSet<>();
    private List<Kept> kept = new ArrayList<>();

    /** Takes in what follows. */
    public void fold(List<Recorded> more) {
        Set<Endpoint> removed = new HashSet<>();
        for (Recorded each : more) {
            if (each.fact() instanceof Fact.DeviceRemoved removal) {
                removed.add(removal.endpoint());
            }
        }
        List<Kept> all = new ArrayList<>();
        for (Kept each : kept) {
            boolean asked = FactKeys.about(each.recorded().fact())
                    .filter(removed::contains)
                    .isPresent();
            all.add(new Kept(
                    each.recorded(),
                    each.kind(),
                    each.key(),
                    each.marked() || (asked && each.key().isPresent())));
        }
        for (Recorded each : more) {
            Optional<String> key = FactKeys.key(each.fact());
            boolean follows = key.isPresent() && marksNext.remove(key.get());
            boolean marks = key.isPresent() && FactKeys.leavesMark(each.fact(), follows);
            if (marks) {
                marksNext.add(key.get());
            }
            boolean asked =
                    FactKeys.about(each.fact()).filter(removed::contains).isPresent();
            all.add(new Kept(each, FactKeys.kind(each.fact(), follows), key, marks || follows || asked));
        }
        Map<String, Long> latest = new HashMap<>();
        all.forEach(each ->
                each.key().ifPresent(key -> latest.merge(key, each.recorded().sequence(), Math::max)));
        kept = new ArrayList<>();
        for (Kept each : all) {
            boolean hidden = each.key().isPresent()
                    && latest.get(each.key().get()) > each.recorded().sequence();
            if (!hidden) {
                kept.add(each);
            } else if (each.marked()) {
                kept.add(new Kept(each.recorded(), each.kind(), Optional.empty(), true));
            }
        }
    }

    /** In the order of a snapshot. */
    public List<Recorded> facts() {
        return kept.stream()
                .sorted(Comparator.comparingInt(Kept::kind)
                        .thenComparingLong(each -> each.recorded().sequence()))
                .map(Kept::recorded)
                .toList();
    }
}
