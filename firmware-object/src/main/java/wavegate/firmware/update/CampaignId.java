package wavegate.firmware.update;

/** Name of a campaign, given by the client or made by the server: 1 to 64 of lower-case letters, digits and {@code -}. */
public record CampaignId(String value) implements Comparable<CampaignId> {
    public CampaignId {
        if (!value.matches("[a-z0-9][a-z0-9-]{0,63}")) {
            throw new IllegalArgumentException("campaign id: \"" + value.replaceAll("[^\\x20-\\x7e]", "?")
                    + "\" (expected: 1 to 64 of a-z 0-9 -, not starting with -)");
        }
    }

    @Override
    public int compareTo(CampaignId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
