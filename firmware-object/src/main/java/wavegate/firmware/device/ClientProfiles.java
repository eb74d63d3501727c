package wavegate.firmware.device;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The profiles there are, and which of them a device is treated by. Immutable. */
public final class ClientProfiles {
    /** A profile and whom it is for: devices that meet one of the matches. Without a match only an operator gives it. */
    public record Entry(ClientProfile profile, List<ClientMatch> matches) {
        public Entry {
            matches = List.copyOf(matches);
        }
    }

    /** A profile, and why it was chosen, in words. */
    public record Choice(ClientProfile profile, String reason) {}

    private static final Choice UNKNOWN = new Choice(ClientProfile.CAREFUL, "unknown client");
    private static final String BY_OPERATOR = "set by an operator";

    /** None but {@link ClientProfile#CAREFUL}. */
    public static final ClientProfiles NONE = new ClientProfiles(List.of());

    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /** @throws IllegalArgumentException if two have one name */
    public ClientProfiles(Collection<Entry> entries) {
        this.entries.put(ClientProfile.CAREFUL.name(), new Entry(ClientProfile.CAREFUL, List.of()));
        for (Entry entry : entries) {
            if (this.entries.put(entry.profile().name(), entry) != null) {
                throw new IllegalArgumentException(
                        "client profile: \"" + entry.profile().name() + "\" is there twice (expected: one of a name)");
            }
        }
    }

    public Optional<ClientProfile> named(String name) {
        return Optional.ofNullable(entries.get(name)).map(Entry::profile);
    }

    public List<String> names() {
        return List.copyOf(entries.keySet());
    }

    public Choice choose(Device device) {
        return choose(
                device.labels().clientProfile(),
                device.identity(),
                device.client().orElse(ClientTraits.NONE));
    }

    /**
     * The operator's choice; else the match that asks most of what the device shows, of equals the one of the first name; else
     * {@link ClientProfile#CAREFUL}.
     *
     * @param wanted the operator's choice; one that names no profile counts as none
     */
    public Choice choose(Optional<String> wanted, DeviceIdentity identity, ClientTraits traits) {
        Optional<ClientProfile> given = wanted.flatMap(this::named);
        if (given.isPresent()) {
            return new Choice(given.get(), BY_OPERATOR);
        }
        Choice best = UNKNOWN;
        int weight = 0;
        for (Entry entry : new ArrayList<>(entries.values())) {
            for (ClientMatch match : entry.matches()) {
                boolean better = match.weight() > weight
                        || (match.weight() == weight
                                && entry.profile()
                                                .name()
                                                .compareTo(best.profile().name())
                                        < 0);
                if (better && match.admits(identity, traits)) {
                    best = new Choice(entry.profile(), match.inWords());
                    weight = match.weight();
                }
            }
        }
        return best;
    }
}
