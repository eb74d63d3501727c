package wavegate.firmware.update;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wavegate.firmware.pkg.FirmwareVersion;

/**
 * The components of Object 33629 that one update is about, in the order of its package.
 *
 * @param at place of the one whose image travels, or travelled last
 */
public record Parts(List<Part> all, int at) {
    /**
     * One of them.
     *
     * @param instance of Object 33629
     * @param from version read at CHECKING
     * @param carried whether its image is delivered: what runs its target already is left as it is
     * @param held what it showed once our image lay on it; empty before
     */
    public record Part(String name, int instance, FirmwareVersion from, boolean carried, Optional<Sighting> held) {
        FirmwareSlot slot() {
            return new FirmwareSlot(FirmwareSlot.ADVANCED, instance);
        }
    }

    public Parts {
        all = List.copyOf(all);
        if (at < 0 || at >= all.size()) {
            throw new IllegalArgumentException(
                    "place of a component: " + at + " (expected: 0 to " + (all.size() - 1) + ")");
        }
    }

    Part current() {
        return all.get(at);
    }

    List<Part> carried() {
        return all.stream().filter(Part::carried).toList();
    }

    /** With our image on the one whose image travelled last. */
    Parts holding(Sighting shown) {
        List<Part> next = new ArrayList<>(all);
        Part part = current();
        next.set(at, new Part(part.name(), part.instance(), part.from(), part.carried(), Optional.of(shown)));
        return new Parts(next, at);
    }

    Parts turnedTo(int place) {
        return new Parts(all, place);
    }

    /** Place of one whose image has still to travel. */
    public Optional<Integer> nextPlace() {
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).carried() && all.get(i).held().isEmpty()) {
                return Optional.of(i);
            }
        }
        return Optional.empty();
    }
}
