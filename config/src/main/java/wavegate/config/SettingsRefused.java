package wavegate.config;

import java.util.List;

/** Settings that a server must not start with: every fault there is, each a line. */
public final class SettingsRefused extends RuntimeException {
    private final transient List<String> faults;

    public SettingsRefused(String source, List<String> faults) {
        super(source + ":\n  " + String.join("\n  ", faults), null, false, false);
        this.faults = List.copyOf(faults);
    }

    public List<String> faults() {
        return faults;
    }
}
