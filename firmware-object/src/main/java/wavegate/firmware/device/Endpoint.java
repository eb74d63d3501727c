package wavegate.firmware.device;

/** Endpoint client name, the {@code ep=} of a registration. 1 to 64 of letters, digits, {@code : . _ -}: it reaches logs, pages and topics. */
public record Endpoint(String name) implements Comparable<Endpoint> {
    public static final int MAX_LENGTH = 64;

    public Endpoint {
        if (!isValid(name)) {
            throw new IllegalArgumentException(
                    "endpoint: \"" + printable(name) + "\" (expected: 1 to 64 of A-Z a-z 0-9 : . _ -)");
        }
    }

    public static boolean isValid(String name) {
        if (name.isEmpty() || name.length() > MAX_LENGTH) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean ok = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || c == ':'
                    || c == '.'
                    || c == '_'
                    || c == '-';
            if (!ok) {
                return false;
            }
        }
        return true;
    }

    private static String printable(String name) {
        String head = name.length() > MAX_LENGTH ? name.substring(0, MAX_LENGTH) + "..." : name;
        return head.replaceAll("[^\\x20-\\x7e]", "?");
    }

    @Override
    public int compareTo(Endpoint other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}
