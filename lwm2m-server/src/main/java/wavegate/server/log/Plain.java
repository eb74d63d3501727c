package wavegate.server.log;

/** Text of strangers made safe to print: what moves a cursor, ends a line or turns the direction of writing is spelled out. */
final class Plain {
    private Plain() {}

    static String of(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isHidden(text.charAt(i))) {
                return spelledOut(text);
            }
        }
        return text;
    }

    private static String spelledOut(String text) {
        StringBuilder plain = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isHidden(c)) {
                plain.append("\\u").append(Character.forDigit(c >> 12 & 15, 16));
                plain.append(Character.forDigit(c >> 8 & 15, 16));
                plain.append(Character.forDigit(c >> 4 & 15, 16)).append(Character.forDigit(c & 15, 16));
            } else {
                plain.append(c);
            }
        }
        return plain.toString();
    }

    private static boolean isHidden(char c) {
        return c < 0x20
                || (c >= 0x7f && c <= 0x9f)
                || Character.getType(c) == Character.FORMAT
                || c == 0x2028
                || c == 0x2029
                || Character.isSurrogate(c);
    }
}
