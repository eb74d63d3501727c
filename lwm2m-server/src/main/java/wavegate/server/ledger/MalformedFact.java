package wavegate.server.ledger;

/** Bytes that are not a fact of this format. The message names the field, from the fact down: {@code UpdateChanged.update.step: missing}. */
public final class MalformedFact extends RuntimeException {
    MalformedFact(String message) {
        super(message);
    }

    MalformedFact(String message, Throwable cause) {
        super(message, cause);
    }

    /** The same complaint, seen from the value around it. */
    MalformedFact in(String outer) {
        String inner = String.valueOf(getMessage());
        String joint = inner.startsWith(":") || inner.startsWith("[") ? "" : ".";
        return new MalformedFact(outer + joint + inner, getCause() == null ? this : getCause());
    }
}
