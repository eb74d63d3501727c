package wavegate.firmware.device;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Region, carrier and tags. Empty region or carrier: not said.
 *
 * @param clientProfile name of the {@link ClientProfile} an operator chose for it; only operators say this
 */
public record Labels(String region, String carrier, SortedSet<String> tags, Optional<String> clientProfile) {
    public static final Labels NONE = new Labels("", "", new TreeSet<>());

    public Labels(String region, String carrier, SortedSet<String> tags) {
        this(region, carrier, tags, Optional.empty());
    }

    public Labels {
        check("region", region);
        check("carrier", carrier);
        tags.forEach(tag -> check("tag", tag));
        clientProfile.ifPresent(name -> check("client profile", name));
        tags = Collections.unmodifiableSortedSet(new TreeSet<>(tags));
    }

    private static void check(String what, String value) {
        if (value.length() > 64
                || !value.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != '"' && c != '<' && c != '>')) {
            throw new IllegalArgumentException(what + ": \"" + value.replaceAll("[^\\x20-\\x7e]", "?")
                    + "\" (expected: at most 64 printable ASCII characters, no blanks)");
        }
    }

    /** These labels, and where they say nothing, those of {@code lower}. */
    public Labels over(Labels lower) {
        if (equals(NONE)) {
            return lower;
        }
        if (lower.equals(NONE)) {
            return this;
        }
        TreeSet<String> union = new TreeSet<>(lower.tags);
        union.addAll(tags);
        return new Labels(
                region.isEmpty() ? lower.region : region,
                carrier.isEmpty() ? lower.carrier : carrier,
                union,
                clientProfile.or(() -> lower.clientProfile));
    }
}
