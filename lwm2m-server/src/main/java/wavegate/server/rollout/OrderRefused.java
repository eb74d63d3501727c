package wavegate.server.rollout;

/** An operator's order that cannot be carried out. {@code code} is stable, kebab-case, and becomes part of the problem document's type. */
public final class OrderRefused extends RuntimeException {
    /** What kind of refusal it is. */
    public enum Kind {
        /** The thing named does not exist. */
        NOT_FOUND,
        /** It exists, but not in a state that allows the order. */
        CONFLICT,
        /** It is no longer as whoever ordered has seen it. */
        CHANGED,
        /** The order itself is wrong. */
        INVALID
    }

    private final Kind kind;
    private final String code;

    public OrderRefused(Kind kind, String code, String message) {
        super(message, null, false, false);
        this.kind = kind;
        this.code = code;
    }

    public Kind kind() {
        return kind;
    }

    public String code() {
        return code;
    }
}
