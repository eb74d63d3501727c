package wavegate.sim.scenario;

import java.util.List;

/** A region and the carriers its devices use. */
public record Region(String name, List<Weighted<String>> carriers) {
    public Region {
        if (name.isBlank()) {
            throw new IllegalArgumentException("region: \"\" (expected: a name)");
        }
        carriers = List.copyOf(carriers);
        if (carriers.isEmpty()) {
            throw new IllegalArgumentException("carriers of region " + name + ": none (expected: at least one)");
        }
    }
}
