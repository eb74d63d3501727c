package wavegate.server.api;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Cursors as clients see them: text without meaning, so that nobody builds one. */
final class Cursors {
    private Cursors() {}

    static String opaque(String cursor) {
        return cursor.isEmpty()
                ? ""
                : Base64.getUrlEncoder().withoutPadding().encodeToString(cursor.getBytes(StandardCharsets.UTF_8));
    }

    /** @throws Problem.Refusal 400 if this was never given out */
    static String read(String text) {
        try {
            return new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw Problem.invalidParameter("cursor", text, "the next of an earlier page")
                    .asException();
        }
    }
}
