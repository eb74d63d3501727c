package wavegate.firmware.device;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a device must show to be taken for a client: everything that is named here. Patterns are whole values in which {@code *} stands for any
 * text, upper and lower case alike.
 *
 * @param objectVersions versions of Object 5 it may register; empty: any
 * @param behaviours all of which it must have shown
 */
public record ClientMatch(
        Optional<String> manufacturer,
        Optional<String> model,
        SortedSet<String> objectVersions,
        SortedSet<ClientBehaviour> behaviours) {
    public ClientMatch {
        objectVersions = Collections.unmodifiableSortedSet(new TreeSet<>(objectVersions));
        behaviours = Collections.unmodifiableSortedSet(new TreeSet<>(behaviours));
        if (manufacturer.isEmpty() && model.isEmpty() && objectVersions.isEmpty() && behaviours.isEmpty()) {
            throw new IllegalArgumentException(
                    "client match: empty (expected: a manufacturer, a model, object versions or behaviours)");
        }
    }

    /** How much it asks: of two matches the one that asks more is believed. */
    int weight() {
        return (manufacturer.isPresent() ? 1 : 0)
                + (model.isPresent() ? 1 : 0)
                + (objectVersions.isEmpty() ? 0 : 1)
                + behaviours.size();
    }

    boolean admits(DeviceIdentity identity, ClientTraits traits) {
        return manufacturer
                        .map(pattern -> like(pattern, identity.manufacturer()))
                        .orElse(true)
                && model.map(pattern -> like(pattern, identity.model())).orElse(true)
                && (objectVersions.isEmpty() || objectVersions.contains(traits.objectVersion()))
                && traits.behaviours().containsAll(behaviours);
    }

    /** The part of the match that was met, in words. */
    String inWords() {
        List<String> words = new ArrayList<>();
        manufacturer.ifPresent(pattern -> words.add("manufacturer " + pattern));
        model.ifPresent(pattern -> words.add("model " + pattern));
        if (!objectVersions.isEmpty()) {
            words.add("object 5 version " + String.join(" or ", objectVersions));
        }
        behaviours.forEach(behaviour -> words.add(behaviour.label()));
        return String.join(", ", words);
    }

    /** Linear in the text for each star, so that no text a device sends takes long. */
    static boolean like(String pattern, String text) {
        String wanted = pattern.toLowerCase(Locale.ROOT);
        String given = text.toLowerCase(Locale.ROOT);
        int p = 0;
        int t = 0;
        int star = -1;
        int resume = 0;
        while (t < given.length()) {
            if (p < wanted.length() && wanted.charAt(p) == '*') {
                star = p++;
                resume = t;
            } else if (p < wanted.length() && wanted.charAt(p) == given.charAt(t)) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++resume;
            } else {
                return false;
            }
        }
        while (p < wanted.length() && wanted.charAt(p) == '*') {
            p++;
        }
        return p == wanted.length();
    }
}
