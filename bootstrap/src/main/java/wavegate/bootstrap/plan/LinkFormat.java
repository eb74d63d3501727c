package wavegate.bootstrap.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The little of RFC 6690 that a Discover answer needs, and nothing that could throw on the rest. */
final class LinkFormat {
    private static final Pattern PATH = Pattern.compile("</(\\d{1,5})(?:/(\\d{1,5}))?>");
    private static final int HIGHEST = 65_534;

    private LinkFormat() {}

    /** At a separator that stands outside quotes and angle brackets. At least one part. */
    static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        boolean bracketed = false;
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' && !bracketed) {
                quoted = !quoted;
            } else if (!quoted && c == '<') {
                bracketed = true;
            } else if (!quoted && c == '>') {
                bracketed = false;
            } else if (c == separator && !quoted && !bracketed) {
                parts.add(text.substring(from, i));
                from = i + 1;
            }
        }
        parts.add(text.substring(from));
        return parts;
    }

    /** Values without their quotes. The first part counts too if it is no target. */
    static Map<String, String> attributes(List<String> parts) {
        Map<String, String> attributes = new TreeMap<>();
        for (String part : parts) {
            int equals = part.indexOf('=');
            if (equals > 0 && !part.strip().startsWith("<")) {
                String value = part.substring(equals + 1).strip();
                boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
                attributes.put(
                        part.substring(0, equals).strip().toLowerCase(Locale.ROOT),
                        quoted ? value.substring(1, value.length() - 1) : value);
            }
        }
        return attributes;
    }

    /** Object, or object and instance; empty for anything else. */
    static int[] path(String target) {
        Matcher matcher = PATH.matcher(target);
        if (!matcher.matches()) {
            return new int[0];
        }
        int object = Integer.parseInt(matcher.group(1));
        if (matcher.group(2) == null) {
            return object > HIGHEST ? new int[0] : new int[] {object};
        }
        int instance = Integer.parseInt(matcher.group(2));
        return object > HIGHEST || instance > HIGHEST ? new int[0] : new int[] {object, instance};
    }

    static OptionalInt number(@org.jspecify.annotations.Nullable String text) {
        return text != null && text.matches("\\d{1,5}") ? OptionalInt.of(Integer.parseInt(text)) : OptionalInt.empty();
    }
}
