package wavegate.server.loopback;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import wavegate.firmware.object.DeliveryMethod;
import wavegate.firmware.update.UpdatePolicy.DeliveryChoice;
import wavegate.sim.device.DeviceProfile;
import wavegate.sim.device.Failures;
import wavegate.sim.device.Quirk;

/** Client by fate by delivery: what a module of each kind must end with, or why it cannot show that fate. */
final class FieldMatrix {
    /** What befalls a module, with the ends a driver that tells the truth may give it; an empty set means that all goes well. */
    // Both are copies that nobody can change.
    @SuppressWarnings("ImmutableEnumChecker")
    enum Fate {
        NONE(Failures.NONE),
        NO_FLASH(Failures.always(2), "FAILED/not-enough-flash"),
        NO_RAM(Failures.always(3), "FAILED/out-of-ram"),
        LINE_LOST(Failures.always(4), "FAILED/connection-lost"),
        DAMAGED(Failures.always(5), "FAILED/integrity"),
        WRONG_KIND(Failures.always(6), "FAILED/unsupported-package"),
        BAD_URI(Failures.always(7), "FAILED/invalid-uri"),
        INSTALL_FAILS(Failures.always(8), "ROLLBACK/update-failed", "ROLLBACK/reverted"),
        BAD_SCHEME(Failures.always(9), "FAILED/unsupported-protocol"),
        CANCELLED(Failures.always(10), "FAILED/cancelled-by-other"),
        DEFERRED(Failures.always(11), "SUCCESS/healthy", "FAILED/deferred-too-long"),
        CONFLICTING(Failures.always(12), "FAILED/conflicting-state"),
        DEPENDENT(Failures.always(13), "FAILED/dependency"),
        USER_ABORTS(Failures.always(100), "FAILED/unknown-result"),
        FAILS_ONCE(Failures.always(4).atMost(1), "SUCCESS/healthy"),
        BRICKS(Failures.NONE.withBricks(1), "LOST/silent"),
        REVERTS(Failures.NONE.withReverts(1), "ROLLBACK/reverted", "ROLLBACK/update-failed");

        final Failures failures;
        final Set<String> ends;

        Fate(Failures failures, String... ends) {
            this.failures = failures;
            this.ends = Set.of(ends);
        }

        /** Name of the region whose modules have it. */
        String region() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        static Fate of(String region) {
            return valueOf(region.toUpperCase(Locale.ROOT).replace('-', '_'));
        }
    }

    private static final Set<String> WELL = Set.of("SUCCESS/healthy");

    private final Map<String, Map<String, TreeMap<String, Integer>>> cells = new TreeMap<>();

    /** Why a module cannot show a fate; then all must go as if there were none. */
    static Optional<String> cannotShow(DeviceProfile profile, Fate fate, boolean pulls) {
        boolean later = !List.of("spec-1.0", "anjay-2", "anjay-lite", "zephyr", "nrf", "modem", "queue-mode-1.0")
                .contains(profile.name());
        return switch (fate) {
            case BAD_URI, BAD_SCHEME -> pulls ? Optional.empty() : Optional.of("no URI in a push");
            case CANCELLED, DEFERRED ->
                later ? Optional.empty() : Optional.of("object 5 of version 1.0 has no such result");
            case CONFLICTING, DEPENDENT -> Optional.of("one object for the whole module");
            default -> Optional.empty();
        };
    }

    static boolean pulls(DeviceProfile profile, DeliveryChoice wished) {
        DeliveryMethod method = profile.delivery().method();
        return method == DeliveryMethod.PULL || (method == DeliveryMethod.BOTH && wished == DeliveryChoice.PULL);
    }

    /** The ends that are true of a module of this kind. */
    static Set<String> ends(DeviceProfile profile, Fate fate, DeliveryChoice wished) {
        if (profile.has(Quirk.SKELETON)) {
            return Set.of("FAILED/image-lost", "FAILED/stuck", "FAILED/refused", "FAILED/stalled");
        }
        switch (profile.name()) {
            case "no-version" -> {
                return Set.of("SKIPPED/no-version-evidence");
            }
            case "components", "components-2", "components-4", "components-loose" -> {
                return Set.of("SKIPPED/no-firmware-object");
            }
            default -> {}
        }
        if (fate == Fate.NONE
                || cannotShow(profile, fate, pulls(profile, wished)).isPresent()) {
            return profile.name().equals("deferring") ? Fate.DEFERRED.ends : WELL;
        }
        if (fate == Fate.BAD_SCHEME && profile.delivery().method() == DeliveryMethod.BOTH) {
            return WELL;
        }
        Set<String> ends = new TreeSet<>(fate.ends);
        if (fate == Fate.USER_ABORTS && profile.name().equals("deferring")) {
            // The update a deferral ends in asks no user.
            ends.addAll(WELL);
        }
        if (fate == Fate.BAD_URI && profile.delivery().method() == DeliveryMethod.BOTH) {
            // A pull that never begins gives way to a push.
            ends.addAll(WELL);
        }
        if (fate == Fate.BAD_URI && profile.has(Quirk.NOT_FOUND_IS_CONNECTION_LOST)) {
            ends.add("FAILED/connection-lost");
        }
        return ends;
    }

    void note(String profile, String fate, DeliveryChoice wished, String end) {
        cells.computeIfAbsent(row(profile, wished), key -> new TreeMap<>())
                .computeIfAbsent(fate, key -> new TreeMap<>())
                .merge(end, 1, Integer::sum);
    }

    /** What nobody stood in and no reason excuses: cells, or no more than whole clients of each delivery, and whole fates. */
    List<String> uncovered(List<DeviceProfile> profiles, boolean everyCell) {
        Set<String> missing = new TreeSet<>();
        Set<String> seen = new TreeSet<>();
        for (DeliveryChoice wished : DeliveryChoice.values()) {
            for (DeviceProfile profile : profiles) {
                for (Fate fate : Fate.values()) {
                    String client = row(profile.name(), wished);
                    boolean met = cells.getOrDefault(client, new TreeMap<>()).containsKey(fate.region());
                    boolean asked =
                            cannotShow(profile, fate, pulls(profile, wished)).isEmpty();
                    if (asked) {
                        List<String> places =
                                everyCell ? List.of(client + ", " + fate.region()) : List.of(client, fate.region());
                        (met ? seen : missing).addAll(places);
                    }
                }
            }
        }
        missing.removeAll(seen);
        return List.copyOf(missing);
    }

    private static String row(String what, DeliveryChoice wished) {
        return what + " by " + wished.name().toLowerCase(Locale.ROOT);
    }

    /** Every cell with its ends, or the reason why there are none. */
    String table(List<DeviceProfile> profiles) {
        StringBuilder text = new StringBuilder();
        for (DeliveryChoice wished : DeliveryChoice.values()) {
            for (DeviceProfile profile : profiles) {
                String row = row(profile.name(), wished);
                text.append(row).append('\n');
                Map<String, String> lines = new LinkedHashMap<>();
                for (Fate fate : Fate.values()) {
                    TreeMap<String, Integer> seen =
                            cells.getOrDefault(row, new TreeMap<>()).getOrDefault(fate.region(), new TreeMap<>());
                    String why = cannotShow(profile, fate, pulls(profile, wished))
                            .map(reason -> "  (" + reason + ")")
                            .orElse("");
                    lines.put(fate.region(), (seen.isEmpty() ? "-" : seen.toString()) + why);
                }
                lines.forEach((fate, ends) -> text.append(String.format("  %-14s %s%n", fate, ends)));
            }
        }
        return text.toString();
    }
}
