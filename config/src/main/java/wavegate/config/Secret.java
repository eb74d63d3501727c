package wavegate.config;

/** A value that must not reach a log or a screen. Empty where none is set. */
public record Secret(String value) {
    public static final Secret NONE = new Secret("");

    public boolean isSet() {
        return !value.isEmpty();
    }

    @Override
    public String toString() {
        return isSet() ? "******" : "";
    }
}
