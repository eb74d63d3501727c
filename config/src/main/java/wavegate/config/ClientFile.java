package wavegate.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A client profile as its file has it; words are not yet looked up. {@code clients/spec.yaml} says what each key is.
 *
 * @param source where it was read, for messages
 * @param deltas formats of patches it applies; empty where nothing is said
 */
public record ClientFile(
        String source,
        String name,
        List<Match> match,
        List<Reset> reset,
        Words words,
        Flags flags,
        int maxBlock,
        int maxUri,
        List<String> deltas,
        Waits waits) {
    /** Empty where nothing is asked. */
    public record Match(
            Optional<String> manufacturer,
            Optional<String> model,
            List<String> objectVersions,
            List<String> behaviours) {}

    public record Reset(String means, List<Integer> states) {}

    public record Words(String resultKept, String deferral, String delivery, String version) {}

    public record Flags(
            boolean showsPush,
            boolean refusalCarriesResult,
            boolean cancelUnannounced,
            boolean executeArguments,
            boolean observe) {}

    public record Waits(Optional<Duration> awake, Optional<Duration> pollFirst, Optional<Duration> pollMax) {}
}
