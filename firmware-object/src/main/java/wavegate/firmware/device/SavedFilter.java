package wavegate.firmware.device;

/** A query under a name: 1 to 64 of {@code a-z 0-9 - _ .}, no mark first. */
public record SavedFilter(String name, DeviceQuery query) {
    public SavedFilter {
        if (!name.matches("[a-z0-9][a-z0-9._-]{0,63}")) {
            String shown = name.length() > 64 ? name.substring(0, 64) + "..." : name;
            throw new IllegalArgumentException("filter name: \"" + shown.replaceAll("[^\\x20-\\x7e]", "?")
                    + "\" (expected: 1 to 64 of a-z 0-9 . _ -, no mark first)");
        }
    }
}
