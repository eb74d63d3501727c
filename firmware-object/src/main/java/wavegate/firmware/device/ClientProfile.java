package wavegate.firmware.device;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import wavegate.firmware.object.DeliveryMethod;
import wavegate.firmware.pkg.Delta;

/**
 * How one family of clients implements Object 5, as far as a driver must know. Data, chosen per device by {@link ClientProfiles}.
 *
 * @param name as an operator writes it, such as {@code zephyr}
 * @param reset what brings it back to State 0, in the order it is tried
 * @param object5 habits of its State and Update Result
 * @param delivery how it takes an image
 * @param version where it shows the version it runs
 * @param listening when and how it is listened to
 */
public record ClientProfile(
        String name,
        List<ResetStep> reset,
        Object5 object5,
        Delivery delivery,
        VersionSource version,
        Listening listening) {

    /** How long an Update Result lasts on the device. */
    public enum ResultKept {
        ALWAYS,
        /** Over the boot that follows the update, not over the next one. */
        FIRST_BOOT,
        /** State and Update Result are 0/0 after every boot, and a held image is gone. */
        NEVER
    }

    /** What a device does that has put an update off, result 11. */
    public enum Deferral {
        /** It starts by itself when its user agrees or its period is over. */
        STARTS_ITSELF,
        /** It waits for another Execute. */
        ASK_AGAIN
    }

    /** Where the version is read that proves what runs. */
    public enum VersionSource {
        /** Firmware Version, /3/0/3; of a component /33629/x/15. */
        FIRMWARE_VERSION,
        /** PkgVersion, /5/0/7. */
        PKG_VERSION,
        /** Nowhere: no update can be proven, so none is begun. */
        NONE
    }

    /**
     * @param showsPush State 1 is shown while an image is pushed
     * @param refusalCarriesResult a request answered with an error sets an Update Result all the same
     * @param cancelUnannounced it has Cancel though it registers object version 1.0
     * @param executeArguments Execute may carry an argument
     */
    public record Object5(
            ResultKept resultKept,
            boolean showsPush,
            boolean refusalCarriesResult,
            boolean cancelUnannounced,
            boolean executeArguments,
            Deferral deferral) {}

    /**
     * @param method what it can in fact do; {@link DeliveryMethod#BOTH} believes /5/0/9
     * @param maxBlock largest block it takes, 16 to 1024 bytes, a power of two
     * @param maxUri longest Package URI it takes, in characters
     * @param deltas formats of patches that every client of this kind applies
     */
    public record Delivery(DeliveryMethod method, int maxBlock, int maxUri, Set<Delta.Format> deltas) {
        /** Of one that takes images only, or says by itself which patches it takes. */
        public Delivery(DeliveryMethod method, int maxBlock, int maxUri) {
            this(method, maxBlock, maxUri, Set.of());
        }

        public Delivery {
            deltas = Set.copyOf(deltas);
            if (maxBlock < 16 || maxBlock > 1024 || Integer.bitCount(maxBlock) != 1) {
                throw new IllegalArgumentException(
                        "max-block: " + maxBlock + " (expected: 16, 32, 64, 128, 256, 512 or 1024 bytes)");
            }
            if (maxUri < 0 || maxUri > 255) {
                throw new IllegalArgumentException("max-uri: " + maxUri + " (expected: 0..255 characters)");
            }
        }
    }

    /**
     * @param awake how long it listens in queue mode after it was heard; empty: as the server is set
     * @param observe whether /5/0/3 and /5/0/5 can be observed
     * @param pollFirst first wait between two reads where it cannot be observed; doubles up to {@code pollMax}. Both empty: by the policy
     */
    public record Listening(
            Optional<Duration> awake, boolean observe, Optional<Duration> pollFirst, Optional<Duration> pollMax) {
        public Listening {
            awake.ifPresent(value -> positive("awake", value));
            pollFirst.ifPresent(value -> positive("poll-first", value));
            pollMax.ifPresent(value -> positive("poll-max", value));
            boolean both = pollFirst.isPresent() == pollMax.isPresent();
            if (!both || (pollFirst.isPresent() && pollFirst.get().compareTo(pollMax.orElseThrow()) > 0)) {
                throw new IllegalArgumentException("poll-first: "
                        + pollFirst.map(Duration::toString).orElse("none")
                        + ", poll-max: " + pollMax.map(Duration::toString).orElse("none")
                        + " (expected: both or neither, the first not longer)");
            }
        }

        private static void positive(String what, Duration value) {
            if (value.isNegative() || value.isZero()) {
                throw new IllegalArgumentException(what + ": " + value + " (expected: more than zero)");
            }
        }
    }

    /** For a client nobody knows: only what is safe on every client that is known. */
    public static final ClientProfile CAREFUL = new ClientProfile(
            "careful",
            List.of(
                    step(ResetMeans.CANCEL, 1, 2),
                    step(ResetMeans.EMPTY_URI, 0, 1, 2),
                    step(ResetMeans.ZERO_BYTE, 2),
                    step(ResetMeans.NEW_PUSH, 1),
                    step(ResetMeans.REBOOT, 1, 2, ResetStep.OTHER)),
            new Object5(ResultKept.FIRST_BOOT, true, true, false, true, Deferral.ASK_AGAIN),
            new Delivery(DeliveryMethod.BOTH, 1024, 255),
            VersionSource.FIRMWARE_VERSION,
            new Listening(Optional.empty(), true, Optional.empty(), Optional.empty()));

    public ClientProfile {
        if (!name.matches("[a-z0-9][a-z0-9-]{0,31}")) {
            throw new IllegalArgumentException(
                    "client profile: \"" + name + "\" (expected: 1 to 32 of a-z 0-9 -, no dash first)");
        }
        reset = List.copyOf(reset);
    }

    private static ResetStep step(ResetMeans means, Integer... states) {
        return new ResetStep(means, new TreeSet<>(Set.of(states)));
    }
}
